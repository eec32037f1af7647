//go:build tempest

package identity_test

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestUserLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3bcbcbe6-ced9-441e-99d4-b3bcb195138f"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domainID := e.Credential(testlib.ProjectAdmin).DomainID
	name := e.Name("user")

	made := newUser(e, users.CreateOpts{
		Name: name, DomainID: domainID, Description: "of a test", Extra: map[string]any{"email": "user@example.com"},
	})
	if made.Name != name || made.DomainID != domainID || made.Description != "of a test" || !made.Enabled ||
		made.Extra["email"] != "user@example.com" {
		e.Errorf("created %+v, want %s, enabled, with description and email", made.User, name)
	}

	read, err := present(users.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the user", err)
	if diff := cmp.Diff(made.User, read); diff != "" {
		e.Errorf("user mismatch (-created +read):\n%s", diff)
	}

	newName := e.Name("renamed")
	_, err = users.Update(e.Context(), admin, made.ID, users.UpdateOpts{Name: newName, Description: new("")}).Extract()
	wantOK(e, "updating the user", err)
	read, err = present(users.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the updated user", err)
	if read.Name != newName || read.Description != "" || read.Extra["email"] != "user@example.com" {
		e.Errorf("updated to %+v, want %s, without description, with the old email", read, newName)
	}

	wantOK(e, "deleting the user", users.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = users.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted user", err, http.StatusNotFound)
}

func TestUserPasswordIsNotShown(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ef59b682-37f3-4f7c-96e6-586885236a4f"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	created := users.Create(e.Context(), admin, users.CreateOpts{Name: e.Name("user"), Password: rand.Text()})
	user, err := present(created.Extract())
	if err != nil {
		e.Fatalf("creating a user: %v", err)
	}
	removeUser(e, user.ID)

	shown := map[string]any{
		"creation": created.Body,
		"reading":  users.Get(e.Context(), admin, user.ID).Body,
		"update":   users.Update(e.Context(), admin, user.ID, users.UpdateOpts{Password: rand.Text()}).Body,
	}

	for what, body := range shown {
		answer, _ := body.(map[string]any)
		fields, _ := answer["user"].(map[string]any)
		if fields["id"] != user.ID {
			e.Errorf("%s answers %v, want user %s", what, body, user.ID)
		}
		if _, has := fields["password"]; has {
			e.Errorf("%s shows the password", what)
		}
	}
}

func TestUsersAreListedByFilter(t *testing.T) {
	e := testlib.Start(t, testlib.ID("cdef9dc4-0df7-438e-a357-8181794bf67d"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	active := newUser(e, users.CreateOpts{DomainID: domain.ID})
	dormant := newUser(e, users.CreateOpts{DomainID: domain.ID, Enabled: new(false)})
	both := []string{active.ID, dormant.ID}
	slices.Sort(both)

	// Each names the domain: a Keystone with drivers for single domains lists
	// those of the caller's domain otherwise.
	for what, tt := range map[string]struct {
		opts users.ListOpts
		want []string
	}{
		"domain":           {users.ListOpts{DomainID: domain.ID}, both},
		"name":             {users.ListOpts{DomainID: domain.ID, Name: active.Name}, []string{active.ID}},
		"domain and state": {users.ListOpts{DomainID: domain.ID, Enabled: new(false)}, []string{dormant.ID}},
		"start of name": {users.ListOpts{DomainID: domain.ID,
			Filters: map[string]string{"name__startswith": active.Name}}, []string{active.ID}},
		"part of name, whatever the case": {users.ListOpts{DomainID: domain.ID,
			Filters: map[string]string{"name__icontains": strings.ToUpper(active.Name[1:])}}, []string{active.ID}},
	} {
		var got []string
		for _, u := range list(e, users.List(e.Identity(testlib.ProjectAdmin), tt.opts), users.ExtractUsers) {
			got = append(got, u.ID)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			e.Errorf("users by %s mismatch (-want +got):\n%s", what, diff)
		}
	}
}

func TestUserChangesOwnPassword(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b0133229-66db-410c-a7d7-bb29590a9238"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	login := tokens.AuthOptions{UserID: user.ID, Password: user.Password}
	client := as(e, logIn(e, &login).ID)
	newPassword := rand.Text()
	change := func(from, to string) error {
		return users.ChangePassword(e.Context(), client, user.ID,
			users.ChangePasswordOpts{OriginalPassword: from, Password: to}).ExtractErr()
	}

	e.WantStatus("changing the password with a wrong one", change("wrong", newPassword), http.StatusUnauthorized)
	logIn(e, &login)

	wantOK(e, "changing the password", change(user.Password, newPassword))
	e.WantStatus("logging in with the old password",
		tokens.Create(e.Context(), anonymous(e), &login).Err, http.StatusUnauthorized)
	login.Password = newPassword
	logIn(e, &login)
}

func TestUserPasswordIsReset(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5c7583fc-9221-4bcf-a43e-162e45233228"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	login := tokens.AuthOptions{UserID: user.ID, Password: user.Password}
	newPassword := rand.Text()

	_, err := users.Update(e.Context(), e.Identity(testlib.ProjectAdmin), user.ID,
		users.UpdateOpts{Password: newPassword}).Extract()

	wantOK(e, "setting a new password", err)
	e.WantStatus("logging in with the old password",
		tokens.Create(e.Context(), anonymous(e), &login).Err, http.StatusUnauthorized)
	login.Password = newPassword
	logIn(e, &login)
}

func TestUserNeedsAllFactors(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6d068240-d452-477c-a651-b25ec8c0f13a"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{Options: map[users.Option]any{
		users.MultiFactorAuthEnabled: true,
		users.MultiFactorAuthRules:   [][]string{{"password", "application_credential"}},
	}})
	login := &tokens.AuthOptions{UserID: user.ID, Password: user.Password}

	e.WantStatus("logging in with one of two factors",
		tokens.Create(e.Context(), anonymous(e), login).Err, http.StatusUnauthorized)

	_, err := users.Update(e.Context(), e.Identity(testlib.ProjectAdmin), user.ID, users.UpdateOpts{
		Options: map[users.Option]any{users.MultiFactorAuthRules: [][]string{{"password"}}},
	}).Extract()
	wantOK(e, "asking for one factor", err)
	logIn(e, login)
}

func TestUserWithoutPasswordCannotLogIn(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4d030da2-c06a-4a48-825d-38bf13f1caf0"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	user, err := present(users.Create(e.Context(), e.Identity(testlib.ProjectAdmin),
		users.CreateOpts{Name: e.Name("user")}).Extract())
	if err != nil {
		e.Fatalf("creating a user without password: %v", err)
	}
	removeUser(e, user.ID)

	err = tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{UserID: user.ID, Password: "any"}).Err

	e.WantStatus("logging in", err, http.StatusUnauthorized)
}

func TestDefaultProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("640543e3-b478-48eb-b215-7c7b1c3b2c96"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	project := newProject(e, projects.CreateOpts{})
	user := newUser(e, users.CreateOpts{DefaultProjectID: project.ID})
	login := tokens.AuthOptions{UserID: user.ID, Password: user.Password}

	if got := logIn(e, &login); len(got.scopes()) > 0 {
		e.Errorf("without role on the default project: scopes %q, want none", got.scopes())
	}
	grant(e, roleID(e, "reader"), roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	if got := logIn(e, &login); got.Project == nil || got.Project.ID != project.ID {
		e.Errorf("project = %+v, want the default one, %s", got.Project, project.ID)
	}
	if got := logIn(e, &unscoped{login}); len(got.scopes()) > 0 {
		e.Errorf("asking for no scope: scopes %q, want none", got.scopes())
	}
}

func TestDefaultProjectIsNoDomain(t *testing.T) {
	e := testlib.Start(t, testlib.ID("142e8aca-8bc4-4eca-8b3a-df61cd3526a9"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)

	_, err := createUser(e, users.CreateOpts{DomainID: domain.ID, DefaultProjectID: domain.ID})

	e.WantStatus("creating a user whose default project is a domain", err, http.StatusBadRequest)
}

func TestUserNameIsUniqueInItsDomain(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8567ce04-28de-4587-9309-38fa2605bd90"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	first := newUser(e, users.CreateOpts{DomainID: domain.ID})

	_, err := createUser(e, users.CreateOpts{Name: first.Name, DomainID: domain.ID})
	e.WantStatus("creating a user of the same name in the same domain", err, http.StatusConflict)

	second := newUser(e, users.CreateOpts{DomainID: domain.ID})
	_, err = users.Update(e.Context(), e.Identity(testlib.ProjectAdmin), second.ID,
		users.UpdateOpts{Name: first.Name}).Extract()
	e.WantStatus("renaming a user to the same name", err, http.StatusConflict)

	_, err = createUser(e, users.CreateOpts{Name: first.Name, DomainID: newDomain(e).ID})
	wantOK(e, "creating a user of the same name in another domain", err)
}

func TestUserIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("300dd6ee-6ae0-427e-810e-18487213a7e8"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("NameTooLong", func(e *testlib.Env) {
		const longest = 255
		_, err := createUser(e, users.CreateOpts{Name: strings.Repeat("x", longest+1)})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("f38ed0ad-c3db-429b-b35c-8790643068be"), testlib.Negative)

	e.Run("BlankName", func(e *testlib.Env) {
		_, err := createUser(e, users.CreateOpts{Name: " "})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("a9ecac1f-a785-45bc-97ee-008a6873a182"), testlib.Negative)

	e.Run("EnabledNotBoolean", func(e *testlib.Env) {
		_, err := createUser(e, users.CreateOpts{Extra: map[string]any{"enabled": "perhaps"}})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("d3e60dfc-d9ee-4fe9-b811-5ac924455103"), testlib.Negative)

	e.Run("UnknownOption", func(e *testlib.Env) {
		_, err := createUser(e, users.CreateOpts{Options: map[users.Option]any{"none": true}})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("53b0d88e-0990-4184-adb4-e032fad60955"), testlib.Negative)

	e.Run("UnknownDomain", func(e *testlib.Env) {
		_, err := createUser(e, users.CreateOpts{DomainID: "none"})
		e.WantStatus("creating", err, http.StatusNotFound)
	}, testlib.ID("bca465b4-c29f-439b-980d-3fb66880165a"), testlib.Negative)

	e.Run("OtherDomain", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		user := newUser(e, users.CreateOpts{})
		_, err := users.Update(e.Context(), admin, user.ID, users.UpdateOpts{DomainID: newDomain(e).ID}).Extract()
		e.WantStatus("moving a user to another domain", err, http.StatusBadRequest)
	}, testlib.ID("a85f84fc-d34f-4773-85be-cdfa82f408e9"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", users.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			users.Update(e.Context(), admin, id, users.UpdateOpts{Name: id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", users.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("6934fa76-8ea7-42bc-bd8a-5688ab99bff4"), testlib.Negative)
}
