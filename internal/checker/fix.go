package checker

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"os"
	"slices"

	"github.com/gotempest/tempest/internal/replace"
)

// Fix mends what can be mended, and returns how many findings these were. All files stay as they are when one of them
// cannot be formatted afterwards, or written.
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
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		data, err := os.ReadFile(file)
		if err != nil {
			return 0, fmt.Errorf("mending: %w", err)
		}
		if changed[file], err = format.Source(apply(data, byFile[file])); err != nil {
			return 0, fmt.Errorf("mending %s: %w", file, err)
		}
	}
	if err := replace.All("", changed); err != nil {
		return 0, fmt.Errorf("mending: %w", err)
	}
	return fixed, nil
}

// apply puts edits into a text, the last first, so that the offsets of the others hold.
func apply(data []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return b.start - a.start })
	for _, e := range edits {
		data = bytes.Join([][]byte{data[:e.start], e.text, data[e.end:]}, nil)
	}
	return data
}
