//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package turn

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// bell is a named pipe on which a process that waits is told that something may be free. The bell of a process that has
// died has no reader, by which all others see it.
type bell struct{ pipe *os.File }

// newBell makes a bell at path, and calls heard from a goroutine of its own whenever it is rung.
func newBell(path string, heard func()) (*bell, error) {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, &os.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	// Open for writing too, it neither waits for somebody who writes nor ends when nobody does any more.
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	b := &bell{pipe: pipe}
	go b.listen(heard)
	return b, nil
}

func (b *bell) listen(heard func()) {
	var rings [64]byte
	for {
		if _, err := b.pipe.Read(rings[:]); err != nil {
			return
		}
		heard()
	}
}

// close takes the bell away.
func (b *bell) close() {
	_ = ring(b.pipe.Name())      // where closing a pipe does not end its reading, as on macOS, this does
	_ = os.Remove(b.pipe.Name()) // or it has been taken for dead
	_ = b.pipe.Close()           // which loses nothing
}

// ring rings a bell. It reports [fs.ErrNotExist] when its process has died.
func ring(path string) error {
	fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errors.Is(err, syscall.ENXIO) { // nobody has it open for reading
		return fs.ErrNotExist
	}
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	_, _ = syscall.Write(fd, []byte{0}) // a full pipe has been rung often enough
	return nil
}

// whileLocked calls do with the lock of f, for which it waits, or not at all.
func whileLocked(f *os.File, wait bool, do func() error) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	var err error
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), how)
	}
	if err != nil {
		return err
	}
	return errors.Join(do(), syscall.Flock(int(f.Fd()), syscall.LOCK_UN))
}
