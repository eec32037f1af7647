package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// interruptible calls f with a context that the first signal ends. The error
// is then the interruptedError, whatever f made of it.
func interruptible(ctx context.Context, signals <-chan os.Signal, f func(context.Context) error) error {
	ctx, stop := cancelOn(ctx, signals)
	defer stop()
	err := f(ctx)
	if cause, ok := errors.AsType[interruptedError](context.Cause(ctx)); ok {
		return cause
	}
	return err
}

// cancelOn ends ctx with an interruptedError at the first signal, until stop
// is called. Signals after stop are for the next reader of the channel.
func cancelOn(ctx context.Context, signals <-chan os.Signal) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done, joined := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(joined)
		select {
		case s := <-signals:
			cancel(interruptedError{s})
		case <-done:
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		close(done)
		<-joined
		cancel(nil)
	}
}

// signalCount passes signals on, and counts them. A signal that comes again at once is the same one: what ends
// a process group reaches tempest, and `go tool`, which passes it on.
type signalCount struct {
	out  chan os.Signal
	n    atomic.Int32
	done chan struct{}
	all  sync.WaitGroup
}

// sameSignal is how soon the second of two signals comes if it is the first one, in another way. Nobody presses
// Ctrl-C twice so quickly.
const sameSignal = 150 * time.Millisecond

// manySignals is how many are kept for the next reader.
const manySignals = 8

// countSignals starts to count, until stop is called.
func countSignals(in <-chan os.Signal) *signalCount {
	c := &signalCount{out: make(chan os.Signal, manySignals), done: make(chan struct{})}
	c.all.Go(func() { c.pass(in) })
	return c
}

func (c *signalCount) pass(in <-chan os.Signal) {
	var last os.Signal
	var at time.Time
	for {
		select {
		case s := <-in:
			if s == last && time.Since(at) < sameSignal {
				continue
			}
			last, at = s, time.Now()
			c.n.Add(1)
			select {
			case c.out <- s:
			default: // nobody has looked at the last ones
			}
		case <-c.done:
			return
		}
	}
}

// count is how many signals there were.
func (c *signalCount) count() int { return int(c.n.Load()) }

func (c *signalCount) stop() {
	close(c.done)
	c.all.Wait()
}
