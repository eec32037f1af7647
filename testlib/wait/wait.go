package wait

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// Defaults of [Options].
const (
	DefaultTimeout  = 5 * time.Minute
	DefaultInterval = 2 * time.Second
	DefaultFaults   = 5
)

// The first pause is this part of the longest, and each is this much longer than the one before.
const (
	firstPart = 20
	growth    = 1.5
)

// Options says how to wait. The zero value waits for up to [DefaultTimeout].
type Options struct {
	// Timeout bounds the whole wait. 0 means DefaultTimeout. The context may end it sooner.
	Timeout time.Duration

	// Interval is the longest pause between two looks. The first is a twentieth of it, and each is
	// half as long again as the one before; up to half of each is taken off at random, so that
	// many tests do not look all at once. 0 means DefaultInterval.
	Interval time.Duration

	// Faults is how many transient errors in a row are put up with: a connection that was refused,
	// reset or timed out, and the answers 429, 502, 503 and 504. 0 means DefaultFaults, less means none.
	Faults int

	// Log is told each change of state and each transient error, as t.Logf. Nil discards them.
	Log func(format string, args ...any)
}

func (o Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

func (o Options) interval() time.Duration {
	if o.Interval > 0 {
		return o.Interval
	}
	return DefaultInterval
}

func (o Options) faults() int {
	if o.Faults != 0 {
		return max(o.Faults, 0)
	}
	return DefaultFaults
}

func (o Options) log(format string, args ...any) {
	if o.Log != nil {
		o.Log(format, args...)
	}
}

// Poll describes what [For] waits for: a T that comes into a state S.
type Poll[T any, S ~string] struct {
	// What names the thing in logs and errors, as "server 5ad5…". Required.
	What string

	// Get looks at it once. Required.
	Get func(context.Context) (T, error)

	// State says in which state a T is. Nil means that it is "there", for waits that only 404 ends.
	State func(T) S

	// Want holds the states that end the wait. Without one the wait fails at once.
	Want []S

	// Bad holds the states from which it will not come to a wanted one: they end the wait at once,
	// with [ErrBadState]. A state that is also in Want is a wanted one.
	Bad []S

	// NotFound is the state that the answer 404 stands for. Empty means that a 404 is an error,
	// which ends the wait.
	NotFound S

	// Explain asks the service why, when the wait ends without success. It is called at most once,
	// with the last T seen and a context that lives a while longer. Nil, and an empty Reason, mean
	// that there is nothing to say.
	Explain func(context.Context, T) Reason
}

// For polls p.Get until p is in a wanted state, and returns what it saw then. For a
// wanted p.NotFound that is the T that came with the 404. The error is an [*Error].
func For[T any, S ~string](ctx context.Context, p Poll[T, S], o Options) (T, error) {
	w := &waiting[T, S]{p: p, o: o, start: time.Now(), pause: max(o.interval()/firstPart, time.Millisecond)}
	if len(p.Want) == 0 {
		return w.last, w.fail(ctx, errors.New("no state is wanted"))
	}
	limited, cancel := context.WithTimeoutCause(ctx, o.timeout(), ErrTimeout)
	defer cancel()
	for {
		done, err := w.look(limited)
		switch {
		case err != nil:
			return w.last, w.fail(ctx, err)
		case done:
			return w.last, nil
		}
		if err := w.rest(limited); err != nil {
			return w.last, w.fail(ctx, err)
		}
	}
}

// Gone waits until get is answered with 404.
func Gone[T any](ctx context.Context, what string, get func(context.Context) (T, error), o Options) error {
	_, err := For(ctx, gone(what, get), o)
	return err
}

// gone is the Poll of [Gone].
func gone[T any](what string, get func(context.Context) (T, error)) Poll[T, string] {
	return Poll[T, string]{What: what, Get: get, Want: []string{stateGone}, NotFound: stateGone}
}

// States of things that have none, and of those that are not found.
const (
	stateThere = "there"
	stateGone  = "gone"
)

// waiting is a wait under way.
type waiting[T any, S ~string] struct {
	p     Poll[T, S]
	o     Options
	start time.Time
	pause time.Duration // before jitter

	last      T
	seen      bool // last was seen
	state     S
	polls     int
	faults    int
	inARow    int
	lastFault error
	least     time.Duration // for which the service asked the next pause to last
}

// look polls once, and reports whether the wait is over.
func (w *waiting[T, S]) look(ctx context.Context) (bool, error) {
	w.polls++
	w.least = 0
	v, err := w.p.Get(ctx)
	state, err := w.stateOf(v, err)
	wanted, bad := err == nil && slices.Contains(w.p.Want, state), err == nil && slices.Contains(w.p.Bad, state)
	switch {
	case wanted, bad:
	case over(ctx): // what was cut short says less than the look before
		return false, context.Cause(ctx)
	case err == nil:
	case !transient(err):
		return false, err
	default:
		return false, w.fault(err)
	}
	w.inARow = 0
	if state != w.state || !w.seen {
		w.o.log("%s: %s after %s", w.p.What, state, w.elapsed())
	}
	w.last, w.state, w.seen = v, state, true
	if !wanted && bad {
		return false, ErrBadState
	}
	return wanted, nil
}

// over reports whether ctx has ended. A connection may see the end of the time a moment before ctx does.
func over(ctx context.Context) bool {
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}

func (w *waiting[T, S]) stateOf(v T, err error) (S, error) {
	switch {
	case err == nil && w.p.State == nil:
		return stateThere, nil
	case err == nil:
		return w.p.State(v), nil
	}
	if w.p.NotFound != "" && gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		return w.p.NotFound, nil
	}
	return "", err
}

// fault counts a transient error, and returns it when there were too many in a row.
func (w *waiting[T, S]) fault(err error) error {
	w.faults++
	w.inARow++
	w.lastFault = err
	w.least = retryAfter(err)
	if w.inARow > w.o.faults() {
		return fmt.Errorf("%d transient errors in a row: %w", w.inARow, err)
	}
	w.o.log("%s: put up with after %s: %v", w.p.What, w.elapsed(), err)
	return nil
}

// rest pauses before the next look.
func (w *waiting[T, S]) rest(ctx context.Context) error {
	pause := w.pause - time.Duration(rand.Int64N(int64(w.pause)/2+1))
	w.pause = min(time.Duration(float64(w.pause)*growth), w.o.interval())
	timer := time.NewTimer(max(pause, w.least))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *waiting[T, S]) elapsed() time.Duration { return time.Since(w.start).Round(time.Millisecond) }

// explainTimeout bounds asking the service why.
const explainTimeout = 20 * time.Second

// fail makes the error of the wait.
func (w *waiting[T, S]) fail(ctx context.Context, cause error) error {
	e := &Error{
		What: w.p.What, Want: join(w.p.Want), Last: string(w.state), Elapsed: w.elapsed(),
		Polls: w.polls, Faults: w.faults, Cause: cause,
	}
	if w.faults > 0 && errors.Is(cause, ErrTimeout) && w.inARow > 0 {
		e.Cause = fmt.Errorf("%w; the last look failed: %w", cause, w.lastFault)
	}
	e.RequestID = requestID(e.Cause)
	if w.p.Explain != nil && w.seen && w.state != w.p.NotFound {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), explainTimeout)
		defer cancel()
		e.Reason = w.p.Explain(ctx, w.last)
	}
	if e.Reason.RequestID != "" {
		e.RequestID = e.Reason.RequestID
	}
	return e
}

func join[S ~string](states []S) string {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	return strings.Join(words, " or ")
}
