package cloudcheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/utils"

	"github.com/gotempest/tempest/internal/lookup"
	"github.com/gotempest/tempest/testlib/config"
)

// resources checks that the resources exist which options name, of tempest and of plugins.
func (c *checker) resources(ctx context.Context) {
	for _, s := range c.settings {
		if s.Option.Resource == "" {
			continue
		}
		c.checked[s.Group+"."+s.Option.Name] = true
		for _, name := range append(list(s), text(s)) {
			if name != "" {
				c.resource(ctx, s, name)
			}
		}
	}
}

// unset tells what could be named where nothing is, and tests are skipped for want of it.
func (c *checker) unset(ctx context.Context) {
	for _, r := range []struct{ group, name, service, path, list string }{
		{"compute", "image", "image", "images?status=active", "images"},
		{"compute", "flavor", "compute", "flavors?is_public=true", "flavors"},
		{"network", "public_network", "network", "networks?router:external=true", "networks"},
	} {
		s := c.get(r.group, r.name)
		if text(s) != "" || !c.tested(r.service) || !c.tested(r.group) {
			continue
		}
		var answer map[string]json.RawMessage
		var items []struct{ Name string }
		err := c.read(ctx, r.service, r.path, &answer)
		if err == nil {
			err = json.Unmarshal(answer[r.list], &items)
		}
		if err != nil {
			c.failed(s, err)
			continue
		}
		var names []string
		for _, item := range items[:min(len(items), mostNames)] {
			names = append(names, item.Name)
		}
		if len(names) == 0 {
			names = []string{"none"}
		}
		c.find(Note, s, "it is not set, and the cloud has "+strings.Join(names, ", "), "tests that need it are skipped")
	}
}

// mostNames is how many names a finding lists.
const mostNames = 5

func (c *checker) resource(ctx context.Context, s config.Setting, name string) {
	kind := s.Option.Resource
	service := lookup.Service(kind)
	if service != "" && !c.has(service) {
		c.find(Mismatch, s, c.absent(service), c.placeRemedy(service, "leave it out"))
		return
	}
	r, err := lookup.Find(ctx, c.client, kind, name)
	var missing *lookup.MissingError
	var several *lookup.AmbiguousError
	switch {
	case errors.As(err, &missing):
		c.find(Mismatch, s, missing.Error(), "name one that it has, or make it")
	case errors.As(err, &several):
		c.find(Mismatch, s, several.Error(), "")
	case err != nil:
		c.failed(s, err)
	default:
		c.fit(ctx, s, r)
	}
}

// fit checks that a resource is fit for what its option says of it.
func (c *checker) fit(ctx context.Context, s config.Setting, r lookup.Resource) {
	var wrong string
	var err error
	switch s.Group + "." + s.Option.Name {
	case "network.public_network":
		var n struct {
			Network struct {
				External bool `json:"router:external"`
			}
		}
		if err = c.read(ctx, "network", "networks/"+r.ID, &n); err == nil && !n.Network.External {
			wrong = "is not an external network"
		}
	case "network.public_router":
		var n struct {
			Router struct {
				Gateway any `json:"external_gateway_info"`
			}
		}
		if err = c.read(ctx, "network", "routers/"+r.ID, &n); err == nil && n.Router.Gateway == nil {
			wrong = "has no gateway"
		}
	case "compute.image", "compute.image_alt":
		var i struct{ Status string }
		if err = c.read(ctx, "image", "images/"+r.ID, &i); err == nil && i.Status != "active" {
			wrong = "is " + i.Status + ", not active"
		}
	case "volume.volume_type_multiattach":
		var v struct {
			Type struct {
				Specs map[string]string `json:"extra_specs"`
			} `json:"volume_type"`
		}
		if err = c.read(ctx, "block-storage", "types/"+r.ID, &v); err == nil && v.Type.Specs["multiattach"] != "<is> True" {
			wrong = `has no extra spec multiattach "<is> True"`
		}
	}
	if err != nil {
		c.failed(s, err)
	} else if wrong != "" {
		kind := strings.ReplaceAll(r.Kind, "_", " ")
		c.find(Mismatch, s, fmt.Sprintf("the %s %s %s", kind, r.ID, wrong), "name another one")
	}
}

// read gets a path of a service.
func (c *checker) read(ctx context.Context, serviceType, path string, to any) error {
	client, err := c.client(serviceType)
	if err != nil {
		return err
	}
	_, err = client.Get(ctx, client.ServiceURL(path), to, nil)
	return err
}

// microversions compares the ranges to be tested with what the services offer.
func (c *checker) microversions(ctx context.Context) {
	for _, m := range []struct{ group, service string }{
		{"compute", "compute"}, {"volume", "block-storage"}, {"placement", "placement"},
	} {
		low, high := c.get(m.group, "min_microversion"), c.get(m.group, "max_microversion")
		if text(low) == "" && text(high) == "" || !c.tested(m.service) {
			continue
		}
		offered, err := c.offered(ctx, m.service)
		if err != nil {
			c.failed(low, fmt.Errorf("asking for its microversions: %w", err))
			continue
		}
		for _, s := range []config.Setting{low, high} {
			if text(s) == "" || text(s) == "latest" {
				continue
			}
			if ok, err := offered.IsSupported(text(s)); err != nil || !ok {
				c.find(Mismatch, s, fmt.Sprintf("%s offers %d.%d to %d.%d", m.service,
					offered.MinMajor, offered.MinMinor, offered.MaxMajor, offered.MaxMinor), "set one in between, or leave it out")
			}
		}
	}
}

func (c *checker) offered(ctx context.Context, service string) (utils.SupportedMicroversions, error) {
	client, err := c.client(service)
	if err != nil {
		return utils.SupportedMicroversions{}, err
	}
	if client.Endpoint, err = utils.BaseVersionedEndpoint(client.Endpoint); err != nil {
		return utils.SupportedMicroversions{}, err
	}
	return utils.GetSupportedMicroversions(ctx, client)
}
