package cleanup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// script is a remover that plays what each thing answers, one attempt after the other; the last answer is
// repeated. A thing without one is gone at once.
type script struct {
	mu    sync.Mutex
	plays map[string][]outcome // answers to removals, by ID
	looks map[string][]outcome // answers to looks, by ID
	calls []string
}

func (s *script) remove(_ context.Context, t *Thing) outcome { return s.next(s.plays, "remove ", t) }
func (s *script) look(_ context.Context, t *Thing) outcome   { return s.next(s.looks, "look ", t) }

func (s *script) next(plays map[string][]outcome, what string, t *Thing) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, what+t.ID)
	play := plays[t.ID]
	if len(play) == 0 {
		return outcome{verdict: gone}
	}
	if len(play) > 1 {
		plays[t.ID] = play[1:]
	}
	return play[0]
}

// thing makes one of a rank, made so many seconds after the others.
func thing(id string, rank, second int) *Thing {
	t := &Thing{ID: id, Type: "thing", rank: rank, Made: time.Unix(int64(second), 0)}
	t.removal.Path = "/things/" + id
	return t
}

func removedIDs(r Result) []string {
	var ids []string
	for _, t := range r.Removed {
		ids = append(ids, t.ID)
	}
	return ids
}

func leftText(r Result) []string {
	var text []string
	for _, l := range r.Left {
		text = append(text, fmt.Sprintf("%s: %v", l.Thing.ID, l.Reason))
	}
	return text
}

var errBusy = errors.New("409 in use")

// engineCase is one removal in virtual time.
type engineCase struct {
	things      []*Thing
	plays       map[string][]outcome
	looks       map[string][]outcome
	wantRemoved []string
	wantLeft    []string
	wantTook    time.Duration // at least
	wantMost    time.Duration
}

func TestEngineOrder(t *testing.T) {
	t.Parallel()
	refusal := errors.New("403")
	testEngine(t, map[string]engineCase{
		"by rank, then the newest first": {
			things:      []*Thing{thing("net", 20, 1), thing("old", 10, 1), thing("new", 10, 2), thing("plugin", 0, 0)},
			wantRemoved: []string{"plugin", "new", "old", "net"},
		},
		"one that is twice in the list is removed once": {
			things:      []*Thing{thing("a", 1, 1), thing("a", 1, 2)},
			wantRemoved: []string{"a"},
		},
		"in use, until what uses it is gone": {
			things:      []*Thing{thing("net", 1, 1), thing("port", 2, 1)},
			plays:       map[string][]outcome{"net": {{verdict: busy, reason: errBusy}, {verdict: gone}}},
			wantRemoved: []string{"port", "net"},
		},
		"in use for a while after all else is gone": {
			things: []*Thing{thing("net", 1, 1)},
			plays: map[string][]outcome{"net": {
				{verdict: busy, reason: errBusy}, {verdict: busy, reason: errBusy}, {verdict: busy, reason: errBusy},
				{verdict: gone},
			}},
			wantRemoved: []string{"net"},
			wantTook:    time.Second, wantMost: 5 * time.Second,
		},
		"in use for ever": {
			things:   []*Thing{thing("net", 1, 1)},
			plays:    map[string][]outcome{"net": {{verdict: busy, reason: errBusy}}},
			wantLeft: []string{"net: 409 in use"},
			wantTook: time.Minute, wantMost: time.Minute + longestPause,
		},
		"forbidden is not waited for": {
			things:      []*Thing{thing("a", 1, 1), thing("b", 2, 1)},
			plays:       map[string][]outcome{"a": {{verdict: refused, reason: refusal}}},
			wantRemoved: []string{"b"},
			wantLeft:    []string{"a: 403"},
		},
		"forbidden until something else is gone": {
			things:      []*Thing{thing("a", 1, 1), thing("b", 2, 1)},
			plays:       map[string][]outcome{"a": {{verdict: refused, reason: refusal}, {verdict: gone}}},
			wantRemoved: []string{"b", "a"},
		},
	})
}

