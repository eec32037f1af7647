package wait

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Causes of an [*Error], beside the cause of the context and errors of the service.
var (
	// ErrTimeout says that [Options].Timeout was over.
	ErrTimeout = errors.New("the time is over")

	// ErrBadState says that the thing is in a state from which it does not come to the wanted one.
	ErrBadState = errors.New("it does not get out of that state")
)

// An Error says why a wait was in vain.
type Error struct {
	What    string        // what was waited for, as "server 5ad5…"
	Want    string        // the wanted states, as "ACTIVE" or "SHELVED or SHELVED_OFFLOADED"
	Last    string        // the last state seen; empty when there was none
	Elapsed time.Duration // since the first look
	Polls   int           // how often it was looked at
	Faults  int           // how many transient errors were met

	// Reason is what the service says of it.
	Reason Reason

	// RequestID is that of the operation that went wrong, where the service tells it, or of the
	// answer that ended the wait. It may be empty.
	RequestID string

	// Cause is [ErrTimeout], [ErrBadState], the cause of the context, or what the service answered.
	Cause error
}

// A Reason is what a service says of something that went wrong. Its zero value says nothing.
type Reason struct {
	Message   string // as the service has it
	RequestID string // of the operation that went wrong
}

// Error returns everything on one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "waiting for %s to be %s: ", e.What, e.Want)
	if e.Last != "" {
		fmt.Fprintf(&b, "%s ", e.Last)
	}
	fmt.Fprintf(&b, "after %s and %d looks", e.Elapsed.Round(time.Millisecond), e.Polls)
	if e.Faults > 0 {
		fmt.Fprintf(&b, " (%d of them failed)", e.Faults)
	}
	fmt.Fprintf(&b, ": %v", e.Cause)
	if e.Reason.Message != "" {
		fmt.Fprintf(&b, "; the service says: %s", e.Reason.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " [%s]", e.RequestID)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }
