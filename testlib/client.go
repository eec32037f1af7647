package testlib

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gotempest/tempest/internal/cloud"
)

// Client returns a new client that calls the service of the given type as p, whom the test
// must have asked for with [Credentials] or an option such as [ProjectRoles]. The service is
// looked up in the catalogue, with the region and the interface of the configuration. The client is
// made as gophercloud's own function for the service makes it, such as openstack.NewComputeV2.
func (e *Env) Client(p Persona, serviceType string) *gophercloud.ServiceClient {
	e.Helper()
	t := cloud.ServiceType(serviceType)
	c, err := cloud.NewClient(e.provider(p), t, e.session.Endpoint(t))
	if err != nil {
		e.Fatalf("a client for %s: %v", p, e.session.noService(t, err))
	}
	c.Microversion = e.Microversion(t)
	return c
}

// Identity returns a client that calls the identity service as p, whom the test must
// have asked for with [Credentials].
func (e *Env) Identity(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.identity(e.provider(p))
}

// identity returns a client for the identity service. A cloud that does not list it in
// its catalogue is asked where p logged in.
func (e *Env) identity(p *gophercloud.ProviderClient) *gophercloud.ServiceClient {
	e.Helper()
	eo := e.session.Cloud.Endpoint
	eo.Type = cloud.Identity
	c, err := openstack.NewIdentityV3(p, eo)
	if err != nil {
		c, err = openstack.NewIdentityV3(p, gophercloud.EndpointOpts{})
	}
	if err != nil {
		e.Fatalf("finding the identity service: %v", err)
	}
	return c
}

// noService explains why there is no client of a service.
func (s *session) noService(serviceType string, err error) error {
	var missing *gophercloud.ErrEndpointNotFound
	if !errors.As(err, &missing) {
		return fmt.Errorf("finding the service %s in the catalogue: %w", serviceType, err)
	}
	where := ""
	if region := s.Endpoint(serviceType).Region; region != "" {
		where = " in region " + region
	}
	return fmt.Errorf("the catalogue has no service %s%s; testlib.Services(%q) skips the test then",
		serviceType, where, serviceType)
}

func (e *Env) hasService(serviceType string) error {
	a, err := e.administrator()
	if err != nil {
		return err
	}
	return e.session.HasService(a, serviceType)
}

// fixtureTimeout bounds making one user with all that it needs; each call has a limit of its
// own.
const fixtureTimeout = 5 * time.Minute

// fixtureContext returns the context for making what the test needs before it begins. An
// interrupt does not cut such a call: what it makes would be left behind.
func (e *Env) fixtureContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(e.ctx), fixtureTimeout)
}

// attach returns a client with the token of p whose calls go into the log of e.
// When the token has expired, p gets a new one, for all.
func (e *Env) attach(p *gophercloud.ProviderClient, who string) *gophercloud.ProviderClient {
	way := e.newChain(who)
	own := &gophercloud.ProviderClient{
		IdentityBase:     p.IdentityBase,
		IdentityEndpoint: p.IdentityEndpoint,
		EndpointLocator:  p.EndpointLocator,
		HTTPClient:       http.Client{Transport: way},
	}
	way.provider = own
	own.UseTokenLock()
	own.CopyTokenFrom(p)
	own.ReauthFunc = func(ctx context.Context) error {
		if err := p.Reauthenticate(calledFor(ctx, e), own.Token()); err != nil {
			return err
		}
		own.CopyTokenFrom(p)
		e.session.Secrets.Learn(own.Token())
		e.log.printf("token of %s renewed", who)
		return nil
	}
	return own
}
