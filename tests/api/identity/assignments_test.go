//go:build tempest

package identity_test

import (
	"net/http"
	"net/url"
	"slices"
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

// checkAssignment assigns a new role and takes it away again.
func checkAssignment(e *testlib.Env, to roles.AssignOpts) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	role := newRole(e)
	wantAssigned := func(want bool) {
		e.Helper()
		err := roles.Validate(e.Context(), admin, role.ID, roles.ValidateOpts(to)).ExtractErr()
		if want {
			wantOK(e, "asking for the assignment", err)
		} else {
			e.WantStatus("asking for the assignment", err, http.StatusNotFound)
		}
		listed := list(e, roles.ListAssignmentsOnResource(admin, roles.ListAssignmentsOnResourceOpts(to)),
			roles.ExtractRoles)
		if has := len(listed) == 1 && listed[0].ID == role.ID; has != want {
			e.Errorf("roles = %+v, want %s among them: %v", listed, role.ID, want)
		}
	}
	wantAssigned(false)

	wantOK(e, "assigning", roles.Assign(e.Context(), admin, role.ID, to).ExtractErr())
	wantAssigned(true)
	wantOK(e, "assigning again", roles.Assign(e.Context(), admin, role.ID, to).ExtractErr())
	wantAssigned(true)

	wantOK(e, "taking away", roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts(to)).ExtractErr())
	wantAssigned(false)
	e.WantStatus("taking away again",
		roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts(to)).ExtractErr(), http.StatusNotFound)
}

func TestAssignment(t *testing.T) {
	e := testlib.Start(t, testlib.ID("25010d5d-e053-4b5d-bde1-255583cc6394"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: domain.ID})

	e.Run("UserOnProject", func(e *testlib.Env) {
		checkAssignment(e, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	}, testlib.ID("ed49d6b7-8d0a-4949-9093-a18f2042dac1"), testlib.Smoke)
	e.Run("UserOnDomain", func(e *testlib.Env) {
		checkAssignment(e, roles.AssignOpts{UserID: user.ID, DomainID: domain.ID})
	}, testlib.ID("c1fc876a-3131-4fb3-8d24-042a6f7e08d8"))
	e.Run("UserOnSystem", func(e *testlib.Env) {
		checkAssignment(e, roles.AssignOpts{UserID: user.ID, System: true})
	}, testlib.ID("3a45aa9b-b730-497e-86c3-5f031c914569"))
	e.Run("GroupOnProject", func(e *testlib.Env) {
		checkAssignment(e, roles.AssignOpts{GroupID: group.ID, ProjectID: project.ID})
	}, testlib.ID("f0bf9b48-0c59-4c22-b406-7d788295e7b3"))
	e.Run("GroupOnDomain", func(e *testlib.Env) {
		checkAssignment(e, roles.AssignOpts{GroupID: group.ID, DomainID: domain.ID})
	}, testlib.ID("ab3fb54e-8959-4867-a709-5bc20fade46a"))
	e.Run("GroupOnSystem", func(e *testlib.Env) {
		checkAssignment(e, roles.AssignOpts{GroupID: group.ID, System: true})
	}, testlib.ID("e1e405ec-d5d3-460d-a9c6-1d204a086d7d"))
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
		project := newProject(e, projects.CreateOpts{})
		user := newUser(e, users.CreateOpts{})
		grant(e, roleID(e, "member"), roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})

		var got []string
		for _, a := range listAssignments(e, url.Values{"user.id": {user.ID}, "effective": {""}, "include_names": {""}}) {
			got = append(got, a.Role.Name)
		}

		slices.Sort(got)
		if diff := cmp.Diff([]string{"member", "reader"}, got); diff != "" {
			e.Errorf("roles mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("5e907ae9-0001-4d76-a0ba-7783a6e097f7"))

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
