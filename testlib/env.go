package testlib

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/protocol"
)

// cleanupTimeout bounds each step of clean-up.
const cleanupTimeout = 2 * time.Minute

// Env is a test and the cloud it works on. As with [testing.T], methods that can stop
// the test are for the goroutine of the test; clients and [Env.Context] may be used by
// others too.
type Env struct {
	*testing.T

	session *session
	parent  *Env     // of a subtest
	needs   []string // services, those of parent included
	users   map[Persona]*account
	places  map[scope]*place // that it has not from its parents
	use     *use
	made    belongings      // of a top-level test
	alone   bool            // its accounts serve no other test
	network *ProjectNetwork // nil when it has not asked for one
	log     *callLog

	known    *known            // what it reports while it is unstable; nil when it is not
	related  []string          // URLs of bugs
	versions map[string]string // microversions by service type, beyond those of parent
	random   random

	ctx context.Context // kept, because an Env is the lifetime of a test, as a testing.T is
}

// Start begins a test. The test runs in parallel with others, once it gets a slot of
// the run. It is skipped when the cloud lacks what the options ask for. Then the
// credentials are made. All is undone when the test ends, in reverse order, every
// step even when others fail.
func Start(t *testing.T, opts ...Option) *Env {
	t.Helper()
	s, err := currentSession(t.Context())
	if err == nil {
		s.enter(t)
	}
	if err != nil || !s.turns.inGroup(t.Name()) {
		parallel(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.start(t, nil, newSettings(append(slices.Clone(process.options), opts...)))
}

// Run runs f as a subtest of e, with an Env of its own. Subtests run one after the other,
// share the services, the microversions and the credentials of e, and can each be selected alone. What
// options ask for beyond e is made for the subtest. Run reports whether f succeeded.
func (e *Env) Run(name string, f func(*Env), opts ...Option) bool {
	e.Helper()
	e.known.hasSubtest()
	var sub *Env
	passed := e.T.Run(name, func(t *testing.T) {
		t.Helper()
		sub = e.session.start(t, e, newSettings(opts))
		f(sub)
	})
	return passed && (sub == nil || !sub.known.hasFailed())
}

// start makes the Env of a test, or of a subtest of parent. Its steps are the life cycle in
// the documentation of the package: each may end the test, and registers what undoes it.
func (s *session) start(t *testing.T, parent *Env, set settings) *Env {
	t.Helper()
	e := s.begin(t, parent, set)
	e.checkConfigured(set)
	e.takeTurn(set)
	e.stopIfCut()
	e.prepare(set)
	e.checkCloud(set)
	e.lease(set)
	if parent == nil {
		t.Cleanup(e.checkLeaks) // after the clean-ups of the test, while it has its accounts
	}
	e.known.arm()
	return e
}

// begin makes an Env with nothing of the cloud in it: its attributes, its log, its context and the end
// of the test.
func (s *session) begin(t *testing.T, parent *Env, set settings) *Env {
	t.Helper()
	if problem := set.problem(); problem != "" {
		t.Fatal(problem)
	}
	e := &Env{
		T: t, session: s, parent: parent, users: map[Persona]*account{}, places: map[scope]*place{},
		use: &use{}, alone: set.isolated || s.Core.Auth.Isolated, needs: set.services,
		known: newKnown(set.unstable, parent), related: set.relatedBugs, versions: map[string]string{},
	}
	if parent != nil {
		e.needs = append(e.needs, parent.needs...)
		e.use.parent = parent.use
	}
	setAttributes(t, set, e.needs)
	e.openLog(set)
	e.ctx = s.life.context(t)
	s.running.enter(t.Name())
	t.Cleanup(e.finish)
	t.Cleanup(e.checkFaults)
	return e
}

// checkConfigured skips the test when the options or the configuration say so: without
// a call, and without waiting for a place.
func (e *Env) checkConfigured(set settings) {
	e.Helper()
	if set.skipBug != "" {
		e.Skip(skippedBecause + set.skipBug)
	}
	e.session.makeKnown(set.declared)
	e.checkSwitches(set.services)
	e.checkFeatures(set)
	e.checkConfiguredVersions(set.versions)
}

// stopIfCut ends a test whose process was told to end while it waited.
func (e *Env) stopIfCut() {
	e.Helper()
	err := cut(e.ctx)
	if err == nil {
		return
	}
	if underTempest() { // which counts what did not run, and keeps it from drowning what failed
		e.Skipf("not run: %v", err)
	}
	e.FailNow() // finish says why
}

// prepare makes the cloud ready for what follows.
func (e *Env) prepare(set settings) {
	e.Helper()
	e.session.warn(e.T)
	e.declare(set.resources)
	e.startFakes(set.fakes)
}

// checkCloud skips the test when the cloud lacks something. It asks while the test has its place, because
// a test that runs alone may change what the cloud offers.
func (e *Env) checkCloud(set settings) {
	e.Helper()
	e.checkServices(set.services)
	e.checkExtensions(set.extensions)
	e.checkVersions(set.versions)
}

// finish is the last step of clean-up. It fails a test that was ended before it was done: what it
// did not do must not count as passed.
func (e *Env) finish() {
	if panicking() {
		e.session.running.leave(e.T.Name())
		e.session.endOthers(e.T.Name())
		return
	}
	if err := cut(e.ctx); err != nil {
		if !e.Skipped() || e.known.hasFailed() {
			e.T.Error(err)
		} else {
			e.Attr(protocol.AttrNotRun, err.Error()) // it may have skipped because of that
		}
	}
	isKnown := e.settle()
	e.session.running.leave(e.T.Name()) // last: a test that panicked ends the process when all have left
	if isKnown {
		e.Skip(e.known.text())
	}
}

// Context returns a context that ends when the test ends, before clean-up begins. It
// also ends when the run is interrupted, and in time for clean-ups before go test
// -timeout.
func (e *Env) Context() context.Context { return e.ctx }

// Cleanup registers the removal of what the test has just made. Removals run in
// reverse order when the test ends, also after an interrupt, each with two minutes and
// a context of its own. That something is gone already is fine; any other error fails the test,
// because it leaves something behind. what names it in that message: "server 5ad5…".
func (e *Env) Cleanup(what string, remove func(context.Context) error) {
	e.T.Cleanup(func() { e.undo(what, remove) })
}

// undo is one step of clean-up.
func (e *Env) undo(what string, remove func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), cleanupTimeout)
	defer cancel()
	before := e.session.books.failuresSoFar()
	err := remove(ctx)
	if err != nil && !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		e.T.Errorf("left behind %s: %v", what, err)
		e.reportedLeft(what, before)
	}
}

