package supervise

import (
	"os"
	"path/filepath"
	"strings"
)

// RemoveStale removes the run folders in base, with names that begin with
// prefix, whose tempest and guard were both killed, and on Linux the processes
// that they left. What cannot be removed stays: it is not the business of the
// run that asks.
func RemoveStale(base, prefix string) {
	entries, _ := os.ReadDir(base) // whoever makes a folder there will say what is wrong
	for _, e := range entries {
		folder := filepath.Join(base, e.Name())
		owner := filepath.Join(folder, ownerFile)
		if !strings.HasPrefix(e.Name(), prefix) || !isOurs(folder) {
			continue
		}
		if _, err := os.Lstat(owner); err != nil {
			continue // no run folder, or one that is being made
		}
		if alone, err := tryAlone(owner); !alone || err != nil {
			continue
		}
		killMarked(folder)
		_ = RemoveAll(folder)
	}
}
