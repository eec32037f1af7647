//go:build tempest

package identity_test

import (
	"context"
	"net/http"
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

func TestSystemAdminManagesAnyDomain(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5428cd35-d0fd-4571-b47e-3d8bb5f64194"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.SystemAdmin))
	domain := newDomain(e)
	admin := e.Identity(testlib.SystemAdmin)

	user, err := present(users.Create(e.Context(), admin, users.CreateOpts{
		Name: e.Name("user"), DomainID: domain.ID,
	}).Extract())
	wantOK(e, "making a user", err)
	removeUser(e, user.ID)
	project, err := present(projects.Create(e.Context(), admin, projects.CreateOpts{
		Name: e.Name("project"), DomainID: domain.ID,
	}).Extract())
	wantOK(e, "making a project", err)
	e.Cleanup("project "+project.ID, func(ctx context.Context) error {
		return projects.Delete(ctx, admin, project.ID).ExtractErr()
	})
	wantOK(e, "assigning a role", roles.Assign(e.Context(), admin, roleID(e, "reader"),
		roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}).ExtractErr())
	_, err = users.Update(e.Context(), admin, user.ID, users.UpdateOpts{Enabled: new(false)}).Extract()
	wantOK(e, "disabling the user", err)
	_, err = projects.Update(e.Context(), admin, project.ID, projects.UpdateOpts{Enabled: new(false)}).Extract()
	wantOK(e, "disabling the project", err)
}

func TestSystemMemberMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("687b7bfd-3536-4d4c-843d-7aa467c2de8c"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.SystemMember))

	e.Run("ReadAll", func(e *testlib.Env) {
		for what, c := range readerCalls() {
			if err := c.do(e, e.Identity(testlib.SystemMember)); err != nil {
				e.Errorf("%s: %v", what, err)
			}
		}
	}, testlib.ID("9bcef6f2-dc3f-4f90-9e5e-bc516e91c42c"))

	e.Run("NotChangeAnything", func(e *testlib.Env) {
		wantRefused(e, e.Identity(testlib.SystemMember), adminCalls(newTargets(e)), http.StatusForbidden)
	}, testlib.ID("7a4346f7-3a07-4f08-a6e4-7aabee8833af"), testlib.Negative)
}

func TestDomainMemberMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a47140a8-93cc-422f-a559-9874ca106888"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.DomainMember))
	own := e.Credential(testlib.DomainMember).DomainID
	user := newUser(e, users.CreateOpts{DomainID: own})
	project := newProject(e, projects.CreateOpts{DomainID: own})

	e.Run("ReadItsDomain", func(e *testlib.Env) {
		client := e.Identity(testlib.DomainMember)
		wantOK(e, "reading its domain", domains.Get(e.Context(), client, own).Err)
		wantOK(e, "reading a user of its domain", users.Get(e.Context(), client, user.ID).Err)
		wantOK(e, "reading a project of its domain", projects.Get(e.Context(), client, project.ID).Err)
		var ids []string
		for _, p := range list(e, projects.List(client, projects.ListOpts{DomainID: own}), projects.ExtractProjects) {
			ids = append(ids, p.ID)
		}
		wantListed(e, "project of its domain", ids, []string{project.ID}, nil)
	}, testlib.ID("33ddcdde-9c78-43dd-b593-2591e3891f13"))

	e.Run("NotChangeItsDomain", func(e *testlib.Env) {
		wantRefused(e, e.Identity(testlib.DomainMember), map[string]call{
			"updating its domain":              change("domain", own),
			"making a user of its domain":      {"POST", "users", object{"user": object{"domain_id": own}}},
			"updating a user of its domain":    change("user", user.ID),
			"deleting a user of its domain":    removal("user", user.ID),
			"making a project of its domain":   {"POST", "projects", object{"project": object{"domain_id": own}}},
			"updating a project of its domain": change("project", project.ID),
			"deleting a project of its domain": removal("project", project.ID),
			"assigning a role in its domain":   put("projects", project.ID, "users", user.ID, "roles", roleID(e, "reader")),
		}, http.StatusForbidden)
	}, testlib.ID("fc4620dd-63ba-4196-8a60-cdce7b8cdc51"), testlib.Negative)

	e.Run("NotTouchOthers", func(e *testlib.Env) {
		client, others := e.Identity(testlib.DomainMember), newTargets(e)
		wantRefused(e, client, adminCalls(others), http.StatusForbidden)
		wantRefused(e, client, map[string]call{
			"reading another domain":              {"GET", "domains/" + others.domain, nil},
			"reading a user of another domain":    {"GET", "users/" + others.user, nil},
			"reading a project of another domain": {"GET", "projects/" + others.project, nil},
			"reading a group of another domain":   {"GET", "groups/" + others.group, nil},
		}, http.StatusForbidden)
	}, testlib.ID("55b3c8d5-5444-46a0-be61-16ded54483e9"), testlib.Negative)
}

