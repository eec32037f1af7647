//go:build tempest

package write

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestWrites(t *testing.T) {
	testlib.Start(t)
	os.WriteFile("out.txt", nil, 0o600)    // want `os.WriteFile writes to "out.txt" in the folder of the test`
	os.MkdirAll("a/b", 0o700)              // want `os.MkdirAll writes to "a/b"`
	os.OpenFile("log", os.O_WRONLY, 0o600) // want `os.OpenFile writes to "log"`
	os.Chdir("/tmp")                       // want `os.Chdir is for the whole process`
	os.OpenFile("golden", os.O_RDONLY, 0)
	os.ReadFile("golden")
	os.WriteFile("/tmp/x", nil, 0o600)
	os.Create(filepath.Join(t.TempDir(), "x"))
}
