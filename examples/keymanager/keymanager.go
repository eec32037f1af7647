// Package keymanager is what the tests of this plugin share: the client, the
// fake, and secrets and containers that go when their test ends. Tests of
// other plugins may import it too.
//
// Each function takes the [testlib.Env] of the test that calls it and ends that
// test when something cannot be done.
package keymanager

import (
	"context"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager/fakebarbican"
	"github.com/gotempest/tempest/examples/keymanager/tempestplugin"
	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/embedded"
)

// serviceType is the official type of the service that Barbican implements.
const serviceType = "key-manager"

// Fake is for [testlib.Fake]: the key manager of the embedded cloud.
func Fake(cloud *embedded.Cloud) http.Handler {
	return fakebarbican.New(fakebarbican.Options{
		Authenticate: func(r *http.Request) (fakebarbican.Caller, error) {
			t, err := cloud.Authenticate(r)
			if err != nil {
				return fakebarbican.Caller{}, err
			}
			return fakebarbican.Caller{UserID: t.UserID, ProjectID: t.ProjectID, Roles: t.Roles}, nil
		},
	})
}

// Config returns the options of this plugin.
func Config(e *testlib.Env) tempestplugin.Config {
	e.Helper()
	return testlib.Config[tempestplugin.Config](e)
}

// Client returns a client of the key manager that acts as p.
func Client(e *testlib.Env, p testlib.Persona) *gophercloud.ServiceClient {
	e.Helper()
	c := e.Client(p, serviceType)
	region := Config(e).KeyManager.Region
	if region == "" {
		return c
	}
	c, err := openstack.NewKeyManagerV1(c.ProviderClient, gophercloud.EndpointOpts{Region: region})
	if err != nil {
		e.Fatalf("finding the key manager of region %q: %v", region, err)
	}
	return c
}

// NewSecret creates a secret that is deleted when the test ends, and returns
// its ID.
func NewSecret(e *testlib.Env, c *gophercloud.ServiceClient, o secrets.CreateOpts) string {
	e.Helper()
	s, err := secrets.Create(e.Context(), c, o).Extract()
	if err != nil {
		e.Fatalf("creating secret %q: %v", o.Name, err)
	}
	id := ID(s.SecretRef)
	e.Cleanup("secret "+id, func(ctx context.Context) error {
		return secrets.Delete(ctx, c, id).ExtractErr()
	})
	return id
}

// NewContainer creates a container that is deleted when the test ends, and
// returns its ID.
func NewContainer(e *testlib.Env, c *gophercloud.ServiceClient, o containers.CreateOpts) string {
	e.Helper()
	box, err := containers.Create(e.Context(), c, o).Extract()
	if err != nil {
		e.Fatalf("creating container %q: %v", o.Name, err)
	}
	id := ID(box.ContainerRef)
	e.Cleanup("container "+id, func(ctx context.Context) error {
		return containers.Delete(ctx, c, id).ExtractErr()
	})
	return id
}

// Payload reads the payload of a secret as a content type.
func Payload(e *testlib.Env, c *gophercloud.ServiceClient, id, contentType string) []byte {
	e.Helper()
	o := secrets.GetPayloadOpts{PayloadContentType: contentType}
	data, err := secrets.GetPayload(e.Context(), c, id, o).Extract()
	if err != nil {
		e.Fatalf("reading the payload of secret %s as %s: %v", id, contentType, err)
	}
	return data
}

// ID returns the ID at the end of a reference.
func ID(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }
