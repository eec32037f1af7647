package testlib

import (
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// Client returns a client that calls the service of the given type as p, whom the
// test must have asked for with [Credentials].
func (e *Env) Client(p Persona, serviceType string) *gophercloud.ServiceClient {
	e.Helper()
	t := canonical(serviceType)
	if t == "identity" {
		return e.Identity(p)
	}
	eo := e.session.endpoint
	eo.ApplyDefaults(t)
	pc := e.provider(p)
	url, err := pc.EndpointLocator(eo)
	if err != nil {
		e.Fatalf("finding the %s service in the catalogue: %v", t, err)
	}
	return &gophercloud.ServiceClient{ProviderClient: pc, Endpoint: url, Type: t}
}

// Identity returns a client that calls the identity service as p, whom the test must
// have asked for with [Credentials].
func (e *Env) Identity(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	c, err := openstack.NewIdentityV3(e.provider(p), gophercloud.EndpointOpts{})
	if err != nil {
		e.Fatalf("making an identity client: %v", err)
	}
	return c
}

func (e *Env) adminClient(a *admin) *gophercloud.ServiceClient {
	e.Helper()
	c, err := openstack.NewIdentityV3(e.withLog(a.provider, "admin"), gophercloud.EndpointOpts{})
	if err != nil {
		e.Fatalf("making an identity client: %v", err)
	}
	return c
}

// canonical returns the official form of a service type: "key_manager" is
// "key-manager", "volumev3" is "block-storage".
func canonical(serviceType string) string {
	t := strings.ReplaceAll(serviceType, "_", "-")
	for official, aliases := range gophercloud.ServiceTypeAliases {
		if slices.Contains(aliases, t) {
			return official
		}
	}
	return t
}

// checkServices skips the test when a service is missing.
func (e *Env) checkServices(types []string) {
	e.Helper()
	if len(types) == 0 {
		return
	}
	a, err := e.session.admin()
	if err != nil {
		e.Fatal(err)
	}
	for _, t := range types {
		if t == "identity" && !e.session.core.ServiceAvailable.Identity {
			e.Skipf("[service_available] says that there is no %s service", t)
		}
		eo := gophercloud.EndpointOpts{}
		eo.ApplyDefaults(t)
		found := false
		for _, entry := range a.catalog.Entries {
			found = found || slices.Contains(eo.Types(), entry.Type)
		}
		if !found {
			e.Skipf("needs the service %s, which the catalogue does not have", t)
		}
	}
}
