//go:build tempest

package identity_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestUser(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3bcbcbe6-ced9-441e-99d4-b3bcb195138f"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	project := newProject(e, projects.CreateOpts{})
	name := e.Name("user")
	const email = "user@example.com"
	user := newUser(e, users.CreateOpts{Name: name, Description: "of a test", Extra: map[string]any{
		"email": email, "project_id": project.ID,
	}})
	read, err := present(users.Get(e.Context(), admin, user.ID).Extract())
	wantOK(e, "reading the user", err)

	e.Run("Read", func(e *testlib.Env) {
		if diff := cmp.Diff(user.User, read); diff != "" {
			e.Errorf("user mismatch (-created +read):\n%s", diff)
		}
	}, testlib.ID("c10dcd90-461d-4b16-8e23-4eb836c00644"))

	e.Run("OfProject", func(e *testlib.Env) {
		if read.Name != name || read.Description != "of a test" || !read.Enabled || read.Extra["email"] != email ||
			read.Extra["project_id"] != project.ID {
			e.Errorf("read %+v, want %s, enabled, of project %s, with description and email", read, name, project.ID)
		}
	}, testlib.ID("59398d4a-5dc5-4f86-9a4c-c26cc804d6c6"))

	e.Run("Updated", func(e *testlib.Env) {
		newName := e.Name("renamed")
		const newEmail, other = "other@example.com", "no project"
		updated, err := present(users.Update(e.Context(), admin, user.ID, users.UpdateOpts{
			Name: newName, Description: new("changed"), Enabled: new(false),
			Extra: map[string]any{"email": newEmail, "project_id": other},
		}).Extract())
		wantOK(e, "updating the user", err)
		read, err := present(users.Get(e.Context(), admin, user.ID).Extract())
		wantOK(e, "reading the updated user", err)
		for what, got := range map[string]*users.User{"answered": updated, "read": read} {
			if got.Name != newName || got.Description != "changed" || got.Enabled || got.Extra["email"] != newEmail ||
				got.Extra["project_id"] != other {
				e.Errorf("%s %+v, want %s, disabled, with the new description, email and project", what, got, newName)
			}
		}
	}, testlib.ID("b537d090-afb9-4519-b95d-270b0708e87e"))

	e.Run("Deleted", func(e *testlib.Env) {
		wantOK(e, "deleting the user", users.Delete(e.Context(), admin, user.ID).ExtractErr())
		e.WantStatus("reading a deleted user", users.Get(e.Context(), admin, user.ID).Err, http.StatusNotFound)
	}, testlib.ID("7c70330d-869a-492f-984e-732f079a1aa6"))
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

func TestUsersAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("cdef9dc4-0df7-438e-a357-8181794bf67d"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	const email = "user@example.com"
	active := newUser(e, users.CreateOpts{DomainID: domain.ID, Extra: map[string]any{"email": email}})
	dormant := newUser(e, users.CreateOpts{Enabled: new(false)})
	listed := func(e *testlib.Env, opts users.ListOpts) []string {
		e.Helper()
		var ids []string
		for _, u := range list(e, users.List(admin, opts), users.ExtractUsers) {
			ids = append(ids, u.ID)
			if opts.Enabled != nil && u.Enabled != *opts.Enabled {
				e.Errorf("listing users that are enabled = %v shows %+v", *opts.Enabled, u)
			}
		}
		return ids
	}

	// A Keystone with drivers for single domains lists those of the caller's domain when none is named.
	e.Run("All", func(e *testlib.Env) {
		wantListed(e, "user", listed(e, users.ListOpts{}), []string{dormant.ID}, nil)
		wantListed(e, "user", listed(e, users.ListOpts{DomainID: domain.ID}), []string{active.ID}, nil)
	}, testlib.ID("b30d4651-a2ea-4666-8551-0c0e49692635"))

	e.Run("ByDomain", func(e *testlib.Env) {
		if diff := cmp.Diff([]string{active.ID}, listed(e, users.ListOpts{DomainID: domain.ID})); diff != "" {
			e.Errorf("users of the domain mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("08f9aabb-dcfe-41d0-8172-82b5fa0bd73d"))

	e.Run("ByName", func(e *testlib.Env) {
		got := listed(e, users.ListOpts{DomainID: domain.ID, Name: active.Name})
		if diff := cmp.Diff([]string{active.ID}, got); diff != "" {
			e.Errorf("users by name mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("c285bb37-7325-4c02-bff3-3da5d946d683"))

	e.Run("ByState", func(e *testlib.Env) {
		wantListed(e, "disabled user", listed(e, users.ListOpts{Enabled: new(false)}),
			[]string{dormant.ID}, []string{active.ID})
	}, testlib.ID("bff8bf2f-9408-4ef5-b63a-753c8c2124eb"))

	e.Run("ByPartOfName", func(e *testlib.Env) {
		for filter, value := range map[string]string{
			"name__startswith": active.Name, "name__icontains": strings.ToUpper(active.Name[1:]),
		} {
			got := listed(e, users.ListOpts{DomainID: domain.ID, Filters: map[string]string{filter: value}})
			if diff := cmp.Diff([]string{active.ID}, got); diff != "" {
				e.Errorf("users by %s mismatch (-want +got):\n%s", filter, diff)
			}
		}
	}, testlib.ID("4556e483-5500-473c-b1e9-01e9e1366b32"))

	e.Run("AsRead", func(e *testlib.Env) {
		read, err := present(users.Get(e.Context(), admin, active.ID).Extract())
		wantOK(e, "reading the user", err)
		if read.ID != active.ID || read.Name != active.Name || read.DomainID != domain.ID || read.Extra["email"] != email {
			e.Errorf("read %+v, want %s of domain %s with its email", read, active.Name, domain.ID)
		}
	}, testlib.ID("b4baa3ae-ac00-4b4e-9e27-80deaad7771f"))
}

func TestUserChangesOwnPassword(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2d223a0e-e457-4a70-9fb1-febe027a0ff9"), testlib.Services("identity"),
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
	afterThisSecond(e)
	shown, err := showToken(e, e.Identity(testlib.ProjectAdmin), logIn(e, &login).ID)
	wantOK(e, "validating a token that the new password gave", err)
	if shown.User.ID != user.ID || shown.User.Name != user.Name {
		e.Errorf("token of %+v, want %s, %s", shown.User, user.ID, user.Name)
	}
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
	e := testlib.Start(t, testlib.ID("d6110661-6a71-49a7-a453-b5e26640ff6d"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID, DefaultProjectID: project.ID})
	login := tokens.AuthOptions{Username: user.Name, DomainName: domain.Name, Password: user.Password}

	if got := logIn(e, &login); len(got.scopes()) > 0 {
		e.Errorf("without role on the default project: scopes %q, want none", got.scopes())
	}
	grant(e, roleID(e, "admin"), roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	shown, err := showToken(e, e.Identity(testlib.ProjectAdmin), logIn(e, &login).ID)
	wantOK(e, "validating the token", err)
	if shown.Project == nil || shown.Project.ID != project.ID || shown.Project.Domain.ID != domain.ID {
		e.Errorf("project = %+v, want the default one, %s of domain %s", shown.Project, project.ID, domain.ID)
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
	}, testlib.ID("e75f006c-89cc-477b-874d-588e4eab4b17"), testlib.Negative)

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
