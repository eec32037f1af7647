package testlib

import (
	"context"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/lookup"
	"github.com/gotempest/tempest/internal/netsetup"
)

// A NetworkFeature is something that the network of a test has, or has not.
type NetworkFeature string

// Features of networks.
const (
	// NetworkRouter joins the network to [network] public_network: with [network] public_router if that is set, or with a
	// router of its own. Without a public network the test is skipped.
	NetworkRouter NetworkFeature = "router"

	// NetworkNoDHCP switches DHCP off.
	NetworkNoDHCP NetworkFeature = "no_dhcp"

	// NetworkNoSubnet leaves the subnet out.
	NetworkNoSubnet NetworkFeature = "no_subnet"
)

// Network asks for a network in the project of the test, with a subnet out of [network] project_cidr that has DHCP. It
// is made for the test, and removed after it with the ports in it. [Env.OwnNetwork] says what it is. The test
// must ask for a persona of the project too. Without a network service the test is skipped.
//
// Where accounts come from a file, it is the network that the file or [compute] fixed_network names, if they do.
func Network(features ...NetworkFeature) Option { return networkOption(features) }

type networkOption []NetworkFeature

func (o networkOption) apply(s *settings) {
	s.network = append(s.network, o...)
	s.wantsNetwork = true
}

// ProjectNetwork is the network of a test.
type ProjectNetwork struct {
	ID, Name string // of the network
	SubnetID string // empty without a subnet
	CIDR     string // of the subnet
	RouterID string // empty without a router
}

// OwnNetwork returns the network that the test, or its parent, has asked for with [Network].
func (e *Env) OwnNetwork() ProjectNetwork {
	e.Helper()
	for at := e; at != nil; at = at.parent {
		if at.network != nil {
			return *at.network
		}
	}
	e.Fatal("this test has no network: ask for it with testlib.Network")
	return ProjectNetwork{}
}

// setUpNetwork makes the network of the test.
func (e *Env) setUpNetwork(set settings) {
	e.Helper()
	if !set.wantsNetwork {
		return
	}
	p := e.place(projectScope)
	if p == nil {
		e.Fatal("testlib.Network needs a persona of the project: ask for one with testlib.Credentials")
	}
	for _, f := range set.network {
		if !slices.Contains([]NetworkFeature{NetworkRouter, NetworkNoDHCP, NetworkNoSubnet}, f) {
			e.Fatalf("there is no feature %q of networks", f)
		}
	}
	o := netsetup.FromConfig(e.session.Core)
	o.Router = slices.Contains(set.network, NetworkRouter)
	o.DHCP = !slices.Contains(set.network, NetworkNoDHCP)
	o.NoSubnet = slices.Contains(set.network, NetworkNoSubnet)
	if o.Router && o.Public == "" && o.Shared == "" {
		e.Skip("needs a router to a public network, and [network] public_network is empty")
	}
	c := e.networkMaker(p)
	if p.owner != nil {
		if name := e.givenNetwork(p); name != "" {
			e.useNetwork(c, name)
			return
		}
	} else {
		o.ProjectID = p.base.ProjectID
	}
	o.Name = e.Name("network")
	ctx, cancel := e.fixtureContext()
	defer cancel()
	made, err := netsetup.Make(ctx, c, o)
	e.Cleanup("network "+made.NetworkID, func(ctx context.Context) error { return made.Remove(ctx, c) })
	if err != nil {
		e.fatalAdmin(err, "making a network")
	}
	p.usesNetwork()
	e.network = &ProjectNetwork{
		ID: made.NetworkID, Name: made.Name, SubnetID: made.SubnetID, CIDR: made.CIDR, RouterID: made.RouterID,
	}
}

// networkMaker returns a client of the network service for who makes the networks of p: the administrator, or in a
// project of an accounts file one of its users.
func (e *Env) networkMaker(p *place) *gophercloud.ServiceClient {
	e.Helper()
	const service = "network"
	if err := e.hasService(service); err != nil {
		e.Skipf("needs the service %s, which the catalogue does not have%s", service, e.session.Where())
	}
	var pc *gophercloud.ProviderClient
	if p.owner == nil {
		a, err := e.administrator()
		if err != nil {
			e.Fatal(err)
		}
		pc = e.attach(a.Provider, adminName)
	} else {
		a := p.owner()
		own, err := e.logIn(a, ProjectMember)
		if err != nil {
			e.Fatalf("logging in to make a network: %v", err)
		}
		pc = e.attach(own, adminName) // who makes it for the test, whatever the roles
	}
	c, err := cloud.NewClient(pc, service, e.session.Endpoint(service))
	if err != nil {
		e.Fatalf("finding the service %s in the catalogue: %v", service, err)
	}
	return c
}

// givenNetwork returns the name or ID of the network that exists for the accounts of p, "" for none.
func (e *Env) givenNetwork(p *place) string {
	for _, a := range p.accounts {
		if a.file != nil && a.file.Network != "" {
			return a.file.Network
		}
	}
	return e.session.Core.Compute.FixedNetwork
}

// useNetwork makes a network that exists the one of the test.
func (e *Env) useNetwork(c *gophercloud.ServiceClient, name string) {
	e.Helper()
	ctx, cancel := e.fixtureContext()
	defer cancel()
	n, err := lookup.Find(ctx, func(string) (*gophercloud.ServiceClient, error) { return c, nil }, "network", name)
	if err != nil {
		e.Fatalf("looking for the network of the accounts: %v", err)
	}
	e.network = &ProjectNetwork{ID: n.ID, Name: n.Name}
	page, err := subnets.List(c, subnets.ListOpts{NetworkID: n.ID}).AllPages(ctx)
	if err != nil {
		e.Fatalf("looking for the subnet of network %s: %v", n.ID, err)
	}
	list, err := subnets.ExtractSubnets(page)
	if err != nil {
		e.Fatalf("looking for the subnet of network %s: %v", n.ID, err)
	}
	if len(list) > 0 {
		e.network.SubnetID, e.network.CIDR = list[0].ID, list[0].CIDR
	}
}

// usesNetwork remembers that the network service may hold something of p.
func (p *place) usesNetwork() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network = true
}

// removeSecurityGroups removes what the network service makes for every project, and keeps when that is gone.
func (e *Env) removeSecurityGroups(p *place) {
	e.Helper()
	if !p.network || e.hasService("network") != nil {
		return
	}
	a, err := e.administrator()
	if err != nil {
		e.Error(err)
		return
	}
	c, err := cloud.NewClient(e.attach(a.Provider, adminName), "network", e.session.Endpoint("network"))
	if err != nil {
		e.Error(err)
		return
	}
	e.undo("the security groups of project "+p.base.ProjectID, func(ctx context.Context) error {
		return netsetup.RemoveSecurityGroups(ctx, c, p.base.ProjectID)
	})
}
