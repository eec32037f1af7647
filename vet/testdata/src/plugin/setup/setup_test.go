//go:build tempest

package setup

import (
	"errors"
	"os"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

var (
	errOdd  = errors.New("odd")
	pattern = regexp.MustCompile("x")
	home    = os.Getenv("HOME")                // want `os.Getenv is called before every test`
	client  = gophercloud.NewClient("address") // want `gophercloud.NewClient is called before every test`
	later   = func() string { return os.Getenv("HOME") }
)

func init() { _ = home } // want `init runs before every test`

func TestAny(t *testing.T) { testlib.Start(t) }
