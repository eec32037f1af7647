// Package replace replaces several files, all or none.
package replace

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// replacement is a file that is going to be replaced.
type replacement struct {
	path, temp string
	old        []byte
	existed    bool
}

// All replaces files, by their names relative to a folder; of a symbolic link the file that it leads to. All are
// written beside their places before the first is renamed; when one cannot be put into its place, those before it are
// taken back. Files that would not change are left alone, and so is an empty one that is not there. A file that was
// there keeps its mode.
func All(dir string, files map[string][]byte) (err error) {
	var list []replacement
	defer func() {
		for _, r := range list {
			_ = os.Remove(r.temp) // those that were renamed are gone
		}
	}()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		r, changed, err := prepare(filepath.Join(dir, name), files[name])
		if changed {
			list = append(list, r)
		}
		if err != nil {
			return err
		}
	}
	for i, r := range list {
		if err := os.Rename(r.temp, r.path); err != nil {
			return errors.Join(err, takeBack(list[:i]))
		}
	}
	return nil
}

// prepare writes the new content beside the file at path.
func prepare(path string, data []byte) (r replacement, changed bool, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	r = replacement{path: path, existed: true}
	mode := os.FileMode(0o644)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.existed = false
	case err != nil:
		return r, false, err
	default:
		mode = info.Mode().Perm()
		if r.old, err = os.ReadFile(path); err != nil {
			return r, false, err
		}
	}
	if bytes.Equal(r.old, data) {
		return r, false, nil
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return r, false, err
	}
	r.temp = temp.Name()
	_, err = temp.Write(data)
	return r, true, errors.Join(err, temp.Chmod(mode), temp.Close())
}

// takeBack gives files their old content back.
func takeBack(list []replacement) error {
	var errs []error
	for _, r := range list {
		if r.existed {
			errs = append(errs, os.WriteFile(r.path, r.old, 0o666))
		} else {
			errs = append(errs, os.Remove(r.path))
		}
	}
	return errors.Join(errs...)
}
