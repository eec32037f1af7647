//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package testlib

import "os"

// lock opens the file at path. Locks that the system frees when a process dies are
// not used here, so the number of tests in flight is not limited.
func lock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
