//go:build tempest

package identity_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestGroups(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6be356f8-84c8-4a85-8a8b-3a4a94c0e306"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	name := e.Name("group")
	first := newGroup(e, groups.CreateOpts{Name: name, DomainID: domain.ID, Description: "of a test"})
	second := newGroup(e, groups.CreateOpts{}) // in the domain of the caller
	alice, bob := newUser(e, users.CreateOpts{}), newUser(e, users.CreateOpts{})

	// A Keystone with drivers for single domains lists those of the caller's domain when none is named.
	e.Run("Listed", func(e *testlib.Env) {
		wantListed(e, "group", listGroups(e, domain.ID), []string{first.ID}, nil)
		wantListed(e, "group", listGroups(e, ""), []string{second.ID}, nil)
	}, testlib.ID("cc9a57a5-a9ed-4f2d-a29f-4f979a06ec71"))

	e.Run("ListedByName", func(e *testlib.Env) {
		listed := list(e, groups.List(admin, groups.ListOpts{Name: name, DomainID: domain.ID}), groups.ExtractGroups)
		if diff := cmp.Diff([]groups.Group{*first}, listed); diff != "" {
			e.Errorf("groups named %s mismatch (-want +got):\n%s", name, diff)
		}
	}, testlib.ID("378e2040-d92d-4a75-ab5e-1618de3417c9"))

	e.Run("Members", func(e *testlib.Env) { checkMembers(e, first, alice, bob) },
		testlib.ID("1598521a-2f36-4606-8df9-30772bd51339"), testlib.Smoke)

	e.Run("OfUser", func(e *testlib.Env) {
		want := []groups.Group{*first, *second}
		for _, g := range want {
			wantOK(e, "joining", users.AddToGroup(e.Context(), admin, g.ID, bob.ID).ExtractErr())
		}
		got := list(e, users.ListGroups(admin, bob.ID), groups.ExtractGroups)
		same := cmp.Options{
			cmpopts.SortSlices(func(a, b groups.Group) bool { return a.ID < b.ID }),
			cmpopts.IgnoreFields(groups.Group{}, "Extra", "Links"), // until when the user is in it
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			e.Errorf("groups of the user mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("64573281-d26a-4a52-b899-503cb0f4e4ec"))

	e.Run("Updated", func(e *testlib.Env) {
		if first.Name != name || first.DomainID != domain.ID || first.Description != "of a test" {
			e.Errorf("created %+v, want %s in domain %s with its description", first, name, domain.ID)
		}
		newName, newest := e.Name("renamed"), e.Name("renamed")
		updated, err := present(groups.Update(e.Context(), admin, first.ID,
			groups.UpdateOpts{Name: newName, Description: new("changed")}).Extract())
		wantOK(e, "updating the group", err)
		read, err := present(groups.Get(e.Context(), admin, first.ID).Extract())
		wantOK(e, "reading the group", err)
		if diff := cmp.Diff(updated, read); diff != "" {
			e.Errorf("group mismatch (-updated +read):\n%s", diff)
		}
		if read.ID != first.ID || read.Name != newName || read.Description != "changed" {
			e.Errorf("updated to %+v, want %s with the new description", read, newName)
		}
		updated, err = present(groups.Update(e.Context(), admin, first.ID, groups.UpdateOpts{Name: newest}).Extract())
		wantOK(e, "renaming the group", err)
		if updated.Name != newest || updated.Description != "changed" || updated.DomainID != domain.ID {
			e.Errorf("renamed to %+v, want %s with all else as it was", updated, newest)
		}
	}, testlib.ID("2e80343b-6c81-4ac3-88c7-452f3e9d5129"))

	e.Run("Deleted", func(e *testlib.Env) {
		wantOK(e, "deleting the group", groups.Delete(e.Context(), admin, second.ID).ExtractErr())
		e.WantStatus("reading a deleted group", groups.Get(e.Context(), admin, second.ID).Err, http.StatusNotFound)
	}, testlib.ID("f613f285-997c-444d-b1c0-228e8e289d75"))
}

// listGroups lists the IDs of the groups of a domain, or of all when none is named.
func listGroups(e *testlib.Env, domainID string) []string {
	e.Helper()
	var ids []string
	pages := groups.List(e.Identity(testlib.ProjectAdmin), groups.ListOpts{DomainID: domainID})
	for _, g := range list(e, pages, groups.ExtractGroups) {
		ids = append(ids, g.ID)
	}
	return ids
}

// checkMembers has users join a group and leave it.
func checkMembers(e *testlib.Env, group *groups.Group, all ...*account) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	members := func() []users.User {
		return list(e, users.ListInGroup(admin, group.ID, nil), users.ExtractUsers)
	}
	var want []users.User
	for _, user := range all {
		want = append(want, *user.User)
		wantOK(e, "joining", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	}
	byID := cmpopts.SortSlices(func(a, b users.User) bool { return a.ID < b.ID })
	if diff := cmp.Diff(want, members(), byID); diff != "" {
		e.Errorf("members mismatch (-want +got):\n%s", diff)
	}
	for _, user := range all {
		is, err := users.IsMemberOfGroup(e.Context(), admin, group.ID, user.ID).Extract()
		if err != nil || !is {
			e.Errorf("%s is member = %v, %v, want true", user.Name, is, err)
		}
		wantOK(e, "leaving", users.RemoveFromGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	}
	if left := members(); len(left) > 0 {
		e.Errorf("members = %+v when all have left, want none", left)
	}
}

func TestGroupMembershipIsASet(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d02afd50-df89-4fae-96d6-087b2cfc764c"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	group := newGroup(e, groups.CreateOpts{})
	user := newUser(e, users.CreateOpts{})

	wantOK(e, "joining", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	wantOK(e, "joining again", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	wantOK(e, "leaving", users.RemoveFromGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	e.WantStatus("leaving again",
		users.RemoveFromGroup(e.Context(), admin, group.ID, user.ID).ExtractErr(), http.StatusNotFound)
	is, err := users.IsMemberOfGroup(e.Context(), admin, group.ID, user.ID).Extract()
	if err != nil || is {
		e.Errorf("is member = %v, %v, want false", is, err)
	}
}

func TestGroupGivesRolesToItsMembers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a447ad28-5a1b-4ead-b289-8df61dfe2bb8"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{})
	group := newGroup(e, groups.CreateOpts{})
	user := newUser(e, users.CreateOpts{})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{GroupID: group.ID, ProjectID: project.ID})
	login := &tokens.AuthOptions{
		UserID: user.ID, Password: user.Password, Scope: tokens.Scope{ProjectID: project.ID},
	}
	e.WantStatus("logging in before joining",
		tokens.Create(e.Context(), anonymous(e), login).Err, http.StatusUnauthorized)

	wantOK(e, "joining", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())

	if diff := cmp.Diff([]string{role.Name}, logIn(e, login).roleNames()); diff != "" {
		e.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
	wantOK(e, "deleting the group", groups.Delete(e.Context(), admin, group.ID).ExtractErr())
	e.WantStatus("logging in after the group is gone",
		tokens.Create(e.Context(), anonymous(e), login).Err, http.StatusUnauthorized)
}

func TestGroupIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6718aade-7103-43f6-bfeb-9ce5fac4c6ee"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("NameInUse", func(e *testlib.Env) {
		_, err := createGroup(e, groups.CreateOpts{Name: newGroup(e, groups.CreateOpts{}).Name})
		e.WantStatus("creating", err, http.StatusConflict)
	}, testlib.ID("1430ea07-63be-46bb-81fc-12de7efbf6e1"), testlib.Negative)

	e.Run("UnknownDomain", func(e *testlib.Env) {
		_, err := createGroup(e, groups.CreateOpts{DomainID: "none"})
		e.WantStatus("creating", err, http.StatusNotFound)
	}, testlib.ID("895fb09f-bbc2-4806-828f-d7f049f208b0"), testlib.Negative)

	e.Run("OtherDomain", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		group := newGroup(e, groups.CreateOpts{})
		_, err := groups.Update(e.Context(), admin, group.ID, groups.UpdateOpts{DomainID: newDomain(e).ID}).Extract()
		e.WantStatus("moving a group to another domain", err, http.StatusBadRequest)
	}, testlib.ID("69658fa8-098c-4105-9427-953ad8792371"), testlib.Negative)

	e.Run("UnknownMember", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		err := users.AddToGroup(e.Context(), admin, newGroup(e, groups.CreateOpts{}).ID, "none").ExtractErr()
		e.WantStatus("adding an unknown user", err, http.StatusNotFound)
	}, testlib.ID("be66145d-b9c5-4e4e-9363-8d1c71ad5dde"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", groups.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			groups.Update(e.Context(), admin, id, groups.UpdateOpts{Name: id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", groups.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("82e91889-0f35-484a-a270-fa35a7fd0ecb"), testlib.Negative)
}
