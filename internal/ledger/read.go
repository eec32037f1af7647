package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is what a ledger file says.
type File struct {
	Path     string
	Head     Head      // zero when the file ends before it
	Entries  []Entry   // in the order they were written
	Problems []Problem // lines that could not be read; what they were about may be in the cloud still
	Live     bool      // its writer runs

	torn int64 // how many bytes of the last line without its end there are, which say nothing
	bare bool  // the last line lacks nothing but its end
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
	Time  time.Time // of its first process; that of the folder when no file says
	Files []File    // by path
}

// Live reports whether a process of the run still runs.
func (r Run) Live() bool { return slices.ContainsFunc(r.Files, func(f File) bool { return f.Live }) }

// Read reads a ledger. name stands in the problems. It fails when r does, and with a
// [*VersionError] when the version of the format is a later one.
func Read(r io.Reader, name string) (File, error) {
	f, _, err := read(r, name)
	return f, err
}

func read(r io.Reader, name string) (File, *book, error) {
	f, b := File{Path: name}, &book{}
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		text, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return File{}, nil, fmt.Errorf("reading the ledger %s: %w", name, err)
		}
		whole := err == nil
		if !whole {
			f.torn = int64(len(text))
			f.bare = len(text) > 0 && json.Valid(text)
		}
		if text = bytes.TrimSpace(text); len(text) > 0 && (whole || f.bare) {
			fault := b.apply(text, number)
			if later, ok := errors.AsType[*VersionError](fault); ok {
				later.File = name
				return File{}, nil, later
			}
			if fault != nil {
				f.Problems = append(f.Problems, Problem{name, number, fault.Error()})
			}
		}
		if !whole {
			break
		}
	}
	f.Head, f.Entries = b.head, b.entries()
	return f, b, nil
}

// ReadFile reads the file at path, which another process may be writing.
func ReadFile(path string) (File, error) {
	file, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("reading a ledger: %w", err)
	}
	defer file.Close()
	live := locked(file) // before reading: what a dead writer wrote is all there
	f, err := Read(file, path)
	f.Live = live
	return f, err
}

// ReadRun reads the ledgers of the run in the folder dir. It reads what can be read, and returns it
// beside the joined errors of the files that cannot.
func ReadRun(dir string) (Run, error) {
	r := Run{ID: filepath.Base(dir), Dir: dir}
	names, err := os.ReadDir(dir)
	if err != nil {
		return r, fmt.Errorf("reading the ledgers of run %s: %w", r.ID, err)
	}
	var faults []error
	for _, entry := range names {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), Suffix) || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		f, err := ReadFile(filepath.Join(dir, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) { // its process has just ended, with nothing left
			continue
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if t := f.Head.Time; !t.IsZero() && (r.Time.IsZero() || t.Before(r.Time)) {
			r.Time = t
		}
		r.Files = append(r.Files, f)
	}
	if r.Time.IsZero() {
		if info, err := os.Stat(dir); err == nil {
			r.Time = info.ModTime()
		}
	}
	return r, errors.Join(faults...)
}

// Runs reads the ledgers of all runs below folder, the oldest first, as [ReadRun] does. That there is no
// such folder is no error.
func Runs(folder string) ([]Run, error) {
	names, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledgers: %w", err)
	}
	var runs []Run
	var faults []error
	for _, entry := range names {
		if !entry.IsDir() {
			continue
		}
		r, err := ReadRun(filepath.Join(folder, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) { // the run has just ended
			continue
		}
		if err != nil {
			faults = append(faults, err)
		}
		runs = append(runs, r)
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return a.Time.Compare(b.Time) })
	return runs, errors.Join(faults...)
}
