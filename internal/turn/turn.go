// Package turn decides when a test may run. A test asks for its place: one of the slots of
// the run, beside others or alone, and names that it shares with no other test. All of it is
// files whose locks the system frees when their holder dies, so a killed process never
// blocks the others.
//
// Nobody waits while holding something that others wait for, with two exceptions that cannot lead
// in a circle. A test that wants to be alone closes the gate, which lets no other
// test begin, and then waits for those that run. And a subtest may wait for names while
// its group has a place, as long as the group has no names itself.
package turn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"sync"
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
	// Takes is how long the test will run, as far as that is known. Of those that wait in one process, the
	// longest come first: what is started last should be short.
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

	wake chan struct{} // tells the one goroutine that tries that something may be free

	idle func(bool)

	mu      sync.Mutex
	queue   []*waiter // in the order in which they are served
	trying  bool
	placed  int // tests that have a place, without those inside a group
	wasIdle bool
}

// New returns the queue of this process.
func New(o Options) *Queue {
	p := &Queue{locks: newMemory(), count: o.Slots, first: os.Getpid(), wake: make(chan struct{}, 1), idle: o.Idle}
	if o.LockDir != "" && locksFiles {
		p.locks = files(o.LockDir)
	}
	if o.Slots > 0 {
		p.slots = files(o.SlotDir)
	}
	return p
}

// Turn is what a test got. It is given back with [Turn.Give].
type Turn struct {
	queue  *Queue
	held   []io.Closer
	inside bool
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
	if !h.inside {
		h.queue.mu.Lock()
		h.queue.placed--
		h.queue.tellIdle()
		h.queue.mu.Unlock()
	}
	h.queue.stir()
}

// waiter is a test that asks.
type waiter struct {
	want  Want
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
	}
	if w.gate != nil {
		_ = w.gate.Close()
		w.gate = nil
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

// How often the queue is tried while nothing is free. Nobody tells that another process has
// given something back.
const (
	firstPoll = 5 * time.Millisecond
	lastPoll  = 100 * time.Millisecond
)

// try gives places until the queue is empty.
func (p *Queue) try() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		p.mu.Lock()
		if p.serve() {
			pause = firstPoll
		}
		if len(p.queue) == 0 {
			p.trying = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-p.wake:
			pause = firstPoll
		}
	}
}

// serve gives places to those in the queue that can have one now, the first ones first, and
// reports whether there was any.
func (p *Queue) serve() bool {
	busy := map[string]bool{} // what was found taken is not tried again for the next in the queue
	before := len(p.queue)
	p.queue = slices.DeleteFunc(p.queue, func(w *waiter) bool {
		held, err := p.attempt(w, busy)
		switch {
		case err != nil:
			w.reply <- reply{err: fmt.Errorf("waiting for a place: %w", err)}
		case held == nil:
			return false
		default:
			w.reply <- reply{place: &Turn{queue: p, held: held, inside: w.want.Inside}}
			if !w.want.Inside {
				p.placed++
			}
		}
		return true
	})
	p.tellIdle()
	return len(p.queue) < before
}

// Names of the locks that are no names of tests. A test that begins holds the gate for a
// moment, and all while it runs; one that is alone holds both, against all others.
const (
	lockGate   = "gate"
	lockAll    = "all"
	namePrefix = "x-"
	busySlots  = "slots" // in the set of what is busy
)

// attempt returns what w wants, or nil when not all of it is free: then it holds
// nothing but the gate.
func (p *Queue) attempt(w *waiter, busy map[string]bool) ([]io.Closer, error) {
	if w.want.Alone {
		return p.attemptAlone(w, busy)
	}
	if p.hopeless(w.want, busy) {
		return nil, nil
	}
	held := []io.Closer{} // not nil, which means that something is missing
	done, err := p.collect(w.want, busy, &held)
	if done && err == nil {
		return held, nil
	}
	for _, c := range held {
		_ = c.Close()
	}
	return nil, err
}

// hopeless reports whether something is busy that a test wants. It spares a long queue the calls of
// the system.
func (p *Queue) hopeless(want Want, busy map[string]bool) bool {
	if !want.Inside && (busy[lockGate] || busy[busySlots]) {
		return true
	}
	return slices.ContainsFunc(want.Names, func(name string) bool { return busy[namePrefix+name] })
}

func (p *Queue) attemptAlone(w *waiter, busy map[string]bool) ([]io.Closer, error) {
	var err error
	if w.gate == nil {
		if w.gate, err = take(p.locks, lockGate, true, busy); w.gate == nil {
			return nil, err
		}
	}
	busy[lockGate] = true // for all others
	all, err := take(p.locks, lockAll, true, map[string]bool{})
	if err != nil {
		err = errors.Join(err, w.gate.Close())
		w.gate = nil
	}
	if all == nil {
		return nil, err
	}
	held := []io.Closer{all, w.gate}
	w.gate = nil
	return held, nil
}

// collect adds to held what a test wants that is not alone, and reports whether it got
// all.
func (p *Queue) collect(want Want, busy map[string]bool, held *[]io.Closer) (bool, error) {
	get := func(l locker, name string, alone bool) (bool, error) {
		c, err := take(l, name, alone, busy)
		if c != nil {
			*held = append(*held, c)
		}
		return c != nil, err
	}
	if !want.Inside {
		if ok, err := get(p.locks, lockGate, false); !ok {
			return false, err
		}
		gate := len(*held) - 1
		if ok, err := get(p.locks, lockAll, false); !ok {
			return false, err
		}
		_ = (*held)[gate].Close()
		*held = slices.Delete(*held, gate, gate+1)
	}
	for _, name := range want.Names {
		if ok, err := get(p.locks, namePrefix+name, true); !ok {
			return false, err
		}
	}
	if want.Inside || p.slots == nil {
		return true, nil
	}
	return p.collectSlot(busy, held)
}

func (p *Queue) collectSlot(busy map[string]bool, held *[]io.Closer) (bool, error) {
	for i := range p.count {
		slot := strconv.Itoa((i + p.first) % p.count)
		c, err := p.slots.try(slot, true)
		if err != nil {
			return false, err
		}
		if c != nil {
			*held = append(*held, c)
			return true, nil
		}
	}
	busy[busySlots] = true
	return false, nil
}

// take tries a lock that is not known to be busy.
func take(l locker, name string, alone bool, busy map[string]bool) (io.Closer, error) {
	if busy[name] {
		return nil, nil
	}
	c, err := l.try(name, alone)
	if c == nil {
		busy[name] = true
	}
	return c, err
}
