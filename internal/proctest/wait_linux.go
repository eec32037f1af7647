package proctest

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// WaitGone waits until no process with mark is left. It fails the test when
// there still is one after limit.
func WaitGone(tb testing.TB, mark string, limit time.Duration) {
	tb.Helper()
	end := time.Now().Add(limit)
	for left := Marked(tb, mark); len(left) > 0; left = Marked(tb, mark) {
		if time.Now().After(end) {
			tb.Fatalf("processes %v are still there", left)
		}
		WaitExit(tb, left[0], time.Until(end))
	}
}

// WaitExit returns when process pid has ended, or after limit.
func WaitExit(tb testing.TB, pid int, limit time.Duration) {
	tb.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(limit.Milliseconds()))
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
