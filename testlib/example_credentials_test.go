package testlib_test

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/gotempest/tempest/testlib"
)

// Personas of one project share it, so that one can look at what another made.
func ExampleCredentials() {
	e := testlib.Start(t, testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectReader, testlib.ProjectMember, testlib.AltMember))
	id := e.Credential(testlib.ProjectMember).ProjectID

	if err := projects.Get(e.Context(), e.Identity(testlib.ProjectReader), id).Err; err != nil {
		e.Errorf("a reader of the project reads it: %v", err)
	}
	err := projects.Get(e.Context(), e.Identity(testlib.AltMember), id).Err
	e.WantStatus("a member of another project reading it", err, http.StatusForbidden)
}

// A user with roles that the author names.
func ExampleProjectRoles() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.ProjectRoles("auditor", "reader", "service"))

	id := e.Credential("auditor").ProjectID
	if err := projects.Get(e.Context(), e.Identity("auditor"), id).Err; err != nil {
		e.Errorf("an auditor reads the project: %v", err)
	}
}

// A network of the test's own, with a subnet and a router to the public network. It is gone after the test.
func ExampleNetwork() {
	e := testlib.Start(t, testlib.Services("network"), testlib.Credentials(testlib.ProjectMember),
		testlib.Network(testlib.NetworkRouter))
	c, own := e.Network(testlib.ProjectMember), e.OwnNetwork()

	port, err := ports.Create(e.Context(), c, ports.CreateOpts{NetworkID: own.ID, Name: e.Name("port")}).Extract()
	if err != nil {
		e.Fatalf("making a port: %v", err)
	}
	e.Cleanup("port "+port.ID, func(ctx context.Context) error {
		return ports.Delete(ctx, c, port.ID).ExtractErr()
	})
	if len(port.FixedIPs) != 1 || port.FixedIPs[0].SubnetID != own.SubnetID {
		e.Errorf("addresses of the port: %v, want one of subnet %s", port.FixedIPs, own.SubnetID)
	}
}
