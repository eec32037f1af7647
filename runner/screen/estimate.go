package screen

import (
	"fmt"
	"time"

	"github.com/gotempest/tempest/runner/result"
)

// estimate is how long a run will still take, by how long its tests took before.
type estimate struct {
	workers int
	now     func() time.Time
	left    map[string]time.Duration // of top-level tests that have not ended, by ID
	sum     time.Duration            // of left
	started map[string]time.Time     // of those that are running
	turns   map[string]bool
}

// newEstimate returns nil when nothing is known.
func newEstimate(o Options) *estimate {
	if len(o.Expect) == 0 || o.Workers < 1 {
		return nil
	}
	e := &estimate{
		workers: o.Workers, now: o.Now, turns: o.Turns, left: map[string]time.Duration{}, started: map[string]time.Time{},
	}
	if e.now == nil {
		e.now = time.Now
	}
	for id, d := range o.Expect {
		e.left[id] = d
		e.sum += d
	}
	return e
}

// note takes an event of a test into account.
func (e *estimate) note(event *result.Event) {
	id := id(event)
	if _, planned := e.left[id]; !planned {
		return
	}
	if begins(event, e.turns) {
		e.started[id] = e.now()
		return
	}
	switch string(event.Action) {
	case "pause":
		delete(e.started, id)
	case "pass", "fail", "skip":
		e.sum -= e.left[id]
		delete(e.left, id)
		delete(e.started, id)
	}
}

// remaining is the time that is left: no less than what the longest test still takes, nor than the
// work divided by those who do it.
func (e *estimate) remaining() time.Duration {
	now, sum := e.now(), e.sum
	var longest time.Duration
	for id, d := range e.left {
		if begun, running := e.started[id]; running {
			spent := min(now.Sub(begun), d)
			d -= spent
			sum -= spent
		}
		longest = max(longest, d)
	}
	return max(longest, sum/time.Duration(e.workers))
}

// String says it as the end of the line of progress.
func (e *estimate) String() string {
	switch d := e.remaining(); {
	case len(e.left) == 0:
		return ""
	case d < 10*time.Second:
		return "; a few seconds left"
	case d < 2*time.Minute:
		return fmt.Sprintf("; about %d seconds left", d.Round(5*time.Second)/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("; about %d minutes left", d.Round(time.Minute)/time.Minute)
	default:
		return fmt.Sprintf("; about %d hours left", d.Round(time.Hour)/time.Hour)
	}
}
