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
	"strings"
)

// File is what is said of the file of one process, beside its calls.
type File struct {
	Name  string // path; empty when it is not known
	Head  Head
	Limit *Limit // the last one; nil for none
	Torn  bool   // whether the last line is not whole: the process was killed
}

// Read reads the file of one process, and has visit called for each call, in the order in which they were
// written. A torn last line is left out. An error names the line.
func Read(r io.Reader, visit func(Head, *Call)) (*File, error) {
	f := &File{}
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil { // a process writes the end of a line with the line
			f.Torn = n == 1 || len(text) > 0
			return f, nil
		}
		if err := f.add(n, text, visit); err != nil {
			return nil, err
		}
	}
}

// add reads line n.
func (f *File) add(n int, text []byte, visit func(Head, *Call)) error {
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
		var c Call
		if err = json.Unmarshal(text, &c); err == nil {
			visit(f.Head, &c)
		}
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

// ReadDir reads the files of a folder. One without any has no calls.
func ReadDir(dir string, visit func(Head, *Call)) ([]*File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), Suffix) || e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := readFile(path, visit)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		f.Name = path
		files = append(files, f)
	}
	return files, nil
}

func readFile(path string, visit func(Head, *Call)) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return Read(in, visit)
}
