// Package netsetup makes a network with a subnet and a router for a project, and removes them in the order that the
// network service wants.
package netsetup

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/gotempest/tempest/internal/lookup"
	"github.com/gotempest/tempest/testlib/config"
)

// Options say what is made.
type Options struct {
	Name      string // of the network, and the start of the other names
	ProjectID string // whose they are; empty for that of the client, who must be an administrator else
	NoSubnet  bool
	DHCP      bool   // in the subnet
	Router    bool   // that joins the subnet and the public network
	Public    string // the public network, by name or ID
	Shared    string // a router to the public network that is there already, by name or ID; empty makes one
	CIDR      string // the range that the subnet is taken out of
	MaskBits  int    // length of the prefix of the subnet
}

// FromConfig returns what the configuration says of networks.
func FromConfig(core config.Core) Options {
	n := core.Network
	return Options{Public: n.PublicNetwork, Shared: n.PublicRouter, CIDR: n.ProjectCIDR, MaskBits: n.ProjectMaskBits}
}

// Made is what was made. IDs are empty for what was not.
type Made struct {
	NetworkID, Name string
	SubnetID, CIDR  string
	RouterID        string
	ownRouter       bool // made here, and removed with the rest
	joined          bool // the router has an interface in the subnet
}

// tries is how often another subnet is tried when one overlaps with others of a shared router.
const tries = 5

// Make makes a network. When it fails, Made says what is there nevertheless, to be removed.
func Make(ctx context.Context, c *gophercloud.ServiceClient, o Options) (Made, error) {
	up := true
	n, err := networks.Create(ctx, c, networks.CreateOpts{
		Name: o.Name, ProjectID: o.ProjectID, AdminStateUp: &up,
	}).Extract()
	if err != nil {
		return Made{}, fmt.Errorf("making network %s: %w", o.Name, err)
	}
	m := Made{NetworkID: n.ID, Name: n.Name}
	if o.NoSubnet {
		return m, nil
	}
	if o.Router {
		if err := m.makeRouter(ctx, c, o); err != nil {
			return m, err
		}
	}
	for range tries {
		if err = m.makeSubnet(ctx, c, o); err != nil || !o.Router {
			return m, err
		}
		_, err = routers.AddInterface(ctx, c, m.RouterID, routers.AddInterfaceOpts{SubnetID: m.SubnetID}).Extract()
		if err == nil {
			m.joined = true
			return m, nil
		}
		if m.ownRouter || !gophercloud.ResponseCodeIs(err, http.StatusBadRequest) {
			break
		}
		// The subnet may overlap with that of another test at the same router.
		if derr := subnets.Delete(ctx, c, m.SubnetID).ExtractErr(); derr != nil {
			return m, fmt.Errorf("removing subnet %s: %w", m.SubnetID, derr)
		}
		m.SubnetID = ""
	}
	return m, fmt.Errorf("joining subnet %s and router %s: %w", m.SubnetID, m.RouterID, err)
}

func (m *Made) makeSubnet(ctx context.Context, c *gophercloud.ServiceClient, o Options) error {
	cidr, err := pick(o.CIDR, o.MaskBits, rand.Uint64())
	if err != nil {
		return err
	}
	s, err := subnets.Create(ctx, c, subnets.CreateOpts{
		NetworkID: m.NetworkID, ProjectID: o.ProjectID, Name: o.Name + "-subnet", CIDR: cidr.String(),
		IPVersion: ipVersion(cidr), EnableDHCP: &o.DHCP,
	}).Extract()
	if err != nil {
		return fmt.Errorf("making a subnet %s of network %s: %w", cidr, m.NetworkID, err)
	}
	m.SubnetID, m.CIDR = s.ID, s.CIDR
	return nil
}

func ipVersion(p netip.Prefix) gophercloud.IPVersion {
	if p.Addr().Is6() {
		return gophercloud.IPv6
	}
	return gophercloud.IPv4
}

// pick returns one of the subnets with that prefix length in a range.
func pick(within string, bits int, chance uint64) (netip.Prefix, error) {
	all, err := netip.ParsePrefix(within)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("network.project_cidr is %q: %w", within, err)
	}
	all = all.Masked()
	size := all.Addr().BitLen()
	if bits < all.Bits() || bits > size {
		return netip.Prefix{}, fmt.Errorf(
			"network.project_mask_bits is %d: it must be between those of project_cidr, %s, and %d", bits, within, size)
	}
	free := bits - all.Bits() // so many bits say which subnet it is
	const word = 64
	if free < word {
		chance %= 1 << free
	}
	raw := all.Addr().AsSlice()
	for i := range min(free, word) {
		if chance>>i&1 == 1 {
			at := bits - 1 - i
			raw[at/8] |= 0x80 >> (at % 8)
		}
	}
	addr, _ := netip.AddrFromSlice(raw)
	return netip.PrefixFrom(addr, bits), nil
}

func (m *Made) makeRouter(ctx context.Context, c *gophercloud.ServiceClient, o Options) error {
	find := func(string) (*gophercloud.ServiceClient, error) { return c, nil }
	if o.Shared != "" {
		r, err := lookup.Find(ctx, find, "router", o.Shared)
		if err != nil {
			return fmt.Errorf("network.public_router: %w", err)
		}
		m.RouterID = r.ID
		return nil
	}
	public, err := lookup.Find(ctx, find, "network", o.Public)
	if err != nil {
		return fmt.Errorf("network.public_network: %w", err)
	}
	r, err := routers.Create(ctx, c, routers.CreateOpts{
		Name: o.Name + "-router", ProjectID: o.ProjectID, GatewayInfo: &routers.GatewayInfo{NetworkID: public.ID},
	}).Extract()
	if err != nil {
		return fmt.Errorf("making a router to %s: %w", o.Public, err)
	}
	m.RouterID, m.ownRouter = r.ID, true
	return nil
}

