package wait

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

// badNetwork is the status of a network resource that is broken (Networking API v2.0: "Possible values are
// ACTIVE, DOWN, BUILD or ERROR" of networks and ports, "… ERROR" of floating IPs and routers).
var badNetwork = []string{"ERROR"}

// Network waits until a network has one of the wanted statuses, as "ACTIVE". The wait ends at once in ERROR.
func Network(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*networks.Network, error) {
	return For(ctx, Poll[*networks.Network, string]{
		What: "network " + id, Want: want, Bad: badNetwork, Get: getNetwork(network, id),
		State: func(n *networks.Network) string { return n.Status },
	}, o)
}

// NetworkGone waits until a network is gone.
func NetworkGone(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "network "+id, getNetwork(network, id), o)
}

// SubnetGone waits until a subnet is gone.
func SubnetGone(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "subnet "+id, func(ctx context.Context) (*subnets.Subnet, error) {
		return subnets.Get(ctx, network, id).Extract()
	}, o)
}

// Port waits until a port has one of the wanted statuses, as "ACTIVE" or "DOWN". The wait ends at once in
// ERROR.
func Port(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*ports.Port, error) {
	return For(ctx, Poll[*ports.Port, string]{
		What: "port " + id, Want: want, Bad: badNetwork, Get: getPort(network, id),
		State: func(p *ports.Port) string { return p.Status },
	}, o)
}

// PortGone waits until a port is gone.
func PortGone(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "port "+id, getPort(network, id), o)
}

// DevicePorts waits until a device, such as a server, has ports, and all of them have one of the wanted
// statuses. The wait ends at once when one is in ERROR.
func DevicePorts(ctx context.Context, network *gophercloud.ServiceClient, deviceID string, o Options, want ...string) (
	[]ports.Port, error) {
	return For(ctx, Poll[[]ports.Port, string]{
		What: "ports of " + deviceID, Want: want, Bad: badNetwork,
		Get: func(ctx context.Context) ([]ports.Port, error) {
			page, err := ports.List(network, ports.ListOpts{DeviceID: deviceID}).AllPages(ctx)
			if err != nil {
				return nil, err
			}
			return ports.ExtractPorts(page)
		},
		State: func(list []ports.Port) string { return portsState(list, want) },
	}, o)
}

// portsState is the one status of all ports, ERROR when one has it, a wanted one when all have some wanted
// one, or all of them.
func portsState(list []ports.Port, want []string) string {
	count := map[string]int{}
	unwanted := 0
	for i := range list {
		count[list[i].Status]++
		if !slices.Contains(want, list[i].Status) {
			unwanted++
		}
	}
	switch {
	case len(list) == 0:
		return "no ports"
	case unwanted == 0:
		return list[0].Status
	case count["ERROR"] > 0:
		return "ERROR"
	}
	var words []string
	for _, status := range slices.Sorted(maps.Keys(count)) {
		words = append(words, fmt.Sprintf("%d %s", count[status], status))
	}
	return strings.Join(words, ", ")
}

// Router waits until a router has one of the wanted statuses, as "ACTIVE". The wait ends at once in ERROR.
func Router(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*routers.Router, error) {
	return For(ctx, Poll[*routers.Router, string]{
		What: "router " + id, Want: want, Bad: badNetwork, Get: getRouter(network, id),
		State: func(r *routers.Router) string { return r.Status },
	}, o)
}

// RouterGone waits until a router is gone.
func RouterGone(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "router "+id, getRouter(network, id), o)
}

// FloatingIP waits until a floating IP has one of the wanted statuses: "ACTIVE" when it is bound to a port and the
// router serves it, "DOWN" when it is not. The wait ends at once in ERROR.
func FloatingIP(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*floatingips.FloatingIP, error) {
	return For(ctx, Poll[*floatingips.FloatingIP, string]{
		What: "floating IP " + id, Want: want, Bad: badNetwork, Get: getFloatingIP(network, id),
		State: func(f *floatingips.FloatingIP) string { return f.Status },
	}, o)
}

// FloatingIPGone waits until a floating IP is gone.
func FloatingIPGone(ctx context.Context, network *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "floating IP "+id, getFloatingIP(network, id), o)
}

func getNetwork(network *gophercloud.ServiceClient, id string) func(context.Context) (*networks.Network, error) {
	return func(ctx context.Context) (*networks.Network, error) { return networks.Get(ctx, network, id).Extract() }
}

func getPort(network *gophercloud.ServiceClient, id string) func(context.Context) (*ports.Port, error) {
	return func(ctx context.Context) (*ports.Port, error) { return ports.Get(ctx, network, id).Extract() }
}

func getRouter(network *gophercloud.ServiceClient, id string) func(context.Context) (*routers.Router, error) {
	return func(ctx context.Context) (*routers.Router, error) { return routers.Get(ctx, network, id).Extract() }
}

func getFloatingIP(network *gophercloud.ServiceClient, id string) func(context.Context) (
	*floatingips.FloatingIP, error) {
	return func(ctx context.Context) (*floatingips.FloatingIP, error) {
		return floatingips.Get(ctx, network, id).Extract()
	}
}
