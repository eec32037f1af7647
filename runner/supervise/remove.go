package supervise

import (
	"io/fs"
	"os"
	"path/filepath"
)

// RemoveAll removes path and all below it, folders too that a test has made
// read-only, as the go command does with its module cache.
func RemoveAll(path string) error {
	err := os.RemoveAll(path)
	if err == nil {
		return nil
	}
	// What cannot be made writable will fail again below, with its reason.
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(p, 0o700) //nolint:gosec // a folder about to be removed
		}
		return nil
	})
	return os.RemoveAll(path)
}
