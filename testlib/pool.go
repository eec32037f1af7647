package testlib

import (
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/accounts"
)

// Tests act as users who have roles in places: a project, a domain, or the whole system. A place with its users
// is what is handed out: to one test at a time, which shares it with its subtests. Where places come from is the
// business of a provider: some are made, some exist already and stand in an accounts file.

// kind is what a place is.
type kind string

const (
	projectKind kind = "project"
	domainKind  kind = "domain"
	systemKind  kind = "system"
)

// place is a project, a domain, or the system, with the users who have roles there.
type place struct {
	kind kind
	base Credential // what its users have in common: project and domain
	held io.Closer  // the lock that keeps other processes away; nil for none

	owner func() *account // who makes networks in it; nil for the administrator

	mu       sync.Mutex // subtests may ask for users in parallel
	accounts []*account
	spoiled  bool // serves no other test
	network  bool // calls went to a service that makes things in the network service for whoever calls

}

// account is a user with roles in a place.
type account struct {
	Credential

	kind  kind
	key   string // as of [grant.key]: which roles it has
	place *place
	file  *accounts.Account // where it stands in an accounts file; nil for one that was made
	known bool              // what the file does not say of it has been filled in

	busy    bool // a test or a subtest has it; guarded by the lock of the place
	spoiled bool // must not be handed out any more; likewise

	saved atomic.Pointer[savedToken] // nil until it has one

	mu       sync.Mutex                  // subtests may run in parallel
	provider *gophercloud.ProviderClient // nil until a client is asked for
	services int                         // how many fakes its catalogue has
}

// ask is what a test asks for in one place.
type ask struct {
	scope  scope
	grants []grant
}

// keys returns what the accounts of a place must be able to do.
func (w ask) keys() []string {
	var list []string
	for _, g := range w.grants {
		list = append(list, g.key())
	}
	return list
}

// provider hands out places. Its methods may be called concurrently. They end the test when they cannot do
// their work.
type provider interface {
	// take returns one place for each of wants, for e alone. When it ends the test, it has none taken.
	take(e *Env, wants []ask) []*place

	// claim returns an account of p for g, for e alone.
	claim(e *Env, p *place, g grant) *account

	// give ends the use of p by e. clean says that it is as it was.
	give(e *Env, p *place, clean bool)

	// empty removes what serves no test any more. e is the last test of the process.
	empty(e *Env)
}

// lease gives e the accounts that its options ask for.
func (e *Env) lease(set settings) {
	e.Helper()
	grants := e.grants(set)
	if len(grants) > 0 {
		e.leaseAll(grants)
	}
	e.setUpNetwork(set)
}

func (e *Env) leaseAll(grants []grant) {
	e.Helper()
	from := e.session.accounts
	var wants []ask
	for _, s := range scopes() {
		w := ask{scope: s}
		for _, g := range grants {
			if g.scope == s {
				w.grants = append(w.grants, g)
			}
		}
		if len(w.grants) > 0 && e.place(s) == nil {
			wants = append(wants, w)
		}
	}
	for i, p := range from.take(e, wants) {
		e.places[wants[i].scope] = p
		e.T.Cleanup(func() { from.give(e, p, e.leavesClean() && !p.isSpoiled()) })
	}
	for _, g := range grants {
		p := e.place(g.scope)
		a := from.claim(e, p, g)
		e.T.Cleanup(func() { p.yield(a, e.leavesClean()) })
		e.users[g.persona] = a
		if cut(e.ctx) != nil {
			e.FailNow()
		}
	}
}

// leavesClean reports whether the users that e had can serve another test. A test that failed may have stopped at
// any point, and a cut one did: that their accounts are not used again keeps one failure from making others.
func (e *Env) leavesClean() bool {
	if e.Failed() || cut(e.ctx) != nil || panicking() {
		return false
	}
	why, first := e.spoils()
	if why != "" && first {
		e.log.printf("the accounts of this test serve no other test: %s", why)
	}
	return why == ""
}

// place returns the place of e or its parents for a scope, or nil.
func (e *Env) place(s scope) *place {
	for at := e; at != nil; at = at.parent {
		if p := at.places[s]; p != nil {
			return p
		}
	}
	return nil
}

// pick returns a free account of p for a key, which is busy from now on, or nil.
func (p *place) pick(key string) *account {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.accounts {
		if a.key == key && !a.busy && !a.spoiled {
			a.busy = true
			return a
		}
	}
	return nil
}

// add makes a new account part of p.
func (p *place) add(a *account) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accounts = append(p.accounts, a)
}

// yield ends the use of an account.
func (p *place) yield(a *account, clean bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a.busy = false
	if !clean {
		a.spoiled, p.spoiled = true, true
	}
}

func (p *place) isSpoiled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spoiled
}

// covers counts the keys for which p has an account.
func (p *place) covers(keys []string) int {
	have := map[string]int{}
	for _, a := range p.accounts {
		have[a.key]++
	}
	n := 0
	for _, k := range keys {
		if have[k] > 0 {
			have[k]--
			n++
		}
	}
	return n
}

// tally counts the tests of the process that have begun and not ended. go test runs all parallel tests up to
// t.Parallel first: when [Start] counts before it, the last one to end knows that it is the last.
type tally struct {
	mu    sync.Mutex
	tests int
}

// enter counts a test. When the last one ends, its accounts are removed. So they are when a test panics, which
// ends the process: the others have ended by then.
func (s *session) enter(t *testing.T) {
	t.Helper()
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	s.tally.tests++
	t.Cleanup(func() {
		s.tally.mu.Lock()
		s.tally.tests--
		last := s.tally.tests == 0
		s.tally.mu.Unlock()
		if last || panicking() {
			s.end(t)
		}
	})
}

// end removes the accounts that serve no test any more.
func (s *session) end(t *testing.T) {
	t.Helper()
	e := &Env{
		T: t, session: s, users: map[Persona]*account{}, places: map[scope]*place{}, use: &use{},
		log: newCallLog(t.Output(), s, t.Name()), ctx: s.life.ctx,
	}
	defer e.log.close()
	s.accounts.empty(e)
	s.closeLedger(e)
}

// bestOf returns the index of the place of that kind which has most of what is wanted, or -1.
func bestOf(places []*place, k kind, keys []string) int {
	best, most := -1, -1
	for i, p := range slices.Backward(places) { // the one that served last: its token is the youngest
		if n := p.covers(keys); p.kind == k && n > most {
			best, most = i, n
		}
	}
	return best
}

// newProvider returns where the accounts of tests come from, as the configuration says.
func newProvider(s *session) (provider, error) {
	if !s.Core.Auth.DynamicCredentials {
		return newFromFile(s)
	}
	common, err := newShare(s)
	return &dynamic{share: common}, err
}
