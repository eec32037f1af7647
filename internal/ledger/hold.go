package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// holdName is the file in the folder of a run that is locked while the run goes on.
const holdName = ".run"

// Hold marks a run as going on, although none of its processes may run for the moment: accounts that one
// of them has made can be in use by the next. Whoever started the run holds it; when it dies, the mark is
// gone.
type Hold struct {
	file *os.File
	dir  string
}

// NewHold marks the run whose ledgers are in the folder dir, which it makes.
func NewHold(dir string) (*Hold, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("marking the run as going on: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, holdName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("marking the run as going on: %w", err)
	}
	if err := tryLock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("marking the run as going on: %w", err), f.Close())
	}
	return &Hold{f, dir}, nil
}

// Release ends the mark. With nothing else in it, the folder of the run is removed.
func (h *Hold) Release() error {
	err := errors.Join(os.Remove(h.file.Name()), h.file.Close())
	if err != nil {
		return fmt.Errorf("ending the mark of the run: %w", err)
	}
	_ = os.Remove(h.dir) // fails when there are ledgers
	return nil
}

// held reports whether the run in dir is marked.
func held(dir string) bool {
	f, err := os.Open(filepath.Join(dir, holdName))
	if err != nil {
		return false
	}
	defer f.Close()
	return locked(f)
}
