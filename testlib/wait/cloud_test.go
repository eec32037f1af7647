//go:build tempest

package wait_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

// member is who the tests mostly are.
const member = testlib.ProjectMember

// realCloud skips a test on the embedded cloud: it has nothing to wait for, and not these services.
func realCloud(e *testlib.Env) {
	e.Helper()
	if e.Embedded() {
		e.Skip("needs a real cloud: set OS_CLOUD")
	}
}

// must ends the test when err is one.
func must(e *testlib.Env, what string, err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", what, err)
	}
}

// privateNetwork makes a network with one subnet, and returns its ID and that of the subnet.
func privateNetwork(e *testlib.Env) (networkID, subnetID string) {
	e.Helper()
	c, o := e.Client(member, "network"), e.Wait("network")
	n, err := networks.Create(e.Context(), c, networks.CreateOpts{Name: e.Name("network")}).Extract()
	must(e, "making a network", err)
	e.Cleanup("network "+n.ID, func(ctx context.Context) error {
		if err := networks.Delete(ctx, c, n.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.NetworkGone(ctx, c, n.ID, o)
	})
	s, err := subnets.Create(e.Context(), c, subnets.CreateOpts{
		NetworkID: n.ID, Name: e.Name("subnet"), CIDR: "10.86.0.0/24", IPVersion: gophercloud.IPv4,
	}).Extract()
	must(e, "making a subnet", err)
	e.Cleanup("subnet "+s.ID, func(ctx context.Context) error {
		if err := subnets.Delete(ctx, c, s.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.SubnetGone(ctx, c, s.ID, o)
	})
	_, err = wait.Network(e.Context(), c, n.ID, o, "ACTIVE")
	must(e, "network", err)
	return n.ID, s.ID
}

// port makes a port on a network.
func port(e *testlib.Env, networkID string) *ports.Port {
	e.Helper()
	c := e.Client(member, "network")
	p, err := ports.Create(e.Context(), c, ports.CreateOpts{NetworkID: networkID, Name: e.Name("port")}).Extract()
	must(e, "making a port", err)
	e.Cleanup("port "+p.ID, func(ctx context.Context) error {
		if err := ports.Delete(ctx, c, p.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.PortGone(ctx, c, p.ID, e.Wait("network"))
	})
	return p
}

// anImage returns an image that servers can be made from.
func anImage(e *testlib.Env) string {
	e.Helper()
	c := e.Client(member, "image")
	page, err := images.List(c, images.ListOpts{Status: images.ImageStatusActive, Limit: 1}).AllPages(e.Context())
	must(e, "listing images", err)
	list, err := images.ExtractImages(page)
	must(e, "listing images", err)
	for _, i := range list {
		if i.Visibility == images.ImageVisibilityPublic {
			return i.ID
		}
	}
	e.Skip("the cloud has no public image")
	return ""
}

// smallFlavors returns the two public flavors with the least memory.
func smallFlavors(e *testlib.Env) (first, second string) {
	e.Helper()
	page, err := flavors.ListDetail(e.Client(member, "compute"), flavors.ListOpts{SortKey: "memory_mb"}).
		AllPages(e.Context())
	must(e, "listing flavors", err)
	list, err := flavors.ExtractFlavors(page)
	must(e, "listing flavors", err)
	if len(list) < 2 {
		e.Skip("the cloud has fewer than two public flavors")
	}
	return list[0].ID, list[1].ID
}

// boot asks for a server, and returns its ID.
func boot(e *testlib.Env, networkID, flavor string) string {
	e.Helper()
	c := e.Client(member, "compute")
	opts := servers.CreateOpts{Name: e.Name("server"), ImageRef: anImage(e), FlavorRef: flavor, Networks: "none"}
	if networkID != "" {
		opts.Networks = []servers.Network{{UUID: networkID}}
	} else {
		c = microversion(c, "2.37") // the first with networks: none
	}
	s, err := servers.Create(e.Context(), c, opts, nil).Extract()
	must(e, "booting a server", err)
	e.Cleanup("server "+s.ID, func(ctx context.Context) error {
		if err := servers.Delete(ctx, c, s.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.ServerGone(ctx, c, s.ID, e.Wait("compute"))
	})
	return s.ID
}

// microversion returns a client that asks for a microversion.
func microversion(c *gophercloud.ServiceClient, version string) *gophercloud.ServiceClient {
	with := *c
	with.Microversion = version
	return &with
}

// explained checks that a wait ended at once, with what the service says and a request id.
func explained(e *testlib.Env, err error, want string) {
	e.Helper()
	w, ok := errors.AsType[*wait.Error](err)
	if !ok || !errors.Is(err, wait.ErrBadState) {
		e.Fatalf("error = %v, want a *wait.Error for a bad state", err)
	}
	e.Log(err)
	if !strings.Contains(w.Reason.Message, want) {
		e.Errorf("reason = %q, want one with %q", w.Reason.Message, want)
	}
	if !strings.HasPrefix(w.RequestID, "req-") {
		e.Errorf("request id = %q", w.RequestID)
	}
}

func TestTokenIsRevoked(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5b5b1d8e-7b1c-4d0f-8f0e-2cb65d6a2f55"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	c := e.Identity(member)
	who := e.Credential(member)
	token, err := tokens.Create(e.Context(), c, &tokens.AuthOptions{UserID: who.UserID, Password: who.Password}).
		ExtractTokenID()
	must(e, "logging in", err)

	err = wait.TokenRevoked(e.Context(), c, token, wait.Options{Timeout: time.Second})
	if !errors.Is(err, wait.ErrTimeout) || strings.Contains(err.Error(), token) {
		e.Errorf("a token that is valid: %v", err)
	}
	must(e, "revoking", tokens.Revoke(e.Context(), c, token).Err)
	must(e, "token", wait.TokenRevoked(e.Context(), c, token, e.Wait("identity")))
}
