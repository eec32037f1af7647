//go:build tempest

package identity_test

import (
	"crypto/rand"
	"net/http"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

// tenant is a user with a role on a project of a domain, and the user's tokens.
type tenant struct {
	domain   *domains.Domain
	project  *projects.Project
	user     *account
	role     *roles.Role
	scoped   string // token for the project
	unscoped string // token for nothing
}

// newTenant makes a tenant whose tokens are good.
func newTenant(e *testlib.Env) tenant {
	e.Helper()
	var t tenant
	t.domain = newDomain(e)
	t.project = newProject(e, projects.CreateOpts{DomainID: t.domain.ID})
	t.user = newUser(e, users.CreateOpts{DomainID: t.domain.ID})
	t.role = newRole(e)
	grant(e, t.role.ID, roles.AssignOpts{UserID: t.user.ID, ProjectID: t.project.ID})
	login := tokens.AuthOptions{UserID: t.user.ID, Password: t.user.Password}
	t.unscoped = logIn(e, &login).ID
	login.Scope.ProjectID = t.project.ID
	t.scoped = logIn(e, &login).ID
	t.wantValid(e, t.scoped)
	t.wantValid(e, t.unscoped)
	return t
}

func (t tenant) wantValid(e *testlib.Env, tokenID string) {
	e.Helper()
	_, err := showToken(e, e.Identity(testlib.ProjectAdmin), tokenID)
	wantOK(e, "validating a token that is good", err)
}

func (t tenant) wantInvalid(e *testlib.Env, tokenID string) {
	e.Helper()
	_, err := showToken(e, e.Identity(testlib.ProjectAdmin), tokenID)
	e.WantStatus("validating a token that should be void", err, http.StatusNotFound)
}

func TestRevokedTokenIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4bece79d-6d14-4249-a274-b2881f65e9da"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	mine := logIn(e, &tokens.AuthOptions{UserID: me.UserID, Password: me.Password})
	client := as(e, mine.ID)
	_, err := users.Get(e.Context(), client, me.UserID).Extract()
	wantOK(e, "reading one's own user", err)

	wantOK(e, "revoking the token with itself", tokens.Revoke(e.Context(), client, mine.ID).Err)

	_, err = users.Get(e.Context(), client, me.UserID).Extract()
	e.WantStatus("reading with a revoked token", err, http.StatusUnauthorized)
	_, err = users.Get(e.Context(), e.Identity(testlib.ProjectMember), me.UserID).Extract()
	wantOK(e, "reading with another token of the same user", err)
}

func TestTokenEndsWithItsUser(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4b5b1f10-7d46-4117-aee2-6b5c80b32ae0"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("Disabled", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		_, err := users.Update(e.Context(), admin, tenant.user.ID, users.UpdateOpts{Enabled: new(false)}).Extract()
		wantOK(e, "disabling the user", err)
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantInvalid(e, tenant.unscoped)

		_, err = users.Update(e.Context(), admin, tenant.user.ID, users.UpdateOpts{Enabled: new(true)}).Extract()
		wantOK(e, "enabling the user", err)
		tenant.wantInvalid(e, tenant.scoped)
	}, testlib.ID("2d52cd7a-3113-444e-a067-9ed0a1bc082b"))

	e.Run("Deleted", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		wantOK(e, "deleting the user", users.Delete(e.Context(), admin, tenant.user.ID).ExtractErr())
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantInvalid(e, tenant.unscoped)
	}, testlib.ID("9c74942f-4884-492b-b0a0-d83d53ac71df"))

	e.Run("PasswordChanged", func(e *testlib.Env) {
		tenant := newTenant(e)
		err := users.ChangePassword(e.Context(), as(e, tenant.unscoped), tenant.user.ID, users.ChangePasswordOpts{
			OriginalPassword: tenant.user.Password, Password: rand.Text(),
		}).ExtractErr()
		wantOK(e, "changing the password", err)
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantInvalid(e, tenant.unscoped)
	}, testlib.ID("7eacd55b-de7b-4fef-9030-6c9b25355b0a"))

	e.Run("PasswordReset", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		_, err := users.Update(e.Context(), admin, tenant.user.ID, users.UpdateOpts{Password: rand.Text()}).Extract()
		wantOK(e, "setting a new password", err)
		tenant.wantInvalid(e, tenant.scoped)
	}, testlib.ID("249848bb-a4b0-4e08-ac02-50f701dd9304"))

	e.Run("NotRenamed", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		_, err := users.Update(e.Context(), admin, tenant.user.ID, users.UpdateOpts{Name: e.Name("renamed")}).Extract()
		wantOK(e, "renaming the user", err)
		tenant.wantValid(e, tenant.scoped)
	}, testlib.ID("c65b14f8-34a4-49f9-8a7e-b760cf877454"))
}

