package cleanup

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Default limits.
const (
	defaultWorkers  = 8
	defaultPatience = time.Minute
	defaultWait     = 5 * time.Minute
	defaultSettle   = time.Minute
	firstPause      = 250 * time.Millisecond
	longestPause    = 5 * time.Second

	// maxTries bounds the attempts at one thing: what is in it may come again and again.
	maxTries = 60
)

// Limits bounds a removal. The zero value has the defaults.
type Limits struct {
	// Workers is how many things of one rank are removed at a time; default 8.
	Workers int

	// Patience is how long a removal goes on although nothing could be removed; default 1m.
	Patience time.Duration

	// Wait is how long something may take to vanish once its removal was accepted; default
	// 5m.
	Wait time.Duration

	// Settle is how long after a request whose answer was never seen the cloud may still carry it out; default 1m.
	// Until then it is looked for again.
	Settle time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.Workers < 1 {
		l.Workers = defaultWorkers
	}
	if l.Patience <= 0 {
		l.Patience = defaultPatience
	}
	if l.Wait <= 0 {
		l.Wait = defaultWait
	}
	if l.Settle <= 0 {
		l.Settle = defaultSettle
	}
	return l
}

// verdict is what became of one attempt to remove something.
type verdict int

const (
	gone    verdict = iota // it is not there any more
	going                  // the cloud has accepted, and it is still there
	busy                   // refused for now: something uses it, or the cloud has trouble
	refused                // refused, and waiting alone will not help
)

// outcome is what one attempt told.
type outcome struct {
	verdict verdict
	reason  error    // of busy and refused, and of what going may become
	more    []*Thing // that must go before it
}

// remover removes things. It is called concurrently.
type remover interface {
	// remove asks once for the removal of t.
	remove(ctx context.Context, t *Thing) outcome

	// look says what has become of t since it was asked for: gone, going, or busy when it
	// has to be asked for again.
	look(ctx context.Context, t *Thing) outcome
}

// Left is something that could not be removed.
type Left struct {
	Thing  *Thing
	Reason error
}

// Result is what a removal came to.
type Result struct {
	Removed []*Thing // in the order in which they went
	Left    []Left   // in the order of removal
}

// engine removes things with a remover.
type engine struct {
	remover remover
	limits  Limits
	onGone  func(*Thing) // called for one at a time; may be nil

	mu      sync.Mutex
	known   map[string]bool
	pending []*Thing
	reasons map[*Thing]error
	waiting map[*Thing]bool // refused for now: worth waiting
	removed []*Thing
	changed bool // something was removed or found in this pass
}

// run removes things until none is left or nothing can be done about those that are.
func (e *engine) run(ctx context.Context, things []*Thing) Result {
	e.limits = e.limits.withDefaults()
	e.known, e.reasons, e.waiting = map[string]bool{}, map[*Thing]error{}, map[*Thing]bool{}
	e.add(things)
	pause, last := firstPause, time.Now()
	for len(e.pending) > 0 && ctx.Err() == nil {
		e.changed = false
		e.pass(ctx)
		if e.changed {
			pause, last = firstPause, time.Now()
			continue
		}
		if len(e.waiting) == 0 || time.Since(last) >= e.limits.Patience {
			break
		}
		sleep(ctx, pause)
		pause = min(2*pause, longestPause)
	}
	return e.result(ctx)
}

func (e *engine) result(ctx context.Context) Result {
	r := Result{Removed: e.removed}
	for _, t := range ordered(e.pending) {
		reason := e.reasons[t]
		if reason == nil {
			reason = fmt.Errorf("not tried: %w", context.Cause(ctx))
		}
		r.Left = append(r.Left, Left{t, reason})
	}
	return r
}

// add takes further things that are not known yet.
func (e *engine) add(things []*Thing) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range things {
		if key := t.key(); !e.known[key] {
			e.known[key] = true
			e.pending = append(e.pending, t)
			e.changed = true
		}
	}
}

// pass asks for the removal of everything that is left, once.
func (e *engine) pass(ctx context.Context) {
	clear(e.waiting)
	for _, group := range ranks(ordered(e.pending)) {
		var g errgroup.Group
		g.SetLimit(e.limits.Workers)
		for _, t := range group {
			g.Go(func() error {
				if ctx.Err() == nil {
					e.attempt(ctx, t)
				}
				return nil
			})
		}
		_ = g.Wait() // no function fails
	}
}

// attempt removes one thing and waits until it is gone.
func (e *engine) attempt(ctx context.Context, t *Thing) {
	var o outcome
	switch {
	case t.tries >= maxTries:
		o = outcome{verdict: refused, reason: e.reason(t)}
	case t.asked.IsZero():
		o = e.remover.remove(ctx, t)
		t.tries++
	default:
		o = e.remover.look(ctx, t)
	}
	if o.verdict == going {
		if t.asked.IsZero() {
			t.asked = time.Now()
		}
		o = e.await(ctx, t)
	}
	e.add(o.more)
	e.mu.Lock()
	defer e.mu.Unlock()
	if o.verdict != gone {
		e.reasons[t] = o.reason
		e.waiting[t] = true
		if o.verdict == refused {
			delete(e.waiting, t)
		}
		return
	}
	e.pending = slices.DeleteFunc(e.pending, func(p *Thing) bool { return p == t })
	e.removed = append(e.removed, t)
	e.changed = true
	if e.onGone != nil {
		e.onGone(t)
	}
}

func (e *engine) reason(t *Thing) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reasons[t]
}

// await waits until something whose removal was accepted is gone.
func (e *engine) await(ctx context.Context, t *Thing) outcome {
	pause := firstPause
	for {
		left := e.limits.Wait - time.Since(t.asked)
		if left <= 0 {
			return outcome{verdict: refused, reason: fmt.Errorf("its removal was accepted, but after %s it is still there",
				time.Since(t.asked).Round(time.Second))}
		}
		if sleep(ctx, min(pause, left)); ctx.Err() != nil {
			return outcome{verdict: busy, reason: fmt.Errorf("still being removed: %w", context.Cause(ctx))}
		}
		o := e.remover.look(ctx, t)
		if o.verdict != going {
			if o.verdict != gone {
				t.asked = time.Time{} // to be asked for again
			}
			return o
		}
		pause = min(2*pause, longestPause)
	}
}

// sleep returns after d, or when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
