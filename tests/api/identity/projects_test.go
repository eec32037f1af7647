//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2"
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

func TestProjectsAreListedByFilter(t *testing.T) {
	e := testlib.Start(t, testlib.ID("52d86ed3-6b2c-41c5-bc13-e1c805857960"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	parent := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	child := newProject(e, projects.CreateOpts{DomainID: domain.ID, ParentID: parent.ID, Enabled: new(false)})
	listed := func(opts projects.ListOpts) []string {
		var ids []string
		for _, p := range list(e, projects.List(e.Identity(testlib.ProjectAdmin), opts), projects.ExtractProjects) {
			ids = append(ids, p.ID)
		}
		slices.Sort(ids)
		return ids
	}
	both := []string{parent.ID, child.ID}
	slices.Sort(both)

	for what, tt := range map[string]struct {
		opts projects.ListOpts
		want []string
	}{
		"domain":           {projects.ListOpts{DomainID: domain.ID}, both},
		"parent":           {projects.ListOpts{ParentID: parent.ID}, []string{child.ID}},
		"name":             {projects.ListOpts{Name: child.Name}, []string{child.ID}},
		"domain and state": {projects.ListOpts{DomainID: domain.ID, Enabled: new(true)}, []string{parent.ID}},
		"part of name": {projects.ListOpts{DomainID: domain.ID,
			Filters: map[string]string{"name__contains": parent.Name[1:]}}, []string{parent.ID}},
	} {
		if diff := cmp.Diff(tt.want, listed(tt.opts)); diff != "" {
			e.Errorf("projects by %s mismatch (-want +got):\n%s", what, diff)
		}
	}
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

	e.Run("NameTooLong", func(e *testlib.Env) {
		const longest = 64
		_, err := createProject(e, projects.CreateOpts{Name: strings.Repeat("x", longest+1)})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("91853344-f2c9-441f-b8b4-9f54f440c41f"), testlib.Negative)

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
	}, testlib.ID("9e7a2742-d28a-4fcd-880b-eba6ac214662"), testlib.Negative)
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
	e := testlib.Start(t, testlib.ID("eb0407b2-b744-4f05-a58f-fbb2e9718558"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{Tags: []string{"first"}})
	tag := func(name string) string { return admin.ServiceURL("projects", project.ID, "tags", name) }
	wantTags := func(want ...string) {
		e.Helper()
		got, err := present(projects.ListTags(e.Context(), admin, project.ID).Extract())
		if err != nil {
			e.Fatalf("listing tags: %v", err)
		}
		slices.Sort(got.Tags)
		if diff := cmp.Diff(want, got.Tags, cmpopts.EquateEmpty()); diff != "" {
			e.Fatalf("tags mismatch (-want +got):\n%s", diff)
		}
	}
	wantTags("first")

	_, err := admin.Put(e.Context(), tag("second"), nil, nil, &gophercloud.RequestOpts{
		OkCodes: []int{http.StatusCreated},
	})
	wantOK(e, "adding a tag", err)
	wantTags("first", "second")

	_, err = admin.Get(e.Context(), tag("second"), nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	wantOK(e, "asking for a tag", err)
	_, err = admin.Get(e.Context(), tag("third"), nil, nil)
	e.WantStatus("asking for a tag that is not there", err, http.StatusNotFound)

	_, err = admin.Delete(e.Context(), tag("first"), nil)
	wantOK(e, "removing a tag", err)
	wantTags("second")
	_, err = admin.Delete(e.Context(), tag("first"), nil)
	e.WantStatus("removing a tag that is not there", err, http.StatusNotFound)

	err = projects.ModifyTags(e.Context(), admin, project.ID, projects.ModifyTagsOpts{Tags: []string{"m", "n"}}).Err
	wantOK(e, "replacing all tags", err)
	wantTags("m", "n")

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
