package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// port is what the network service says of a port.
type port struct {
	ID          string
	Name        string
	NetworkID   string `json:"network_id"`
	DeviceID    string `json:"device_id"`
	DeviceOwner string `json:"device_owner"`
	FixedIPs    []struct {
		SubnetID string `json:"subnet_id"`
	} `json:"fixed_ips"`
}

// onRouter reports whether the port is an interface of a router.
func (p port) onRouter() bool {
	return strings.HasPrefix(p.DeviceOwner, "network:router_interface") ||
		strings.HasPrefix(p.DeviceOwner, "network:ha_router_replicated_interface")
}

// ports lists those that match a query.
func (c *cloudRemover) ports(ctx context.Context, r *rights, name, value string) ([]port, error) {
	var doc struct{ Ports []port }
	err := c.get(ctx, r, network, "/ports?"+name+"="+url.QueryEscape(value), &doc)
	return doc.Ports, err
}

// emptyRouter takes the interfaces from a router, without which it cannot be deleted.
func (c *cloudRemover) emptyRouter(ctx context.Context, r *rights, t *Thing) outcome {
	ports, err := c.ports(ctx, r, "device_id", t.ID)
	if err != nil {
		return outcome{verdict: busy, reason: err}
	}
	for _, p := range ports {
		if p.DeviceID != t.ID || !p.onRouter() {
			continue
		}
		if err := c.leaveRouter(ctx, r, p); err != nil {
			return outcome{verdict: busy, reason: err}
		}
	}
	return ready
}

// leaveRouter takes an interface from the router that it belongs to.
func (c *cloudRemover) leaveRouter(ctx context.Context, r *rights, p port) error {
	a, err := c.send(ctx, r, network, http.MethodPut, "/routers/"+p.DeviceID+"/remove_router_interface",
		fmt.Sprintf(`{"port_id":%q}`, p.ID), nil)
	if a.status == http.StatusNotFound {
		return nil
	}
	return err
}

// freePorts finds the ports that keep a network, a subnet or a port. Interfaces of routers are taken away at
// once; others are returned, because they go before it.
func (c *cloudRemover) freePorts(ctx context.Context, r *rights, t *Thing) ([]*Thing, error) {
	query, value := "network_id", t.ID
	switch {
	case t.removes(network, "subnets"):
		query, value = "fixed_ips", "subnet_id="+t.ID
	case t.removes(network, "ports"):
		query = "id"
	}
	ports, err := c.ports(ctx, r, query, value)
	if err != nil {
		return nil, err
	}
	var more []*Thing
	var errs []error
	for _, p := range ports {
		switch {
		case !p.concerns(t):
		case p.onRouter():
			errs = append(errs, c.leaveRouter(ctx, r, p))
		case p.ID == t.ID, strings.HasPrefix(p.DeviceOwner, "network:"): // the service's own
		default:
			more = append(more, c.portThing(p, t))
		}
	}
	return more, errors.Join(errs...)
}

// concerns reports whether the port is what was asked for: a service that does not know a query shows
// everything.
func (p port) concerns(t *Thing) bool {
	switch {
	case t.removes(network, "ports"):
		return p.ID == t.ID
	case t.removes(network, "networks"):
		return p.NetworkID == t.ID
	}
	for _, ip := range p.FixedIPs {
		if ip.SubnetID == t.ID {
			return true
		}
	}
	return false
}

func (c *cloudRemover) portThing(p port, of *Thing) *Thing {
	thing := &Thing{
		Service: network, Type: "port", ID: p.ID, Name: p.Name, Project: of.Project, Run: of.Run, Program: of.Program,
		Test: of.Test, Account: of.Account, Why: "on " + of.String(), rank: of.rank,
	}
	thing.removal.Service, thing.removal.Method, thing.removal.Path = network, http.MethodDelete, "/ports/"+p.ID
	if kind, ok := c.table.Type(network, "port"); ok {
		thing.rank = kind.Rank
	}
	return thing
}
