package testlib

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// Client returns a client that calls the service of the given type as p, whom the test
// must have asked for with [Credentials]. It is found in the catalogue, with the region
// and the interface of the configuration, and is the same as that
// of gophercloud's function for the service, as openstack.NewComputeV2.
func (e *Env) Client(p Persona, serviceType string) *gophercloud.ServiceClient {
	e.Helper()
	t := catalogType(serviceType)
	c, err := newClient(e.provider(p), t, e.session.cloud.endpoint)
	if err != nil {
		e.Fatalf("finding the service %s in the catalogue: %v", t, err)
	}
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
	eo := e.session.cloud.endpoint
	eo.Type = identityType
	c, err := openstack.NewIdentityV3(p, eo)
	if err != nil {
		c, err = openstack.NewIdentityV3(p, gophercloud.EndpointOpts{})
	}
	if err != nil {
		e.Fatalf("finding the identity service: %v", err)
	}
	return c
}

const identityType = "identity"

// newClient makes a client with gophercloud's function for a service type, which knows
// what to put behind the endpoint, or a plain one for other types.
func newClient(p *gophercloud.ProviderClient, serviceType string, eo gophercloud.EndpointOpts) (
	*gophercloud.ServiceClient, error) {
	if serviceType == identityType {
		eo.Type = serviceType
		return openstack.NewIdentityV3(p, eo)
	}
	if make := maker(serviceType); make != nil {
		return make(p, eo)
	}
	eo.ApplyDefaults(serviceType)
	url, err := p.EndpointLocator(eo)
	if err != nil {
		return nil, err
	}
	return &gophercloud.ServiceClient{ProviderClient: p, Endpoint: url, Type: serviceType}, nil
}

func maker(serviceType string) func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (
	*gophercloud.ServiceClient, error) {
	switch serviceType {
	case "baremetal":
		return openstack.NewBareMetalV1
	case "block-storage":
		return openstack.NewBlockStorageV3
	case "compute":
		return openstack.NewComputeV2
	case "dns":
		return openstack.NewDNSV2
	case "image":
		return openstack.NewImageV2
	case "key-manager":
		return openstack.NewKeyManagerV1
	case "load-balancer":
		return openstack.NewLoadBalancerV2
	case "network":
		return openstack.NewNetworkV2
	case "object-store":
		return openstack.NewObjectStorageV1
	case "orchestration":
		return openstack.NewOrchestrationV1
	case "placement":
		return openstack.NewPlacementV1
	case "shared-file-system":
		return openstack.NewSharedFileSystemV2
	}
	return nil
}

// locator finds endpoints in a catalogue. Unlike gophercloud's own it asks a service
// for its versions only when the catalogue lists several, and knows the region and the
// interface of the configuration.
func (s *session) locator(p *gophercloud.ProviderClient, catalog *tokens.ServiceCatalog) gophercloud.EndpointLocator {
	return func(eo gophercloud.EndpointOpts) (string, error) {
		if eo.Region == "" {
			eo.Region = s.cloud.endpoint.Region
		}
		entries := 0
		for _, entry := range catalog.Entries {
			if slices.Contains(eo.Types(), entry.Type) {
				entries++
			}
		}
		if entries < 2 {
			eo.Version = 0
		}
		return openstack.V3Endpoint(s.life.ctx, p, catalog, eo)
	}
}

// catalogType returns the official form of a service type: "key_manager" is "key-manager",
// "volumev3" is "block-storage".
func catalogType(serviceType string) string {
	t := strings.ReplaceAll(serviceType, "_", "-")
	for official, aliases := range gophercloud.ServiceTypeAliases {
		if slices.Contains(aliases, t) {
			return official
		}
	}
	return t
}

// checkServices skips the test when the cloud lacks one of its services. What
// [service_available] says comes first; the catalogue decides about the rest.
func (e *Env) checkServices(types []string) {
	e.Helper()
	for _, t := range types {
		option := strings.ReplaceAll(t, "-", "_")
		wanted, set := e.session.values.LookupBool("service_available", option)
		if set && !wanted {
			e.Skipf("[service_available] %s is false", option)
		}
		err := e.session.hasService(e.log, t)
		var missing *gophercloud.ErrEndpointNotFound
		switch {
		case err == nil:
		case !errors.As(err, &missing):
			e.Fatal(err)
		case set:
			e.Fatalf("[service_available] %s is true, but the catalogue has no service %s%s", option, t, e.session.where())
		case t == identityType: // which has just been used: something is wrong, and must not pass as a skip
			e.Fatalf("the catalogue has no service %s%s; set service_available.%s = false if that is right",
				t, e.session.where(), option)
		default:
			e.Skipf("needs the service %s, which the catalogue does not have%s", t, e.session.where())
		}
	}
}

// hasService returns nil when the catalogue has an endpoint of the service.
func (s *session) hasService(l *callLog, serviceType string) error {
	a, err := s.administrator(l)
	if err != nil {
		return err
	}
	if len(a.catalog.Entries) == 0 {
		return fmt.Errorf("the catalogue of the administrator's token is empty; check the project in %s", s.cloud.source)
	}
	eo := s.cloud.endpoint
	eo.ApplyDefaults(serviceType)
	_, err = openstack.V3Endpoint(s.life.ctx, a.provider, a.catalog, eo)
	return err
}

// where says which part of the catalogue is looked at, if not all.
func (s *session) where() string {
	if s.cloud.endpoint.Region == "" {
		return ""
	}
	return " in region " + s.cloud.endpoint.Region
}

// fixtureTimeout bounds making one user with all that it needs; each call has a limit of its
// own.
const fixtureTimeout = 5 * time.Minute

// fixtureContext returns the context for making what the test needs before it begins. An
// interrupt does not cut such a call: what it makes would be left behind.
func (e *Env) fixtureContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(e.ctx), fixtureTimeout)
}
