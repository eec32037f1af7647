//go:build tempest

package wait_test

import (
	"context"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

// externalNetwork returns a network that routers can be connected to.
func externalNetwork(e *testlib.Env) string {
	e.Helper()
	yes := true
	page, err := networks.List(e.Client(member, "network"), external.ListOptsExt{
		ListOptsBuilder: networks.ListOpts{}, External: &yes,
	}).AllPages(e.Context())
	must(e, "listing networks", err)
	list, err := networks.ExtractNetworks(page)
	must(e, "listing networks", err)
	if len(list) == 0 {
		e.Skip("the cloud has no external network")
	}
	return list[0].ID
}

// connect makes a router between a subnet and an external network, and returns its ID.
func connect(e *testlib.Env, subnetID, externalID string) string {
	e.Helper()
	c, o := e.Client(member, "network"), e.Wait("network")
	r, err := routers.Create(e.Context(), c, routers.CreateOpts{
		Name: e.Name("router"), GatewayInfo: &routers.GatewayInfo{NetworkID: externalID},
	}).Extract()
	must(e, "making a router", err)
	e.Cleanup("router "+r.ID, func(ctx context.Context) error {
		if err := routers.Delete(ctx, c, r.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.RouterGone(ctx, c, r.ID, o)
	})
	_, err = wait.Router(e.Context(), c, r.ID, o, "ACTIVE")
	must(e, "router", err)
	_, err = routers.AddInterface(e.Context(), c, r.ID, routers.AddInterfaceOpts{SubnetID: subnetID}).Extract()
	must(e, "connecting the subnet", err)
	e.Cleanup("interface of router "+r.ID, func(ctx context.Context) error {
		return routers.RemoveInterface(ctx, c, r.ID, routers.RemoveInterfaceOpts{SubnetID: subnetID}).Err
	})
	return r.ID
}

func TestNetworkResources(t *testing.T) {
	e := testlib.Start(t, testlib.ID("40f4cf0a-4c38-4d63-8a04-2c0d5c17b6aa"), testlib.Services("network"),
		testlib.Credentials(testlib.ProjectMember))
	realCloud(e)
	c, o := e.Client(member, "network"), e.Wait("network")
	networkID, subnetID := privateNetwork(e)
	p := port(e, networkID)
	_, err := wait.Port(e.Context(), c, p.ID, o, "DOWN", "ACTIVE")
	must(e, "port", err)
	externalID := externalNetwork(e)
	connect(e, subnetID, externalID)

	f, err := floatingips.Create(e.Context(), c, floatingips.CreateOpts{
		FloatingNetworkID: externalID, PortID: p.ID,
	}).Extract()
	must(e, "making a floating IP", err)
	e.Cleanup("floating IP "+f.ID, func(ctx context.Context) error {
		if err := floatingips.Delete(ctx, c, f.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.FloatingIPGone(ctx, c, f.ID, o)
	})

	_, err = wait.FloatingIP(e.Context(), c, f.ID, o, "ACTIVE", "DOWN") // without an L3 agent it stays DOWN
	must(e, "floating IP", err)
}
