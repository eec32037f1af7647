//go:build unix

package linkcache

import (
	"math"

	"golang.org/x/sys/unix"
)

// freeBytes returns how many bytes this user can still write to the file system of dir.
func freeBytes(dir string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	free := float64(fs.Bavail) * float64(fs.Bsize) // their types differ from system to system
	return int64(min(free, math.MaxInt64/2)), nil
}
