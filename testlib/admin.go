package testlib

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// admin is the administrator of the cloud. All tests of a process share its
// token, and what is looked up once with it.
type admin struct {
	provider *gophercloud.ProviderClient
	catalog  *tokens.ServiceCatalog
	token    tokens.CreateResult

	mu     sync.Mutex
	roles  map[string]string // name to ID; nil until looked up
	domain domain            // for users of tests; zero until looked up
}

// administrator returns the administrator, logged in. The call that it takes is
// in the log of the first test that asks. A failure is final: a cloud that does not
// answer costs one timeout, not one for each test.
func (s *session) administrator(l *callLog) (*admin, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil && s.adminErr == nil {
		s.admin, s.adminErr = s.logIn(s.life.ctx, l)
	}
	return s.admin, s.adminErr
}

func (s *session) logIn(ctx context.Context, l *callLog) (*admin, error) {
	p, err := openstack.NewClient(s.cloud.auth.IdentityEndpoint)
	if err != nil {
		return nil, fmt.Errorf("auth_url %q in %s is no URL: %w", s.cloud.auth.IdentityEndpoint, s.cloud.source, err)
	}
	p.HTTPClient = *s.httpClient(l, "admin")
	ctx, cancel := context.WithTimeout(ctx, s.core.Auth.ConnectTimeout+s.core.Auth.RequestTimeout)
	defer cancel()
	if err := openstack.Authenticate(ctx, p, s.cloud.auth); err != nil {
		return nil, s.explain(err)
	}
	if p.Token() == "" {
		return nil, fmt.Errorf("%s is no identity service: it gave no token; check auth_url in %s",
			s.cloud.auth.IdentityEndpoint, s.cloud.source)
	}
	a := &admin{provider: p}
	switch r := p.GetAuthResult().(type) {
	case tokens.CreateResult:
		a.token = r
	case tokens.GetResult: // a token out of clouds.yaml, used as it is
		a.token.Result = r.Result
	default:
		return nil, fmt.Errorf("%s has no identity service of version 3: tempest needs one", s.cloud.auth.IdentityEndpoint)
	}
	if a.catalog, err = a.token.ExtractServiceCatalog(); err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	p.EndpointLocator = s.locator(p, a.catalog)
	return a, nil
}

// roleID returns the ID of a role, or "" when the cloud does not have it.
func (a *admin) roleID(ctx context.Context, c *gophercloud.ServiceClient, name string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.roles == nil {
		page, err := roles.List(c, nil).AllPages(ctx)
		if err != nil {
			return "", fmt.Errorf("listing roles: %w", err)
		}
		list, err := roles.ExtractRoles(page)
		if err != nil {
			return "", fmt.Errorf("listing roles: %w", err)
		}
		a.roles = map[string]string{}
		for _, r := range list {
			a.roles[r.Name] = r.ID
		}
	}
	return a.roles[name], nil
}

// domain is a domain of the identity service.
type domain struct{ id, name string }

// home returns the domain for users of tests: that called name, or without a name
// that of the administrator.
func (a *admin) home(ctx context.Context, c *gophercloud.ServiceClient, name string) (domain, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.domain.id != "" {
		return a.domain, nil
	}
	var err error
	if name == "" {
		a.domain, err = domainOf(a.token)
	} else {
		a.domain, err = findDomain(ctx, c, name)
	}
	return a.domain, err
}

// domainOf returns the domain of the project that a token is for, else that of
// its user.
func domainOf(r tokens.CreateResult) (domain, error) {
	project, err := r.ExtractProject()
	if err == nil && project != nil && project.Domain.ID != "" {
		return domain{project.Domain.ID, project.Domain.Name}, nil
	}
	u, err := r.ExtractUser()
	if err != nil {
		return domain{}, fmt.Errorf("reading the administrator's token: %w", err)
	}
	if u == nil || u.Domain.ID == "" {
		return domain{}, errors.New("reading the administrator's token: it names no domain; set auth.credentials_domain")
	}
	return domain{u.Domain.ID, u.Domain.Name}, nil
}

func findDomain(ctx context.Context, c *gophercloud.ServiceClient, name string) (domain, error) {
	page, err := domains.List(c, domains.ListOpts{Name: name}).AllPages(ctx)
	if err != nil {
		return domain{}, fmt.Errorf("looking for domain %q: %w", name, err)
	}
	list, err := domains.ExtractDomains(page)
	if err != nil {
		return domain{}, fmt.Errorf("looking for domain %q: %w", name, err)
	}
	if len(list) == 0 {
		return domain{}, fmt.Errorf("auth.credentials_domain is %q, but the cloud has no such domain", name)
	}
	return domain{list[0].ID, list[0].Name}, nil
}

// attach returns a client with the token of p whose calls go into the log of e.
// When the token has expired, p gets a new one, for all.
func (e *Env) attach(p *gophercloud.ProviderClient, who string) *gophercloud.ProviderClient {
	own := &gophercloud.ProviderClient{
		IdentityBase:     p.IdentityBase,
		IdentityEndpoint: p.IdentityEndpoint,
		EndpointLocator:  p.EndpointLocator,
		HTTPClient:       *e.session.httpClient(e.log, who),
	}
	own.UseTokenLock()
	own.CopyTokenFrom(p)
	own.ReauthFunc = func(ctx context.Context) error {
		if err := p.Reauthenticate(ctx, own.Token()); err != nil {
			return err
		}
		own.CopyTokenFrom(p)
		e.session.secrets.learn(own.Token())
		e.log.printf("token of %s renewed", who)
		return nil
	}
	return own
}

// httpClient returns a client whose calls go into l. who is the persona, "" for nobody.
func (s *session) httpClient(l *callLog, who string) *http.Client {
	return &http.Client{Transport: &transport{next: s.net, log: l, who: who}}
}
