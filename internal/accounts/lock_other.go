//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package accounts

import "os"

// lockFile opens the file at path. Locks that the system frees when a process dies are not used here, so two
// processes may use one account.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
