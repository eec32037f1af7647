//go:build unix

package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// NewLines makes the named pipes in folder and opens their write ends.
func NewLines(folder string) (*Lines, error) {
	l := &Lines{folder: folder}
	alive, err := os.OpenFile(filepath.Join(folder, aliveFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("preparing the run folder: %w", err)
	}
	closeLine(alive)
	if l.interrupt, err = newLine(filepath.Join(folder, interruptFile)); err == nil {
		l.lifeline, err = newLine(filepath.Join(folder, lifelineFile))
	}
	if err != nil {
		l.Kill()
		return nil, fmt.Errorf("preparing the run folder: %w", err)
	}
	return l, nil
}

// newLine makes a named pipe and opens its write end.
func newLine(path string) (*os.File, error) {
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return nil, &fs.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	// A write end can only be opened while there is a read end.
	r, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer func() { _ = unix.Close(r) }()
	return os.OpenFile(path, os.O_WRONLY, 0)
}

// watch returns a channel that is closed once the named pipe at path has no
// write end; it is closed already when there is none now. The goroutine behind
// it lives as long as the process, so this is for processes that end by
// themselves.
func watch(path string) (<-chan struct{}, error) {
	// Opening must not wait for a write end. Reading is done without the
	// poller, which does not see the end of a named pipe on macOS
	// (https://go.dev/issue/24164).
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	over := make(chan struct{})
	if atEnd(fd) {
		close(over)
		return over, nil
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		return nil, &fs.PathError{Op: "fcntl", Path: path, Err: err}
	}
	go func() {
		defer close(over)
		_ = atEnd(fd) // blocks
	}()
	return over, nil
}

// atEnd reads from fd and says whether it has come to its end. Nothing is ever
// written.
func atEnd(fd int) bool {
	b := make([]byte, 1)
	for {
		n, err := unix.Read(fd, b)
		if !errors.Is(err, unix.EINTR) {
			return n == 0 && err == nil
		}
	}
}

// stayAlive marks this process as a living supervisor of folder until it ends.
func stayAlive(folder string) error { return share(filepath.Join(folder, aliveFile)) }

// share locks the file at path, together with others who share it, until this
// process ends.
func share(path string) error {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: path, Err: err}
	}
	if err := lock(fd, unix.LOCK_SH); err != nil {
		return &fs.PathError{Op: "flock", Path: path, Err: err}
	}
	return nil
}

// own marks folder as that of a living run until the file is closed. The file
// appears locked, so that nobody sees it otherwise.
func own(folder string) (*os.File, error) {
	path := filepath.Join(folder, ownerFile)
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err = lock(int(f.Fd()), unix.LOCK_SH); err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		closeLine(f)
		return nil, err
	}
	return f, nil
}

// isOurs says whether the user of this process owns what is at path, which is
// a folder and no symbolic link.
func isOurs(path string) bool {
	var st unix.Stat_t
	err := unix.Lstat(path, &st)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == os.Getuid()
}

// tryAlone says whether no process shares the file at path. One that is gone is
// not shared.
func tryAlone(path string) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer closeLine(f)
	err = lock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// lock retries when a signal comes in between.
func lock(fd, how int) error {
	for {
		if err := unix.Flock(fd, how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
