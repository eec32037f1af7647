//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestRoleLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("18afc6c0-46cf-4911-824e-9989cc056c3a"), testlib.Services("identity"),
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

	newName := e.Name("renamed")
	updated, err := present(roles.Update(e.Context(), admin, made.ID,
		roles.UpdateOpts{Name: newName, Description: new("")}).Extract())
	wantOK(e, "updating the role", err)
	if updated.ID != made.ID || updated.Name != newName || updated.Links["self"] == nil {
		e.Errorf("updated to %+v, want %s with a link", updated, newName)
	}
	read, err := present(roles.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the role", err)
	if diff := cmp.Diff(updated, read); diff != "" {
		e.Errorf("role mismatch (-updated +read):\n%s", diff)
	}
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
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	global := newRole(e)
	role, err := createRole(e, roles.CreateOpts{Name: global.Name, DomainID: domain.ID})
	if err != nil {
		e.Fatalf("creating a role of a domain with the name of a role of none: %v", err)
	}

	e.Run("ListedApart", func(e *testlib.Env) {
		listed := list(e, roles.List(admin, roles.ListOpts{Name: global.Name}), roles.ExtractRoles)
		if len(listed) != 1 || listed[0].ID != global.ID {
			e.Errorf("roles of no domain = %+v, want %s", listed, global.ID)
		}
	}, testlib.ID("d25114fc-9f05-4b0f-8d06-2f42c947ad21"))

	e.Run("NotEffective", func(e *testlib.Env) {
		user := newUser(e, users.CreateOpts{DomainID: domain.ID})
		project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
		grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
		query := url.Values{"user.id": {user.ID}, "scope.project.id": {project.ID}, "effective": {""}}
		if got := listAssignments(e, query); len(got) > 0 {
			e.Errorf("effective assignments = %+v, want none: a role of a domain only implies others", got)
		}
	}, testlib.ID("3859df7e-5b78-4e4d-b10e-214c8953842a"))

	e.Run("NotAssignedElsewhere", func(e *testlib.Env) {
		user := newUser(e, users.CreateOpts{})
		outside := newProject(e, projects.CreateOpts{})
		err := roles.Assign(e.Context(), admin, role.ID,
			roles.AssignOpts{UserID: user.ID, ProjectID: outside.ID}).ExtractErr()
		e.WantStatus("assigning in another domain", err, http.StatusForbidden)
	}, testlib.ID("1a0da40d-ea38-4213-b75f-e1fdf7b4e82d"), testlib.Negative)

	e.Run("Implies", func(e *testlib.Env) {
		sibling := newRoleOf(e, domain.ID)
		foreign := newRoleOf(e, newDomain(e).ID)
		for what, implied := range map[string]*roles.Role{
			"one of its domain": sibling, "one of another domain": foreign, "one of no domain": global,
		} {
			err := roles.CreateRoleInferenceRule(e.Context(), admin, role.ID, implied.ID).Err
			wantOK(e, "making a role of a domain imply "+what, err)
		}
		err := roles.CreateRoleInferenceRule(e.Context(), admin, global.ID, role.ID).Err
		e.WantStatus("making a role of no domain imply one of a domain", err, http.StatusForbidden)
	}, testlib.ID("eb1e1c24-1bc4-4d47-9748-e127a1852c82"))

	e.Run("ListedUntilDeleted", func(e *testlib.Env) {
		wantRoles := func(want ...roles.Role) {
			e.Helper()
			got := list(e, roles.List(admin, roles.ListOpts{DomainID: domain.ID}), roles.ExtractRoles)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				e.Errorf("roles of the domain mismatch (-want +got):\n%s", diff)
			}
		}
		wantRoles(*role)
		wantOK(e, "deleting the role", roles.Delete(e.Context(), admin, role.ID).ExtractErr())
		wantRoles()
	}, testlib.ID("d92a41d2-5501-497a-84bb-6e294330e8f8"))
}

// newRoleOf makes a role of a domain.
func newRoleOf(e *testlib.Env, domainID string) *roles.Role {
	e.Helper()
	r, err := createRole(e, roles.CreateOpts{DomainID: domainID})
	return made(e, "role of a domain", r, err)
}