// Remove removes what was made, and the ports in it. It goes on when a step fails, as far as that makes sense.
func (m Made) Remove(ctx context.Context, c *gophercloud.ServiceClient) error {
	var all error
	if m.joined {
		_, err := routers.RemoveInterface(ctx, c, m.RouterID, routers.RemoveInterfaceOpts{SubnetID: m.SubnetID}).Extract()
		all = errors.Join(all, failed("the interface of router", m.RouterID, err))
	}
	if m.ownRouter {
		all = errors.Join(all, failed("router", m.RouterID, routers.Delete(ctx, c, m.RouterID).ExtractErr()))
	}
	if m.NetworkID == "" {
		return all
	}
	list, err := portsOf(ctx, c, ports.ListOpts{NetworkID: m.NetworkID})
	all = errors.Join(all, err)
	for _, p := range list {
		if !ofService(p) {
			all = errors.Join(all, failed("port", p.ID, ports.Delete(ctx, c, p.ID).ExtractErr()))
		}
	}
	if m.SubnetID != "" {
		all = errors.Join(all, failed("subnet", m.SubnetID, subnets.Delete(ctx, c, m.SubnetID).ExtractErr()))
	}
	return errors.Join(all, failed("network", m.NetworkID, networks.Delete(ctx, c, m.NetworkID).ExtractErr()))
}

// failed says what could not be removed. What is not there has been removed.
func failed(what, id string, err error) error {
	if err == nil || gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		return nil
	}
	return fmt.Errorf("removing %s %s: %w", what, id, err)
}

func portsOf(ctx context.Context, c *gophercloud.ServiceClient, o ports.ListOpts) ([]ports.Port, error) {
	page, err := ports.List(c, o).AllPages(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing ports: %w", err)
	}
	list, err := ports.ExtractPorts(page)
	if err != nil {
		return nil, fmt.Errorf("listing ports: %w", err)
	}
	return list, nil
}

// ofService reports whether a port is one that the network service makes and removes itself.
func ofService(p ports.Port) bool {
	switch p.DeviceOwner {
	case "network:dhcp", "network:distributed", "network:metadata", "network:router_gateway":
		return true
	}
	return false
}

// RemoveSecurityGroups removes the security groups of a project: the default one is made by the network service for
// each project that uses it, and stays when the project is removed. It takes an administrator.
func RemoveSecurityGroups(ctx context.Context, c *gophercloud.ServiceClient, projectID string) error {
	page, err := groups.List(c, groups.ListOpts{ProjectID: projectID}).AllPages(ctx)
	if err != nil {
		return fmt.Errorf("listing security groups: %w", err)
	}
	list, err := groups.ExtractGroups(page)
	if err != nil {
		return fmt.Errorf("listing security groups: %w", err)
	}
	var all error
	for _, g := range list {
		if g.ProjectID == projectID || g.TenantID == projectID { // a filter may be ignored
			all = errors.Join(all, failed("security group", g.ID, groups.Delete(ctx, c, g.ID).ExtractErr()))
		}
	}
	return all
}

// RemoveAll removes the routers, networks and security groups of a project. It takes an administrator.
func RemoveAll(ctx context.Context, c *gophercloud.ServiceClient, projectID string) error {
	page, err := routers.List(c, routers.ListOpts{ProjectID: projectID}).AllPages(ctx)
	if err != nil {
		return fmt.Errorf("listing routers: %w", err)
	}
	own, err := routers.ExtractRouters(page)
	if err != nil {
		return fmt.Errorf("listing routers: %w", err)
	}
	page, err = networks.List(c, networks.ListOpts{ProjectID: projectID}).AllPages(ctx)
	if err != nil {
		return fmt.Errorf("listing networks: %w", err)
	}
	list, err := networks.ExtractNetworks(page)
	if err != nil {
		return fmt.Errorf("listing networks: %w", err)
	}
	var all error
	for _, n := range list {
		if n.ProjectID == projectID || n.TenantID == projectID {
			all = errors.Join(all, leaveRouters(ctx, c, n.ID))
		}
	}
	for _, r := range own {
		if r.ProjectID == projectID || r.TenantID == projectID {
			all = errors.Join(all, failed("router", r.ID, routers.Delete(ctx, c, r.ID).ExtractErr()))
		}
	}
	for _, n := range list {
		if n.ProjectID == projectID || n.TenantID == projectID {
			all = errors.Join(all, Made{NetworkID: n.ID}.Remove(ctx, c))
		}
	}
	return errors.Join(all, RemoveSecurityGroups(ctx, c, projectID))
}

// leaveRouters removes the interfaces of routers in a network.
func leaveRouters(ctx context.Context, c *gophercloud.ServiceClient, networkID string) error {
	list, err := portsOf(ctx, c, ports.ListOpts{NetworkID: networkID})
	for _, p := range list {
		switch p.DeviceOwner {
		case "network:router_interface", "network:ha_router_replicated_interface", "network:router_interface_distributed":
			_, rerr := routers.RemoveInterface(ctx, c, p.DeviceID, routers.RemoveInterfaceOpts{PortID: p.ID}).Extract()
			err = errors.Join(err, failed("the interface of router", p.DeviceID, rerr))
		}
	}
	return err
}
