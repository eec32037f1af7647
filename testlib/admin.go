package testlib

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// admin is the administrator of the cloud. All tests of a process share its
// token.
type admin struct {
	provider *gophercloud.ProviderClient
	catalog  *tokens.ServiceCatalog
	domainID string // where projects and users of tests are made

	roles func() (map[string]string, error) // name to ID, of roles without a domain
}

// logIn authenticates as the administrator.
func (s *session) logIn(ctx context.Context) (*admin, error) {
	p, err := openstack.NewClient(s.auth.IdentityEndpoint)
	if err != nil {
		return nil, fmt.Errorf("reading the identity URL %q: %w", s.auth.IdentityEndpoint, err)
	}
	p.HTTPClient = http.Client{Transport: s.net}
	if err := openstack.Authenticate(ctx, p, s.auth); err != nil {
		return nil, fmt.Errorf("authenticating at %s: %w", s.auth.IdentityEndpoint, err)
	}
	r, ok := p.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return nil, fmt.Errorf("authenticating at %s: not an identity v3 service", s.auth.IdentityEndpoint)
	}
	a := &admin{provider: p}
	if a.catalog, err = r.ExtractServiceCatalog(); err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	a.domainID, err = domainOf(r)
	if err != nil {
		return nil, err
	}
	a.roles = sync.OnceValues(func() (map[string]string, error) { return listRoles(ctx, p) })
	return a, nil
}

// domainOf returns the domain of the project that a token is for, or that of its user.
func domainOf(r tokens.CreateResult) (string, error) {
	project, err := r.ExtractProject()
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	if project != nil {
		return project.Domain.ID, nil
	}
	u, err := r.ExtractUser()
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	return u.Domain.ID, nil
}

func listRoles(ctx context.Context, p *gophercloud.ProviderClient) (map[string]string, error) {
	c := &gophercloud.ServiceClient{ProviderClient: p, Endpoint: p.IdentityBase + "v3/", Type: "identity"}
	page, err := roles.List(c, nil).AllPages(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing roles: %w", err)
	}
	list, err := roles.ExtractRoles(page)
	if err != nil {
		return nil, fmt.Errorf("listing roles: %w", err)
	}
	ids := map[string]string{}
	for _, r := range list {
		ids[r.Name] = r.ID
	}
	return ids, nil
}
