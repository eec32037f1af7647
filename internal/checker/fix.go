package checker

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"os"
	"slices"
)

// Fix mends what can be mended, and returns how many findings these were. Files stay as they are when one of them could
// not be formatted afterwards.
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
	for _, file := range slices.Sorted(maps.Keys(changed)) {
		if err := replace(file, changed[file]); err != nil {
			return 0, fmt.Errorf("mending %s: %w", file, err)
		}
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

// replace writes a file under another name, and renames it.
func replace(file string, data []byte) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	temp := file + ".fixed"
	if err := os.WriteFile(temp, data, info.Mode().Perm()); err != nil {
		_ = os.Remove(temp) // half of it
		return err
	}
	return os.Rename(temp, file)
}
