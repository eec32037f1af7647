package testlib

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/cloud"
)

// Credential says who a persona of a test is.
type Credential struct {
	UserID, UserName, Password string
	ProjectID, ProjectName     string
	DomainID, DomainName       string // of the user and of the project
}

// user is a persona of a test, made when the test started.
type user struct {
	Credential

	mu       sync.Mutex                  // subtests may run in parallel
	provider *gophercloud.ProviderClient // nil until a client is asked for
}

// Credential returns who p is. The test must have asked for p with [Credentials].
func (e *Env) Credential(p Persona) Credential {
	e.Helper()
	return e.user(p).Credential
}

// user returns a persona of this test or of its parents.
func (e *Env) user(p Persona) *user {
	e.Helper()
	u := e.find(p)
	if u == nil {
		e.Fatalf("this test has no %s: ask for it with testlib.Credentials", p)
	}
	return u
}

func (e *Env) find(p Persona) *user {
	for at := e; at != nil; at = at.parent {
		if u := at.users[p]; u != nil {
			return u
		}
	}
	return nil
}

// project returns the project that the personas of this test and its parents share with
// p, or nil when it is still to be made.
func (e *Env) project(p Persona) *Credential {
	for at := e; at != nil; at = at.parent {
		for other, u := range at.users {
			if (other == AltMember) == (p == AltMember) {
				c := u.Credential
				c.UserID, c.UserName, c.Password = "", "", ""
				return &c
			}
		}
	}
	return nil
}

// rolesOf returns the names of the roles of a persona, none for an unknown one.
func (s *session) rolesOf(p Persona) []string {
	o := s.Core.Identity
	switch p {
	case ProjectMember, AltMember:
		return append([]string{o.MemberRole}, o.ExtraRoles...)
	case ProjectReader:
		return []string{o.ReaderRole}
	case ProjectAdmin:
		return []string{o.AdminRole}
	}
	return nil
}

// makeUsers makes the personas that neither e nor a parent has.
func (e *Env) makeUsers(personas []Persona) {
	e.Helper()
	for _, p := range personas {
		if e.find(p) != nil {
			continue
		}
		if len(e.session.rolesOf(p)) == 0 {
			e.Fatalf("there is no persona %q", p)
		}
		e.makeUser(p)
		if cut(e.ctx) != nil {
			e.FailNow()
		}
	}
}

func (e *Env) makeUser(p Persona) {
	e.Helper()
	a, err := e.administrator()
	if err != nil {
		e.Fatal(err)
	}
	c := e.identity(e.attach(a.Provider, "admin"))
	ctx, cancel := e.fixtureContext()
	defer cancel()
	roleIDs := e.roleIDs(ctx, c, a, p)
	base := e.project(p)
	if base == nil {
		base = e.makeProject(ctx, c, a)
	}
	u := &user{Credential: *base}
	u.UserName, u.Password = e.Name(string(p)), rand.Text()
	e.session.Secrets.Learn(u.Password)
	made, err := users.Create(ctx, c, users.CreateOpts{
		Name: u.UserName, Password: u.Password, DomainID: u.DomainID, DefaultProjectID: u.ProjectID,
		Description: "made by tempest for " + e.T.Name(),
	}).Extract()
	if err == nil && (made == nil || made.ID == "") { // which is what gophercloud makes of "{}"
		err = errNoID
	}
	if err != nil {
		if unanswered(err) {
			e.Cleanup("user "+u.UserName, func(ctx context.Context) error {
				return removeUsers(ctx, c, users.ListOpts{Name: u.UserName, DomainID: u.DomainID})
			})
		}
		e.fatalAdmin(err, "making a %s", p)
	}
	u.UserID = made.ID
	e.Cleanup("user "+made.ID, func(ctx context.Context) error {
		return users.Delete(ctx, c, made.ID).ExtractErr()
	})
	for _, id := range roleIDs {
		err := roles.Assign(ctx, c, id, roles.AssignOpts{UserID: u.UserID, ProjectID: u.ProjectID}).ExtractErr()
		if err != nil {
			e.fatalAdmin(err, "giving a %s its roles", p)
		}
	}
	e.users[p] = u
}

