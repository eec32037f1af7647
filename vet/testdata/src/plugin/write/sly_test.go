//go:build tempest

package write

import (
	"flag"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

var golden = flag.Bool("update", false, "write the golden files")

const folder = "testdata"

func save(t *testing.T, name string, data []byte) {
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func saveText(t *testing.T, text, name string) { save(t, name, []byte(text)) }

func TestElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	os.WriteFile("out.txt", nil, 0o600) // fine
}

func TestVariables(t *testing.T) {
	var name = "out.txt"
	os.Remove(name) // want `os.Remove writes to "out.txt"`
	other := "out.txt"
	fill(&other)
	os.Remove(other) // fine: who knows
}

func fill(*string) {}

func TestSly(t *testing.T) {
	testlib.Start(t)
	save(t, "out.json", nil)                                         // want `write.save writes to "out.json"`
	saveText(t, "text", "out.txt")                                   // want `write.saveText writes to "out.txt"`
	save(t, filepath.Join(t.TempDir(), "out.json"), nil)             // fine
	os.WriteFile(filepath.Join(folder, "x"), nil, 0o600)             // want `os.WriteFile writes to "testdata"`
	os.WriteFile("out/"+t.Name(), nil, 0o600)                        // want `os.WriteFile writes to "out/"`
	os.Create(fmt.Sprintf("out-%d.txt", 1))                          // want `os.Create writes to "out-%d.txt"`
	os.Create(fmt.Sprintf("%s/out.txt", t.TempDir()))                // fine
	ioutil.WriteFile("out.txt", nil, 0o600)                          // want `ioutil.WriteFile writes to "out.txt"`
	os.Rename(filepath.Join(t.TempDir(), "a"), "b")                  // want `os.Rename writes to "b"`
	os.Symlink("target", filepath.Join(t.TempDir(), "link"))         // fine
	os.MkdirTemp(".", "x")                                           // want `os.MkdirTemp writes to "."`
	os.MkdirTemp("", "x")                                            // fine
	os.OpenFile("log", os.O_RDWR|os.O_CREATE, 0o600)                 // want `os.OpenFile writes to "log"`
	os.OpenFile("/dev/null", os.O_RDWR, 0)                           // fine
	func() { name := "once.txt"; os.Remove(name) }()                 // want `os.Remove writes to "once.txt"`
	func() { name := "a"; name = t.TempDir(); os.RemoveAll(name) }() // fine
	if *golden {
		os.WriteFile("testdata/golden", nil, 0o600) // fine: the author has asked for it
	}
	os.WriteFile(``, nil, 0o600)
}
