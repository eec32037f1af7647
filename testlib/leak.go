package testlib

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/protocol"
)

// Limits of what is done about leaks when a test ends.
const (
	leakTime      = 2 * time.Minute        // for everything
	shortLeakTime = 15 * time.Second       // the same, when the process is about to end
	busyTime      = 10 * time.Second       // for one thing that something else still uses
	firstPoll     = 100 * time.Millisecond // until it is looked again whether something is gone; doubles
	longestPoll   = 2 * time.Second
	lateTime      = 2 * time.Second // in which a service may still do what was asked for when the connection broke
	lookedAtOnce  = 8               // things that are looked at side by side
)

// leak is a thing that is there, or may be, when its test has ended.
type leak struct {
	*entry
	doubt error  // why it cannot be told whether it is there
	fate  string // what became of it
}

// checkLeaks fails a top-level test that has left something behind, and removes it: the test's project would be gone
// before the end of the run, and with it the user who may remove it. It runs after the
// clean-ups of the test and before its accounts are given back.
func (e *Env) checkLeaks() {
	b := e.session.books
	if len(b.of(e)) == 0 {
		return
	}
	limit := leakTime
	if panicking() || cut(e.ctx) != nil {
		limit = shortLeakTime
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), limit)
	defer cancel()
	hidden, rank := b.hiddenOf(e)
	e.resolve(ctx, slices.DeleteFunc(b.of(e), func(n *entry) bool { return n.hidden != nil }))
	leaks := e.leaks(ctx)
	if len(hidden) > 0 {
		// A server that is being made may still get its volume: they are looked for when it is gone.
		first := slices.DeleteFunc(slices.Clone(leaks), func(l *leak) bool { return l.thing.Rank >= rank })
		e.removeLeaks(ctx, first)
		e.resolve(ctx, hidden)
		leaks = append(first, e.leaksBut(ctx, first)...)
		e.removeLeaks(ctx, leaks[len(first):])
	} else {
		e.removeLeaks(ctx, leaks)
	}
	if len(leaks) == 0 {
		return
	}
	e.reportLeaks(leaks)
}

// resolve finds out what those of the requests made whose answers were lost.
func (e *Env) resolve(ctx context.Context, list []*entry) {
	b := e.session.books
	for _, n := range list {
		if b.stateOf(n) != ledger.Perhaps {
			continue
		}
		found, err := e.lookFor(ctx, n)
		if late := lateTime - time.Since(n.cutOff); err == nil && len(found) == 0 && late > 0 && waitFor(ctx, late) {
			found, err = e.lookFor(ctx, n) // the service does not stop when nobody waits for its answer
		}
		switch {
		case err != nil:
			e.log.printf("%s may have left something behind (%s): %v%s", n.request(), n.whyUnknown(), err, e.remedy())
		case len(found) == 0:
			b.none(n)
		default:
			b.found(n, found)
		}
	}
}

// found notes what a request made whose answer was lost. What is in the ledger already is what the same
// request made when it was sent again.
func (b *books) found(n *entry, list []foundThing) {
	list = slices.DeleteFunc(list, func(t foundThing) bool {
		return len(b.at(removalMethod(t.Thing), t.Service, t.Path)) > 0
	})
	var things []ledger.Thing
	for _, t := range list {
		things = append(things, t.Thing)
	}
	if len(things) == 0 {
		b.none(n)
		return
	}
	b.mu.Lock()
	b.forget(n)
	b.mu.Unlock()
	var entries []*entry
	for i, t := range things {
		entries = append(entries, &entry{
			root: n.root, key: ledger.Key{N: n.key.N, I: i}, intent: n.intent, thing: t, kind: n.kind, call: n.call,
			token: n.token, hidden: n.hidden, state: ledger.Made,
		})
	}
	b.add(entries...)
	b.warn(b.writer.Made(n.key.N, things...))
	for i, t := range list {
		if t.going {
			b.going(entries[i])
		}
	}
}

// leaks returns what the test made and what is still there. What is being removed is waited for.
func (e *Env) leaks(ctx context.Context) []*leak { return e.leaksBut(ctx, nil) }

// leaksBut returns the leaks that are not in a list.
func (e *Env) leaksBut(ctx context.Context, but []*leak) []*leak {
	var left []*leak
	for _, n := range e.session.books.of(e) {
		if slices.ContainsFunc(but, func(l *leak) bool { return l.entry == n }) {
			continue
		}
		if e.session.books.stateOf(n) != ledger.Perhaps {
			left = append(left, &leak{entry: n})
		}
	}
	e.eachAtOnce(left, func(l *leak) { l.doubt = e.waitWhileGoing(ctx, l.entry) })
	return slices.DeleteFunc(left, func(l *leak) bool { return e.session.books.stateOf(l.entry) == ledger.Gone })
}

func (e *Env) eachAtOnce(list []*leak, do func(*leak)) {
	var all sync.WaitGroup
	turn := make(chan struct{}, lookedAtOnce)
	for _, l := range list {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			do(l)
		})
	}
	all.Wait()
}

// waitWhileGoing looks whether a thing is gone, and notes it. While its removal is under way it looks again. The error
// is why it cannot be told.
func (e *Env) waitWhileGoing(ctx context.Context, n *entry) error {
	b := e.session.books
	for wait := firstPoll; ; wait = min(2*wait, longestPoll) {
		there, err := e.isThere(ctx, n)
		switch {
		case err != nil:
			return err
		case !there:
			b.gone(n)
			return nil
		case b.stateOf(n) != ledger.Going || !waitFor(ctx, wait):
			return nil
		}
	}
}

