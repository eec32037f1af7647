package runner

import "path/filepath"

// Living reports whether the run of an ID still goes on, by its records in base. Where files cannot be locked it
// never does.
func Living(base, id string) bool { return inUse(filepath.Join(base, id)) }
