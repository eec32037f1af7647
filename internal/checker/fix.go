package checker

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gotempest/tempest/internal/replace"
)

// Fix mends what can be mended, and returns how many findings these were. All files stay as they are when one of them
// cannot be written, was changed since it was looked at, or would not be Go afterwards.
func (r *Report) Fix() (int, error) {
	byFile := map[string][]edit{}
	fixed := 0
	for _, f := range r.Findings {
		if f.Fixable() {
			fixed++
		}
		for _, e := range f.edits {
			byFile[e.file] = append(byFile[e.file], e)
		}
	}
	changed := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		file, data, err := r.unchanged(name)
		if err != nil {
			return 0, err
		}
		if changed[file], err = mended(data, byFile[name]); err != nil {
			return 0, fmt.Errorf("mending %s: %w", name, err)
		}
	}
	if err := replace.All("", changed); err != nil {
		return 0, fmt.Errorf("mending: %w", err)
	}
	return fixed, nil
}

// unchanged returns what is in a file, and the name of the file itself when this one is a link to it. It must be what
// the rules have seen: an editor, or another check, may have written it since.
func (r *Report) unchanged(name string) (file string, data []byte, err error) {
	if file, err = filepath.EvalSymlinks(name); err != nil {
		return "", nil, fmt.Errorf("mending: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return "", nil, fmt.Errorf("mending: %w", err)
	}
	if info.Mode().Perm()&0o200 == 0 {
		return "", nil, fmt.Errorf("mending %s: the file is read-only; make it writable with chmod u+w", name)
	}
	if data, err = os.ReadFile(file); err != nil {
		return "", nil, fmt.Errorf("mending: %w", err)
	}
	if seen, ok := r.read.Load(name); !ok || !bytes.Equal(seen.([]byte), data) {
		return "", nil, fmt.Errorf("mending %s: the file was changed meanwhile; check again", name)
	}
	return file, data, nil
}

// mended puts edits into a file. It is formatted only if it was before: other lines, and their ends, are the author's.
func mended(data []byte, edits []edit) ([]byte, error) {
	formatted, err := format.Source(data)
	was := err == nil && bytes.Equal(formatted, data)
	data = apply(data, edits)
	if was {
		return format.Source(data)
	}
	_, err = parser.ParseFile(token.NewFileSet(), "", data, parser.SkipObjectResolution)
	return data, err
}

// apply puts edits into a text, the last first, so that the offsets of the others hold.
func apply(data []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return b.start - a.start })
	for _, e := range edits {
		data = bytes.Join([][]byte{data[:e.start], e.text, data[e.end:]}, nil)
	}
	return data
}
