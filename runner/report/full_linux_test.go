package report_test

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/gotempest/tempest/runner/report"
)

func TestWriteFileToAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	if err := report.WriteFile("/dev/full", write("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("WriteFile = %v, want %v", err, syscall.ENOSPC)
	}
}
