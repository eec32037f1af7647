package testlib

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/protocol"
)

// cleanupTimeout bounds each clean-up step.
const cleanupTimeout = 2 * time.Minute

// Env is a test and the cloud it works on. Its methods are for the goroutine of
// the test, as those of [testing.T] that stop a test are.
type Env struct {
	*testing.T

	session *session
	parent  *Env
	users   map[Persona]*user
	log     *callLog

	// ctx is kept because an Env, as a testing.T, is the lifetime of a test.
	ctx context.Context
}

// Start begins a test. It runs the test in parallel with others, waits for a
// free slot, and skips the test when the cloud lacks what it needs. Then it makes
// the credentials asked for. Everything is undone when the test ends.
func Start(t *testing.T, opts ...Option) *Env {
	t.Helper()
	parallel(t)
	s, err := currentSession()
	if err != nil {
		t.Fatal(err)
	}
	return newEnv(t, nil, s, newSettings(opts))
}

// Run runs f as a subtest of e. Subtests share what e has, run one after
// the other, and each can be selected alone. Run reports whether f
// succeeded.
func (e *Env) Run(name string, f func(*Env), opts ...Option) bool {
	e.Helper()
	return e.T.Run(name, func(t *testing.T) {
		t.Helper()
		f(newEnv(t, e, e.session, newSettings(opts)))
	})
}

func newEnv(t *testing.T, parent *Env, s *session, set settings) *Env {
	t.Helper()
	setAttributes(t, set)
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	e := &Env{T: t, session: s, parent: parent, users: map[Persona]*user{}, ctx: ctx, log: newCallLog(t, s)}
	e.checkServices(set.services)
	e.makeUsers(set.personas)
	return e
}

// Context returns a context that ends when the test ends, before clean-up begins, and
// when the run is interrupted.
func (e *Env) Context() context.Context { return e.ctx }

// Cleanup registers the removal of something that the test is about to make, or has
// just made. Removals run in reverse order when the test ends, each with
// a context of its own that an interrupt does not end. That what is removed is already gone is fine; any
// other error fails the test, because something is left behind.
func (e *Env) Cleanup(what string, remove func(context.Context) error) {
	e.T.Helper()
	e.T.Cleanup(func() {
		e.T.Helper()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), cleanupTimeout)
		defer cancel()
		err := remove(ctx)
		if err != nil && !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			e.Errorf("left behind %s: %v", what, err)
		}
	})
}

// AuthURL returns the URL of the identity service, version included.
func (e *Env) AuthURL() string { return e.session.authURL() }

// Embedded reports whether the cloud is the embedded one.
func (e *Env) Embedded() bool { return e.session.embedded != nil }

// HTTP returns a client without credentials, whose calls are logged as those of the
// other clients are.
func (e *Env) HTTP() *http.Client { return e.session.httpClient(e.log, "") }

// parallel runs t in parallel, unless its author said so before or has set
// environment variables, which forbids it.
func parallel(t *testing.T) {
	defer func() { _ = recover() }()
	t.Parallel()
}

func setAttributes(t *testing.T, s settings) {
	if s.id != "" {
		t.Attr(protocol.AttrID, s.id)
	}
	if len(s.attributes) > 0 {
		t.Attr(protocol.AttrAttributes, sortedList(s.attributes))
	}
	if len(s.services) > 0 {
		t.Attr(protocol.AttrServices, sortedList(s.services))
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
