package testlib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/accounts"
	"github.com/gotempest/tempest/internal/cloud"
)

// fromFile is the provider that hands out what stands in an accounts file. Other processes, of this run and of
// others, may use the same file: a lock for each place keeps two tests from having it at once.
type fromFile struct {
	path    string
	authURL string
	locks   *accounts.Locks
	turns   map[kind]chan struct{} // held by the one test that looks for a place of that kind

	mu       sync.Mutex
	places   []*filePlace
	freed    chan struct{} // closed when a place has become free
	warnings []string      // of the file, that are in the log of no test yet
}

// filePlace is a place of the file.
type filePlace struct {
	*place
	name    string // of the lock
	taken   bool   // by a test of this process
	members []*fileAccount
}

// fileAccount is an account of the file.
type fileAccount struct {
	*account
	from  accounts.Account
	roles []string
	sure  bool // the file says which roles it has
}

// newFromFile reads the accounts file of the configuration.
func newFromFile(s *session) (*fromFile, error) {
	path := s.Core.Auth.AccountsFile
	if path == "" {
		return nil, errors.New("auth.dynamic_credentials is false, but auth.accounts_file names no accounts file")
	}
	if s.Cloud.IsEmbedded {
		return nil, fmt.Errorf("auth.accounts_file is %s, but nothing names the cloud that its accounts belong to: "+
			"set auth.cloud, $OS_CLOUD or $OS_AUTH_URL", path)
	}
	file, err := accounts.Read(path)
	if err != nil {
		return nil, err
	}
	dir, err := accounts.Folder()
	if err != nil {
		return nil, err
	}
	f := &fromFile{
		path: path, authURL: s.Cloud.Auth.IdentityEndpoint, warnings: file.Warnings,
		turns: map[kind]chan struct{}{}, freed: make(chan struct{}),
	}
	if f.locks, err = accounts.NewLocks(dir); err != nil {
		return nil, err
	}
	for _, k := range []kind{projectKind, domainKind, systemKind} {
		f.turns[k] = make(chan struct{}, 1)
	}
	for _, a := range file.Accounts {
		f.add(s, a)
	}
	return f, nil
}

// add makes an account of the file part of its place.
func (f *fromFile) add(s *session, from accounts.Account) {
	o := s.Core
	from.SetDomain(cloud.DefaultDomain(o))
	s.Secrets.Learn(from.Password)
	a := &fileAccount{from: from}
	a.roles, a.sure = from.RolesOf(o.Identity.AdminRole, o.ObjectStore.OperatorRole, o.ObjectStore.ResellerAdminRole)
	name := from.Place()
	i := slices.IndexFunc(f.places, func(p *filePlace) bool { return p.name == name })
	if i < 0 {
		k := projectKind
		switch {
		case from.System:
			k = systemKind
		case from.Project.IsZero():
			k = domainKind
		}
		f.places = append(f.places, &filePlace{place: &place{kind: k}, name: name})
		i = len(f.places) - 1
	}
	p := f.places[i]
	a.account = &account{place: p.place, kind: p.kind, file: &from, Credential: Credential{
		UserID: from.UserID, UserName: from.Username, Password: from.Password,
		ProjectID: from.Project.ID, ProjectName: from.Project.Name,
		DomainID: from.Domain.ID, DomainName: from.Domain.Name,
	}}
	p.members = append(p.members, a)
	p.owner = p.networkOwner
	p.accounts = append(p.accounts, a.account)
}

// networkOwner returns the account that makes networks for the tests of its project: a member if there is one.
func (p *filePlace) networkOwner() *account {
	best := p.members[0]
	for _, a := range p.members {
		if !a.sure || slices.Contains(a.roles, "member") {
			best = a
		}
	}
	return best.account
}

// serves reports whether an account of the file can stand for g.
func (a *fileAccount) serves(g grant, o identityRoles) bool {
	has := func(role string) bool {
		return role != "" && slices.ContainsFunc(a.roles, func(r string) bool { return strings.EqualFold(r, role) })
	}
	wantsAdmin := slices.ContainsFunc(g.roles, func(r string) bool { return strings.EqualFold(r, o.admin) })
	if !a.sure { // an old file, whose accounts are members of their projects
		return g.named && (g.rank == memberRank || g.rank == operatorRank) && a.kind == projectKind
	}
	if has(o.admin) && !wantsAdmin {
		return false
	}
	for _, role := range g.roles {
		if !has(role) {
			return false
		}
	}
	// A persona must not be able to do more than it should.
	switch {
	case g.named && g.rank == "reader":
		return !has(o.member) && !has(o.manager)
	case g.named && (g.rank == memberRank || g.rank == operatorRank):
		return !has(o.manager)
	}
	return true
}

