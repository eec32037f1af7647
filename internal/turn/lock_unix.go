//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package turn

import (
	"errors"
	"os"
	"syscall"
)

// locksFiles says whether the system frees locks of files when their holder dies.
const locksFiles = true

// lockFile opens and locks the file at path. It returns nil when another holds the lock.
func lockFile(path string, alone bool) (*lockedFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	switch {
	case err == nil:
		return &lockedFile{f}, nil
	case errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, syscall.EINTR):
		return nil, f.Close()
	}
	return nil, errors.Join(&os.PathError{Op: "lock", Path: path, Err: err}, f.Close())
}

// lockedFile is a file with a lock.
type lockedFile struct{ file *os.File }

// Close implements [io.Closer]. The lock is free at once, also when a process that is being started has the
// file open still.
func (l *lockedFile) Close() error {
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}
