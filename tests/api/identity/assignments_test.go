//go:build tempest

package identity_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/osinherit"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

// checkAssignment assigns a role, runs more checks, and takes the role away again.
func checkAssignment(e *testlib.Env, role *roles.Role, to roles.AssignOpts, more ...func()) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	assigned := func() []roles.Role {
		e.Helper()
		return list(e, roles.ListAssignmentsOnResource(admin, roles.ListAssignmentsOnResourceOpts(to)), roles.ExtractRoles)
	}
	unassign := func() error {
		return roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts(to)).ExtractErr()
	}

	wantOK(e, "assigning", roles.Assign(e.Context(), admin, role.ID, to).ExtractErr())
	afterFailure(e, "taking the role away", unassign)
	if got := assigned(); len(got) != 1 || got[0].ID != role.ID {
		e.Errorf("roles = %+v, want %s", got, role.ID)
	}
	wantOK(e, "asking for the assignment",
		roles.Validate(e.Context(), admin, role.ID, roles.ValidateOpts(to)).ExtractErr())
	for _, check := range more {
		check()
	}

	wantOK(e, "taking away", unassign())
	if got := assigned(); len(got) > 0 {
		e.Errorf("roles = %+v after the assignment was taken away, want none", got)
	}
}

func TestAssignment(t *testing.T) {
	e := testlib.Start(t, testlib.ID("25010d5d-e053-4b5d-bde1-255583cc6394"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: domain.ID})
	role := newRole(e)

	e.Run("UserOnProject", func(e *testlib.Env) {
		checkAssignment(e, role, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	}, testlib.ID("c6b80012-fe4a-498b-9ce8-eb391c05169f"), testlib.Smoke)
	e.Run("UserOnDomain", func(e *testlib.Env) {
		checkAssignment(e, role, roles.AssignOpts{UserID: user.ID, DomainID: domain.ID})
	}, testlib.ID("6c9a2940-3625-43a3-ac02-5dcec62ef3bd"))
	e.Run("UserOnSystem", func(e *testlib.Env) {
		checkAssignment(e, role, roles.AssignOpts{UserID: user.ID, System: true})
	}, testlib.ID("e5a81737-d294-424d-8189-8664858aae4c"))
	e.Run("GroupOnProject", func(e *testlib.Env) {
		checkAssignment(e, role, roles.AssignOpts{GroupID: group.ID, ProjectID: project.ID}, func() {
			checkGroupLogin(e, group, user, role, tokens.Scope{ProjectName: project.Name, DomainName: domain.Name})
		})
	}, testlib.ID("cbf11737-1904-4690-9613-97bcbb3df1c4"))
	e.Run("GroupOnDomain", func(e *testlib.Env) {
		checkAssignment(e, role, roles.AssignOpts{GroupID: group.ID, DomainID: domain.ID})
	}, testlib.ID("4bf8a70b-e785-413a-ad53-9f91ce02faa7"))
	e.Run("GroupOnSystem", func(e *testlib.Env) {
		checkAssignment(e, role, roles.AssignOpts{GroupID: group.ID, System: true})
	}, testlib.ID("c888fe4f-8018-48db-b959-542225c1b4b6"))

	e.Run("IsASet", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		to := roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}
		wantOK(e, "assigning", roles.Assign(e.Context(), admin, role.ID, to).ExtractErr())
		wantOK(e, "assigning again", roles.Assign(e.Context(), admin, role.ID, to).ExtractErr())
		wantOK(e, "taking away", roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts(to)).ExtractErr())
		e.WantStatus("taking away again",
			roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts(to)).ExtractErr(), http.StatusNotFound)
		e.WantStatus("asking for the assignment",
			roles.Validate(e.Context(), admin, role.ID, roles.ValidateOpts(to)).ExtractErr(), http.StatusNotFound)
	}, testlib.ID("8b3a4c1d-bc79-4477-a779-4bfd7d1cd665"))
}

