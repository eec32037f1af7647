package testlib

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/cloud"
)

// dynamic is the provider that makes places and users, as the administrator, and removes them. In between
// they serve one test after the other.
type dynamic struct {
	share *share // of all processes of the run; nil when there is none

	mu   sync.Mutex
	free []*place
}

// take hands out free places that have most of what is wanted, and new ones.
func (d *dynamic) take(e *Env, wants []ask) []*place {
	e.Helper()
	list := make([]*place, len(wants))
	for i, w := range wants {
		e.roleIDs(w.grants) // whatever is missing: before anything is made
		if !e.isolated() {
			list[i] = d.pick(e, w)
		}
	}
	done := 0
	defer func() { // making a place may end the test
		for _, p := range list[done:] {
			if p != nil && done < len(list) {
				d.put(e, p)
			}
		}
	}()
	for i, w := range wants {
		if list[i] == nil {
			list[i] = e.makePlace(w.scope.kind())
		}
	}
	done = len(list)
	return list
}

func (d *dynamic) pick(e *Env, w ask) *place {
	e.Helper()
	if d.share != nil {
		p, err := d.share.take(w.scope.kind(), w.keys())
		if err != nil {
			e.Fatal(err)
		}
		return p
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	i := bestOf(d.free, w.scope.kind(), w.keys())
	if i < 0 {
		return nil
	}
	p := d.free[i]
	d.free = slices.Delete(d.free, i, i+1)
	return p
}

func (d *dynamic) put(e *Env, p *place) {
	e.Helper()
	if d.share != nil {
		if err := d.share.put(p); err != nil {
			e.Error(err)
		}
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = append(d.free, p)
}

// claim returns a free user with the roles of g, or makes one.
func (d *dynamic) claim(e *Env, p *place, g grant) *account {
	e.Helper()
	if a := p.pick(g.key()); a != nil {
		a.handTo(e, g.persona)
		return a
	}
	return e.makeAccount(p, g)
}

// give keeps a clean place for other tests, and removes any other.
func (d *dynamic) give(e *Env, p *place, clean bool) {
	e.Helper()
	if clean && !e.isolated() {
		d.put(e, p)
		return
	}
	e.removePlace(p)
}

// empty removes the free places, side by side.
func (d *dynamic) empty(e *Env) {
	e.Helper()
	d.mu.Lock()
	places := d.free
	d.free = nil
	d.mu.Unlock()
	var all sync.WaitGroup
	turn := make(chan struct{}, sideBySide)
	for _, p := range places {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			e.removePlace(p)
		})
	}
	all.Wait()
}

// sideBySide is how many places are removed at once at the end of a process.
const sideBySide = 8

// isolated reports whether the accounts of e serve no other test.
func (e *Env) isolated() bool {
	for at := e; at != nil; at = at.parent {
		if at.alone {
			return true
		}
	}
	return false
}

// adminClient returns a client of the identity service with the token of the administrator.
func (e *Env) adminClient() (*cloud.Admin, *gophercloud.ServiceClient) {
	e.Helper()
	a, err := e.administrator()
	if err != nil {
		e.Fatal(err)
	}
	return a, e.identity(e.attach(a.Provider, adminName))
}

