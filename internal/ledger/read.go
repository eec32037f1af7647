package ledger

import (
	"errors"
	"io"
	"time"
)

// File is what a ledger file says.
type File struct {
	Path     string
	Head     Head      // zero when the file ends before it
	Entries  []Entry   // in the order they were written
	Problems []Problem // lines that could not be read; what they were about may be in the cloud still
	Live     bool      // its writer runs
}

// Open returns the entries that stand for something, in the order they were made in.
func (f File) Open() []Entry {
	var open []Entry
	for _, e := range f.Entries {
		if e.Open() {
			open = append(open, e)
		}
	}
	return open
}

// Run is the ledgers of one run.
type Run struct {
	ID    string // name of the folder
	Dir   string
	Time  time.Time // of its first process
	Files []File    // by path
}

// Live reports whether a process of the run still runs.
func (r Run) Live() bool {
	for _, f := range r.Files {
		if f.Live {
			return true
		}
	}
	return false
}

// Read reads a ledger. name stands in the problems. It fails when r does, and when the version of the
// format is a later one.
func Read(r io.Reader, name string) (File, error) { return File{}, errors.ErrUnsupported }

// ReadFile reads the file at path, which another process may be writing.
func ReadFile(path string) (File, error) { return File{}, errors.ErrUnsupported }

// ReadRun reads the ledgers of the run in the folder dir. It reads what can be read, and returns it
// beside the joined errors of the files that cannot.
func ReadRun(dir string) (Run, error) { return Run{}, errors.ErrUnsupported }

// Runs reads the ledgers of all runs below folder, the oldest first, as [ReadRun] does. That there is no
// such folder is no error.
func Runs(folder string) ([]Run, error) { return nil, errors.ErrUnsupported }
