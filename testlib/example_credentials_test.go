package testlib_test

import (
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

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
	if !gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		e.Errorf("a member of another project reads it: %v, want status 403", err)
	}
}

// A user with roles that the author names.
func ExampleProjectRoles() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.ProjectRoles("auditor", "reader", "service"))

	id := e.Credential("auditor").ProjectID
	if err := projects.Get(e.Context(), e.Identity("auditor"), id).Err; err != nil {
		e.Errorf("an auditor reads the project: %v", err)
	}
}
