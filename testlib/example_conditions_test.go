package testlib_test

import (
	"net/http"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"

	"github.com/gotempest/tempest/testlib"
)

// A test that changes what all others see runs alone.
func ExampleAttribute() {
	e := testlib.Start(t, testlib.Serial, testlib.Services("identity"), testlib.Credentials(testlib.SystemReader))

	before, err := regions.List(e.Identity(testlib.SystemReader), nil).AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing regions: %v", err)
	}
	e.Log(before.IsEmpty())
}

// Tests that name the same thing never run at one time. Others run beside them.
func ExampleExclusive() {
	e := testlib.Start(t, testlib.Exclusive("quota-defaults"),
		testlib.Services("identity"), testlib.Credentials(testlib.ProjectAdmin))

	id := e.Credential(testlib.ProjectAdmin).ProjectID
	if err := projects.Get(e.Context(), e.Identity(testlib.ProjectAdmin), id).Err; err != nil {
		e.Errorf("reading the project: %v", err)
	}
}

// The service has a bug: the failure is known, and does not fail the run.
func ExampleUnstable() {
	e := testlib.Start(t, testlib.Unstable("2012345"),
		testlib.Services("identity"), testlib.Credentials(testlib.ProjectReader))

	err := projects.Get(e.Context(), e.Identity(testlib.ProjectReader), "none").Err
	e.WantStatus("reading a project that there is not", err, http.StatusTeapot)
}

// The test cannot even be tried until the bug is mended.
func ExampleSkipBecause() {
	e := testlib.Start(t, testlib.SkipBecause("storyboard:2001234"), testlib.Services("identity"))

	e.Fatal("this is not reached")
}

// Options of tempest.toml say what the cloud can do: [compute_feature_enabled] resize.
func ExampleFeature() {
	e := testlib.Start(t, testlib.Services("compute"), testlib.Feature("compute", "resize", "snapshot"),
		testlib.Credentials(testlib.ProjectMember))

	e.Log(e.Compute(testlib.ProjectMember).Endpoint)
}

// The cloud is asked which extensions it has.
func ExampleExtension() {
	e := testlib.Start(t, testlib.Services("network"), testlib.Extension("network", "router"),
		testlib.Credentials(testlib.ProjectMember))

	if _, err := routers.List(e.Network(testlib.ProjectMember), routers.ListOpts{}).AllPages(e.Context()); err != nil {
		e.Errorf("listing routers: %v", err)
	}
}

// Clients have the lowest microversion of the range that the cloud offers. Another one is had for single calls.
func ExampleMicroversion() {
	e := testlib.Start(t, testlib.Services("compute"), testlib.Microversion("compute", "2.92", "latest"),
		testlib.Credentials(testlib.ProjectMember))

	_, err := keypairs.Create(e.Context(), e.Compute(testlib.ProjectMember), keypairs.CreateOpts{
		Name: e.Name("key"),
	}).Extract()
	e.WantStatus("a key pair without a public key at "+e.Microversion("compute"), err, http.StatusBadRequest)

	old := e.ClientAt(testlib.ProjectMember, "compute", "2.1")
	if _, err := servers.List(old, servers.ListOpts{}).AllPages(e.Context()); err != nil {
		e.Errorf("listing servers: %v", err)
	}
}
