//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestRoleLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("99d49083-b1c9-4032-922a-8552940a8aee"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	name := e.Name("role")

	made, err := createRole(e, roles.CreateOpts{Name: name, Description: "of a test"})
	if err != nil {
		e.Fatalf("creating the role: %v", err)
	}
	if made.Name != name || made.Description != "of a test" || made.DomainID != "" {
		e.Errorf("created %+v, want %s of no domain with its description", made, name)
	}

	read, err := present(roles.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the role", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("role mismatch (-created +read):\n%s", diff)
	}

	newName := e.Name("renamed")
	_, err = roles.Update(e.Context(), admin, made.ID, roles.UpdateOpts{Name: newName, Description: new("")}).Extract()
	wantOK(e, "updating the role", err)
	listed := list(e, roles.List(admin, roles.ListOpts{Name: newName}), roles.ExtractRoles)
	if len(listed) != 1 || listed[0].ID != made.ID || listed[0].Description != "" {
		e.Errorf("listing roles named %s: got %+v, want %s without description", newName, listed, made.ID)
	}

	wantOK(e, "deleting the role", roles.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = roles.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted role", err, http.StatusNotFound)
}

func TestRolesThatEveryCloudHas(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f64851be-a140-4ae0-b582-88eb0693eeb6"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))

	listed := list(e, roles.List(e.Identity(testlib.ProjectAdmin), nil), roles.ExtractRoles)

	for _, name := range []string{"admin", "member", "reader"} {
		if !slices.ContainsFunc(listed, func(r roles.Role) bool { return r.Name == name }) {
			e.Errorf("roles = %+v, want %s among them", listed, name)
		}
	}
}

func TestRoleOfDomain(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d7b5cfe5-4751-47d6-902b-21d0a59a2f78"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	global := newRole(e)
	role, err := createRole(e, roles.CreateOpts{Name: global.Name, DomainID: domain.ID})
	if err != nil {
		e.Fatalf("creating a role of a domain with the name of a role of none: %v", err)
	}

	e.Run("ListedWithItsDomain", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		listed := list(e, roles.List(admin, roles.ListOpts{DomainID: domain.ID}), roles.ExtractRoles)
		if len(listed) != 1 || listed[0].ID != role.ID {
			e.Errorf("roles of the domain = %+v, want %s", listed, role.ID)
		}
		listed = list(e, roles.List(admin, roles.ListOpts{Name: global.Name}), roles.ExtractRoles)
		if len(listed) != 1 || listed[0].ID != global.ID {
			e.Errorf("roles of no domain = %+v, want %s", listed, global.ID)
		}
	}, testlib.ID("d25114fc-9f05-4b0f-8d06-2f42c947ad21"))

	e.Run("AssignedInItsDomainOnly", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		user := newUser(e, users.CreateOpts{})
		inside := newProject(e, projects.CreateOpts{DomainID: domain.ID})
		outside := newProject(e, projects.CreateOpts{})
		assign := func(projectID string) error {
			return roles.Assign(e.Context(), admin, role.ID,
				roles.AssignOpts{UserID: user.ID, ProjectID: projectID}).ExtractErr()
		}
		wantOK(e, "assigning in the domain of the role", assign(inside.ID))
		e.WantStatus("assigning in another domain", assign(outside.ID), http.StatusForbidden)
	}, testlib.ID("1a0da40d-ea38-4213-b75f-e1fdf7b4e82d"))
}

