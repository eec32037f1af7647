package main

import (
	"context"
	"errors"
	"os"
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
