//go:build tempest

package identity_test

import (
	"context"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestSystemAdminMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d3b17190-f950-42b7-b88e-cbb3758e615c"), testlib.Services("identity"),
		testlib.Credentials(testlib.SystemAdmin))
	admin := e.Identity(testlib.SystemAdmin)

	domain, err := present(domains.Create(e.Context(), admin, domains.CreateOpts{
		Name: e.Name("domain"), Enabled: new(false),
	}).Extract())
	wantOK(e, "making a domain", err)
	e.Cleanup("domain "+domain.ID, func(ctx context.Context) error {
		return domains.Delete(ctx, admin, domain.ID).ExtractErr()
	})

	_, err = domains.Update(e.Context(), admin, domain.ID, domains.UpdateOpts{Description: new("changed")}).Extract()
	wantOK(e, "updating a domain", err)
	for what, c := range readerCalls() {
		if err := c.do(e, admin); err != nil {
			e.Errorf("%s: %v", what, err)
		}
	}
}

func TestDomainAdminMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("75bc8976-9ba4-4d0b-bb3b-3239a57ad7ea"), testlib.Services("identity"),
		testlib.Credentials(testlib.DomainAdmin))
	me := e.Credential(testlib.DomainAdmin)
	admin := e.Identity(testlib.DomainAdmin)

	e.Run("ManageItsDomain", func(e *testlib.Env) {
		user, err := present(users.Create(e.Context(), admin, users.CreateOpts{
			Name: e.Name("user"), DomainID: me.DomainID,
		}).Extract())
		wantOK(e, "making a user", err)
		e.Cleanup("user "+user.ID, func(ctx context.Context) error {
			return users.Delete(ctx, admin, user.ID).ExtractErr()
		})
		project, err := present(projects.Create(e.Context(), admin, projects.CreateOpts{
			Name: e.Name("project"), DomainID: me.DomainID,
		}).Extract())
		wantOK(e, "making a project", err)
		e.Cleanup("project "+project.ID, func(ctx context.Context) error {
			return projects.Delete(ctx, admin, project.ID).ExtractErr()
		})
		reader := roleID(e, "reader")
		wantOK(e, "assigning a role", roles.Assign(e.Context(), admin, reader,
			roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}).ExtractErr())
		wantOK(e, "reading the user", users.Get(e.Context(), admin, user.ID).Err)
		wantOK(e, "reading the domain", domains.Get(e.Context(), admin, me.DomainID).Err)
	}, testlib.ID("51705dc0-4437-4657-9347-d87b8f008bcf"), testlib.Credentials(testlib.ProjectAdmin))
}
