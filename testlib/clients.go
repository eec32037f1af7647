package testlib

import "github.com/gophercloud/gophercloud/v2"

// BlockStorage returns a client of the block storage service that acts as p, for the packages
// below gophercloud's openstack/blockstorage/v3.
func (e *Env) BlockStorage(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, "block-storage")
}

// Compute returns a client of the compute service that acts as p, for the packages below
// gophercloud's openstack/compute/v2.
func (e *Env) Compute(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, "compute")
}

// Image returns a client of the image service that acts as p, for the packages below
// gophercloud's openstack/image/v2.
func (e *Env) Image(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, "image")
}

// Network returns a client of the network service that acts as p, for the packages below
// gophercloud's openstack/networking/v2.
func (e *Env) Network(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, "network")
}

// ObjectStore returns a client of the object store that acts as p, for the packages below
// gophercloud's openstack/objectstorage/v1.
func (e *Env) ObjectStore(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, objectStore)
}

// Placement returns a client of the placement service that acts as p, for gophercloud's
// package openstack/placement/v1/resourceproviders and its neighbours.
func (e *Env) Placement(p Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, "placement")
}

// ClientWithToken returns the client of [Env.Client] with another token, for tests that a wrong one is
// refused: one that was made up, revoked or expired, or of another persona; "" sends none. It is not
// renewed. A service token beside it is a header, which gophercloud sends too: c.MoreHeaders =
// map[string]string{"X-Service-Token": token}.
func (e *Env) ClientWithToken(p Persona, serviceType, token string) *gophercloud.ServiceClient {
	e.Helper()
	c := e.Client(p, serviceType)
	own := &gophercloud.ProviderClient{
		IdentityBase:     c.IdentityBase,
		IdentityEndpoint: c.IdentityEndpoint,
		EndpointLocator:  c.EndpointLocator,
		HTTPClient:       c.HTTPClient,
		TokenID:          token,
	}
	c.ProviderClient = own // without a function for a new token: the test sees the 401
	return c
}
