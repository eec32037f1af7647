package calls

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is what the file of one process holds.
type File struct {
	Head  Head
	Calls []Call // in the order in which they were written
	Limit *Limit // the last one; nil for none
	Torn  bool   // whether the last line is not whole: the process was killed
}

// Read reads the file of one process. A torn last line is left out. An error names the line.
func Read(r io.Reader) (*File, error) {
	f := &File{}
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		last := err != nil
		if last && len(text) == 0 {
			if n == 1 {
				f.Torn = true
			}
			return f, nil
		}
		if last { // a process writes the end of a line with the line
			f.Torn = true
			return f, nil
		}
		if err := f.add(n, text); err != nil {
			return nil, err
		}
	}
}

// add reads line n.
func (f *File) add(n int, text []byte) error {
	var kind struct {
		T       string `json:"t"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return lineError(n, text, err)
	}
	if n == 1 {
		switch {
		case kind.T != kindHead:
			return fmt.Errorf("line 1: no call log: it does not begin with a head")
		case kind.Version != Version:
			return fmt.Errorf("line 1: the call log is of version %d, and this tempest reads version %d",
				kind.Version, Version)
		}
	}
	var err error
	switch kind.T {
	case kindHead:
		err = json.Unmarshal(text, &f.Head)
	case kindCall:
		f.Calls = append(f.Calls, Call{})
		err = json.Unmarshal(text, &f.Calls[len(f.Calls)-1])
	case kindLimit:
		f.Limit = &Limit{}
		err = json.Unmarshal(text, f.Limit)
	}
	if err != nil {
		return lineError(n, text, err)
	}
	return nil
}

func lineError(n int, text []byte, err error) error {
	const shown = 40
	text = bytes.TrimSpace(text)
	if len(text) > shown {
		text = append(text[:shown:shown], "…"...)
	}
	return fmt.Errorf("line %d: %w in %q", n, err, text)
}

// ReadDir reads the files of a folder, those of the processes that began first before the others. A folder
// without any has no files.
func ReadDir(dir string) ([]*File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), Suffix) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b *File) int { return a.Head.Time.Compare(b.Head.Time) })
	return files, nil
}

func readFile(path string) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return Read(in)
}