// roleIDs returns the IDs of the roles of p. That the cloud lacks one is no reason to skip tests,
// unless the configuration says so.
func (e *Env) roleIDs(ctx context.Context, c *gophercloud.ServiceClient, a *cloud.Admin, p Persona) []string {
	e.Helper()
	var ids []string
	for _, name := range e.session.rolesOf(p) {
		if name == "" {
			e.Skipf("needs a %s, whose role in [identity] is empty", p)
		}
		id, err := a.RoleID(ctx, c, name)
		if err != nil {
			e.fatalAdmin(err, "making a %s", p)
		}
		if id == "" {
			e.Fatalf("making a %s for the test: the cloud has no role %q; [identity] names the roles", p, name)
		}
		ids = append(ids, id)
	}
	return ids
}

func (e *Env) makeProject(ctx context.Context, c *gophercloud.ServiceClient, a *cloud.Admin) *Credential {
	e.Helper()
	home, err := a.Home(ctx, c, e.session.Core.Auth.CredentialsDomain)
	if err != nil {
		e.Fatal(err)
	}
	name := e.Name("project")
	p, err := projects.Create(ctx, c, projects.CreateOpts{
		Name: name, DomainID: home.ID, Description: "made by tempest for " + e.T.Name(),
	}).Extract()
	if err == nil && (p == nil || p.ID == "") {
		err = errNoID
	}
	if err != nil {
		if unanswered(err) {
			//nolint:contextcheck // as below
			e.Cleanup("project "+name, func(ctx context.Context) error {
				return removeProjects(ctx, c, projects.ListOpts{Name: name, DomainID: home.ID})
			})
		}
		e.fatalAdmin(err, "making a project")
	}
	//nolint:contextcheck // Cleanup gives the removal a context that is not this one, which has ended by then
	e.Cleanup("project "+p.ID, func(ctx context.Context) error {
		return projects.Delete(ctx, c, p.ID).ExtractErr()
	})
	return &Credential{ProjectID: p.ID, ProjectName: p.Name, DomainID: home.ID, DomainName: home.Name}
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

// fatalAdmin ends the test because the administrator could not do something.
func (e *Env) fatalAdmin(err error, format string, args ...any) {
	e.Helper()
	if gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		e.Fatalf(format+" for the test: the credentials in %s may not do that (403); tempest needs an administrator",
			append(args, e.session.Cloud.Source)...)
	}
	e.Fatalf(format+" for the test: %v", append(args, err)...)
}

// provider returns a client with the token of p for the log of this test.
func (e *Env) provider(p Persona) *gophercloud.ProviderClient {
	e.Helper()
	u := e.user(p)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.provider == nil {
		u.provider = e.logIn(u, p)
	}
	return e.attach(u.provider, string(p))
}

func (e *Env) logIn(u *user, p Persona) *gophercloud.ProviderClient {
	e.Helper()
	pc, err := openstack.NewClient(e.AuthURL())
	if err != nil {
		e.Fatalf("logging in as %s: %v", p, err)
	}
	pc.HTTPClient = *e.httpClient(string(p))
	ctx, cancel := e.fixtureContext() // a clean-up may be the first to use p
	defer cancel()
	err = openstack.AuthenticateV3(ctx, pc, &tokens.AuthOptions{
		UserID: u.UserID, Password: u.Password, Scope: tokens.Scope{ProjectID: u.ProjectID}, AllowReauth: true,
	}, gophercloud.EndpointOpts{})
	if err != nil {
		e.Fatalf("logging in as %s: %v", p, err)
	}
	r, ok := pc.GetAuthResult().(tokens.CreateResult)
	if !ok {
		e.Fatalf("logging in as %s: not a token of identity v3", p)
	}
	catalog, err := r.ExtractServiceCatalog()
	if err != nil {
		e.Fatalf("reading the catalogue of %s: %v", p, err)
	}
	pc.EndpointLocator = e.session.Locator(pc, catalog)
	return pc
}
