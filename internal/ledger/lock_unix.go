//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ledger

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock locks f. Only those who look whether it is locked can hold it up, for a moment.
func lock(f *os.File) error { return flock(f, syscall.LOCK_EX) }

// tryLock locks f, or returns [ErrLive].
func tryLock(f *os.File) error {
	for try := 0; ; try++ {
		err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, ErrLive) || try == tries {
			return err
		}
		time.Sleep(pause)
	}
}

// locked reports whether somebody else holds the lock of f.
func locked(f *os.File) bool {
	err := flock(f, syscall.LOCK_SH|syscall.LOCK_NB)
	if err == nil {
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) // closing f does it too
	}
	return errors.Is(err, ErrLive)
}

const (
	tries = 4                    // to tell a writer from one who looks, who holds the lock for some microseconds
	pause = 5 * time.Millisecond // between them
)

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLive
		}
		return fmt.Errorf("locking it: %w", err)
	}
}
