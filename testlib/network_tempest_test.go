//go:build tempest

package testlib_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/gotempest/tempest/testlib"
)

func TestNetworkBelongsToTheProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0d0f3f0a-5a71-4b3b-8a52-3b9f0cf8f1c6"), testlib.Services("network"),
		testlib.Credentials(testlib.ProjectMember), testlib.Network())
	n, c := e.OwnNetwork(), e.Network(testlib.ProjectMember)

	made, err := networks.Get(e.Context(), c, n.ID).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if made.Name != n.Name || made.ProjectID != e.Credential(testlib.ProjectMember).ProjectID {
		e.Errorf("network = %+v, want one of the project", made)
	}
	subnet, err := subnets.Get(e.Context(), c, n.SubnetID).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if subnet.CIDR != n.CIDR || !subnet.EnableDHCP || subnet.NetworkID != n.ID {
		e.Errorf("subnet = %+v", subnet)
	}

	// A port makes the network service give the project its default security group.
	port, err := ports.Create(e.Context(), c, ports.CreateOpts{NetworkID: n.ID, Name: e.Name("port")}).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if err := ports.Delete(e.Context(), c, port.ID).ExtractErr(); err != nil {
		e.Error(err)
	}
	page, err := groups.List(c, groups.ListOpts{}).AllPages(e.Context())
	if err != nil {
		e.Fatal(err)
	}
	if list, err := groups.ExtractGroups(page); err != nil || len(list) != 1 || list[0].Name != "default" {
		e.Errorf("security groups of the project: %+v, %v", list, err)
	}
}

func TestRouterJoinsThePublicNetwork(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6d0b1d0e-1f1e-4d36-9c6b-7f0f0f3f9a02"), testlib.Services("network"),
		testlib.Credentials(testlib.ProjectMember), testlib.Network(testlib.NetworkRouter))
	n := e.OwnNetwork()
	if n.RouterID == "" || n.SubnetID == "" {
		e.Errorf("network = %+v, want a router and a subnet", n)
	}
}

func TestPersonasOfAllScopes(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b1b2a7d4-6d0a-4f67-8ff4-2c4e60b8a1d0"), testlib.Services("identity"),
		testlib.Credentials(testlib.DomainReader, testlib.SystemReader, testlib.AltAdmin),
		testlib.ProjectRoles("operator", "reader", "member"))
	for _, p := range []testlib.Persona{testlib.DomainReader, testlib.SystemReader, testlib.AltAdmin, "operator"} {
		if c := e.Identity(p); c.Token() == "" {
			e.Errorf("%s has no token", p)
		}
	}
}