// checkGroupLogin has a user join a group, log in to a scope with the role of the
// group alone, and leave the group.
func checkGroupLogin(e *testlib.Env, group *groups.Group, user *account, role *roles.Role, scope tokens.Scope) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	leave := func() error { return users.RemoveFromGroup(e.Context(), admin, group.ID, user.ID).ExtractErr() }
	wantOK(e, "joining the group", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	afterFailure(e, "leaving the group", leave)
	got := logIn(e, &tokens.AuthOptions{UserID: user.ID, Password: user.Password, Scope: scope})
	if diff := cmp.Diff([]named{{role.ID, role.Name}}, got.Roles); diff != "" {
		e.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
	wantOK(e, "leaving the group", leave())
}

func TestAssignmentIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b9a3707-8e02-4dc0-9d25-141f95b74632"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	project := newProject(e, projects.CreateOpts{})
	role := newRole(e)

	for what, tt := range map[string]struct {
		roleID string
		to     roles.AssignOpts
	}{
		"unknown role":    {"none", roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}},
		"unknown user":    {role.ID, roles.AssignOpts{UserID: "none", ProjectID: project.ID}},
		"unknown group":   {role.ID, roles.AssignOpts{GroupID: "none", ProjectID: project.ID}},
		"unknown project": {role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: "none"}},
		"unknown domain":  {role.ID, roles.AssignOpts{UserID: user.ID, DomainID: "none"}},
	} {
		err := roles.Assign(e.Context(), e.Identity(testlib.ProjectAdmin), tt.roleID, tt.to).ExtractErr()
		e.WantStatus("assigning with "+what, err, http.StatusNotFound)
	}
}

// assignment is one line of a list of assignments. gophercloud leaves out whether
// it is inherited.
//
// Source: https://docs.openstack.org/api-ref/identity/v3/#list-role-assignments
type assignment struct {
	Role  named `json:"role"`
	User  named `json:"user"`
	Group named `json:"group"`
	Scope struct {
		Project     named           `json:"project"`
		Domain      named           `json:"domain"`
		System      map[string]bool `json:"system"`
		InheritedTo string          `json:"OS-INHERIT:inherited_to"`
	} `json:"scope"`
}

// listAssignments lists as the project admin, in the order of roles, projects, domains.
func listAssignments(e *testlib.Env, query url.Values) []assignment {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	var body struct {
		RoleAssignments []assignment `json:"role_assignments"`
	}
	_, err := admin.Get(e.Context(), admin.ServiceURL("role_assignments")+"?"+query.Encode(), &body, nil)
	if err != nil {
		e.Fatalf("listing assignments by %s: %v", query.Encode(), err)
	}
	key := func(a assignment) string { return a.Role.ID + a.Scope.Project.ID + a.Scope.Domain.ID }
	slices.SortFunc(body.RoleAssignments, func(a, b assignment) int {
		if key(a) < key(b) {
			return -1
		}
		return 1
	})
	return body.RoleAssignments
}

func TestAssignmentsAreListedByFilter(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9af35f21-5898-4d24-b638-caa1dc6d7853"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: domain.ID})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	grant(e, role.ID, roles.AssignOpts{GroupID: group.ID, DomainID: domain.ID})
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, System: true})

	onProject := assignment{Role: named{ID: role.ID}, User: named{ID: user.ID}}
	onProject.Scope.Project.ID = project.ID
	onDomain := assignment{Role: named{ID: role.ID}, Group: named{ID: group.ID}}
	onDomain.Scope.Domain.ID = domain.ID
	onSystem := assignment{Role: named{ID: role.ID}, User: named{ID: user.ID}}
	onSystem.Scope.System = map[string]bool{"all": true}

	for _, tt := range []struct {
		query url.Values
		want  []assignment
	}{
		{url.Values{"scope.project.id": {project.ID}}, []assignment{onProject}},
		{url.Values{"scope.domain.id": {domain.ID}}, []assignment{onDomain}},
		{url.Values{"group.id": {group.ID}}, []assignment{onDomain}},
		{url.Values{"scope.system": {"all"}, "role.id": {role.ID}}, []assignment{onSystem}},
		{url.Values{"user.id": {user.ID}, "scope.project.id": {project.ID}}, []assignment{onProject}},
		{url.Values{"user.id": {user.ID}, "scope.domain.id": {domain.ID}}, nil},
	} {
		if diff := cmp.Diff(tt.want, listAssignments(e, tt.query), cmpopts.EquateEmpty()); diff != "" {
			e.Errorf("assignments by %s mismatch (-want +got):\n%s", tt.query.Encode(), diff)
		}
	}
}

