package testlib

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
)

// slots limits the top-level tests in flight over all processes of a run. A
// slot is a file; who holds its lock has it. The system frees it when the holder
// dies.
type slots struct {
	files []string
	turn  chan struct{} // held by the one goroutine of this process that looks for a slot

	mu    sync.Mutex
	holds map[string]*hold // by name of the top-level test
}

// hold is the slot of one top-level test and of all tests below it.
type hold struct {
	users int
	ready chan struct{} // closed when file and err are set
	file  *os.File
	err   error
}

// newSlots reads the value of [protocol.EnvSlots]. It returns nil for none.
func newSlots(value string) (*slots, error) {
	if value == "" {
		return nil, nil
	}
	count, dir, ok := strings.Cut(value, ":")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 1 {
		return nil, fmt.Errorf("reading $%s: %q is not of the form N:DIR", protocol.EnvSlots, value)
	}
	s := &slots{turn: make(chan struct{}, 1), holds: map[string]*hold{}}
	for i := range n {
		s.files = append(s.files, filepath.Join(dir, strconv.Itoa(i)))
	}
	return s, nil
}

// take waits for a slot for the named test and says how long. Tests below one
// top-level test share its slot.
func (s *slots) take(ctx context.Context, test string) (time.Duration, error) {
	start := time.Now()
	h, first := s.join(root(test))
	if first {
		h.file, h.err = s.wait(ctx)
		close(h.ready)
	}
	select {
	case <-h.ready:
		return time.Since(start), h.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func (s *slots) join(root string) (h *hold, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h = s.holds[root]
	if h == nil {
		h = &hold{ready: make(chan struct{})}
		s.holds[root] = h
		first = true
	}
	h.users++
	return h, first
}

// give ends the use of the slot by the named test. Every take needs one, also
// one that failed.
func (s *slots) give(test string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holds[root(test)]
	if h.users--; h.users > 0 {
		return
	}
	delete(s.holds, root(test))
	if h.file != nil {
		_ = h.file.Close() // which frees the lock; there is nothing else to lose
	}
}

// root returns the name of the top-level test.
func root(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return name
}

// How often the files are tried again while none is free.
const (
	firstPoll = 5 * time.Millisecond
	lastPoll  = 100 * time.Millisecond
)

// wait returns a locked file.
func (s *slots) wait(ctx context.Context) (*os.File, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		for i := range s.files {
			path := s.files[(i+os.Getpid())%len(s.files)] // processes start at different files
			f, err := lock(path)
			if err != nil {
				return nil, fmt.Errorf("taking a slot: %w", err)
			}
			if f != nil {
				return f, nil
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, context.Cause(ctx)
		}
	}
}