// identityRoles are the roles that [identity] names.
type identityRoles struct{ member, manager, admin string }

func (e *Env) identityRoles() identityRoles {
	o := e.session.Core.Identity
	return identityRoles{member: o.MemberRole, manager: o.ManagerRole, admin: o.AdminRole}
}

// match returns an account of p for each grant, or nil. Accounts that are busy are left out when idle is set.
func (p *filePlace) match(grants []grant, o identityRoles, idle bool) []*fileAccount {
	if len(grants) == 0 {
		return []*fileAccount{}
	}
	var found []*fileAccount
	used := map[*fileAccount]bool{}
	var place func(i int) bool
	place = func(i int) bool {
		if i == len(grants) {
			return true
		}
		for _, a := range p.members {
			if used[a] || idle && a.busy || !a.serves(grants[i], o) {
				continue
			}
			used[a] = true
			found = append(found, a)
			if place(i + 1) {
				return true
			}
			found = found[:len(found)-1]
			delete(used, a)
		}
		return false
	}
	if !place(0) {
		return nil
	}
	return found
}

// assign chooses a place for each of wants; try says whether one may be had. What it had for
// a choice that did not work out, it gives back with drop.
func (f *fromFile) assign(wants []ask, o identityRoles, try func(*filePlace) bool, drop func(*filePlace)) []*filePlace {
	chosen := make([]*filePlace, 0, len(wants))
	var next func() bool
	next = func() bool {
		i := len(chosen)
		if i == len(wants) {
			return true
		}
		for _, p := range f.places {
			if p.kind != wants[i].scope.kind() || slices.Contains(chosen, p) || p.match(wants[i].grants, o, false) == nil {
				continue
			}
			if !try(p) {
				continue
			}
			chosen = append(chosen, p)
			if next() {
				return true
			}
			chosen = chosen[:len(chosen)-1]
			drop(p)
		}
		return false
	}
	if !next() {
		return nil
	}
	return chosen
}

// check ends the test when the file could not serve it even if nobody else used it.
func (f *fromFile) check(e *Env, wants []ask) {
	e.Helper()
	o := e.identityRoles()
	all := func(*filePlace) bool { return true }
	for _, w := range wants {
		if f.assign([]ask{w}, o, all, func(*filePlace) {}) == nil {
			e.Skipf("needs %s%s, which the accounts file %s does not have", w.names(), w.together(), f.path)
		}
	}
	held := 0
	for at := e.parent; at != nil; at = at.parent {
		held += len(at.places)
	}
	free := func(p *filePlace) bool { return !e.holds(p.place) }
	if f.assign(wants, o, free, func(*filePlace) {}) == nil {
		var names []string
		for _, w := range wants {
			names = append(names, w.names()+w.together())
		}
		e.Fatalf("the test needs %d places of their own at once, for %s; the accounts file %s has too few",
			len(wants)+held, strings.Join(names, "; "), f.path)
	}
}

// holds reports whether p is one of the places of e and its parents.
func (e *Env) holds(p *place) bool {
	for at := e; at != nil; at = at.parent {
		for _, own := range at.places {
			if own == p {
				return true
			}
		}
	}
	return false
}

