package config

import "path/filepath"

// Resolve returns the path of a file that an option names: a relative one starts at the folder of the configuration
// file, or without one at the current folder. An empty path stays empty.
func (v *Values) Resolve(path string) string {
	if path == "" || filepath.IsAbs(path) || v.path == "" {
		return path
	}
	return filepath.Join(filepath.Dir(v.path), path)
}