func TestAssignmentsAreListedWithSubtree(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9eec5fdc-a0dc-45d8-ab1c-fbf2f50ffdcc"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	parent := newProject(e, projects.CreateOpts{})
	child := newProject(e, projects.CreateOpts{ParentID: parent.ID})
	user := newUser(e, users.CreateOpts{})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: child.ID})

	if got := listAssignments(e, url.Values{"scope.project.id": {parent.ID}}); len(got) > 0 {
		e.Errorf("assignments on the parent alone = %+v, want none", got)
	}
	got := listAssignments(e, url.Values{"scope.project.id": {parent.ID}, "include_subtree": {"true"}})
	want := assignment{Role: named{ID: role.ID}, User: named{ID: user.ID}}
	want.Scope.Project.ID = child.ID
	if diff := cmp.Diff([]assignment{want}, got); diff != "" {
		e.Errorf("assignments with those below mismatch (-want +got):\n%s", diff)
	}
}

func TestAssignmentsAreListedWithNames(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7629e593-7d4c-4b8b-af29-41f49c6c41b4"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	project := newProject(e, projects.CreateOpts{})
	user := newUser(e, users.CreateOpts{})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})

	got := listAssignments(e, url.Values{"user.id": {user.ID}, "include_names": {"true"}})

	want := assignment{Role: named{role.ID, role.Name}, User: named{user.ID, user.Name}}
	want.Scope.Project = named{project.ID, project.Name}
	if diff := cmp.Diff([]assignment{want}, got); diff != "" {
		e.Errorf("assignments mismatch (-want +got):\n%s", diff)
	}
}

func TestAssignmentsTellDomains(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4df763b6-b2f8-4a21-8274-e1eba3610f4d"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin, domain := e.Identity(testlib.ProjectAdmin), newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	grant(e, newRole(e).ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})

	type homed struct{ Domain named }
	var got struct {
		RoleAssignments []struct {
			User  homed
			Scope struct{ Project homed }
		} `json:"role_assignments"`
	}
	wantOK(e, "listing with names",
		ask(e, admin, "GET", "role_assignments?include_names&user.id="+user.ID, nil, &got))
	if len(got.RoleAssignments) != 1 {
		e.Fatalf("assignments = %+v, want one", got)
	}
	want := named{domain.ID, domain.Name}
	if a := got.RoleAssignments[0]; a.User.Domain != want || a.Scope.Project.Domain != want {
		e.Errorf("domain of the user = %+v, of the project %+v, want %+v", a.User.Domain, a.Scope.Project.Domain, want)
	}
}

func TestEffectiveAssignmentTellsItsGroup(t *testing.T) {
	e := testlib.Start(t, testlib.ID("843c3dd2-6d03-4930-b7ce-2e2015919374"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project, user, group, role := newProject(e, projects.CreateOpts{}), newUser(e, users.CreateOpts{}),
		newGroup(e, groups.CreateOpts{}), newRole(e)
	grant(e, role.ID, roles.AssignOpts{GroupID: group.ID, ProjectID: project.ID})
	wantOK(e, "joining the group", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())

	var got struct {
		RoleAssignments []struct {
			Links struct{ Assignment, Membership string }
		} `json:"role_assignments"`
	}
	wantOK(e, "listing what counts",
		ask(e, admin, "GET", "role_assignments?effective&user.id="+user.ID, nil, &got))
	if len(got.RoleAssignments) != 1 {
		e.Fatalf("assignments = %+v, want one", got)
	}
	links := got.RoleAssignments[0].Links
	for _, link := range []struct{ what, got, want string }{
		{"assignment", links.Assignment, "/projects/" + project.ID + "/groups/" + group.ID + "/roles/" + role.ID},
		{"membership", links.Membership, "/groups/" + group.ID + "/users/" + user.ID},
	} {
		if !strings.HasSuffix(link.got, link.want) {
			e.Errorf("link to the %s = %s, want one to %s", link.what, link.got, link.want)
		}
	}
}

func TestAssignmentsOfTwoAreNotListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9f912b6e-9edd-44a1-bc64-050637f25e28"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	for _, query := range []string{
		"user.id=none&group.id=none", "scope.project.id=none&scope.domain.id=none",
		"scope.project.id=none&scope.system=all", "scope.domain.id=none&scope.system=all",
	} {
		err := ask(e, e.Identity(testlib.ProjectAdmin), "GET", "role_assignments?"+query, nil, nil)
		e.WantStatus("listing by "+query, err, http.StatusBadRequest)
	}
}