func TestRoleImpliesRole(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7867915b-bab3-4272-9ea0-cbaf0fa18a76"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	prior, implied := newRole(e), newRole(e)
	user := newUser(e, users.CreateOpts{})
	project := newProject(e, projects.CreateOpts{})
	grant(e, prior.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	login := &tokens.AuthOptions{UserID: user.ID, Password: user.Password, Scope: tokens.Scope{ProjectID: project.ID}}
	both := []string{prior.Name, implied.Name}
	slices.Sort(both)

	rule, err := present(roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Extract())
	if err != nil {
		e.Fatalf("making one role imply another: %v", err)
	}
	if got := rule.RoleInference; got.PriorRole.ID != prior.ID || got.ImpliedRole.ID != implied.ID {
		e.Errorf("rule = %+v, want %s implies %s", got, prior.ID, implied.ID)
	}
	var listed struct {
		Rule struct {
			Implies []named `json:"implies"`
		} `json:"role_inference"`
	}
	_, err = admin.Get(e.Context(), admin.ServiceURL("roles", prior.ID, "implies"), &listed, nil)
	wantOK(e, "listing what a role implies", err)
	if diff := cmp.Diff([]named{{implied.ID, implied.Name}}, listed.Rule.Implies); diff != "" {
		e.Errorf("implied roles mismatch (-want +got):\n%s", diff)
	}
	if !listsRule(e, prior.ID, implied.ID) {
		e.Errorf("the list of rules lacks %s implies %s", prior.ID, implied.ID)
	}
	if diff := cmp.Diff(both, logIn(e, login).roleNames()); diff != "" {
		e.Errorf("roles with the rule mismatch (-want +got):\n%s", diff)
	}
	e.WantStatus("making the rule again",
		roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Err, http.StatusConflict)

	err = roles.DeleteRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).ExtractErr()
	wantOK(e, "deleting the rule", err)
	if diff := cmp.Diff([]string{prior.Name}, logIn(e, login).roleNames()); diff != "" {
		e.Errorf("roles without the rule mismatch (-want +got):\n%s", diff)
	}
	e.WantStatus("reading a deleted rule",
		roles.GetRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Err, http.StatusNotFound)
}

// listsRule says whether the list of all rules has one.
func listsRule(e *testlib.Env, priorID, impliedID string) bool {
	e.Helper()
	rules, err := present(roles.ListRoleInferenceRules(e.Context(), e.Identity(testlib.ProjectAdmin)).Extract())
	wantOK(e, "listing rules", err)
	return slices.ContainsFunc(rules.RoleInferenceRuleList, func(r roles.RoleInferenceRules) bool {
		return r.PriorRole.ID == priorID && slices.ContainsFunc(r.ImpliedRoles,
			func(i roles.ImpliedRoleObject) bool { return i.ID == impliedID })
	})
}

func TestRoleCannotImplyAdmin(t *testing.T) {
	e := testlib.Start(t, testlib.ID("85871ce4-e386-41a5-be8a-b5844b2d9374"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	err := roles.CreateRoleInferenceRule(e.Context(), e.Identity(testlib.ProjectAdmin),
		newRole(e).ID, roleID(e, "admin")).Err

	e.WantStatus("making a role imply admin", err, http.StatusForbidden)
}

func TestImmutableRoleStays(t *testing.T) {
	e := testlib.Start(t, testlib.ID("dcf2ae20-f7d7-43a1-ad11-da5b8cefa523"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	role, err := createRole(e, roles.CreateOpts{Options: map[roles.Option]any{roles.Immutable: true}})
	if err != nil {
		e.Fatalf("creating an immutable role: %v", err)
	}
	thaw := func(ctx context.Context) error {
		return roles.Update(ctx, admin, role.ID, roles.UpdateOpts{
			Options: map[roles.Option]any{roles.Immutable: false},
		}).Err
	}
	e.Cleanup("immutability of role "+role.ID, thaw)

	e.WantStatus("updating an immutable role", roles.Update(e.Context(), admin, role.ID,
		roles.UpdateOpts{Description: new("changed")}).Err, http.StatusForbidden)
	e.WantStatus("deleting an immutable role",
		roles.Delete(e.Context(), admin, role.ID).Err, http.StatusForbidden)

	wantOK(e, "making the role mutable", thaw(e.Context()))
	wantOK(e, "deleting the mutable role", roles.Delete(e.Context(), admin, role.ID).Err)
}

func TestRoleIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8e80b3d4-4635-47a4-94e1-0c3fa0a14365"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("NameInUse", func(e *testlib.Env) {
		_, err := createRole(e, roles.CreateOpts{Name: newRole(e).Name})
		e.WantStatus("creating", err, http.StatusConflict)
	}, testlib.ID("be87d65b-63f6-4483-bd13-adf7069a2ff7"), testlib.Negative)

	e.Run("NameTooLong", func(e *testlib.Env) {
		const longest = 255
		_, err := createRole(e, roles.CreateOpts{Name: strings.Repeat("x", longest+1)})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("d7b758ab-0d4d-44f3-9142-daadfd02ca53"), testlib.Negative)

	e.Run("NoName", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		_, err := admin.Post(e.Context(), admin.ServiceURL("roles"), map[string]any{"role": map[string]any{}}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusCreated}})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("8df1d283-10fb-4a2b-b74d-040624f05204"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", roles.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			roles.Update(e.Context(), admin, id, roles.UpdateOpts{Name: id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", roles.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("ce05654d-dbdf-417c-9fdf-002df4977159"), testlib.Negative)
}
