//go:build tempest

package identity_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestTokenIsIssued(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6f8e4436-fc96-4282-8122-e41df57197a9"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)

	got := logIn(e, &tokens.AuthOptions{UserID: me.UserID, Password: me.Password})

	if got.ID == "" {
		e.Error("the response has no X-Subject-Token")
	}
	if !got.ExpiresAt.After(got.IssuedAt) || !got.ExpiresAt.After(time.Now()) {
		e.Errorf("issued at %v, expires at %v, want an expiry to come", got.IssuedAt, got.ExpiresAt)
	}
	// Some back ends keep the case of names and some do not.
	if got.User.ID != me.UserID || !strings.EqualFold(got.User.Name, me.UserName) {
		e.Errorf("user = %+v, want %s, %s", got.User, me.UserID, me.UserName)
	}
	if diff := cmp.Diff([]string{"password"}, got.Methods); diff != "" {
		e.Errorf("methods mismatch (-want +got):\n%s", diff)
	}
}

func TestTokenIsValidatedAsIssued(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a9512ac3-3909-48a4-b395-11f438e16260"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	client := e.Identity(testlib.ProjectMember)
	issued := logIn(e, &tokens.AuthOptions{UserID: me.UserID, Password: me.Password})

	shown, err := showToken(e, client, issued.ID)

	if err != nil {
		e.Fatalf("validating the token: %v", err)
	}
	// The catalogue may have changed: other tests make services.
	same := []cmp.Option{
		cmpopts.IgnoreFields(token{}, "Catalog"),
		cmpopts.SortSlices(func(a, b named) bool { return a.ID < b.ID }),
	}
	if diff := cmp.Diff(issued, shown, same...); diff != "" {
		e.Errorf("token mismatch (-issued +shown):\n%s", diff)
	}
	if err := tokens.Revoke(e.Context(), client, issued.ID).Err; err != nil {
		e.Fatalf("revoking the token: %v", err)
	}
	_, err = showToken(e, client, issued.ID)
	e.WantStatus("validating a revoked token", err, http.StatusNotFound)
}

func TestTokenExistsUntilRevoked(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0f9f5a5f-d5cd-4a86-8a5b-c5ded151f212"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	client := e.Identity(testlib.ProjectMember)
	mine := logIn(e, &tokens.AuthOptions{UserID: me.UserID, Password: me.Password})

	exists, err := tokens.Validate(e.Context(), client, mine.ID)
	if err != nil || !exists {
		e.Fatalf("token exists = %v, %v, want true", exists, err)
	}
	shown, err := showToken(e, client, mine.ID)
	if err != nil {
		e.Fatalf("showing the token: %v", err)
	}
	if shown.ID != mine.ID || shown.User.ID != me.UserID {
		e.Errorf("token of user %s, want one of %s with the same X-Subject-Token", shown.User.ID, me.UserID)
	}
	if err := tokens.Revoke(e.Context(), client, mine.ID).Err; err != nil {
		e.Fatalf("revoking the token: %v", err)
	}
	exists, err = tokens.Validate(e.Context(), client, mine.ID)
	if err != nil || exists {
		e.Errorf("after revocation token exists = %v, %v, want false", exists, err)
	}
}