func TestTokenEndsWithItsScope(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b6e8e421-ba7d-40b2-afa5-71b7e87f16cf"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("ProjectDisabled", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		_, err := projects.Update(e.Context(), admin, tenant.project.ID,
			projects.UpdateOpts{Enabled: new(false)}).Extract()
		wantOK(e, "disabling the project", err)
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantValid(e, tenant.unscoped)
	}, testlib.ID("7e0d3d97-2cdc-45fd-83b0-f58a533d1f6b"))

	e.Run("ProjectDeleted", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		wantOK(e, "deleting the project", projects.Delete(e.Context(), admin, tenant.project.ID).ExtractErr())
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantValid(e, tenant.unscoped)
	}, testlib.ID("0ea8aa8d-462c-41b0-8682-47d3a08e2d5a"))

	e.Run("DomainDisabled", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		_, err := domains.Update(e.Context(), admin, tenant.domain.ID, domains.UpdateOpts{Enabled: new(false)}).Extract()
		wantOK(e, "disabling the domain", err)
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantInvalid(e, tenant.unscoped)
	}, testlib.ID("29733b3b-bfcf-4654-bba4-d5fb02e6925f"))
}

func TestTokenEndsWithItsRole(t *testing.T) {
	e := testlib.Start(t, testlib.ID("e1bdfe85-a980-4b5b-95ea-9fb13b0998f8"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("Unassigned", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		err := roles.Unassign(e.Context(), admin, tenant.role.ID, roles.UnassignOpts{
			UserID: tenant.user.ID, ProjectID: tenant.project.ID,
		}).ExtractErr()
		wantOK(e, "taking the role away", err)
		tenant.wantInvalid(e, tenant.scoped)
		tenant.wantValid(e, tenant.unscoped)
	}, testlib.ID("edc37c71-1bee-472b-aa81-aef34c111603"))

	e.Run("Deleted", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		wantOK(e, "deleting the role", roles.Delete(e.Context(), admin, tenant.role.ID).ExtractErr())
		tenant.wantInvalid(e, tenant.scoped)
	}, testlib.ID("cbf5ef67-f21f-4d65-94cd-6c5ce9fa9ab9"))

	e.Run("GroupLeft", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant := newTenant(e)
		group := newGroup(e, groups.CreateOpts{DomainID: tenant.domain.ID})
		other := newProject(e, projects.CreateOpts{DomainID: tenant.domain.ID})
		grant(e, tenant.role.ID, roles.AssignOpts{GroupID: group.ID, ProjectID: other.ID})
		wantOK(e, "joining the group", users.AddToGroup(e.Context(), admin, group.ID, tenant.user.ID).ExtractErr())
		throughGroup := logIn(e, &tokens.AuthOptions{
			UserID: tenant.user.ID, Password: tenant.user.Password, Scope: tokens.Scope{ProjectID: other.ID},
		}).ID
		tenant.wantValid(e, throughGroup)

		err := users.RemoveFromGroup(e.Context(), admin, group.ID, tenant.user.ID).ExtractErr()

		wantOK(e, "leaving the group", err)
		tenant.wantInvalid(e, throughGroup)
	}, testlib.ID("7203e39c-1288-456b-8a69-f7d8f8e2b058"))
}

// newGroupTenant is a tenant who has a second role on the project, through the
// group that is the second result, and keeps the first one whatever becomes of it.
func newGroupTenant(e *testlib.Env) (tenant, *groups.Group, *roles.Role) {
	e.Helper()
	t := newTenant(e)
	group := newGroup(e, groups.CreateOpts{DomainID: t.domain.ID})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{GroupID: group.ID, ProjectID: t.project.ID})
	wantOK(e, "joining the group",
		users.AddToGroup(e.Context(), e.Identity(testlib.ProjectAdmin), group.ID, t.user.ID).ExtractErr())
	t.scoped = logIn(e, &tokens.AuthOptions{
		UserID: t.user.ID, Password: t.user.Password, Scope: tokens.Scope{ProjectID: t.project.ID},
	}).ID
	t.wantRoles(e, t.role.ID, role.ID)
	return t, group, role
}

// wantRoles checks which roles the scoped token stands for now.
func (t tenant) wantRoles(e *testlib.Env, want ...string) {
	e.Helper()
	got, err := tokens.Get(e.Context(), e.Identity(testlib.ProjectAdmin), t.scoped).ExtractRoles()
	wantOK(e, "reading the roles of the token", err)
	var ids []string
	for _, r := range got {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		e.Errorf("roles of the token = %v, want %v", ids, want)
	}
}

func TestTokenOfGroupWhoseUserKeepsAnotherRole(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2ae72058-ee46-4513-bbef-6dbc792bf575"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("EndsWhenLeft", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant, group, _ := newGroupTenant(e)
		err := users.RemoveFromGroup(e.Context(), admin, group.ID, tenant.user.ID).ExtractErr()
		wantOK(e, "leaving the group", err)
		tenant.wantInvalid(e, tenant.scoped)
	}, testlib.ID("214fed5b-630c-4007-8e82-1f2eca814d19"))

	e.Run("EndsWhenGroupDeleted", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant, group, _ := newGroupTenant(e)
		wantOK(e, "deleting the group", groups.Delete(e.Context(), admin, group.ID).ExtractErr())
		tenant.wantInvalid(e, tenant.scoped)
	}, testlib.ID("f68f266f-747b-4ebb-aacb-f0eff8e68b1f"))

	e.Run("LosesRoleThatGroupLoses", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		tenant, group, role := newGroupTenant(e)
		err := roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts{
			GroupID: group.ID, ProjectID: tenant.project.ID,
		}).ExtractErr()
		wantOK(e, "taking the role from the group", err)
		tenant.wantRoles(e, tenant.role.ID)
	}, testlib.ID("78b6cc32-b396-4ce5-b791-87808c5c9cfa"))
}
