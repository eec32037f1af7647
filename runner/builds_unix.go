//go:build unix

package runner

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openBuilds makes a named pipe with n places: who takes a byte has one, and gives it back by writing one. They are
// there as long as the file is open.
func openBuilds(path string, n int) (*os.File, error) {
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return nil, fmt.Errorf("making the pipe %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(bytes.Repeat([]byte("\n"), n)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
