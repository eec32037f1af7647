package cloud

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

// Admin is the administrator of the cloud, logged in. All of a process share its token, and
// what is looked up once with it.
type Admin struct {
	Provider *gophercloud.ProviderClient
	Catalog  *tokens.ServiceCatalog
	Token    tokens.CreateResult

	mu     sync.Mutex
	roles  map[string]string // name to ID; nil until looked up
	domain Domain            // for users of tests; zero until looked up
}

// Administrator returns the administrator. The first call logs in, through rt, which
// passes it on to [Session.Transport]. A failure is final: a cloud that does not answer costs one
// timeout, not one for each test.
func (s *Session) Administrator(rt http.RoundTripper) (*Admin, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil && s.adminErr == nil {
		s.admin, s.adminErr = s.logIn(rt)
	}
	return s.admin, s.adminErr
}

// ForgetAdministrator makes the next call of [Session.Administrator] log in again: the catalogue
// has changed.
func (s *Session) ForgetAdministrator() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admin = nil
}

func (s *Session) logIn(rt http.RoundTripper) (*Admin, error) {
	p, err := openstack.NewClient(s.Cloud.Auth.IdentityEndpoint)
	if err != nil {
		return nil, fmt.Errorf("auth_url %q in %s is no URL: %w", s.Cloud.Auth.IdentityEndpoint, s.Cloud.Source, err)
	}
	p.HTTPClient = http.Client{Transport: rt}
	ctx, cancel := context.WithTimeout(s.ctx, s.Core.Auth.ConnectTimeout+s.Core.Auth.RequestTimeout)
	defer cancel()
	if err := openstack.Authenticate(ctx, p, s.Cloud.Auth); err != nil {
		return nil, s.explain(err)
	}
	if p.Token() == "" {
		return nil, fmt.Errorf("%s is no identity service: it gave no token; check auth_url in %s",
			s.Cloud.Auth.IdentityEndpoint, s.Cloud.Source)
	}
	a := &Admin{Provider: p}
	switch r := p.GetAuthResult().(type) {
	case tokens.CreateResult:
		a.Token = r
	case tokens.GetResult: // a token out of clouds.yaml, used as it is
		a.Token.Result = r.Result
	default:
		return nil, fmt.Errorf("%s has no identity service of version 3: tempest needs one", s.Cloud.Auth.IdentityEndpoint)
	}
	if a.Catalog, err = a.Token.ExtractServiceCatalog(); err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	list := endpointsOf(a.Catalog)
	s.endpoints.Store(&list)
	p.EndpointLocator = s.Locator(p, a.Catalog)
	return a, nil
}

// RoleID returns the ID of a role, or "" when the cloud does not have it.
func (a *Admin) RoleID(ctx context.Context, c *gophercloud.ServiceClient, name string) (string, error) {
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

// Domain is a domain of the identity service.
type Domain struct{ ID, Name string }

// Home returns the domain for users of tests: that called name, or without a name
// that of the administrator.
func (a *Admin) Home(ctx context.Context, c *gophercloud.ServiceClient, name string) (Domain, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.domain.ID != "" {
		return a.domain, nil
	}
	var err error
	if name == "" {
		a.domain, err = domainOf(a.Token)
	} else {
		a.domain, err = findDomain(ctx, c, name)
	}
	return a.domain, err
}

// domainOf returns the domain of the project that a token is for, else that of
// its user.
func domainOf(r tokens.CreateResult) (Domain, error) {
	project, err := r.ExtractProject()
	if err == nil && project != nil && project.Domain.ID != "" {
		return Domain{project.Domain.ID, project.Domain.Name}, nil
	}
	u, err := r.ExtractUser()
	if err != nil {
		return Domain{}, fmt.Errorf("reading the administrator's token: %w", err)
	}
	if u == nil || u.Domain.ID == "" {
		return Domain{}, errors.New("reading the administrator's token: it names no domain; set auth.credentials_domain")
	}
	return Domain{u.Domain.ID, u.Domain.Name}, nil
}

func findDomain(ctx context.Context, c *gophercloud.ServiceClient, name string) (Domain, error) {
	page, err := domains.List(c, domains.ListOpts{Name: name}).AllPages(ctx)
	if err != nil {
		return Domain{}, fmt.Errorf("looking for domain %q: %w", name, err)
	}
	list, err := domains.ExtractDomains(page)
	if err != nil {
		return Domain{}, fmt.Errorf("looking for domain %q: %w", name, err)
	}
	if len(list) == 0 {
		return Domain{}, fmt.Errorf("auth.credentials_domain is %q, but the cloud has no such domain", name)
	}
	return Domain{list[0].ID, list[0].Name}, nil
}
