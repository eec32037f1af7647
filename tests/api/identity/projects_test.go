//go:build tempest

package identity_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestProjectLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9df56b67-5858-4b09-a58f-110e112aaea9"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domainID := e.Credential(testlib.ProjectAdmin).DomainID
	name := e.Name("project")

	made := newProject(e, projects.CreateOpts{Name: name, DomainID: domainID, Description: "of a test"})
	if made.Name != name || made.DomainID != domainID || made.ParentID != domainID || made.Description != "of a test" ||
		!made.Enabled || made.IsDomain {
		e.Errorf("created %+v, want %s, enabled, right below domain %s", made, name, domainID)
	}

	read, err := present(projects.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the project", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("project mismatch (-created +read):\n%s", diff)
	}

	newName := e.Name("renamed")
	_, err = projects.Update(e.Context(), admin, made.ID, projects.UpdateOpts{
		Name: newName, Description: new(""), Enabled: new(false), Extra: map[string]any{"colour": "green"},
	}).Extract()
	wantOK(e, "updating the project", err)
	read, err = present(projects.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the updated project", err)
	if read.Name != newName || read.Description != "" || read.Enabled || read.Extra["colour"] != "green" {
		e.Errorf("updated to %+v, want %s, disabled, green, without description", read, newName)
	}

	wantOK(e, "deleting the project", projects.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = projects.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted project", err, http.StatusNotFound)
}

// kept is what a project was made as, and what the service said of it then.
type kept struct{ made, read *projects.Project }

// keep makes a project and reads it.
func keep(e *testlib.Env, opts projects.CreateOpts) kept {
	e.Helper()
	k := kept{made: newProject(e, opts)}
	read, err := present(projects.Get(e.Context(), e.Identity(testlib.ProjectAdmin), k.made.ID).Extract())
	wantOK(e, "reading a new project", err)
	k.read = read
	return k
}

// want checks both with the same function.
func (k kept) want(e *testlib.Env, what string, is func(*projects.Project) bool) {
	e.Helper()
	if !is(k.made) {
		e.Errorf("created %+v, want one %s", k.made, what)
	}
	if !is(k.read) {
		e.Errorf("read %+v, want one %s", k.read, what)
	}
}

func TestProjectIsCreated(t *testing.T) {
	e := testlib.Start(t, testlib.ID("908aa05b-3ade-4275-a7d9-da3f5504f732"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	tags := []string{"a", "c", "b", "d"}
	name := e.Name("project")
	top := keep(e, projects.CreateOpts{Name: name, DomainID: domain.ID, Description: "of a test", Tags: tags})
	disabled := keep(e, projects.CreateOpts{DomainID: domain.ID, ParentID: top.made.ID, Enabled: new(false)})

	e.Run("WithDescription", func(e *testlib.Env) {
		top.want(e, "with its description", func(p *projects.Project) bool { return p.Description == "of a test" })
	}, testlib.ID("0ecf465c-0dc4-4532-ab53-91ffeb74d12d"))

	e.Run("InDomain", func(e *testlib.Env) {
		top.want(e, "named "+name+" in domain "+domain.ID,
			func(p *projects.Project) bool { return p.Name == name && p.DomainID == domain.ID })
	}, testlib.ID("5f50fe07-8166-430b-a882-3b2ee0abe26f"))

	e.Run("BelowParent", func(e *testlib.Env) {
		top.want(e, "right below its domain", func(p *projects.Project) bool { return p.ParentID == domain.ID })
		disabled.want(e, "below "+top.made.ID, func(p *projects.Project) bool { return p.ParentID == top.made.ID })
	}, testlib.ID("1854f9c0-70bc-4d11-a08a-1c789d339e3d"))

	e.Run("Enabled", func(e *testlib.Env) {
		top.want(e, "enabled", func(p *projects.Project) bool { return p.Enabled })
	}, testlib.ID("1f66dc76-50cc-4741-a200-af984509e480"))

	e.Run("NotEnabled", func(e *testlib.Env) {
		disabled.want(e, "disabled", func(p *projects.Project) bool { return !p.Enabled })
	}, testlib.ID("78f96a9c-e0e0-4ee6-a3ba-fbf6dfd03207"))

	e.Run("AsListed", func(e *testlib.Env) { checkListedAsRead(e, top.made.ID, domain.ID, tags) },
		testlib.ID("d1db68b6-aebe-4fa0-b79d-d724d2e21162"))
}

// checkListedAsRead checks that a project has all fields, and the same ones when it
// is read and when it is listed.
func checkListedAsRead(e *testlib.Env, id, domainID string, tags []string) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	var one struct {
		Project object `json:"project"`
	}
	var all struct {
		Projects []object `json:"projects"`
	}
	wantOK(e, "reading the project", ask(e, admin, "GET", "projects/"+id, nil, &one))
	wantOK(e, "listing projects", ask(e, admin, "GET", "projects?domain_id="+domainID, nil, &all))
	for _, field := range []string{
		"parent_id", "is_domain", "description", "links", "name", "enabled", "domain_id", "id", "tags",
	} {
		if _, has := one.Project[field]; !has {
			e.Errorf("project = %v, want the field %s", one.Project, field)
		}
	}
	i := slices.IndexFunc(all.Projects, func(p object) bool { return p["id"] == id })
	if i < 0 {
		e.Fatalf("projects = %v, want %s among them", all.Projects, id)
	}
	unordered := cmpopts.SortSlices(func(a, b any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(one.Project, all.Projects[i], unordered); diff != "" {
		e.Errorf("project mismatch (-read +listed):\n%s", diff)
	}
	var want []any
	for _, tag := range tags {
		want = append(want, tag)
	}
	if diff := cmp.Diff(want, one.Project["tags"], unordered); diff != "" {
		e.Errorf("tags mismatch (-want +got):\n%s", diff)
	}
}

func TestProjectIsUpdated(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5448c9cf-4603-441f-b10c-6bd37e349690"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{Description: "of a test", Enabled: new(false)})
	update := func(e *testlib.Env, opts projects.UpdateOpts, what string, is func(*projects.Project) bool) {
		e.Helper()
		updated, err := present(projects.Update(e.Context(), admin, project.ID, opts).Extract())
		wantOK(e, "updating the project", err)
		read, err := present(projects.Get(e.Context(), admin, project.ID).Extract())
		wantOK(e, "reading the updated project", err)
		kept{updated, read}.want(e, what, is)
	}

	e.Run("Name", func(e *testlib.Env) {
		name := e.Name("renamed")
		update(e, projects.UpdateOpts{Name: name}, "named "+name,
			func(p *projects.Project) bool { return p.Name == name && p.Description == "of a test" })
	}, testlib.ID("f608f368-048c-496b-ad63-d286c26dab6b"))

	e.Run("Description", func(e *testlib.Env) {
		update(e, projects.UpdateOpts{Description: new("changed")}, "with the new description",
			func(p *projects.Project) bool { return p.Description == "changed" && !p.Enabled })
	}, testlib.ID("f138b715-255e-4a7d-871d-351e1ef2e153"))

	e.Run("Enabled", func(e *testlib.Env) {
		update(e, projects.UpdateOpts{Enabled: new(true)}, "enabled",
			func(p *projects.Project) bool { return p.Enabled })
	}, testlib.ID("b6b25683-c97f-474d-a595-55d410b68100"))
}

func TestProjectsAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("52d86ed3-6b2c-41c5-bc13-e1c805857960"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	parent := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	child := newProject(e, projects.CreateOpts{DomainID: domain.ID, ParentID: parent.ID, Enabled: new(false)})
	listed := func(e *testlib.Env, opts projects.ListOpts) []projects.Project {
		e.Helper()
		return list(e, projects.List(e.Identity(testlib.ProjectAdmin), opts), projects.ExtractProjects)
	}

	e.Run("All", func(e *testlib.Env) {
		all := listed(e, projects.ListOpts{})
		for _, want := range []*projects.Project{parent, child} {
			if !slices.ContainsFunc(all, func(p projects.Project) bool { return cmp.Equal(p, *want, cmpopts.EquateEmpty()) }) {
				e.Errorf("projects lack %+v", want)
			}
		}
	}, testlib.ID("1d830662-22ad-427c-8c3e-4ec854b0af44"))

	e.Run("ByDomain", func(e *testlib.Env) {
		got := projectIDs(listed(e, projects.ListOpts{DomainID: domain.ID}))
		wantListed(e, "project of the domain", got, []string{parent.ID, child.ID}, nil)
		if len(got) != 2 {
			e.Errorf("projects of the domain = %q, want 2", got)
		}
		wantListed(e, "project of the default domain",
			projectIDs(listed(e, projects.ListOpts{DomainID: e.Credential(testlib.ProjectAdmin).DomainID})),
			[]string{e.Credential(testlib.ProjectAdmin).ProjectID}, []string{parent.ID, child.ID})
	}, testlib.ID("fab13f3c-f6a6-4b9f-829b-d32fd44fdf10"))

	e.Run("ByName", func(e *testlib.Env) {
		if diff := cmp.Diff([]string{child.ID}, projectIDs(listed(e, projects.ListOpts{Name: child.Name}))); diff != "" {
			e.Errorf("projects by name mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("fa178524-4e6d-4925-907c-7ab9f42c7e26"))

	e.Run("ByState", func(e *testlib.Env) {
		disabled := listed(e, projects.ListOpts{Enabled: new(false)})
		wantListed(e, "disabled project", projectIDs(disabled), []string{child.ID}, []string{parent.ID})
		for _, p := range disabled {
			if p.Enabled {
				e.Errorf("listing disabled projects shows %+v", p)
			}
		}
	}, testlib.ID("0fe7a334-675a-4509-b00e-1c4b95d5dae8"))

	e.Run("ByParent", func(e *testlib.Env) {
		below := listed(e, projects.ListOpts{ParentID: parent.ID})
		if len(below) != 1 || below[0].ID != child.ID || below[0].ParentID != parent.ID {
			e.Errorf("projects below %s = %+v, want %s", parent.ID, below, child.ID)
		}
	}, testlib.ID("6edc66f5-2941-4a17-9526-4073311c1fac"))

	e.Run("ByPartOfName", func(e *testlib.Env) {
		got := projectIDs(listed(e, projects.ListOpts{
			DomainID: domain.ID, Filters: map[string]string{"name__contains": parent.Name[1:]},
		}))
		if diff := cmp.Diff([]string{parent.ID}, got); diff != "" {
			e.Errorf("projects by part of name mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("80475099-dab5-4eff-878f-5713a2576ffa"))
}

func TestProjectsOfUserAreThoseItMayEnter(t *testing.T) {
	e := testlib.Start(t, testlib.ID("86128d46-e170-4644-866a-cc487f699e1d"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	me, other := e.Credential(testlib.ProjectMember), e.Credential(testlib.AltMember)

	mine := list(e, users.ListProjects(e.Identity(testlib.ProjectMember), me.UserID), projects.ExtractProjects)

	if !slices.ContainsFunc(mine, func(p projects.Project) bool { return p.ID == me.ProjectID }) {
		e.Errorf("projects = %+v, want %s among them", mine, me.ProjectID)
	}
	for _, p := range mine {
		got := logIn(e, &tokens.AuthOptions{
			UserID: me.UserID, Password: me.Password,
			Scope: tokens.Scope{ProjectName: p.Name, DomainID: p.DomainID},
		})
		if got.Project == nil || got.Project.ID != p.ID || got.User.ID != me.UserID {
			e.Errorf("token of user %s for project %+v, want %s and %+v", got.User.ID, got.Project, me.UserID, p)
		}
	}
	err := tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{
		UserID: me.UserID, Password: me.Password,
		Scope: tokens.Scope{ProjectName: other.ProjectName, DomainID: other.DomainID},
	}).Err
	e.WantStatus("logging in to a project that is not listed", err, http.StatusUnauthorized)
}

func TestProjectTree(t *testing.T) {
	e := testlib.Start(t, testlib.ID("486bb98b-4aa6-45f2-a8e6-dd8a5bec2271"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	top := newProject(e, projects.CreateOpts{})
	middle := newProject(e, projects.CreateOpts{ParentID: top.ID})
	leaf := newProject(e, projects.CreateOpts{ParentID: middle.ID})
	type tree = map[string]any
	read := func(id, query string) (project struct{ Parents, Subtree tree }) {
		var body struct {
			Project *struct{ Parents, Subtree tree } `json:"project"`
		}
		body.Project = &project
		_, err := admin.Get(e.Context(), admin.ServiceURL("projects", id)+"?"+query, &body, nil)
		wantOK(e, "reading a project with "+query, err)
		return project
	}

	want := tree{middle.ID: tree{leaf.ID: nil}}
	if diff := cmp.Diff(want, read(top.ID, "subtree_as_ids").Subtree); diff != "" {
		e.Errorf("subtree mismatch (-want +got):\n%s", diff)
	}
	want = tree{middle.ID: tree{top.ID: tree{top.DomainID: nil}}}
	if diff := cmp.Diff(want, read(leaf.ID, "parents_as_ids").Parents); diff != "" {
		e.Errorf("parents mismatch (-want +got):\n%s", diff)
	}
}

func TestProjectTreeIsGuarded(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c1d5fa80-8bc1-413a-b999-77b72b334470"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	parent := newProject(e, projects.CreateOpts{})
	child := newProject(e, projects.CreateOpts{ParentID: parent.ID})
	update := func(id string, opts projects.UpdateOpts) error {
		return projects.Update(e.Context(), admin, id, opts).Err
	}

	e.WantStatus("deleting a project with a child",
		projects.Delete(e.Context(), admin, parent.ID).ExtractErr(), http.StatusForbidden)
	e.WantStatus("disabling a project with an enabled child",
		update(parent.ID, projects.UpdateOpts{Enabled: new(false)}), http.StatusForbidden)
	e.WantStatus("moving a project to another parent",
		update(child.ID, projects.UpdateOpts{ParentID: parent.DomainID}), http.StatusForbidden)
	e.WantStatus("moving a project to another domain",
		update(child.ID, projects.UpdateOpts{DomainID: newDomain(e).ID}), http.StatusBadRequest)
	e.WantStatus("making a project act as domain",
		update(child.ID, projects.UpdateOpts{IsDomain: new(true)}), http.StatusBadRequest)

	wantOK(e, "disabling the child", update(child.ID, projects.UpdateOpts{Enabled: new(false)}))
	wantOK(e, "disabling the parent", update(parent.ID, projects.UpdateOpts{Enabled: new(false)}))
	e.WantStatus("enabling a project with a disabled parent",
		update(child.ID, projects.UpdateOpts{Enabled: new(true)}), http.StatusForbidden)
	wantOK(e, "enabling the parent", update(parent.ID, projects.UpdateOpts{Enabled: new(true)}))
	wantOK(e, "enabling the child", update(child.ID, projects.UpdateOpts{Enabled: new(true)}))
}

func TestNoProjectIsMadeBelowDisabledOne(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c94946c6-4e85-4284-81db-82ca6f089733"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	parent := newProject(e, projects.CreateOpts{Enabled: new(false)})

	_, err := createProject(e, projects.CreateOpts{ParentID: parent.ID})
	e.WantStatus("making a project below a disabled one", err, http.StatusBadRequest)
}

func TestProjectNameIsUniqueInItsDomain(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2f9a09b1-3389-44aa-ac8d-d229cff88b58"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	first := newProject(e, projects.CreateOpts{DomainID: domain.ID})

	_, err := createProject(e, projects.CreateOpts{Name: first.Name, DomainID: domain.ID})
	e.WantStatus("creating a project of the same name in the same domain", err, http.StatusConflict)

	_, err = createProject(e, projects.CreateOpts{Name: first.Name, DomainID: newDomain(e).ID})
	wantOK(e, "creating a project of the same name in another domain", err)
}

func TestProjectIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7a76f2ee-d840-454f-8de1-eeb7f968efcc"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	project := newProject(e, projects.CreateOpts{})

	e.Run("NameInUse", func(e *testlib.Env) {
		_, err := createProject(e, projects.CreateOpts{Name: project.Name})
		e.WantStatus("creating a second project of one name", err, http.StatusConflict)
	}, testlib.ID("874c3e84-d174-4348-a16b-8c01f599561b"), testlib.Negative)

	e.Run("ToMembers", func(e *testlib.Env) {
		member := e.Identity(testlib.ProjectMember)
		err := projects.Delete(e.Context(), member, project.ID).ExtractErr()
		e.WantStatus("deleting a project", err, http.StatusForbidden)
	}, testlib.ID("8d68c012-89e0-4394-8d6b-ccd7196def97"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("ListingToMembers", func(e *testlib.Env) {
		_, err := projects.List(e.Identity(testlib.ProjectMember), nil).AllPages(e.Context())
		e.WantStatus("listing projects", err, http.StatusForbidden)
	}, testlib.ID("24c49279-45dd-4155-887a-cb738c2385aa"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("CreationToMembers", func(e *testlib.Env) {
		err := projects.Create(e.Context(), e.Identity(testlib.ProjectMember),
			projects.CreateOpts{Name: e.Name("project")}).Err
		e.WantStatus("creating a project", err, http.StatusForbidden)
	}, testlib.ID("8fba9de2-3e1f-4e77-812a-60cb68f8df13"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("EmptyName", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		err := ask(e, admin, "POST", "projects", object{"project": object{"name": ""}}, nil)
		e.WantStatus("creating a project", err, http.StatusBadRequest)
	}, testlib.ID("7828db17-95e5-475b-9432-9a51b4aa79a9"), testlib.Negative)

	e.Run("NameTooLong", func(e *testlib.Env) {
		const longest = 64
		_, err := createProject(e, projects.CreateOpts{Name: strings.Repeat("x", longest+1)})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("502b6ceb-b0c8-4422-bf53-f08fdb21e2f0"), testlib.Negative)

	e.Run("UnknownDomain", func(e *testlib.Env) {
		_, err := createProject(e, projects.CreateOpts{DomainID: "none"})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("ccaa9c83-c2ad-4a69-8c9c-eea395429b55"), testlib.Negative)

	e.Run("UnknownParent", func(e *testlib.Env) {
		_, err := createProject(e, projects.CreateOpts{ParentID: "none"})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("53d6b316-29cc-4956-bf19-d5b6f790cdae"), testlib.Negative)

	e.Run("ParentInOtherDomain", func(e *testlib.Env) {
		elsewhere := newProject(e, projects.CreateOpts{DomainID: newDomain(e).ID})
		_, err := createProject(e, projects.CreateOpts{DomainID: newDomain(e).ID, ParentID: elsewhere.ID})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("b2cb1854-6e94-442b-83f4-c250dbc91dc2"), testlib.Negative)

	e.Run("DomainBelowDomain", func(e *testlib.Env) {
		_, err := createProject(e, projects.CreateOpts{DomainID: newDomain(e).ID, IsDomain: new(true)})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("5c3805a2-188b-4944-b364-b353df468296"), testlib.Negative)

	e.Run("UnknownOption", func(e *testlib.Env) {
		_, err := createProject(e, projects.CreateOpts{Options: map[projects.Option]any{"none": true}})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("433822c3-b799-4a2a-9990-609a7163c436"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", projects.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			projects.Update(e.Context(), admin, id, projects.UpdateOpts{Name: id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", projects.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("7965b581-60c1-43b7-8169-95d4ab7fc6fb"), testlib.Negative)
}

func TestImmutableProjectStays(t *testing.T) {
	e := testlib.Start(t, testlib.ID("dfb4aed9-7476-4cff-ad61-714d4e721619"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{Options: map[projects.Option]any{projects.Immutable: true}})
	thaw := func(ctx context.Context) error {
		return projects.Update(ctx, admin, project.ID, projects.UpdateOpts{
			Options: map[projects.Option]any{projects.Immutable: false},
		}).Err
	}
	e.Cleanup("immutability of project "+project.ID, thaw)

	e.WantStatus("updating an immutable project", projects.Update(e.Context(), admin, project.ID,
		projects.UpdateOpts{Description: new("changed")}).Err, http.StatusForbidden)
	e.WantStatus("deleting an immutable project",
		projects.Delete(e.Context(), admin, project.ID).Err, http.StatusForbidden)

	wantOK(e, "making the project mutable", thaw(e.Context()))
	wantOK(e, "deleting the mutable project", projects.Delete(e.Context(), admin, project.ID).Err)
}

func TestProjectTags(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7c123aac-999d-416a-a0fb-84b915ab10de"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{Tags: []string{"first"}})
	tags := "projects/" + project.ID + "/tags"
	unordered := cmp.Options{cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b string) bool { return a < b })}
	wantTags := func(want ...string) {
		e.Helper()
		got, err := present(projects.ListTags(e.Context(), admin, project.ID).Extract())
		wantOK(e, "listing tags", err)
		if diff := cmp.Diff(want, got.Tags, unordered); diff != "" {
			e.Fatalf("tags mismatch (-want +got):\n%s", diff)
		}
	}

	wantOK(e, "adding a tag", ask(e, admin, "PUT", tags+"/second", nil, nil))
	wantOK(e, "asking for a tag", ask(e, admin, "GET", tags+"/second", nil, nil))
	e.WantStatus("asking for a tag that is not there", ask(e, admin, "GET", tags+"/third", nil, nil), http.StatusNotFound)
	wantTags("first", "second")

	three := []string{"k", "m", "n"}
	var set struct {
		Tags []string `json:"tags"`
	}
	wantOK(e, "replacing all tags", ask(e, admin, "PUT", tags, object{"tags": three}, &set))
	if diff := cmp.Diff(three, set.Tags, unordered); diff != "" {
		e.Errorf("new tags mismatch (-want +got):\n%s", diff)
	}

	wantOK(e, "removing a tag", ask(e, admin, "DELETE", tags+"/m", nil, nil))
	e.WantStatus("asking for a removed tag", ask(e, admin, "GET", tags+"/m", nil, nil), http.StatusNotFound)
	e.WantStatus("removing a tag that is not there", ask(e, admin, "DELETE", tags+"/m", nil, nil), http.StatusNotFound)
	wantTags("k", "n")

	wantOK(e, "removing all tags", projects.DeleteTags(e.Context(), admin, project.ID).ExtractErr())
	wantTags()
}

func TestProjectTagIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f2f886d9-d027-4b05-95bf-cef249a260b3"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{})
	const longest = 255

	for what, tags := range map[string][]string{
		"slash":    {"a/b"},
		"comma":    {"a,b"},
		"empty":    {""},
		"twice":    {"same", "same"},
		"too long": {strings.Repeat("x", longest+1)},
	} {
		err := projects.ModifyTags(e.Context(), admin, project.ID, projects.ModifyTagsOpts{Tags: tags}).Err
		e.WantStatus("setting tags: "+what, err, http.StatusBadRequest)
	}
}

func TestProjectsAreListedByTag(t *testing.T) {
	e := testlib.Start(t, testlib.ID("eb4d09c6-4f8b-4d7d-9f1e-4d8153f42c66"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	names := map[string]string{}
	for name, tags := range map[string][]string{"A": {"one", "two"}, "B": {"two", "three"}, "C": nil} {
		names[newProject(e, projects.CreateOpts{DomainID: domain.ID, Tags: tags}).ID] = name
	}

	for _, tt := range []struct {
		opts projects.ListOpts
		want []string
	}{
		{projects.ListOpts{Tags: "two"}, []string{"A", "B"}},
		{projects.ListOpts{Tags: "one,two"}, []string{"A"}},
		{projects.ListOpts{TagsAny: "one,three"}, []string{"A", "B"}},
		{projects.ListOpts{NotTags: "one,two"}, []string{"B", "C"}},
		{projects.ListOpts{NotTagsAny: "one,three"}, []string{"C"}},
	} {
		what := tt.opts
		tt.opts.DomainID = domain.ID
		var got []string
		for _, p := range list(e, projects.List(admin, tt.opts), projects.ExtractProjects) {
			got = append(got, names[p.ID])
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			e.Errorf("projects by %+v mismatch (-want +got):\n%s", what, diff)
		}
	}
}

func projectIDs(all []projects.Project) []string {
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids
}