// removeLeaks removes what was left behind, in the order of dependence: what uses other things first.
func (e *Env) removeLeaks(ctx context.Context, leaks []*leak) {
	order := slices.Clone(leaks)
	slices.SortStableFunc(order, func(a, b *leak) int {
		return cmp.Or(cmp.Compare(a.thing.Rank, b.thing.Rank), cmp.Compare(b.key.N, a.key.N), cmp.Compare(b.key.I, a.key.I))
	})
	for len(order) > 0 {
		same := 1
		for same < len(order) && order[same].thing.Rank == order[0].thing.Rank {
			same++
		}
		for _, l := range order[:same] {
			l.fate = e.removeLeak(ctx, l)
		}
		e.eachAtOnce(order[:same], func(l *leak) { _ = e.waitWhileGoing(ctx, l.entry) })
		order = order[same:]
	}
}

// removeLeak removes one thing, and says what came of it. What something else still uses is tried again for
// a while.
func (e *Env) removeLeak(ctx context.Context, l *leak) string {
	b := e.session.books
	if b.stateOf(l.entry) == ledger.Going {
		return "its removal was accepted, but it is still there"
	}
	until := time.Now().Add(busyTime)
	for wait := firstPoll; ; wait = min(2*wait, longestPoll) {
		status, err := e.remove(ctx, l.entry)
		switch {
		case err != nil:
			return "removing it now: " + err.Error()
		case status < http.StatusMultipleChoices && b.stateOf(l.entry) == ledger.Made: // a way of removal that nothing notes
			b.going(l.entry)
			return "removed now"
		case status < http.StatusMultipleChoices:
			return "removed now"
		case status == http.StatusNotFound:
			b.gone(l.entry)
			return "gone by now"
		}
		busy := status == http.StatusConflict || status == http.StatusBadRequest
		if !busy || time.Now().After(until) || !waitFor(ctx, wait) {
			return fmt.Sprintf("removing it now was answered %d %s", status, http.StatusText(status))
		}
	}
}

// reportLeaks fails the test for each thing, unless a clean-up has done so.
func (e *Env) reportLeaks(leaks []*leak) {
	b := e.session.books
	var names []string
	for _, l := range leaks {
		b.mu.Lock()
		state, reported, refusal := l.state, l.reported, l.refusal
		b.mu.Unlock()
		names = append(names, l.short())
		fate := l.fate
		if state != ledger.Gone {
			fate += e.remedy()
		}
		switch {
		case reported:
			e.log.printf("%s: %s", l.short(), fate)
		case l.doubt != nil:
			e.T.Errorf("perhaps left behind %s: %v; %s", l.describe(), l.doubt, fate)
		case refusal != "" && l.fate != "removed now":
			e.T.Errorf("left behind %s: its removal by the test was %s; %s", l.describe(), refusal, fate)
		case l.intent.Test != e.T.Name():
			e.T.Errorf("left behind %s, in %s: register its removal with e.Cleanup; %s", l.describe(), l.intent.Test, fate)
		default:
			e.T.Errorf("left behind %s: register its removal with e.Cleanup; %s", l.describe(), fate)
		}
	}
	e.Attr(protocol.AttrLeaks, clip(strings.Join(names, ","), maxAttr))
}

// maxAttr is the longest value of an attribute that go test passes on, in bytes, with some to spare.
const maxAttr = 3500

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// remedy says how to remove what is left.
func (e *Env) remedy() string {
	dir := e.session.books.writer.Dir()
	if dir == "" {
		return ""
	}
	return fmt.Sprintf("; `tempest cleanup --run %s` removes it", filepath.Base(dir))
}

// short names a thing: "server 5ad5…".
func (n *entry) short() string {
	what := strings.ReplaceAll(n.thing.Type, "_", " ")
	if what == "" {
		segs := segments(n.intent.Path)
		what = "thing"
		if len(segs) > 0 {
			what = "element of " + segs[len(segs)-1]
		}
	}
	return what + " " + plainWord(n.thing.ID)
}

// describe says what a thing is and how it was made.
func (n *entry) describe() string {
	s := n.short()
	if name := n.thing.Name; name != "" && name != n.thing.ID {
		s += fmt.Sprintf(" %q", name)
	}
	return s + ", made by " + n.request()
}

// request returns the request of the test that made a thing.
func (n *entry) request() string {
	if n.intent.Behind != "" {
		return n.intent.Behind
	}
	return n.intent.Method + " " + n.intent.URL
}

// whyUnknown says why it is not known what a request made.
func (n *entry) whyUnknown() string {
	if n.hidden != nil {
		return "no answer shows the " + strings.ReplaceAll(n.kind.Name, "_", " ") + " that it may have made"
	}
	return "its answer was lost"
}

// plainWord returns s without what would break a line or a list.
func plainWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == ',' {
			return '_'
		}
		return r
	}, s)
}

// failuresSoFar returns how many removals the cloud has refused.
func (b *books) failuresSoFar() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures
}

// reportedLeft notes that a clean-up has failed, and so said that something is left behind: what it could not
// remove since there were that many failures, or what it names.
func (e *Env) reportedLeft(what string, since int) {
	b, root := e.session.books, e.root()
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range b.entries[root] {
		named := n.thing.ID != "" && strings.Contains(what, n.thing.ID) ||
			n.intent.Name != "" && strings.Contains(what, n.intent.Name)
		if n.failure > since || named {
			n.reported = true
		}
	}
}

var errNoName = errors.New("it has no name to look for")
