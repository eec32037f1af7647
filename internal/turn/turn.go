// Package turn decides when a test may run. A test asks for its place: one of the slots of
// the run, beside others or alone, and names that it shares with no other test. All of it is
// files whose locks the system frees when their holder dies, so a killed process never
// blocks the others.
//
// Nobody waits while holding something that others wait for, with two exceptions that cannot lead
// in a circle. A test that wants to be alone closes the gate, which lets no other
// test begin, and then waits for those that run. And a subtest may wait for names while
// its group has a place, as long as the group has no names itself.
//
// Processes that wait stand in a line, those with the longest tests first, then those that came first. Who gives
// something back tells the first of them: see line. Where that is not possible, and when somebody was killed, who
// could tell nobody, they look now and then.
package turn

import (
	"context"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options says which limits there are. The zero value has no slots, and locks that hold within
// the process.
type Options struct {
	// Slots is how many tests may be in flight that are not alone. 0 means any number.
	Slots int
	// SlotDir is the folder of the slots, one for all processes that share them.
	SlotDir string
	// LockDir is the folder of the other locks. Empty means that they hold within
	// this process alone.
	LockDir string
	// Idle is told when the process becomes idle, so that all of its tests wait, and when it no longer is. It
	// must not use the queue. Nil means that nobody wants to know.
	Idle func(idle bool)
}

// Want is what a test asks for.
type Want struct {
	// Takes is how long the test will run, as far as that is known. Of those that wait, the longest come first:
	// what is started last should be short.
	Takes time.Duration
	// Alone asks for a place while no other test has one. It needs no names.
	Alone bool
	// Names are shared with no other test that has a place. They are words that can be
	// names of files.
	Names []string
	// Inside says that the test belongs to a group that has a place already, so that
	// only the names are asked for.
	Inside bool
}

// Queue gives places to the tests of one process, in agreement with other processes.
type Queue struct {
	slots locker // nil without a limit
	locks locker
	first int // the slot that is tried first, so that processes start at different ones
	count int

	line   *line // of the processes; nil when no other tells this one
	shared bool  // locks are those of all processes in the line

	poll time.Duration // how often this process looks of itself while others tell it what is free

	wake chan struct{} // tells the one goroutine that tries that something may be free
	rung atomic.Bool   // another process says so

	idle func(bool)

	mu      sync.Mutex
	queue   []*waiter // in the order in which they are served
	trying  bool
	stuck   string // the first of the other processes when this one looked last without being told
	placed  int    // tests that have a place, without those inside a group
	wasIdle bool
}

// New returns the queue of this process.
func New(o Options) *Queue {
	p := &Queue{
		locks: newMemory(), count: o.Slots, first: os.Getpid(), poll: toldPoll, wake: make(chan struct{}, 1), idle: o.Idle,
	}
	heard := func() {
		p.rung.Store(true)
		p.stir()
	}
	if o.LockDir != "" && locksFiles {
		p.locks, p.shared = files(o.LockDir), true
		p.line = newLine(o.LockDir, heard)
	}
	if o.Slots > 0 {
		p.slots = files(o.SlotDir)
		p.line = newLine(o.SlotDir, heard)
	}
	return p
}

// Turn is what a test got. It is given back with [Turn.Give].
type Turn struct {
	queue *Queue
	held  []io.Closer
	want  Want
}

// Give gives the place back. Giving it twice does nothing.
func (h *Turn) Give() {
	if h.held == nil {
		return
	}
	for _, c := range h.held {
		_ = c.Close() // which frees the lock; there is nothing else to lose
	}
	h.held = nil
	p := h.queue
	p.mu.Lock()
	defer p.mu.Unlock()
	if !h.want.Inside {
		p.placed--
		p.tellIdle()
	}
	p.tell(h.want.Alone || len(h.want.Names) > 0)
}

// tell says that something is free to those that may wait for it: a place is for the first in the line only. The
// caller holds the lock.
func (p *Queue) tell(all bool) {
	if !p.shared || p.line == nil {
		p.stir() // others do not see what is free in this process
	}
	switch {
	case p.line == nil:
	case all:
		p.line.ringAll()
	default:
		p.line.ringFirst()
	}
}

// waiter is a test that asks.
type waiter struct {
	want  Want
	rank  string    // among all that wait
	gate  io.Closer // closed by a test that wants to be alone
	reply chan reply
}

type reply struct {
	place *Turn
	err   error
}

// Take waits until the test may run. It returns the cause of ctx when that ends first.
func (p *Queue) Take(ctx context.Context, want Want) (*Turn, error) {
	want.Names = slices.Compact(slices.Sorted(slices.Values(want.Names)))
	w := &waiter{want: want, reply: make(chan reply, 1)}
	p.mu.Lock()
	w.rank = rank(want, time.Now())
	p.queue = slices.Insert(p.queue, p.placeOf(want), w)
	p.tellIdle()
	if !p.trying {
		p.trying = true
		go p.try()
	}
	p.mu.Unlock()
	p.stir()
	select {
	case r := <-w.reply:
		return r.place, r.err
	case <-ctx.Done():
		p.leave(w)
		return nil, context.Cause(ctx)
	}
}

// placeOf returns where in the queue a test stands. Those that want to be alone come first, because they wait
// for all others to end, then the longest; among equals the first to ask. The caller holds the lock.
func (p *Queue) placeOf(want Want) int {
	i := slices.IndexFunc(p.queue, func(w *waiter) bool {
		if want.Alone || w.want.Alone {
			return want.Alone && !w.want.Alone
		}
		return want.Takes > w.want.Takes
	})
	if i < 0 {
		return len(p.queue)
	}
	return i
}

// leave takes w out of the queue, and gives back what it has got.
func (p *Queue) leave(w *waiter) {
	p.mu.Lock()
	if i := slices.Index(p.queue, w); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
		p.tellIdle()
		p.rung.Store(true) // what w was told may be of use to others
		if w.gate != nil {
			_ = w.gate.Close()
			w.gate = nil
		}
		if w.want.Alone || len(w.want.Names) > 0 {
			p.tell(true)
		}
	}
	p.mu.Unlock()
	select {
	case r := <-w.reply:
		if r.place != nil {
			r.place.Give()
		}
	default:
	}
	p.stir()
}

// tellIdle tells whether there are tests, and all of them wait, when that has changed. A group whose subtest
// waits does nothing else. The caller holds the lock.
func (p *Queue) tellIdle() {
	busy := p.placed
	for _, w := range p.queue {
		if w.want.Inside {
			busy--
		}
	}
	idle := len(p.queue) > 0 && busy <= 0
	if p.idle != nil && idle != p.wasIdle {
		p.idle(idle)
	}
	p.wasIdle = idle
}

// stir lets the queue be tried again at once.
func (p *Queue) stir() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}