func TestDomainReaderListsAssignmentsOfItsDomain(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3fb1f503-5b81-4a77-b923-7dcdbd67fd93"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.DomainReader))
	own, role := e.Credential(testlib.DomainReader).DomainID, newRole(e)
	within := newProject(e, projects.CreateOpts{DomainID: own})
	user := newUser(e, users.CreateOpts{DomainID: own})
	for _, project := range []string{within.ID, newProject(e, projects.CreateOpts{}).ID} {
		grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project})
	}

	var got struct {
		RoleAssignments []assignment `json:"role_assignments"`
	}
	wantOK(e, "listing as a reader of the domain",
		ask(e, e.Identity(testlib.DomainReader), "GET", "role_assignments?user.id="+user.ID, nil, &got))

	want := assignment{Role: named{ID: role.ID}, User: named{ID: user.ID}}
	want.Scope.Project.ID = within.ID
	if diff := cmp.Diff([]assignment{want}, got.RoleAssignments); diff != "" {
		e.Errorf("assignments mismatch (-want +got):\n%s", diff)
	}
}

func TestEffectiveAssignments(t *testing.T) {
	e := testlib.Start(t, testlib.ID("79855de8-7fac-4e2b-868d-623ee2bc0b7e"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("OfGroupMember", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		project := newProject(e, projects.CreateOpts{})
		group := newGroup(e, groups.CreateOpts{})
		user := newUser(e, users.CreateOpts{})
		role := newRole(e)
		grant(e, role.ID, roles.AssignOpts{GroupID: group.ID, ProjectID: project.ID})
		wantOK(e, "joining the group", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
		if direct := listAssignments(e, url.Values{"user.id": {user.ID}}); len(direct) > 0 {
			e.Errorf("assignments of the user itself = %+v, want none", direct)
		}

		got := listAssignments(e, url.Values{"user.id": {user.ID}, "effective": {""}})

		want := assignment{Role: named{ID: role.ID}, User: named{ID: user.ID}}
		want.Scope.Project.ID = project.ID
		if diff := cmp.Diff([]assignment{want}, got); diff != "" {
			e.Errorf("assignments mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("4c242653-fe1b-40d7-a3b9-8c6850cf8f43"))

	e.Run("OfImpliedRole", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		project := newProject(e, projects.CreateOpts{})
		user := newUser(e, users.CreateOpts{})
		prior, implied := newRole(e), newRole(e)
		grant(e, prior.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
		effective := func() []string {
			e.Helper()
			var got []string
			query := url.Values{"user.id": {user.ID}, "scope.project.id": {project.ID}, "effective": {""}}
			for _, a := range listAssignments(e, query) {
				got = append(got, a.Role.ID)
			}
			return got
		}
		wantOK(e, "making a role imply another",
			roles.CreateRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).Err)

		both := []string{prior.ID, implied.ID}
		slices.Sort(both)
		if diff := cmp.Diff(both, effective()); diff != "" {
			e.Errorf("roles with the rule mismatch (-want +got):\n%s", diff)
		}
		wantOK(e, "deleting the rule",
			roles.DeleteRoleInferenceRule(e.Context(), admin, prior.ID, implied.ID).ExtractErr())
		if diff := cmp.Diff([]string{prior.ID}, effective()); diff != "" {
			e.Errorf("roles without the rule mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("c8828027-df48-4021-95df-b65b92c7429e"))

	e.Run("NotOfGroup", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		query := url.Values{"group.id": {newGroup(e, groups.CreateOpts{}).ID}, "effective": {""}}
		_, err := admin.Get(e.Context(), admin.ServiceURL("role_assignments")+"?"+query.Encode(), nil, nil)
		e.WantStatus("listing what a group effectively has", err, http.StatusBadRequest)
	}, testlib.ID("f3ab241c-e9c7-419f-bdef-7c6e3366d8dc"), testlib.Negative)
}

func TestInheritedAssignment(t *testing.T) {
	e := testlib.Start(t, testlib.ID("10db0807-4ffd-4bda-84f2-6155875cf43a"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("FromDomain", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		domain := newDomain(e)
		project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
		user := newUser(e, users.CreateOpts{DomainID: domain.ID})
		role := newRole(e)
		to := osinherit.AssignOpts{UserID: user.ID, DomainID: domain.ID}
		login := func(scope tokens.Scope) *tokens.AuthOptions {
			return &tokens.AuthOptions{UserID: user.ID, Password: user.Password, Scope: scope}
		}

		wantOK(e, "assigning", osinherit.Assign(e.Context(), admin, role.ID, to).ExtractErr())

		wantOK(e, "asking for the assignment",
			osinherit.Validate(e.Context(), admin, role.ID, osinherit.ValidateOpts(to)).ExtractErr())
		got := logIn(e, login(tokens.Scope{ProjectID: project.ID}))
		if diff := cmp.Diff([]string{role.Name}, got.roleNames()); diff != "" {
			e.Errorf("roles on a project of the domain mismatch (-want +got):\n%s", diff)
		}
		e.WantStatus("logging in to the domain itself",
			tokens.Create(e.Context(), anonymous(e), login(tokens.Scope{DomainID: domain.ID})).Err,
			http.StatusUnauthorized)

		err := osinherit.Unassign(e.Context(), admin, role.ID, osinherit.UnassignOpts(to)).ExtractErr()
		wantOK(e, "taking away", err)
		e.WantStatus("logging in to a project of the domain",
			tokens.Create(e.Context(), anonymous(e), login(tokens.Scope{ProjectID: project.ID})).Err,
			http.StatusUnauthorized)
	}, testlib.ID("6a14d327-b619-4383-835f-ea9c83837f5b"))

	e.Run("FromProject", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		parent := newProject(e, projects.CreateOpts{})
		child := newProject(e, projects.CreateOpts{ParentID: parent.ID})
		user := newUser(e, users.CreateOpts{})
		role := newRole(e)

		err := osinherit.Assign(e.Context(), admin, role.ID,
			osinherit.AssignOpts{UserID: user.ID, ProjectID: parent.ID}).ExtractErr()

		wantOK(e, "assigning", err)
		login := &tokens.AuthOptions{UserID: user.ID, Password: user.Password}
		login.Scope.ProjectID = child.ID
		if diff := cmp.Diff([]string{role.Name}, logIn(e, login).roleNames()); diff != "" {
			e.Errorf("roles on the child mismatch (-want +got):\n%s", diff)
		}
		login.Scope.ProjectID = parent.ID
		e.WantStatus("logging in to the parent",
			tokens.Create(e.Context(), anonymous(e), login).Err, http.StatusUnauthorized)
	}, testlib.ID("ce9c31d3-51b0-4ca0-b446-0345421ec6f2"))

	e.Run("Listed", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		parent := newProject(e, projects.CreateOpts{})
		child := newProject(e, projects.CreateOpts{ParentID: parent.ID})
		user := newUser(e, users.CreateOpts{})
		role := newRole(e)
		err := osinherit.Assign(e.Context(), admin, role.ID,
			osinherit.AssignOpts{UserID: user.ID, ProjectID: parent.ID}).ExtractErr()
		wantOK(e, "assigning", err)

		want := assignment{Role: named{ID: role.ID}, User: named{ID: user.ID}}
		want.Scope.InheritedTo = "projects"
		want.Scope.Project.ID = parent.ID
		got := listAssignments(e, url.Values{"user.id": {user.ID}, "scope.OS-INHERIT:inherited_to": {"projects"}})
		if diff := cmp.Diff([]assignment{want}, got); diff != "" {
			e.Errorf("assignments mismatch (-want +got):\n%s", diff)
		}
		want.Scope.Project.ID = child.ID
		got = listAssignments(e, url.Values{"user.id": {user.ID}, "effective": {""}})
		if diff := cmp.Diff([]assignment{want}, got); diff != "" {
			e.Errorf("effective assignments mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("8a1c8143-6100-40fa-8248-e608215706ee"))
}

func TestInheritedRole(t *testing.T) {
	e := testlib.Start(t, testlib.ID("04c9875e-d28f-4a6a-b405-d408ea68f54e"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	leaf := newProject(e, projects.CreateOpts{DomainID: domain.ID, ParentID: project.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: domain.ID})
	role := newRole(e)

	e.Run("OfUserOnDomain", func(e *testlib.Env) {
		path := inheritPath("domains", domain.ID, "users", user.ID)
		checkInherited(e, path, role, func() { wantInheritedRoles(e, path, role) })
	}, testlib.ID("4e6f0366-97c8-423c-b2be-41eae6ac91c8"))
	e.Run("OfGroupOnDomain", func(e *testlib.Env) {
		path := inheritPath("domains", domain.ID, "groups", group.ID)
		checkInherited(e, path, role, func() { wantInheritedRoles(e, path, role) })
	}, testlib.ID("c7a8dda2-be50-4fb4-9a9c-e830771078b1"))
	e.Run("OfUserOnProject", func(e *testlib.Env) {
		checkInherited(e, inheritPath("projects", project.ID, "users", user.ID), role, func() {})
	}, testlib.ID("18b70e45-7687-4b72-8277-b8f1a47d7591"))
	e.Run("OfGroupOnProject", func(e *testlib.Env) {
		checkInherited(e, inheritPath("projects", project.ID, "groups", group.ID), role, func() {})
	}, testlib.ID("26021436-d5a4-4256-943c-ded01e0d4b45"))

	// where lists the projects on which the user effectively has the role.
	where := func(e *testlib.Env) []string {
		e.Helper()
		var ids []string
		for _, a := range listAssignments(e, url.Values{"user.id": {user.ID}, "effective": {""}}) {
			ids = append(ids, a.Scope.Project.ID)
		}
		slices.Sort(ids)
		return ids
	}
	wantWhere := func(e *testlib.Env, want ...string) {
		e.Helper()
		slices.Sort(want)
		if diff := cmp.Diff(want, where(e)); diff != "" {
			e.Errorf("projects with the role mismatch (-want +got):\n%s", diff)
		}
	}

	e.Run("ReachesAllOfDomain", func(e *testlib.Env) {
		checkInherited(e, inheritPath("domains", domain.ID, "users", user.ID), role, func() {
			wantWhere(e, project.ID, leaf.ID)
		})
		wantWhere(e)
	}, testlib.ID("3acf666e-5354-42ac-8e17-8b68893bcd36"))
	e.Run("ReachesProjectsBelow", func(e *testlib.Env) {
		checkInherited(e, inheritPath("projects", project.ID, "users", user.ID), role, func() { wantWhere(e, leaf.ID) })
		wantWhere(e)
	}, testlib.ID("9f02ccd9-9b57-46b4-8f77-dd5a736f3a06"))
}

// inheritPath is the path of the roles that somebody has on what is below something.
func inheritPath(where, whereID, who, whoID string) string {
	return "OS-INHERIT/" + where + "/" + whereID + "/" + who + "/" + whoID + "/roles"
}

// checkInherited assigns a role that is inherited, runs a check, and takes it away.
func checkInherited(e *testlib.Env, path string, role *roles.Role, check func()) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	one := path + "/" + role.ID + "/inherited_to_projects"
	wantOK(e, "assigning", ask(e, admin, "PUT", one, nil, nil))
	unassign := func() error { return ask(e, admin, "DELETE", one, nil, nil) }
	afterFailure(e, "taking the role away", unassign)
	wantOK(e, "asking for the assignment", ask(e, admin, "HEAD", one, nil, nil))
	check()
	wantOK(e, "taking away", unassign())
}

// wantInheritedRoles checks that the list of inherited roles has one role alone.
func wantInheritedRoles(e *testlib.Env, path string, want *roles.Role) {
	e.Helper()
	var got struct {
		Roles []named `json:"roles"`
	}
	err := ask(e, e.Identity(testlib.ProjectAdmin), "GET", path+"/inherited_to_projects", nil, &got)
	wantOK(e, "listing inherited roles", err)
	if diff := cmp.Diff([]named{{want.ID, want.Name}}, got.Roles); diff != "" {
		e.Errorf("inherited roles mismatch (-want +got):\n%s", diff)
	}
}

func TestInheritedRolesAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d7f0092a-1574-47a3-bf85-68bb86ba10d6"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	direct, inherited := newRole(e), newRole(e)
	grant(e, direct.ID, roles.AssignOpts{UserID: user.ID, DomainID: domain.ID})
	wantOK(e, "assigning", osinherit.Assign(e.Context(), admin, inherited.ID,
		osinherit.AssignOpts{UserID: user.ID, DomainID: domain.ID}).ExtractErr())
	path := "domains/" + domain.ID + "/users/" + user.ID + "/roles"

	for path, want := range map[string]*roles.Role{
		path: direct,
		"OS-INHERIT/" + path + "/inherited_to_projects": inherited,
	} {
		var got struct {
			Roles []named `json:"roles"`
		}
		_, err := admin.Get(e.Context(), admin.ServiceURL(path), &got, nil)
		wantOK(e, "listing "+path, err)
		if diff := cmp.Diff([]named{{want.ID, want.Name}}, got.Roles); diff != "" {
			e.Errorf("roles at %s mismatch (-want +got):\n%s", path, diff)
		}
	}
}

func TestAssignmentsGoWithTheirRole(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4a1e57ad-362f-4ddf-98d5-285f79a79909"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	project := newProject(e, projects.CreateOpts{})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})

	wantOK(e, "deleting the role",
		roles.Delete(e.Context(), e.Identity(testlib.ProjectAdmin), role.ID).ExtractErr())

	if got := listAssignments(e, url.Values{"user.id": {user.ID}}); len(got) > 0 {
		e.Errorf("assignments = %+v, want none", got)
	}
}
