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
	kind, err := kindOf(text)
	if err != nil {
		return lineError(n, text, err)
	}
	if n == 1 && kind != kindHead {
		return fmt.Errorf("line 1: no call log: it does not begin with a head")
	}
	switch kind {
	case kindHead:
		err = json.Unmarshal(text, &f.Head)
		if f.Head.Version != Version && (err == nil || f.Head.Version != 0) {
			return fmt.Errorf("line %d: the call log is of version %d, and this tempest reads version %d",
				n, f.Head.Version, Version)
		}
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

// kindOf returns the kind of a line. Writers of this version have it in front, where it costs nothing to find.
func kindOf(text []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(text, []byte(`{"t":"`)); ok {
		if kind, _, ok := bytes.Cut(rest, []byte(`",`)); ok && len(kind) <= len(kindLimit) {
			return string(kind), nil
		}
	}
	var kind struct {
		T string `json:"t"`
	}
	err := json.Unmarshal(text, &kind)
	return kind.T, err
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
