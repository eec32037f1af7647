package testlib

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"
)

// interruptedError says which signal ended the tests of this process.
type interruptedError struct{ signal os.Signal }

func (e interruptedError) Error() string {
	name := e.signal.String()
	switch e.signal {
	case os.Interrupt:
		name = "SIGINT"
	case syscall.SIGTERM:
		name = "SIGTERM"
	case syscall.SIGQUIT:
		name = "SIGQUIT"
	}
	return "interrupted by " + name
}

// timeLimitError says that go test would kill the process soon.
type timeLimitError struct{}

func (timeLimitError) Error() string {
	return "out of time: go test -timeout is near; raise it, or run fewer tests at once"
}

// lifetime ends when the process is interrupted.
type lifetime struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func newLifetime(ctx context.Context) *lifetime {
	l := &lifetime{}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	return l
}

// watch catches signals from now on. The first one ends the tests, whose
// clean-ups then run; SIGQUIT, which is sent at a deadline, prints the stacks
// of all goroutines before. The second one ends the process.
func (l *lifetime) watch() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	go func() {
		first := <-signals
		if first == syscall.SIGQUIT {
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, stacks) // nobody else could be told
		}
		l.cancel(interruptedError{first})
		second := <-signals
		signal.Reset()
		self, err := os.FindProcess(os.Getpid())
		if err != nil || self.Signal(second) != nil { // Windows cannot send it
			os.Exit(exitInterrupted)
		}
	}()
}

const (
	stacks          = 2   // how pprof is told to print goroutines as a panic does
	exitInterrupted = 130 // what a shell reports for SIGINT
)

// Limits of the time that is kept for clean-ups before go test -timeout.
const (
	cleanupShare   = 10 // one part in so many of what is left
	maxCleanupTime = time.Minute
)

// context returns the context of a test: that of t, which also ends with
// l, and in time for clean-ups before go test kills the process.
func (l *lifetime) context(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := context.AfterFunc(l.ctx, func() { cancel(context.Cause(l.ctx)) })
	if cause := context.Cause(l.ctx); cause != nil { // AfterFunc would tell later, from a goroutine
		cancel(cause)
	}
	t.Cleanup(func() { stop(); cancel(nil) })
	deadline, ok := t.Deadline()
	if !ok {
		return ctx
	}
	reserve := min(time.Until(deadline)/cleanupShare, maxCleanupTime)
	ctx, cancelDeadline := context.WithDeadlineCause(ctx, deadline.Add(-reserve), timeLimitError{})
	t.Cleanup(cancelDeadline)
	return ctx
}

// cut returns why a test was ended before it was done, or nil.
func cut(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.As(cause, new(interruptedError)) || errors.As(cause, new(timeLimitError)) ||
		errors.As(cause, new(panickedError)) {
		return cause
	}
	return nil
}
