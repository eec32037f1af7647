//go:build unix

package report_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gotempest/tempest/runner/report"
)

// A pipe is written to, not replaced.
func TestWriteFileToAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string, 1)
	go func() {
		text, err := os.ReadFile(path)
		if err != nil {
			got <- err.Error()
			return
		}
		got <- string(text)
	}()

	if err := report.WriteFile(path, write("through")); err != nil {
		t.Fatal(err)
	}

	if text := <-got; text != "through" {
		t.Errorf("the reader got %q", text)
	}
}

// A new file has the mode that any program would give it, an old one keeps its
// own.
func TestWriteFileModes(t *testing.T) {
	dir := t.TempDir()
	path, like := filepath.Join(dir, "report.xml"), filepath.Join(dir, "like.xml")
	f, err := os.Create(like)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}

	if err := report.WriteFile(path, write("new")); err != nil {
		t.Fatal(err)
	}
	if got, want := mode(path), mode(like); got != want {
		t.Errorf("mode of a new file = %v, want %v", got, want)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteFile(path, write("newer")); err != nil {
		t.Fatal(err)
	}
	if got := mode(path); got != 0o640 {
		t.Errorf("mode of an old file = %v, want 0640", got)
	}
}
