//go:build unix

package runner

import (
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// lockName is the file in the records of a run that is locked until it ends.
const lockName = "lock"

// lockRecords marks the records in dir as those of a living run. Without a lock
// they can at worst be pruned too early.
func lockRecords(dir string) (unlock func()) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}
	}
	_ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	return sync.OnceFunc(func() { _ = f.Close() })
}

// inUse says whether the records in dir are those of a living run.
func inUse(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}
