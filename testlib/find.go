package testlib

import (
	"sync"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/lookup"
)

// Find returns the ID of the resource of a kind that has this ID, or else this name: an
// option that names a resource takes both. The kinds are image, flavor, network, subnet, router,
// subnet_pool, security_group, volume_type, domain, project, user, group and role. The
// administrator looks, in all projects. The test fails when there is no such resource, or
// several have the name.
func (e *Env) Find(kind, nameOrID string) string {
	e.Helper()
	r, err := e.lookUp(kind, nameOrID)
	if err != nil {
		e.Fatal(err)
	}
	return r.ID
}

func (e *Env) lookUp(kind, nameOrID string) (lookup.Resource, error) {
	a, err := e.administrator()
	if err != nil {
		return lookup.Resource{}, err
	}
	p := e.attach(a.Provider, adminName)
	clients := func(serviceType string) (*gophercloud.ServiceClient, error) {
		return cloud.NewClient(p, serviceType, e.session.Endpoint(serviceType))
	}
	return lookup.Find(e.ctx, clients, kind, nameOrID)
}

// ImageID returns the ID of the image of [compute] image. The test is skipped where that is not
// set, and fails where the cloud has no such image.
func (e *Env) ImageID() string {
	e.Helper()
	return e.configured("compute.image", "image", e.session.Core.Compute.Image)
}

// ImageAltID returns the ID of the image of [compute] image_alt, or, where that is not set, that
// of [Env.ImageID].
func (e *Env) ImageAltID() string {
	e.Helper()
	if e.session.Core.Compute.ImageAlt == "" {
		return e.ImageID()
	}
	return e.configured("compute.image_alt", "image", e.session.Core.Compute.ImageAlt)
}

// FlavorID returns the ID of the flavor of [compute] flavor. The test is skipped where that is not
// set, and fails where the cloud has no such flavor.
func (e *Env) FlavorID() string {
	e.Helper()
	return e.configured("compute.flavor", "flavor", e.session.Core.Compute.Flavor)
}

// FlavorAltID returns the ID of the flavor of [compute] flavor_alt, as [Env.FlavorID] does.
func (e *Env) FlavorAltID() string {
	e.Helper()
	return e.configured("compute.flavor_alt", "flavor", e.session.Core.Compute.FlavorAlt)
}

// PublicNetworkID returns the ID of the network of [network] public_network. The test is skipped
// where that is not set, and fails where the cloud has no such network.
func (e *Env) PublicNetworkID() string {
	e.Helper()
	return e.configured("network.public_network", "network", e.session.Core.Network.PublicNetwork)
}

// found holds the IDs of the resources that options name, which all tests of a process share.
type found struct {
	mu  sync.Mutex
	ids map[string]string
}

// configured returns the ID of the resource that an option names. It is looked up once in a
// process.
func (e *Env) configured(option, kind, value string) string {
	e.Helper()
	if value == "" {
		e.Skipf("%s is not set", option)
	}
	f := &e.session.found
	f.mu.Lock()
	defer f.mu.Unlock()
	if id := f.ids[option]; id != "" {
		return id
	}
	r, err := e.lookUp(kind, value)
	if err != nil {
		e.Fatalf("%s: %v", option, err)
	}
	if f.ids == nil {
		f.ids = map[string]string{}
	}
	f.ids[option] = r.ID
	return r.ID
}
