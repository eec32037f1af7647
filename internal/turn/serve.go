package turn

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How often the queue is tried while nothing is free and nobody tells. That is so when a process was killed that had
// something, and where processes cannot tell each other.
const (
	firstPoll = 5 * time.Millisecond
	lastPoll  = 100 * time.Millisecond
	toldPoll  = 250 * time.Millisecond // of those who are told, if all is well
)

// try gives places until the queue is empty.
func (p *Queue) try() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	late := false
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		p.mu.Lock()
		for p.look(late) {
			pause = firstPoll
		}
		if len(p.queue) == 0 {
			p.trying = false
			p.mu.Unlock()
			return
		}
		told := p.told()
		p.mu.Unlock()
		if told {
			timer.Reset(p.poll)
		} else {
			timer.Reset(pause)
		}
		select {
		case <-timer.C:
			late = true
		case <-p.wake:
			late, pause = false, firstPoll
		}
	}
}

// told reports whether others tell this process that something is free. Those that wait to close the gate nobody
// tells: it is held for a moment by each test that begins. The caller holds the lock.
func (p *Queue) told() bool { return p.line != nil && p.line.place[:1] != classAlone }

// round is what is known while the queue is served once.
type round struct {
	ahead   string          // the place of the process that comes before those in the queue that rank lower; or ""
	busy    map[string]bool // what was found taken is not tried again for the next in the queue
	touched bool            // something was held for a moment, so that others may have found it taken
	served  bool            // somebody has got a place
}

// look serves the queue, stands in the line for those that are left, and tells the next process when there may be more
// than this one can use. It reports whether to look again. The caller holds the lock.
func (p *Queue) look(late bool) (again bool) {
	r := &round{busy: map[string]bool{}}
	if p.line == nil {
		p.serve(r)
		return false
	}
	rung := p.rung.Swap(false)
	ahead := p.line.ahead()
	if !late || ahead != p.stuck { // one that stays first may have been stopped: nobody waits for ever for its sake
		r.ahead = ahead
	}
	if late {
		p.stuck = ahead
	}
	p.serve(r)
	tell := r.served || r.touched || rung || late
	if len(p.queue) == 0 {
		p.line.leave()
		if tell {
			p.line.ringFirst()
		}
		return false
	}
	again, err := p.line.stand(p.standing(r))
	switch {
	case err != nil:
		p.line = nil // and polls
	case again:
		if tell {
			p.rung.Store(true)
		}
	default:
		if tell {
			p.pass(r)
		}
	}
	return again
}

// standing is the class and rank of the first in the queue that waits for what all tests need.
func (p *Queue) standing(r *round) (class, rank string) {
	for _, w := range p.queue {
		switch {
		case w.want.Alone && !p.shared: // waits for tests of this process
		case w.gate != nil:
			return classClosed, w.rank
		case w.want.Alone:
			return classAlone, w.rank
		case !w.want.Inside && !r.busy[lockGate] && !r.lacksName(w.want):
			return classTest, w.rank
		}
	}
	return classApart, p.queue[0].rank
}

// pass tells the first of the other processes of what this one does not use.
func (p *Queue) pass(r *round) {
	closed := strings.HasPrefix(p.line.ahead(), classClosed) // who waits for nothing but that all tests end
	if closed || !r.busy[busySlots] && !r.busy[lockGate] {
		p.line.ringNext()
	}
}

// serve gives places to those in the queue that can have one now, the first ones first.
func (p *Queue) serve(r *round) {
	p.queue = slices.DeleteFunc(p.queue, func(w *waiter) bool {
		if p.yields(w, r.ahead) {
			return false
		}
		held, err := p.attempt(w, r)
		switch {
		case err != nil:
			w.reply <- reply{err: fmt.Errorf("waiting for a place: %w", err)}
		case held == nil:
			return false
		default:
			w.reply <- reply{place: &Turn{queue: p, held: held, want: w.want}}
			if !w.want.Inside {
				p.placed++
			}
		}
		r.served = true
		return true
	})
	p.tellIdle()
}

// yields reports whether a test lets one of another process pass.
func (p *Queue) yields(w *waiter, ahead string) bool {
	switch {
	case ahead == "", w.want.Inside, w.gate != nil:
		return false
	case w.want.Alone:
		return p.shared && classAlone+w.rank > ahead
	default:
		return classTest+w.rank > ahead
	}
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
func (p *Queue) attempt(w *waiter, r *round) ([]io.Closer, error) {
	switch {
	case w.want.Alone:
		return p.attemptAlone(w, r)
	case r.hopeless(w.want):
		return nil, nil
	}
	held, ok, err := p.collect(w.want, r)
	if ok {
		return held, nil
	}
	for _, c := range held {
		r.touched = true
		_ = c.Close()
	}
	return nil, err
}

// hopeless reports whether something is busy that a test wants. It spares a long queue the calls of
// the system.
func (r *round) hopeless(want Want) bool {
	return !want.Inside && (r.busy[lockGate] || r.busy[busySlots]) || r.lacksName(want)
}

// lacksName reports whether another test has one of the names that a test wants.
func (r *round) lacksName(want Want) bool {
	return slices.ContainsFunc(want.Names, func(name string) bool { return r.busy[namePrefix+name] })
}

func (p *Queue) attemptAlone(w *waiter, r *round) ([]io.Closer, error) {
	var err error
	if w.gate == nil {
		if w.gate, err = r.take(p.locks, lockGate, true); w.gate == nil {
			return nil, err
		}
	}
	r.busy[lockGate] = true // for all others
	all, err := p.locks.try(lockAll, true)
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

// collect takes what a test wants that is not alone. When that is not all free it returns what it
// took before it found out. Slots come before names, so that who waits for a slot has no name even for a moment.
func (p *Queue) collect(want Want, r *round) (held []io.Closer, ok bool, err error) {
	get := func(name string, alone bool) bool {
		var c io.Closer
		if c, err = r.take(p.locks, name, alone); c != nil {
			held = append(held, c)
		}
		return c != nil
	}
	held = []io.Closer{} // not nil, which means that something is missing
	if !want.Inside {
		if !get(lockGate, false) || !get(lockAll, false) {
			return held, false, err
		}
		_ = held[0].Close() // the gate
		held = held[1:]
		slot, err := p.takeSlot(r)
		if slot != nil {
			held = append(held, slot)
		} else if err != nil || p.slots != nil {
			return held, false, err
		}
	}
	for _, name := range want.Names {
		if !get(namePrefix+name, true) {
			return held, false, err
		}
	}
	return held, true, nil
}

// takeSlot takes one of the slots. It returns nil when none is free, or there are none.
func (p *Queue) takeSlot(r *round) (io.Closer, error) {
	if p.slots == nil {
		return nil, nil
	}
	for i := range p.count {
		slot := strconv.Itoa((i + p.first) % p.count)
		if c, err := p.slots.try(slot, true); c != nil || err != nil {
			return c, err
		}
	}
	r.busy[busySlots] = true
	return nil, nil
}

// take tries a lock that is not known to be busy.
func (r *round) take(l locker, name string, alone bool) (io.Closer, error) {
	if r.busy[name] {
		return nil, nil
	}
	c, err := l.try(name, alone)
	if c == nil {
		r.busy[name] = true
	}
	return c, err
}
