//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package turn

import "os"

// locksFiles says whether the system frees locks of files when their holder dies.
const locksFiles = false

// lockFile opens the file at path. It locks nothing, so the number of tests in flight is not
// limited here.
func lockFile(path string, _ bool) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