// roleIDs returns the IDs of the roles of grants. A role that the cloud lacks skips the test when the test named it,
// or when it is one that a cloud may lack; else the configuration is wrong.
func (e *Env) roleIDs(grants []grant) []string {
	e.Helper()
	a, c := e.adminClient()
	ctx, cancel := e.fixtureContext()
	defer cancel()
	var ids []string
	for _, g := range grants {
		for _, name := range g.roles {
			id, err := a.RoleID(ctx, c, name)
			switch {
			case err != nil:
				e.fatalAdmin(err, "making a %s", g.persona)
			case id == "" && !g.named:
				e.Skipf("needs the role %q for %s, which the cloud does not have", name, g.persona)
			case id == "" && g.rank == managerRank:
				e.Skipf("needs %s, and the cloud has no role %q, which Keystone makes since 2024.1", g.persona, name)
			case id == "":
				e.Fatalf("making a %s for the test: the cloud has no role %q; [%s] names the roles", g.persona, name, g.group())
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// makePlace makes a project or a domain. The system is there already.
func (e *Env) makePlace(k kind) *place {
	e.Helper()
	a, c := e.adminClient()
	ctx, cancel := e.fixtureContext()
	defer cancel()
	if k == domainKind {
		return &place{kind: k, base: e.makeDomain(ctx, c)}
	}
	home, err := a.Home(ctx, c, e.session.Core.Auth.CredentialsDomain)
	if err != nil {
		e.Fatal(err)
	}
	p := &place{kind: k, base: Credential{DomainID: home.ID, DomainName: home.Name}}
	if k == projectKind {
		e.makeProject(ctx, c, &p.base)
	}
	return p
}

func (e *Env) makeProject(ctx context.Context, c *gophercloud.ServiceClient, base *Credential) {
	e.Helper()
	name, domain := e.Name("project"), base.DomainID
	p, err := projects.Create(ctx, c, projects.CreateOpts{
		Name: name, DomainID: domain, Description: "made by tempest for " + e.T.Name(),
	}).Extract()
	if err == nil && (p == nil || p.ID == "") { // which is what gophercloud makes of "{}"
		err = errNoID
	}
	if err != nil {
		if unanswered(err) {
			//nolint:contextcheck // Cleanup gives the removal a context of its own
			e.Cleanup("project "+name, func(ctx context.Context) error {
				return removeProjects(ctx, c, projects.ListOpts{Name: name, DomainID: domain})
			})
		}
		e.fatalAdmin(err, "making a project")
	}
	base.ProjectID, base.ProjectName = p.ID, p.Name
}

func (e *Env) makeDomain(ctx context.Context, c *gophercloud.ServiceClient) Credential {
	e.Helper()
	name := e.Name("domain")
	d, err := domains.Create(ctx, c, domains.CreateOpts{
		Name: name, Description: "made by tempest for " + e.T.Name(),
	}).Extract()
	if err == nil && (d == nil || d.ID == "") {
		err = errNoID
	}
	if err != nil {
		if unanswered(err) {
			//nolint:contextcheck // as above
			e.Cleanup("domain "+name, func(ctx context.Context) error {
				return removeDomains(ctx, c, domains.ListOpts{Name: name})
			})
		}
		e.fatalAdmin(err, "making a domain")
	}
	return Credential{DomainID: d.ID, DomainName: d.Name}
}

// makeAccount makes a user of p with the roles of g.
func (e *Env) makeAccount(p *place, g grant) *account {
	e.Helper()
	roleIDs := e.roleIDs([]grant{g})
	_, c := e.adminClient()
	ctx, cancel := e.fixtureContext()
	defer cancel()
	a := &account{Credential: p.base, kind: p.kind, key: g.key(), place: p, busy: true,
		services: e.session.fakeCount()}
	a.UserName, a.Password = e.Name(string(g.persona)), rand.Text()
	e.session.Secrets.Learn(a.Password)
	made, err := users.Create(ctx, c, users.CreateOpts{
		Name: a.UserName, Password: a.Password, DomainID: a.DomainID, DefaultProjectID: a.ProjectID,
		Description: "made by tempest for " + e.T.Name(),
	}).Extract()
	if err == nil && (made == nil || made.ID == "") {
		err = errNoID
	}
	if err != nil {
		if unanswered(err) {
			e.Cleanup("user "+a.UserName, func(ctx context.Context) error {
				return removeUsers(ctx, c, users.ListOpts{Name: a.UserName, DomainID: a.DomainID})
			})
		}
		e.fatalAdmin(err, "making a %s", g.persona)
	}
	a.UserID = made.ID
	p.add(a)
	for _, id := range roleIDs {
		if err := assign(ctx, c, id, a); err != nil {
			e.fatalAdmin(err, "giving a %s its roles", g.persona)
		}
	}
	return a
}

// assign gives an account a role in its place.
func assign(ctx context.Context, c *gophercloud.ServiceClient, roleID string, a *account) error {
	o := roles.AssignOpts{UserID: a.UserID}
	switch a.kind {
	case systemKind: // which gophercloud has no function for
		_, err := c.Put(ctx, c.ServiceURL("system", "users", a.UserID, "roles", roleID), nil, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
		return err
	case domainKind:
		o.DomainID = a.DomainID
	case projectKind:
		o.ProjectID = a.ProjectID
	}
	return roles.Assign(ctx, c, roleID, o).ExtractErr()
}

// removePlace removes the users of p, and p. What cannot be removed fails the test.
func (e *Env) removePlace(p *place) {
	e.Helper()
	_, c := e.adminClient()
	e.removeSecurityGroups(p)
	for _, a := range p.accounts {
		e.undo("user "+a.UserID, func(ctx context.Context) error {
			return users.Delete(ctx, c, a.UserID).ExtractErr()
		})
	}
	switch p.kind {
	case systemKind:
	case projectKind:
		e.undo("project "+p.base.ProjectID, func(ctx context.Context) error {
			return projects.Delete(ctx, c, p.base.ProjectID).ExtractErr()
		})
	case domainKind:
		e.undo("domain "+p.base.DomainID, func(ctx context.Context) error {
			return removeDomain(ctx, c, p.base.DomainID)
		})
	}
}

// removeDomain removes a domain, which must be disabled before.
func removeDomain(ctx context.Context, c *gophercloud.ServiceClient, id string) error {
	off := false
	if err := domains.Update(ctx, c, id, domains.UpdateOpts{Enabled: &off}).Err; err != nil {
		return err
	}
	return domains.Delete(ctx, c, id).ExtractErr()
}

var errNoID = errors.New("the answer has no ID")

// unanswered reports whether a call may have been carried out although it failed: its answer was
// lost, or is that of a proxy on the way.
func unanswered(err error) bool {
	var code gophercloud.ErrUnexpectedResponseCode
	return !errors.As(err, &code) || code.Actual >= http.StatusInternalServerError
}

// removeUsers removes users whose making went unanswered, if there are any.
func removeUsers(ctx context.Context, c *gophercloud.ServiceClient, o users.ListOpts) error {
	page, err := users.List(c, o).AllPages(ctx)
	if err != nil {
		return err
	}
	list, err := users.ExtractUsers(page)
	for _, u := range list {
		err = errors.Join(err, users.Delete(ctx, c, u.ID).ExtractErr())
	}
	return err
}

// removeProjects removes projects whose making went unanswered, if there are any.
func removeProjects(ctx context.Context, c *gophercloud.ServiceClient, o projects.ListOpts) error {
	page, err := projects.List(c, o).AllPages(ctx)
	if err != nil {
		return err
	}
	list, err := projects.ExtractProjects(page)
	for _, p := range list {
		err = errors.Join(err, projects.Delete(ctx, c, p.ID).ExtractErr())
	}
	return err
}

// removeDomains removes domains whose making went unanswered, if there are any.
func removeDomains(ctx context.Context, c *gophercloud.ServiceClient, o domains.ListOpts) error {
	page, err := domains.List(c, o).AllPages(ctx)
	if err != nil {
		return err
	}
	list, err := domains.ExtractDomains(page)
	for _, d := range list {
		err = errors.Join(err, removeDomain(ctx, c, d.ID))
	}
	return err
}

// fatalAdmin ends the test because the administrator could not do something.
func (e *Env) fatalAdmin(err error, format string, args ...any) {
	e.Helper()
	if gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		e.Fatalf(format+" for the test: the credentials in %s may not do that (403); tempest needs an administrator",
			append(args, e.session.Cloud.Source)...)
	}
	e.Fatalf(format+" for the test: %v", append(args, err)...)
}
