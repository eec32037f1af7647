package main

import (
	"context"
	"os"
)

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