// names lists the personas that are asked for.
func (w ask) names() string {
	var list []string
	for _, g := range w.grants {
		name := string(g.persona)
		if !g.named {
			name += " (roles " + strings.Join(g.roles, ", ") + ")"
		}
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}

func (w ask) together() string {
	if len(w.grants) < 2 || w.scope.kind() == systemKind {
		return ""
	}
	return " of one " + string(w.scope.kind())
}

// How long a test waits for accounts that others have. A subtest waits less: its group holds accounts
// meanwhile, and who has them may be waiting for these.
const (
	accountsWait    = time.Hour
	accountsWaitSub = 5 * time.Minute
	firstLook       = 5 * time.Millisecond
	lastLook        = 250 * time.Millisecond
)

// take locks a free place for each of wants, all or none, and waits while there are none.
func (f *fromFile) take(e *Env, wants []ask) []*place {
	e.Helper()
	if len(wants) == 0 {
		return nil
	}
	f.warn(e)
	f.check(e, wants)
	limit := accountsWait
	if e.parent != nil {
		limit = accountsWaitSub
	}
	ctx, cancel := context.WithTimeout(e.ctx, limit)
	defer cancel()
	places, err := f.wait(ctx, e, wants)
	switch {
	case cut(e.ctx) != nil:
		e.FailNow() // finish says why
	case errors.Is(err, context.DeadlineExceeded):
		e.Fatalf("waited %s for accounts of %s, and others have all that would do: add accounts, or lower the concurrency",
			limit, f.path)
	case err != nil:
		e.Fatalf("taking accounts of %s: %v", f.path, err)
	}
	var list []*place
	for _, p := range places {
		list = append(list, p.place)
	}
	return list
}

// warn puts what is to be said of the file into the log of the first test that uses it.
func (f *fromFile) warn(e *Env) {
	e.Helper()
	f.mu.Lock()
	list := f.warnings
	f.warnings = nil
	f.mu.Unlock()
	for _, w := range list {
		e.Log(w)
	}
}

// wait takes places as soon as they are free. Tests of a process do so one after the other, in the
// order they came, so that one that needs several is not overtaken for ever.
func (f *fromFile) wait(ctx context.Context, e *Env, wants []ask) ([]*filePlace, error) {
	var kinds []kind
	for _, w := range wants {
		kinds = append(kinds, w.scope.kind())
	}
	slices.Sort(kinds)
	for _, k := range slices.Compact(kinds) {
		select {
		case f.turns[k] <- struct{}{}:
			defer func() { <-f.turns[k] }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	start, said := time.Now(), false
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		places, freed, err := f.try(e, wants)
		if err != nil || places != nil {
			if said {
				e.log.printf("got accounts after %s", time.Since(start).Round(time.Millisecond))
			}
			return places, err
		}
		if !said {
			said = true
			e.log.printf("waiting for accounts of %s: other tests have all that can serve %s", f.path, wants[0].names())
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-freed:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// try takes a free place for each of wants, or none; freed is closed when there is a reason to try again.
func (f *fromFile) try(e *Env, wants []ask) (places []*filePlace, freed <-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	take := func(p *filePlace) bool {
		if p.taken || err != nil {
			return false
		}
		var lock io.Closer
		if lock, err = f.locks.Try(f.authURL, p.name); lock == nil {
			return false
		}
		p.taken, p.held = true, lock
		return true
	}
	places = f.assign(wants, e.identityRoles(), take, func(p *filePlace) { err = errors.Join(err, p.free()) })
	return places, f.freed, err
}

// free gives a place back.
func (p *filePlace) free() error {
	err := p.held.Close()
	p.taken, p.held = false, nil
	return err
}

// of returns the place of the file that p is.
func (f *fromFile) of(p *place) *filePlace {
	i := slices.IndexFunc(f.places, func(have *filePlace) bool { return have.place == p })
	return f.places[i]
}

// claim logs in with an account of p, unless it has a token already. The test is skipped when p has no other for g.
func (f *fromFile) claim(e *Env, p *place, g grant) *account {
	e.Helper()
	at := f.of(p)
	p.mu.Lock()
	found := at.match([]grant{g}, e.identityRoles(), true)
	if found == nil {
		p.mu.Unlock()
		e.Skipf("needs %s beside its other users in %s, which the accounts file %s does not have",
			g.persona, at.name, f.path)
	}
	a := found[0]
	a.busy = true
	p.mu.Unlock()
	a.handTo(e, g.persona)
	if _, err := e.logIn(a.account, g.persona); err != nil {
		p.yield(a.account, true)
		e.Fatalf("logging in as %s with the account of %s:%d: %v", g.persona, f.path, a.from.Line, err)
	}
	return a.account
}

// give frees a place for others. Accounts of a file cannot be replaced: after a test that changed what is not its
// own, the next one gets at least new tokens.
func (f *fromFile) give(e *Env, p *place, clean bool) {
	e.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	p.spoiled = false
	for _, a := range p.accounts {
		a.spoiled = false
		if !clean {
			a.forget()
		}
	}
	if err := f.of(p).free(); err != nil {
		e.Errorf("freeing the accounts of %s: %v", f.path, err)
	}
	close(f.freed)
	f.freed = make(chan struct{})
}

// empty does nothing: the accounts were there before.
func (f *fromFile) empty(*Env) {}
