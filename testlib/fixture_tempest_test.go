//go:build tempest

package testlib_test

import (
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"

	"github.com/gotempest/tempest/testlib"
)

// Microversion 2.55 gave flavors a description, and 2.47 took the ID of the flavor from servers.
func TestTwoMicroversionsOfCompute(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a8b7a7d4-30a1-4d25-8c1f-7d6e2b0d6c51"), testlib.Services("compute"),
		testlib.Microversion("compute", "2.1", "latest"), testlib.Credentials(testlib.ProjectReader))

	e.Run("Lowest", func(e *testlib.Env) {
		if described(e, e.Compute(testlib.ProjectReader)) {
			e.Errorf("flavors of microversion %s have a description", e.Microversion("compute"))
		}
	}, testlib.ID("6ad8c9a0-9e2d-4f2f-8ea6-5b3b0cf6f0e2"))

	e.Run("Newer", func(e *testlib.Env) {
		newer := e.Compute(testlib.ProjectReader)
		if newer.Microversion != "2.90" || !described(e, newer) {
			e.Errorf("flavors of microversion %s have no description", newer.Microversion)
		}
		if described(e, e.ClientAt(testlib.ProjectReader, "compute", "2.1")) {
			e.Error("flavors of microversion 2.1 have a description, beside a client of 2.90")
		}
	}, testlib.ID("0b36b0a4-6a1f-4f0e-8e0d-35f3f1f1a2d3"), testlib.Microversion("compute", "2.90", "latest"))
}

// described reports whether the flavors that c lists have a description, if only an empty one.
func described(e *testlib.Env, c *gophercloud.ServiceClient) bool {
	e.Helper()
	page, err := flavors.ListDetail(c, nil).AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing flavors: %v", err)
	}
	var list struct{ Flavors []map[string]any }
	if err := page.(flavors.FlavorPage).ExtractInto(&list); err != nil {
		e.Fatal(err)
	}
	if len(list.Flavors) == 0 {
		e.Skip("there are no flavors")
	}
	_, has := list.Flavors[0]["description"]
	return has
}

func TestMicroversionsOfPlacementAndBlockStorage(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9d4d6d1b-7f3d-4f5d-a3e8-6f4b7f0c9a14"),
		testlib.Services("placement", "block-storage"),
		testlib.Microversion("placement", "1.3", "latest"), testlib.Microversion("block-storage", "3.60", "latest"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := testlib.ProjectAdmin
	for _, c := range []*gophercloud.ServiceClient{e.Placement(admin), e.BlockStorage(admin)} {
		path := map[string]string{"placement": "resource_providers", "block-storage": "types"}[c.Type]
		resp, err := c.Get(e.Context(), c.ServiceURL(path), nil, nil)
		if err != nil || resp.StatusCode != http.StatusOK {
			e.Errorf("listing %s of %s with microversion %s: %v", path, c.Type, c.Microversion, err)
		}
	}
}

func TestExtensionOfNetwork(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f3a9b9a2-3b64-4a5e-9e0a-6c9f3d9f6f77"), testlib.Services("network"))

	e.Run("Has", func(e *testlib.Env) {
		if _, err := routers.List(e.Network(testlib.ProjectReader), routers.ListOpts{}).AllPages(e.Context()); err != nil {
			e.Errorf("listing routers: %v", err)
		}
	}, testlib.ID("20b0fb2e-1b1f-4d27-9b0c-8c8f7a2b8a35"), testlib.Extension("network", "router"),
		testlib.Feature("network", "ipv6"), testlib.Credentials(testlib.ProjectReader))

	e.Run("Lacks", func(e *testlib.Env) {
		e.Error("a test ran that asks for an extension which no cloud has")
	}, testlib.ID("5b7ff2a1-5d24-4b0d-b1a4-0d8f2f6a7e90"), testlib.Extension("network", "time-travel"))
}
