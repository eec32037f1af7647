package testlib

import (
	"runtime"
	"strings"
	"sync"
	"time"
)

// A test that panics ends the process, and with it all tests that run beside it,
// before they can remove what they made. Its own clean-up runs before that, and
// that is where the others are ended in good order.

// panicGrace is how long a test that panics waits for the clean-ups of the
// others.
const panicGrace = 30 * time.Second

// panickedError says which test ended the process.
type panickedError struct{ test string }

func (e panickedError) Error() string { return "ended, because " + e.test + " panicked" }

// running is the tests that run, by name.
type running struct {
	mu    sync.Mutex
	tests map[string]int
	left  chan struct{} // closed when one has ended
}

func (r *running) enter(test string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tests == nil {
		r.tests, r.left = map[string]int{}, make(chan struct{})
	}
	r.tests[test]++
}

func (r *running) leave(test string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tests[test]--; r.tests[test] == 0 {
		delete(r.tests, test)
	}
	close(r.left)
	r.left = make(chan struct{})
}

// others returns whether tests run beside the named one and its parents, and a channel
// that is closed when one of all tests has ended.
func (r *running) others(test string) (bool, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other := range r.tests {
		if other != test && !strings.HasPrefix(test, other+"/") {
			return true, r.left
		}
	}
	return false, r.left
}

// endOthers ends all tests but the named one, and waits for their clean-ups.
func (s *session) endOthers(test string) {
	s.life.cancel(panickedError{test})
	limit := time.NewTimer(panicGrace)
	defer limit.Stop()
	for {
		some, left := s.running.others(test)
		if !some {
			return
		}
		select {
		case <-left:
		case <-limit.C:
			return
		}
	}
}

// panicking reports whether the caller runs because of a panic. A clean-up cannot
// recover to find out: the testing package has done so. A test that has recovered by itself, and ends
// by FailNow or SkipNow in that very deferred call, does not panic any more: there the exit of the
// goroutine is nearer on the stack than the panic.
func panicking() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		frame, more := frames.Next()
		switch frame.Function {
		case "runtime.gopanic":
			return true
		case "runtime.Goexit":
			return false
		}
		if !more {
			return false
		}
	}
}
