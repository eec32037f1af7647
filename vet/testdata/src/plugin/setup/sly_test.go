//go:build tempest

package setup

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"

	gc "github.com/gophercloud/gophercloud/v2"
)

// Nothing of the world.
var (
	addr    = net.ParseIP("192.0.2.1")
	request = must(http.NewRequestWithContext(context.Background(), "GET", "http://x", nil))
	text    = http.StatusText(200)
	number  = gc.IntToPointer(1)
	command = exec.Command("true")
	once    = sync.OnceValue(func() string { return os.Getenv("HOME") })
	load    = sync.OnceValue(read)
	mode    = os.FileMode(0o600)
	gone    = os.IsNotExist(nil)
)

func must[T any](v T, err error) T { return v }

func read() string { return os.Getenv("HOME") }

type settings struct{ home string }

func (s settings) filled() settings { s.home = read(); return s }

// Something of it.
var (
	found  = read()                                       // want `os.Getenv is called before every test`
	filled = settings{}.filled()                          // want `os.Getenv is called before every test`
	called = func() string { return os.Getenv("HOME") }() // want `os.Getenv is called before every test`
	data   = must(os.ReadFile("testdata/x"))              // want `os.ReadFile is called before every test`
	server = httptest.NewServer(nil)                      // want `httptest.NewServer is called before every test`
	output = must(command.Output())                       // want `exec.Output is called before every test`
	answer = must(http.DefaultClient.Do(request))         // want `http.Do is called before every test`
	_      = gc.DeleteThing(nil, "1")                     // want `gophercloud.DeleteThing is called before every test`
)

func TestSly(*testing.T) {}
