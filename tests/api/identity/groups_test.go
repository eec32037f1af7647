//go:build tempest

package identity_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestGroupLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6be356f8-84c8-4a85-8a8b-3a4a94c0e306"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domainID := e.Credential(testlib.ProjectAdmin).DomainID
	name := e.Name("group")

	made := newGroup(e, groups.CreateOpts{Name: name, DomainID: domainID, Description: "of a test"})
	if made.Name != name || made.DomainID != domainID || made.Description != "of a test" {
		e.Errorf("created %+v, want %s in domain %s with its description", made, name, domainID)
	}

	read, err := present(groups.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the group", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("group mismatch (-created +read):\n%s", diff)
	}

	newName := e.Name("renamed")
	_, err = groups.Update(e.Context(), admin, made.ID, groups.UpdateOpts{Name: newName, Description: new("")}).Extract()
	wantOK(e, "updating the group", err)
	listed := list(e, groups.List(admin, groups.ListOpts{Name: newName, DomainID: domainID}), groups.ExtractGroups)
	if len(listed) != 1 || listed[0].ID != made.ID || listed[0].Description != "" {
		e.Errorf("listing groups named %s: got %+v, want %s without description", newName, listed, made.ID)
	}

	wantOK(e, "deleting the group", groups.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = groups.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted group", err, http.StatusNotFound)
}

func TestGroupMembers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d02afd50-df89-4fae-96d6-087b2cfc764c"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	group := newGroup(e, groups.CreateOpts{})
	user := newUser(e, users.CreateOpts{})
	wantMember := func(want bool) {
		e.Helper()
		is, err := users.IsMemberOfGroup(e.Context(), admin, group.ID, user.ID).Extract()
		if err != nil || is != want {
			e.Errorf("is member = %v, %v, want %v", is, err, want)
		}
		inGroup := list(e, users.ListInGroup(admin, group.ID, nil), users.ExtractUsers)
		if has := len(inGroup) == 1 && inGroup[0].ID == user.ID; has != want {
			e.Errorf("users of the group: %+v, want the user among them: %v", inGroup, want)
		}
		ofUser := list(e, users.ListGroups(admin, user.ID), groups.ExtractGroups)
		if has := len(ofUser) == 1 && ofUser[0].ID == group.ID; has != want {
			e.Errorf("groups of the user: %+v, want the group among them: %v", ofUser, want)
		}
	}
	wantMember(false)

	wantOK(e, "joining", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	wantMember(true)
	wantOK(e, "joining again", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	wantMember(true)

	wantOK(e, "leaving", users.RemoveFromGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	wantMember(false)
	e.WantStatus("leaving again",
		users.RemoveFromGroup(e.Context(), admin, group.ID, user.ID).ExtractErr(), http.StatusNotFound)
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