// Policies that do not ask for the right scope take the administrator of a domain for one of the cloud.
func TestDomainAdminIsNoCloudAdmin(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ec1b50c5-2e7f-4946-a325-7b70da5d80b5"), testlib.Services("identity"),
		testlib.Feature("identity", "enforce_scope"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.DomainAdmin))
	own := e.Credential(testlib.DomainAdmin).DomainID

	e.Run("NotChangeTheCloud", func(e *testlib.Env) {
		client := e.Identity(testlib.DomainAdmin)
		wantRefused(e, client, cloudAdminCalls(newTargets(e)), http.StatusForbidden)
		wantRefused(e, client, map[string]call{"updating its own domain": change("domain", own)}, http.StatusForbidden)
	}, testlib.ID("8914e72d-02a9-42f1-86d2-9f36d4a8c56d"), testlib.Negative)

	e.Run("NotReadTheCloud", func(e *testlib.Env) {
		client, cloud := e.Identity(testlib.DomainAdmin), newTargets(e)
		wantRefused(e, client, map[string]call{
			"listing services":               {"GET", "services", nil},
			"reading a service":              {"GET", "services/" + cloud.service, nil},
			"listing endpoints":              {"GET", "endpoints", nil},
			"reading an endpoint":            {"GET", "endpoints/" + cloud.endpoint, nil},
			"listing roles of a user on all": {"GET", "system/users/" + cloud.user + "/roles", nil},
		}, http.StatusForbidden)
	}, testlib.ID("fea60467-1800-4fe6-9221-5ff0884e9075"), testlib.Negative)

	e.Run("ManageItsDomain", func(e *testlib.Env) {
		client := e.Identity(testlib.DomainAdmin)
		user, project := newUser(e, users.CreateOpts{DomainID: own}), newProject(e, projects.CreateOpts{DomainID: own})
		_, err := users.Update(e.Context(), client, user.ID, users.UpdateOpts{Name: e.Name("renamed")}).Extract()
		wantOK(e, "renaming a user of its domain", err)
		_, err = projects.Update(e.Context(), client, project.ID, projects.UpdateOpts{Name: e.Name("renamed")}).Extract()
		wantOK(e, "renaming a project of its domain", err)
		wantOK(e, "listing users", call{"GET", "users?name=none", nil}.do(e, client))
		wantOK(e, "listing projects", call{"GET", "projects?name=none", nil}.do(e, client))
		wantOK(e, "reading its domain", domains.Get(e.Context(), client, own).Err)
	}, testlib.ID("01617e1e-80ef-4869-9185-8567af9c2fb2"))
}

// What is delegated is a role on a project. Policies that do not ask for the right scope leave it to the service to
// notice that there is none.
func TestDelegationNeedsProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ed64f3c6-e11f-4d38-a867-003f35d70fb7"), testlib.Services("identity"),
		testlib.Negative, testlib.Feature("identity", "enforce_scope", "application_credentials", "trust"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.SystemAdmin, testlib.DomainAdmin))
	trustee := newUser(e, users.CreateOpts{}).ID

	for _, persona := range []testlib.Persona{testlib.SystemAdmin, testlib.DomainAdmin} {
		me := e.Credential(persona).UserID
		wantRefused(e, e.Identity(persona), map[string]call{
			"making an application credential": {"POST", "users/" + me + "/application_credentials", object{
				"application_credential": object{"name": e.Name("credential")},
			}},
			"making a trust": {"POST", "OS-TRUST/trusts", object{"trust": object{
				"trustor_user_id": me, "trustee_user_id": trustee, "impersonation": false,
			}}},
		}, http.StatusForbidden)
	}
}
