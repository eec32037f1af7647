package keymanager

import (
	"context"
	"crypto/rand"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

// Stranger returns a client of the key manager that acts as a user of another
// project, and the ID of that user, who has there the roles of the test's
// project member. The test must have asked for [testlib.ProjectMember] and
// [testlib.ProjectAdmin].
func Stranger(e *testlib.Env) (c *gophercloud.ServiceClient, userID string) {
	e.Helper()
	ctx, admin := e.Context(), e.Identity(testlib.ProjectAdmin)
	member := e.Credential(testlib.ProjectMember)
	project, err := projects.Create(ctx, admin, projects.CreateOpts{
		Name: e.Name("other-project"), DomainID: member.DomainID,
	}).Extract()
	if err != nil {
		e.Fatalf("making another project: %v", err)
	}
	e.Cleanup("project "+project.ID, func(ctx context.Context) error {
		return projects.Delete(ctx, admin, project.ID).ExtractErr()
	})
	password := rand.Text()
	user, err := users.Create(ctx, admin, users.CreateOpts{
		Name: e.Name("stranger"), DomainID: member.DomainID, Password: password,
	}).Extract()
	if err != nil {
		e.Fatalf("making a user of another project: %v", err)
	}
	e.Cleanup("user "+user.ID, func(ctx context.Context) error {
		return users.Delete(ctx, admin, user.ID).ExtractErr()
	})
	copyRoles(e, admin, member, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	return clientOf(e, tokens.AuthOptions{
		UserID: user.ID, Password: password, Scope: tokens.Scope{ProjectID: project.ID},
	}), user.ID
}

// copyRoles gives to what from has on its project.
func copyRoles(e *testlib.Env, admin *gophercloud.ServiceClient, from testlib.Credential, to roles.AssignOpts) {
	e.Helper()
	o := roles.ListAssignmentsOpts{UserID: from.UserID, ScopeProjectID: from.ProjectID}
	page, err := roles.ListAssignments(admin, o).AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing the roles of the project member: %v", err)
	}
	list, err := roles.ExtractRoleAssignments(page)
	if err != nil {
		e.Fatal(err)
	}
	for _, a := range list {
		if err := roles.Assign(e.Context(), admin, a.Role.ID, to).ExtractErr(); err != nil {
			e.Fatalf("giving the stranger a role: %v", err)
		}
	}
}

// clientOf logs in.
func clientOf(e *testlib.Env, o tokens.AuthOptions) *gophercloud.ServiceClient {
	e.Helper()
	p, err := openstack.NewClient(e.AuthURL())
	if err != nil {
		e.Fatal(err)
	}
	p.HTTPClient = *e.HTTP()
	if err := openstack.AuthenticateV3(e.Context(), p, &o, gophercloud.EndpointOpts{}); err != nil {
		e.Fatalf("logging in as the stranger: %v", err)
	}
	c, err := openstack.NewKeyManagerV1(p, gophercloud.EndpointOpts{Region: Config(e).KeyManager.Region})
	if err != nil {
		e.Fatalf("finding the key manager: %v", err)
	}
	return c
}
