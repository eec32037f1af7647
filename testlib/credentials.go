package testlib

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/cloud"
)

// Credential says who a persona of a test is.
type Credential struct {
	UserID, UserName, Password string // of the user
	ProjectID, ProjectName     string // empty for personas of a domain or the system
	DomainID, DomainName       string // of the user, and of its project
}

// Credential returns who p is. The test must have asked for p with [Credentials] or an option such as [ProjectRoles].
func (e *Env) Credential(p Persona) Credential {
	e.Helper()
	return e.user(p).Credential
}

// user returns a persona of this test or of its parents.
func (e *Env) user(p Persona) *account {
	e.Helper()
	a := e.find(p)
	if a == nil {
		e.Fatalf("this test has no %s: ask for it with testlib.Credentials", p)
	}
	return a
}

func (e *Env) find(p Persona) *account {
	for at := e; at != nil; at = at.parent {
		if a := at.users[p]; a != nil {
			return a
		}
	}
	return nil
}

// provider returns a client with the token of p for the log of this test.
func (e *Env) provider(p Persona) *gophercloud.ProviderClient {
	e.Helper()
	a := e.user(p)
	pc, err := e.logIn(a, p)
	if err != nil {
		e.Fatalf("logging in as %s: %v", p, err)
	}
	return e.attach(pc, string(p))
}

// savedToken is a token and what came with it, as it is kept for other processes.
type savedToken struct {
	ID      string                 `json:"id"`
	Expires time.Time              `json:"expires"`
	Catalog *tokens.ServiceCatalog `json:"catalog"`
}

// youngEnough is how long a token must still be valid to be handed out. One that ends in the middle of a test is
// renewed then.
const youngEnough = 5 * time.Minute

// logIn returns the client of an account, which has a token.
func (e *Env) logIn(a *account, p Persona) (*gophercloud.ProviderClient, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.provider != nil {
		return a.provider, nil
	}
	pc, err := openstack.NewClient(e.AuthURL())
	if err != nil {
		return nil, err
	}
	pc.HTTPClient = *e.httpClient(string(p))
	token := a.saved.Load()
	if token == nil || time.Until(token.Expires) < youngEnough {
		ctx, cancel := e.fixtureContext() // a clean-up may be the first to use p
		defer cancel()
		if token, err = a.newToken(ctx, pc); err != nil {
			return nil, err
		}
		a.saved.Store(token)
	}
	e.session.Secrets.Learn(token.ID)
	pc.UseTokenLock()
	pc.SetToken(token.ID)
	pc.EndpointLocator = e.session.Locator(pc, token.Catalog)
	pc.ReauthFunc = func(ctx context.Context) error {
		fresh, err := a.newToken(ctx, pc)
		if err != nil {
			return err
		}
		pc.SetToken(fresh.ID)
		a.saved.Store(fresh)
		return nil
	}
	a.provider = pc
	return pc, nil
}

// newToken logs in, with the connections of pc.
func (a *account) newToken(ctx context.Context, pc *gophercloud.ProviderClient) (*savedToken, error) {
	login := &gophercloud.ProviderClient{
		IdentityBase: pc.IdentityBase, IdentityEndpoint: pc.IdentityEndpoint, HTTPClient: pc.HTTPClient,
	}
	c, err := openstack.NewIdentityV3(login, gophercloud.EndpointOpts{})
	if err != nil {
		return nil, err
	}
	r := tokens.Create(ctx, c, a.login())
	token, err := r.ExtractToken()
	if err != nil {
		return nil, err
	}
	catalog, err := r.ExtractServiceCatalog()
	if err != nil {
		return nil, err
	}
	if err := a.identify(r); err != nil {
		return nil, err
	}
	return &savedToken{ID: token.ID, Expires: token.ExpiresAt, Catalog: catalog}, nil
}

// identify completes what an accounts file says of an account.
func (a *account) identify(r tokens.CreateResult) error {
	if a.file == nil || a.known {
		return nil
	}
	u, err := r.ExtractUser()
	if err != nil {
		return err
	}
	project, err := r.ExtractProject()
	if err != nil {
		return err
	}
	if u == nil {
		return errors.New("the token names no user")
	}
	a.UserID, a.UserName, a.DomainID, a.DomainName = u.ID, u.Name, u.Domain.ID, u.Domain.Name
	if project != nil {
		a.ProjectID, a.ProjectName = project.ID, project.Name
	}
	if domain, err := r.ExtractDomain(); err == nil && domain != nil {
		a.DomainID, a.DomainName = domain.ID, domain.Name
	}
	a.known = true
	return nil
}

// login returns how the account logs in, for the place it has its roles in.
func (a *account) login() *tokens.AuthOptions {
	if a.file != nil {
		return cloud.AccountLogin(*a.file)
	}
	o := &tokens.AuthOptions{UserID: a.UserID, Password: a.Password}
	switch a.kind {
	case projectKind:
		o.Scope.ProjectID = a.ProjectID
	case domainKind:
		o.Scope.DomainID = a.DomainID
	case systemKind:
		o.Scope.System = true
	}
	return o
}

// forget makes the next client log in again.
func (a *account) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.provider = nil
	a.saved.Store(nil)
}

// token returns the token of the account, "" for none.
func (a *account) token() string {
	if t := a.saved.Load(); t != nil {
		return t.ID
	}
	return ""
}

// handTo makes the calls for new tokens of an account part of the log of e. A token whose catalogue lacks a service
// that has come since is not used any more.
func (a *account) handTo(e *Env, p Persona) {
	services := e.session.fakeCount()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.services != services {
		a.services, a.provider = services, nil
		a.saved.Store(nil)
	}
	if a.provider != nil {
		a.provider.HTTPClient = *e.httpClient(string(p))
	}
}

// noteService remembers that the account called a service which makes things in the network service for
// those who call it: a default security group for each project.
func (a *account) noteService(service string) {
	if a.place == nil || a.place.kind != projectKind {
		return
	}
	known := []string{"", cloud.Identity, "image", "object-store", "block-storage", "placement", "key-manager", "dns"}
	if !slices.Contains(known, service) {
		a.place.usesNetwork()
	}
}