// AuthURL returns the URL of the identity service, which ends in "/v3".
func (e *Env) AuthURL() string { return e.session.Cloud.Auth.IdentityEndpoint }

// Embedded reports whether the cloud is the embedded one.
func (e *Env) Embedded() bool { return e.session.Embedded != nil }

// HTTP returns a client without credentials. Its calls are logged like those of the
// other clients.
func (e *Env) HTTP() *http.Client { return e.httpClient("") }

// String returns the name of the test, so that printing an Env does not print the
// passwords in it.
func (e *Env) String() string { return fmt.Sprintf("testlib.Env(%s)", e.T.Name()) }

// parallel runs t in parallel with others, unless its author said so before, or set
// an environment variable for it, which forbids it.
func parallel(t *testing.T) {
	t.Helper()
	defer func() { _ = recover() }() // testing panics in both cases
	t.Parallel()
}

func setAttributes(t *testing.T, set settings, services []string) {
	t.Helper()
	if set.id != "" {
		t.Attr(protocol.AttrID, set.id)
	}
	if len(set.attributes) > 0 {
		t.Attr(protocol.AttrAttributes, sortedList(set.attributes))
	}
	if len(services) > 0 {
		t.Attr(protocol.AttrServices, sortedList(services))
	}
	if bugs := set.bugs(); len(bugs) > 0 {
		t.Attr(protocol.AttrBugs, sortedList(bugs))
	}
}

// sortedList joins the distinct words of list with commas.
func sortedList(list []string) string {
	set := map[string]bool{}
	for _, w := range list {
		set[w] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), ",")
}
