package testlib

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
)

// Credential says who a persona of a test is.
type Credential struct {
	UserID, UserName, Password string
	ProjectID, ProjectName     string
	DomainID, DomainName       string // of both the user and the project
}

// user is one persona of a test, made when the test started.
type user struct {
	Credential
	provider *gophercloud.ProviderClient // nil until a client is asked for
}

// Credential returns who p is. The test must have asked for p with [Credentials].
func (e *Env) Credential(p Persona) Credential {
	e.Helper()
	return e.user(p).Credential
}

func (e *Env) user(p Persona) *user {
	e.Helper()
	for at := e; at != nil; at = at.parent {
		if u := at.users[p]; u != nil {
			return u
		}
	}
	e.Fatalf("the test did not ask for testlib.Credentials(%q)", p)
	return nil
}

func (e *Env) project() *Credential {
	for at := e; at != nil; at = at.parent {
		for _, u := range at.users {
			return &u.Credential
		}
	}
	return nil
}

func (s *session) roleOf(p Persona) (string, error) {
	switch p {
	case ProjectMember:
		return s.core.Identity.MemberRole, nil
	case ProjectReader:
		return s.core.Identity.ReaderRole, nil
	case ProjectAdmin:
		return s.core.Identity.AdminRole, nil
	}
	return "", fmt.Errorf("unknown persona %q", p)
}

// makeUsers makes the personas that neither e nor a parent has.
func (e *Env) makeUsers(personas []Persona) {
	e.Helper()
	var missing []Persona
	for _, p := range personas {
		if !e.has(p) {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return
	}
	a, err := e.session.admin()
	if err != nil {
		e.Fatal(err)
	}
	roleIDs, err := a.roles()
	if err != nil {
		e.Fatal(err)
	}
	c := e.adminClient(a)
	base := e.project()
	if base == nil {
		base = e.makeProject(c, a)
	}
	for _, p := range missing {
		name, err := e.session.roleOf(p)
		if err != nil {
			e.Fatal(err)
		}
		if roleIDs[name] == "" {
			e.Skipf("needs the role %q, which the cloud does not have", name)
		}
		e.users[p] = e.makeUser(c, *base, p, roleIDs[name])
	}
}

func (e *Env) has(p Persona) bool {
	for at := e; at != nil; at = at.parent {
		if at.users[p] != nil {
			return true
		}
	}
	return false
}

func (e *Env) makeProject(c *gophercloud.ServiceClient, a *admin) *Credential {
	e.Helper()
	p, err := projects.Create(e.Context(), c, projects.CreateOpts{
		Name: e.Name("project"), DomainID: a.domainID, Description: "Made by tempest for " + e.T.Name(),
	}).Extract()
	if err != nil {
		e.Fatalf("making a project for the test: %v", err)
	}
	e.Cleanup("project "+p.ID, func(ctx context.Context) error {
		return projects.Delete(ctx, c, p.ID).ExtractErr()
	})
	return &Credential{ProjectID: p.ID, ProjectName: p.Name, DomainID: a.domainID}
}

func (e *Env) makeUser(c *gophercloud.ServiceClient, base Credential, p Persona, roleID string) *user {
	e.Helper()
	u := &user{Credential: base}
	u.UserName, u.Password = e.Name(string(p)), rand.Text()
	made, err := users.Create(e.Context(), c, users.CreateOpts{
		Name: u.UserName, Password: u.Password, DomainID: base.DomainID, DefaultProjectID: base.ProjectID,
	}).Extract()
	if err != nil {
		e.Fatalf("making a %s for the test: %v", p, err)
	}
	u.UserID = made.ID
	e.Cleanup("user "+made.ID, func(ctx context.Context) error {
		return users.Delete(ctx, c, made.ID).ExtractErr()
	})
	err = roles.Assign(e.Context(), c, roleID, roles.AssignOpts{UserID: u.UserID, ProjectID: u.ProjectID}).ExtractErr()
	if err != nil {
		e.Fatalf("giving the %s its role: %v", p, err)
	}
	return u
}

// provider returns the persona's authenticated client for this test's log.
func (e *Env) provider(p Persona) *gophercloud.ProviderClient {
	e.Helper()
	u := e.user(p)
	if u.provider == nil {
		u.provider = e.authenticate(u, p)
	}
	if u.provider.HTTPClient.Transport == nil {
		e.Fatalf("no transport")
	}
	return e.withLog(u.provider, string(p))
}

func (e *Env) authenticate(u *user, p Persona) *gophercloud.ProviderClient {
	e.Helper()
	pc, err := openstack.NewClient(e.session.authURL())
	if err != nil {
		e.Fatal(err)
	}
	pc.HTTPClient = *e.session.httpClient(e.log, string(p))
	err = openstack.AuthenticateV3(e.Context(), pc, &tokens.AuthOptions{
		UserID: u.UserID, Password: u.Password, Scope: tokens.Scope{ProjectID: u.ProjectID}, AllowReauth: true,
	}, gophercloud.EndpointOpts{})
	if err != nil {
		e.Fatalf("authenticating as %s: %v", p, err)
	}
	return pc
}

// withLog returns a client with the token of pc whose calls go into the log of e.
func (e *Env) withLog(pc *gophercloud.ProviderClient, who string) *gophercloud.ProviderClient {
	own := &gophercloud.ProviderClient{
		IdentityBase:     pc.IdentityBase,
		IdentityEndpoint: pc.IdentityEndpoint,
		EndpointLocator:  pc.EndpointLocator,
		HTTPClient:       http.Client{Transport: e.session.httpClient(e.log, who).Transport},
	}
	own.UseTokenLock()
	own.CopyTokenFrom(pc)
	own.ReauthFunc = func(ctx context.Context) error {
		if err := pc.Reauthenticate(ctx, own.TokenID); err != nil {
			return err
		}
		own.CopyTokenFrom(pc)
		return nil
	}
	return own
}
