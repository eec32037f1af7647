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
