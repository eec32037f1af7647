package cloudcheck

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// services compares [service_available] with the catalogue.
func (c *checker) services(context.Context) {
	for _, s := range c.settings {
		if s.Group != available || s.Option.Type != "bool" {
			continue
		}
		c.checked[s.Group+"."+s.Option.Name] = true
		serviceType := cloud.ServiceType(s.Option.Name)
		there := c.has(serviceType)
		switch {
		case on(s) && there, !on(s) && !there:
		case !on(s):
			c.find(Note, s, "the catalogue has "+serviceType, "its tests are skipped; true runs them")
		case isDefault(s):
			c.find(Note, s, c.absent(serviceType), "its tests are skipped")
		default:
			c.find(Mismatch, s, c.absent(serviceType), c.placeRemedy(serviceType, "set it to false"))
		}
	}
	c.places()
}

// absent says what the catalogue has instead of an endpoint of a service.
func (c *checker) absent(serviceType string) string {
	eo := c.session.Endpoint(serviceType)
	eo.ApplyDefaults(serviceType)
	var others []string
	for _, entry := range c.admin.Catalog.Entries {
		if slices.Contains(eo.Types(), entry.Type) {
			for _, e := range entry.Endpoints {
				others = append(others, e.Interface+" in "+e.RegionID)
			}
		}
	}
	if len(others) == 0 {
		return "the catalogue has no " + serviceType
	}
	slices.Sort(others)
	return fmt.Sprintf("the catalogue has no %s endpoint of %s%s, but %s",
		availability(eo), serviceType, inRegion(eo.Region), strings.Join(slices.Compact(others), ", "))
}

// placeRemedy says what to do about a service without an endpoint: else, unless it has one in another place.
func (c *checker) placeRemedy(serviceType, otherwise string) string {
	if strings.Contains(c.absent(serviceType), ", but ") {
		group := config.ServiceGroup(serviceType)
		return fmt.Sprintf("see %s.region and %s.endpoint_type", group, group)
	}
	return otherwise
}

func availability(eo gophercloud.EndpointOpts) string {
	if eo.Availability == "" {
		return "public"
	}
	return string(eo.Availability)
}

func inRegion(region string) string {
	if region == "" {
		return ""
	}
	return " in region " + region
}

// places checks that what region and endpoint_type of a group say leads to endpoints, where they are set.
func (c *checker) places() {
	for _, s := range c.settings {
		if s.Option.Name != "region" && s.Option.Name != "endpoint_type" || text(s) == "" {
			continue
		}
		serviceType := cloud.ServiceType(s.Group)
		c.checked[s.Group+"."+s.Option.Name] = true
		if !c.hasPlace(serviceType, s) {
			c.find(Mismatch, s, c.absent(serviceType), "set one that is there, or leave it out")
		}
	}
}

// hasPlace reports whether an endpoint has the region or the interface of s, as far as the catalogue has the
// service at all.
func (c *checker) hasPlace(serviceType string, s config.Setting) bool {
	eo := gophercloud.EndpointOpts{}
	eo.ApplyDefaults(serviceType)
	known := false
	for _, entry := range c.admin.Catalog.Entries {
		if !slices.Contains(eo.Types(), entry.Type) {
			continue
		}
		known = true
		if slices.ContainsFunc(entry.Endpoints, func(e tokens.Endpoint) bool {
			if s.Option.Name == "region" {
				return e.Region == text(s) || e.RegionID == text(s)
			}
			return e.Interface == text(s)
		}) {
			return true
		}
	}
	return !known
}

// administrator checks that the credentials are an administrator's, where users are made for tests.
func (c *checker) administrator(ctx context.Context) {
	s := c.get("auth", "cloud")
	if c.session.Cloud.NoAdmin {
		return
	}
	if name := c.session.Cloud.Name; text(s) == "" && name != "" {
		s.Value, s.Origin = name, config.Origin{Kind: config.FromEnvironment, Variable: "OS_CLOUD"}
	}
	client, err := c.client(cloud.Identity)
	if err != nil {
		c.failed(s, err)
		return
	}
	_, err = client.Get(ctx, client.ServiceURL("services"), nil, nil)
	switch {
	case gophercloud.ResponseCodeIs(err, http.StatusForbidden):
		c.find(Mismatch, s, "its credentials are not an administrator's: listing services is forbidden (403)",
			fmt.Sprintf("give the user the role %q, or set auth.dynamic_credentials = false and auth.accounts_file",
				text(c.get("identity", "admin_role"))))
	case err != nil:
		c.failed(s, err)
	}
}

// roles checks that the roles exist which options name.
func (c *checker) roles(ctx context.Context) {
	client, err := c.client(cloud.Identity)
	for _, r := range []struct {
		group, name string
		may         bool // a cloud may lack the default
	}{
		{"identity", "admin_role", false}, {"identity", "manager_role", true}, {"identity", "member_role", false},
		{"identity", "reader_role", false}, {"identity", "extra_roles", false},
		{"object_store", "operator_role", false}, {"object_store", "reseller_admin_role", true},
	} {
		if r.group == "object_store" && !c.tested("object-store") {
			continue
		}
		s := c.get(r.group, r.name)
		for _, name := range append(list(s), text(s)) {
			if name == "" {
				continue
			}
			if err != nil {
				c.failed(s, err)
				return
			}
			id, err := c.admin.RoleID(ctx, client, name)
			switch {
			case err != nil:
				c.failed(s, err)
				return
			case id == "" && r.may && isDefault(s):
				c.find(Note, s, fmt.Sprintf("the cloud has no role %q", name), "tests that need it are skipped")
			case id == "":
				c.find(Mismatch, s, fmt.Sprintf("the cloud has no role %q", name), "name one that it has, or make it")
			}
		}
	}
}