// wantScope checks that a token has one scope and certain roles. It stops the test
// if the scope is another.
func wantScope(e *testlib.Env, t *token, scope string, roleNames ...string) {
	e.Helper()
	if diff := cmp.Diff([]string{scope}, t.scopes()); diff != "" {
		e.Fatalf("scopes mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(roleNames, t.roleNames()); diff != "" {
		e.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
}

func TestTokenHasTheScopeAskedFor(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fc98f7b2-adc1-4218-8422-ce8dce03e13e"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	reader := roleID(e, "reader")
	grant(e, reader, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID})
	grant(e, reader, roles.AssignOpts{UserID: user.ID, DomainID: domain.ID})
	grant(e, reader, roles.AssignOpts{UserID: user.ID, System: true})
	to := func(scope tokens.Scope) *tokens.AuthOptions {
		return &tokens.AuthOptions{UserID: user.ID, Password: user.Password, Scope: scope}
	}

	e.Run("Project", func(e *testlib.Env) {
		got := logIn(e, to(tokens.Scope{ProjectID: project.ID}))
		wantScope(e, got, "project", "reader")
		want := &owned{ID: project.ID, Name: project.Name, Domain: named{domain.ID, domain.Name}}
		if diff := cmp.Diff(want, got.Project); diff != "" {
			e.Errorf("project mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("cb6eef29-7100-40cb-9a94-6655a4fbc381"), testlib.Smoke)

	e.Run("ProjectByName", func(e *testlib.Env) {
		got := logIn(e, to(tokens.Scope{ProjectName: project.Name, DomainID: domain.ID}))
		wantScope(e, got, "project", "reader")
		if got.Project.ID != project.ID {
			e.Errorf("project = %+v, want %s", got.Project, project.ID)
		}
	}, testlib.ID("7ac2308d-ff08-48fa-b9a7-0ca6c6c384fc"))

	e.Run("Domain", func(e *testlib.Env) {
		got := logIn(e, to(tokens.Scope{DomainID: domain.ID}))
		wantScope(e, got, "domain", "reader")
		if diff := cmp.Diff(&named{domain.ID, domain.Name}, got.Domain); diff != "" {
			e.Errorf("domain mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("ab892d5b-3b6a-4299-8232-1d4920e7ef41"))

	e.Run("System", func(e *testlib.Env) {
		got := logIn(e, to(tokens.Scope{System: true}))
		wantScope(e, got, "system", "reader")
		if diff := cmp.Diff(map[string]bool{"all": true}, got.System); diff != "" {
			e.Errorf("system mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("b3dca22d-7bc7-4953-a91f-4d8214737cd1"))

	e.Run("None", func(e *testlib.Env) {
		got := logIn(e, &unscoped{*to(tokens.Scope{})})
		if len(got.scopes()) > 0 || len(got.Roles) > 0 || len(got.Catalog) > 0 {
			e.Errorf("scopes %q, roles %q, %d services, want none",
				got.scopes(), got.roleNames(), len(got.Catalog))
		}
	}, testlib.ID("c1f6621e-5342-4d3f-80d4-53b94cecc3a4"))
}

func TestTokenHoldsImpliedRoles(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d444b6ec-815c-4aa1-bfb5-a8de6d3079cb"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	grant(e, roleID(e, "member"), roles.AssignOpts{UserID: user.ID, DomainID: domain.ID})

	got := logIn(e, &tokens.AuthOptions{
		UserID: user.ID, Password: user.Password, Scope: tokens.Scope{DomainID: domain.ID},
	})

	if diff := cmp.Diff([]string{"member", "reader"}, got.roleNames()); diff != "" {
		e.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
}

func TestTokenBuysTokensOfOtherScopes(t *testing.T) {
	e := testlib.Start(t, testlib.ID("565fa210-1da1-4563-999b-f7b5b67cf112"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	one, two := newProject(e, projects.CreateOpts{}), newProject(e, projects.CreateOpts{})
	role := newRole(e)
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: one.ID})
	grant(e, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: two.ID})

	first := logIn(e, &tokens.AuthOptions{UserID: user.ID, Password: user.Password})
	if len(first.scopes()) > 0 || len(first.Roles) > 0 || len(first.Catalog) > 0 {
		e.Errorf("scopes %q, roles %q, %d services, want none", first.scopes(), first.roleNames(), len(first.Catalog))
	}
	if first.User.ID != user.ID || first.User.Name != user.Name || first.User.Domain.ID != user.DomainID ||
		first.User.Domain.Name == "" || first.IssuedAt.IsZero() || first.ExpiresAt.IsZero() {
		e.Errorf("token of %+v, issued %v, expires %v, want one of %s of domain %s with both times",
			first.User, first.IssuedAt, first.ExpiresAt, user.Name, user.DomainID)
	}
	if diff := cmp.Diff([]string{"password"}, first.Methods); diff != "" {
		e.Errorf("methods mismatch (-want +got):\n%s", diff)
	}
	buy := func(project *projects.Project) *token {
		e.Helper()
		got := logIn(e, &tokens.AuthOptions{TokenID: first.ID, Scope: tokens.Scope{
			ProjectName: project.Name, DomainID: project.DomainID,
		}})
		if got.Project == nil || got.Project.ID != project.ID || got.Project.Name != project.Name {
			e.Fatalf("project = %+v, want %s", got.Project, project.ID)
		}
		return got
	}

	second := buy(one)
	if second.Project.Domain.ID != one.DomainID || second.Project.Domain.Name == "" || second.Catalog == nil {
		e.Errorf("project = %+v, %d services, want domain %s with its name, and a catalogue",
			second.Project, len(second.Catalog), one.DomainID)
	}
	if diff := cmp.Diff(first.User, second.User); diff != "" {
		e.Errorf("user mismatch (-first +bought):\n%s", diff)
	}
	if diff := cmp.Diff([]named{{role.ID, role.Name}}, second.Roles); diff != "" {
		e.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"password", "token"}, second.Methods, unorderedText); diff != "" {
		e.Errorf("methods mismatch (-want +got):\n%s", diff)
	}
	if !second.ExpiresAt.Equal(first.ExpiresAt) {
		e.Errorf("expires at %v, want %v: a token must not outlive the one it was bought with",
			second.ExpiresAt, first.ExpiresAt)
	}
	if len(first.AuditIDs) != 1 || len(second.AuditIDs) != 2 || second.AuditIDs[1] != first.AuditIDs[0] {
		e.Errorf("audit ids = %q, want a new one and that of the first, %q", second.AuditIDs, first.AuditIDs)
	}

	wantOK(e, "revoking the token that was bought",
		tokens.Revoke(e.Context(), e.Identity(testlib.ProjectAdmin), second.ID).Err)
	buy(two)
}

func TestTokenByUserName(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2d461979-2f9c-4de7-abb2-298b6955b504"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)

	e.Run("DomainByID", func(e *testlib.Env) {
		got := logIn(e, &tokens.AuthOptions{Username: me.UserName, DomainID: me.DomainID, Password: me.Password})
		if got.User.ID != me.UserID {
			e.Errorf("user = %s, want %s", got.User.ID, me.UserID)
		}
	}, testlib.ID("11bef487-ed79-4046-b98c-418e3820eba9"))

	e.Run("DomainByName", func(e *testlib.Env) {
		got := logIn(e, &tokens.AuthOptions{Username: me.UserName, DomainName: me.DomainName, Password: me.Password})
		if got.User.ID != me.UserID {
			e.Errorf("user = %s, want %s", got.User.ID, me.UserID)
		}
	}, testlib.ID("fff78e32-953a-45bc-9064-00944b932294"))
}

func TestTokenListsWhereItsUserMayGo(t *testing.T) {
	e := testlib.Start(t, testlib.ID("776435fb-2c8d-4e28-b262-0676190c0075"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	own, through := newDomain(e), newDomain(e)
	one, two := newProject(e, projects.CreateOpts{DomainID: own.ID}), newProject(e, projects.CreateOpts{DomainID: own.ID})
	user := newUser(e, users.CreateOpts{DomainID: own.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: through.ID})
	role := newRole(e)
	for _, to := range []roles.AssignOpts{
		{UserID: user.ID, ProjectID: one.ID}, {UserID: user.ID, ProjectID: two.ID}, {UserID: user.ID, DomainID: own.ID},
		{GroupID: group.ID, DomainID: through.ID}, {UserID: user.ID, System: true},
	} {
		grant(e, role.ID, to)
	}
	wantOK(e, "joining the group", users.AddToGroup(e.Context(), admin, group.ID, user.ID).ExtractErr())
	client := as(e, logIn(e, &tokens.AuthOptions{UserID: user.ID, Password: user.Password}).ID)
	byID := cmpopts.SortSlices(func(a, b named) bool { return a.ID < b.ID })
	wantPlaces := func(e *testlib.Env, client *gophercloud.ServiceClient, path, what string, want ...named) {
		e.Helper()
		var body map[string]json.RawMessage
		wantOK(e, "listing "+path, ask(e, client, "GET", path, nil, &body))
		var got []named
		wantOK(e, "reading "+path, json.Unmarshal(body[what], &got))
		if diff := cmp.Diff(want, got, byID); diff != "" {
			e.Errorf("%s mismatch (-want +got):\n%s", path, diff)
		}
	}

	e.Run("Projects", func(e *testlib.Env) {
		wantPlaces(e, client, "auth/projects", "projects", named{one.ID, one.Name}, named{two.ID, two.Name})
	}, testlib.ID("08ed85ce-2ba8-4864-b442-bcc61f16ae89"))

	e.Run("ProjectsToOthers", func(e *testlib.Env) {
		wantPlaces(e, admin, "users/"+user.ID+"/projects", "projects", named{one.ID, one.Name}, named{two.ID, two.Name})
	}, testlib.ID("a831e70c-e35b-430b-92ed-81ebbc5437b8"))

	e.Run("Domains", func(e *testlib.Env) {
		wantPlaces(e, client, "auth/domains", "domains", named{own.ID, own.Name}, named{through.ID, through.Name})
	}, testlib.ID("ec5ecb05-af64-4c04-ac86-4d9f6f12f185"))

	e.Run("System", func(e *testlib.Env) {
		var body struct {
			System []map[string]bool `json:"system"`
		}
		wantOK(e, "listing the system", ask(e, client, "GET", "auth/system", nil, &body))
		if diff := cmp.Diff([]map[string]bool{{"all": true}}, body.System); diff != "" {
			e.Errorf("system mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("27b42e69-5b80-43f8-8ded-056be754c35c"))
}