func TestEngineWaits(t *testing.T) {
	t.Parallel()
	refusal := errors.New("403")
	testEngine(t, map[string]engineCase{
		"waited for before the next rank": {
			things:      []*Thing{thing("server", 1, 1), thing("net", 2, 1)},
			plays:       map[string][]outcome{"server": {{verdict: going}}},
			looks:       map[string][]outcome{"server": {{verdict: going}, {verdict: going}, {verdict: gone}}},
			wantRemoved: []string{"server", "net"},
			wantTook:    firstPause, wantMost: 5 * time.Second,
		},
		"accepted, and never gone": {
			things:      []*Thing{thing("server", 1, 1), thing("net", 2, 1)},
			plays:       map[string][]outcome{"server": {{verdict: going}}},
			looks:       map[string][]outcome{"server": {{verdict: going}}},
			wantRemoved: []string{"net"},
			wantLeft:    []string{"server: its removal was accepted, but after 5m0s it is still there"},
			wantTook:    5 * time.Minute, wantMost: 5*time.Minute + time.Second,
		},
		"ends in an error, and is asked for again": {
			things:      []*Thing{thing("volume", 1, 1)},
			plays:       map[string][]outcome{"volume": {{verdict: going}, {verdict: going}}},
			looks:       map[string][]outcome{"volume": {{verdict: busy, reason: errBusy}, {verdict: gone}}},
			wantRemoved: []string{"volume"},
			wantMost:    2 * time.Second,
		},
		"what is in it goes first": {
			things: []*Thing{thing("project", 9, 1)},
			plays: map[string][]outcome{"project": {
				{verdict: busy, reason: errBusy, more: []*Thing{thing("port", 1, 1), thing("sg", 2, 1)}}, {verdict: gone},
			}},
			wantRemoved: []string{"port", "sg", "project"},
			wantMost:    time.Second,
		},
		"what is in it does not go": {
			things: []*Thing{thing("project", 9, 1)},
			plays: map[string][]outcome{
				"project": {{verdict: busy, reason: errBusy, more: []*Thing{thing("port", 1, 1)}}},
				"port":    {{verdict: refused, reason: refusal}},
			},
			wantLeft: []string{"port: 403", "project: 409 in use"},
			wantTook: time.Minute, wantMost: time.Minute + longestPause,
		},
		"nothing": {},
	})
}

func testEngine(t *testing.T, tests map[string]engineCase) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{plays: tt.plays, looks: tt.looks}
				var told []string
				e := &engine{remover: s, limits: Limits{Workers: 1}, onGone: func(t *Thing) { told = append(told, t.ID) }}
				start := time.Now()

				got := e.run(t.Context(), tt.things)

				if diff := cmp.Diff(tt.wantRemoved, removedIDs(got)); diff != "" {
					t.Errorf("removed (-want +got):\n%s\ncalls: %s", diff, strings.Join(s.calls, ", "))
				}
				if diff := cmp.Diff(tt.wantLeft, leftText(got)); diff != "" {
					t.Errorf("left (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.wantRemoved, told); diff != "" {
					t.Errorf("told of (-want +got):\n%s", diff)
				}
				if took := time.Since(start); took < tt.wantTook || took > tt.wantMost {
					t.Errorf("took %s, want %s to %s", took, tt.wantTook, tt.wantMost)
				}
			})
		})
	}
}

func TestEngineRemovesThingsOfOneRankTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{plays: map[string][]outcome{}, looks: map[string][]outcome{}}
		var things []*Thing
		for i := range 8 {
			id := fmt.Sprint("server", i)
			things = append(things, thing(id, 1, i))
			s.plays[id] = []outcome{{verdict: going}}
			s.looks[id] = []outcome{{verdict: going}, {verdict: going}, {verdict: gone}}
		}
		start := time.Now()

		got := (&engine{remover: s}).run(t.Context(), things)

		if len(got.Removed) != len(things) {
			t.Errorf("removed %d of %d", len(got.Removed), len(things))
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %s: one was waited for after the other", took)
		}
	})
}

func TestEngineStopsWhenInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{
			plays: map[string][]outcome{"server": {{verdict: going}}}, looks: map[string][]outcome{"server": {{verdict: going}}},
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("interrupted by SIGINT")) })
		start := time.Now()

		got := (&engine{remover: s}).run(ctx, []*Thing{thing("server", 1, 1), thing("net", 2, 1)})

		want := []string{"server: still being removed: interrupted by SIGINT", "net: not tried: interrupted by SIGINT"}
		if diff := cmp.Diff(want, leftText(got)); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %s to stop", took-time.Second)
		}
		if slices.Contains(s.calls, "remove net") {
			t.Error("went on after the interrupt")
		}
	})
}