func TestRoleImpliesRoles(t *testing.T) {
	e := testlib.Start(t, testlib.ID("060822cb-9f4c-4610-bb5f-d238a748bdbc"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	first, second, third, last := newRole(e), newRole(e), newRole(e), newRole(e)
	imply := func(prior, implied *roles.Role) {
		e.Helper()
		wantOK(e, "making a role imply another",
			roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Err)
	}
	imply(first, second)
	imply(first, third)
	imply(third, last)
	want := map[string][]string{first.ID: {second.ID, third.ID}, third.ID: {last.ID}}

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, roles.List(admin, nil), roles.ExtractRoles)
		for _, want := range []*roles.Role{first, second, third} {
			if !slices.ContainsFunc(listed, func(r roles.Role) bool { return cmp.Equal(r, *want) }) {
				e.Errorf("roles lack %+v", want)
			}
		}
	}, testlib.ID("f5654bcc-08c4-4f71-88fe-05d64e06de94"))

	e.Run("Directly", func(e *testlib.Env) {
		for prior, implied := range want {
			var listed struct {
				Rule struct {
					Implies []named `json:"implies"`
				} `json:"role_inference"`
			}
			wantOK(e, "listing what a role implies", ask(e, admin, "GET", "roles/"+prior+"/implies", nil, &listed))
			var got []string
			for _, r := range listed.Rule.Implies {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff(implied, got, unorderedText); diff != "" {
				e.Errorf("implied roles mismatch (-want +got):\n%s", diff)
			}
		}
	}, testlib.ID("dc6f5959-b74d-4e30-a9e5-a8255494ff00"))

	e.Run("AllRules", func(e *testlib.Env) {
		got := rulesOf(e, first.ID, second.ID, third.ID, last.ID)
		if diff := cmp.Diff(want, got, unorderedText); diff != "" {
			e.Errorf("rules mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("3748c316-c18f-4b08-997b-c60567bc6235"))

	e.Run("UntilTheRuleIsDeleted", func(e *testlib.Env) { checkRule(e, second, last) },
		testlib.ID("c90c316c-d706-4728-bcba-eb1912081b69"))
}

// rulesOf lists what certain roles imply, out of all rules.
func rulesOf(e *testlib.Env, priorIDs ...string) map[string][]string {
	e.Helper()
	rules, err := present(roles.ListRoleInferenceRules(e.Context(), e.Identity(testlib.ProjectAdmin)).Extract())
	wantOK(e, "listing rules", err)
	got := map[string][]string{}
	for _, rule := range rules.RoleInferenceRuleList {
		if !slices.Contains(priorIDs, rule.PriorRole.ID) {
			continue
		}
		for _, implied := range rule.ImpliedRoles {
			got[rule.PriorRole.ID] = append(got[rule.PriorRole.ID], implied.ID)
		}
	}
	return got
}

var unorderedText = cmpopts.SortSlices(func(a, b string) bool { return a < b })

// checkRule makes a role imply another, reads the rule, and deletes it.
func checkRule(e *testlib.Env, prior, implied *roles.Role) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	wantOK(e, "making a role imply another",
		roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Err)
	path := "roles/" + prior.ID + "/implies/" + implied.ID
	wantOK(e, "asking for the rule", ask(e, admin, "HEAD", path, nil, nil))
	type linked struct {
		named
		Links map[string]string `json:"links"`
	}
	var body struct {
		Rule struct {
			Prior   linked `json:"prior_role"`
			Implies linked `json:"implies"`
		} `json:"role_inference"`
	}
	wantOK(e, "reading the rule", ask(e, admin, "GET", path, nil, &body))
	for want, got := range map[*roles.Role]linked{prior: body.Rule.Prior, implied: body.Rule.Implies} {
		if got.named != (named{want.ID, want.Name}) || got.Links["self"] == "" {
			e.Errorf("the rule names %+v, want %s, %s with a link", got, want.ID, want.Name)
		}
	}
	wantOK(e, "deleting the rule",
		roles.DeleteRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).ExtractErr())
	e.WantStatus("reading a deleted rule", ask(e, admin, "GET", path, nil, nil), http.StatusNotFound)
}

func TestImpliedRoleIsInToken(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7867915b-bab3-4272-9ea0-cbaf0fa18a76"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	prior, implied := newRole(e), newRole(e)
	user := newUser(e, users.CreateOpts{})
	project := newProject(e, projects.CreateOpts{})
	grant(e, prior.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	login := &tokens.AuthOptions{UserID: user.ID, Password: user.Password, Scope: tokens.Scope{ProjectID: project.ID}}

	rule, err := present(roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Extract())
	if err != nil {
		e.Fatalf("making one role imply another: %v", err)
	}
	if got := rule.RoleInference; got.PriorRole.ID != prior.ID || got.ImpliedRole.ID != implied.ID {
		e.Errorf("rule = %+v, want %s implies %s", got, prior.ID, implied.ID)
	}
	if diff := cmp.Diff([]string{prior.Name, implied.Name}, logIn(e, login).roleNames(), unorderedText); diff != "" {
		e.Errorf("roles with the rule mismatch (-want +got):\n%s", diff)
	}
	e.WantStatus("making the rule again",
		roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Err, http.StatusConflict)

	err = roles.DeleteRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).ExtractErr()
	wantOK(e, "deleting the rule", err)
	if diff := cmp.Diff([]string{prior.Name}, logIn(e, login).roleNames()); diff != "" {
		e.Errorf("roles without the rule mismatch (-want +got):\n%s", diff)
	}
}

// Implication goes on: who has the first of three roles has the last one too, as long as the one between stands.
func TestImpliedRoleImpliesFurther(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bd0187d9-7e14-4b2d-8e96-fd30cf9de04a"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	first, second, third := newRole(e), newRole(e), newRole(e)
	user := newUser(e, users.CreateOpts{})
	project := newProject(e, projects.CreateOpts{})
	grant(e, first.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	login := &tokens.AuthOptions{UserID: user.ID, Password: user.Password, Scope: tokens.Scope{ProjectID: project.ID}}

	wantOK(e, "making the second role imply the third",
		roles.CreateRoleInferenceRule(e.Context(), admin, second.ID, third.ID).Err)
	wantOK(e, "making the first role imply the second",
		roles.CreateRoleInferenceRule(e.Context(), admin, first.ID, second.ID).Err)
	all := []string{first.Name, second.Name, third.Name}
	if diff := cmp.Diff(all, logIn(e, login).roleNames(), unorderedText); diff != "" {
		e.Errorf("roles of the chain mismatch (-want +got):\n%s", diff)
	}

	wantOK(e, "taking the second role out of the chain",
		roles.DeleteRoleInferenceRule(e.Context(), admin, first.ID, second.ID).ExtractErr())
	if diff := cmp.Diff(all[:1], logIn(e, login).roleNames()); diff != "" {
		e.Errorf("roles without the second mismatch (-want +got):\n%s", diff)
	}
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
