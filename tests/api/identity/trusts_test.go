//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/trusts"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

// trustor is a user with two roles on a project, of whom it delegates one to the
// project member, the trustee.
type trustor struct {
	*account
	project         *projects.Project
	delegated, kept *roles.Role
	client          *gophercloud.ServiceClient
	trustee         string // ID of the user
}

// newTrustor makes one.
func newTrustor(e *testlib.Env) *trustor {
	e.Helper()
	t := &trustor{
		project: newProject(e, projects.CreateOpts{}), account: newUser(e, users.CreateOpts{}),
		delegated: newRole(e), kept: newRole(e), trustee: e.Credential(testlib.ProjectMember).UserID,
	}
	for _, role := range []*roles.Role{t.delegated, t.kept} {
		grant(e, role.ID, roles.AssignOpts{UserID: t.ID, ProjectID: t.project.ID})
	}
	t.client = as(e, logIn(e, &tokens.AuthOptions{
		UserID: t.ID, Password: t.Password, Scope: tokens.Scope{ProjectID: t.project.ID},
	}).ID)
	return t
}

// trust is what the service says of a trust. gophercloud makes no difference between
// no expiry and one in the year 1.
//
// Source: https://docs.openstack.org/api-ref/identity/v3-ext/#os-trust-api
type trust struct {
	ID            string            `json:"id"`
	Impersonation bool              `json:"impersonation"`
	Trustor       string            `json:"trustor_user_id"`
	Trustee       string            `json:"trustee_user_id"`
	ProjectID     string            `json:"project_id"`
	ExpiresAt     *time.Time        `json:"expires_at"`
	Roles         []named           `json:"roles"`
	RemainingUses *int              `json:"remaining_uses"`
	Links         map[string]string `json:"links"`
}

// extractTrust reads a trust out of an answer.
func extractTrust(r interface{ ExtractInto(any) error }) (*trust, error) {
	var body struct {
		Trust *trust `json:"trust"`
	}
	err := r.ExtractInto(&body)
	return present(body.Trust, err)
}

// delegate makes a trust of the delegated role.
func (t *trustor) delegate(e *testlib.Env, opts trusts.CreateOpts) (*trust, error) {
	opts.TrustorUserID, opts.TrusteeUserID, opts.ProjectID = t.ID, t.trustee, t.project.ID
	if opts.Roles == nil {
		opts.Roles = []trusts.Role{{Name: t.delegated.Name}}
	}
	trust, err := extractTrust(trusts.Create(e.Context(), t.client, opts))
	if err != nil {
		return nil, err
	}
	admin := e.Identity(testlib.ProjectAdmin)
	e.Cleanup("trust "+trust.ID, func(ctx context.Context) error {
		return trusts.Delete(ctx, admin, trust.ID).ExtractErr()
	})
	return trust, nil
}

// newTrust is delegate for a trust that must not be refused.
func (t *trustor) newTrust(e *testlib.Env, opts trusts.CreateOpts) *trust {
	e.Helper()
	made, err := t.delegate(e, opts)
	if err != nil {
		e.Fatalf("making a trust: %v", err)
	}
	return made
}

// wantTrust checks what is said of a trust. Lists leave out the roles.
func (t *trustor) wantTrust(e *testlib.Env, got *trust, want trusts.CreateOpts, withRoles bool) {
	e.Helper()
	if got.ID == "" || got.Impersonation != want.Impersonation || got.Trustor != t.ID || got.Trustee != t.trustee ||
		got.ProjectID != t.project.ID {
		e.Errorf("trust = %+v, want one of %s to %s on %s, impersonation %v",
			got, t.ID, t.trustee, t.project.ID, want.Impersonation)
	}
	if !strings.Contains(got.Links["self"], "v3/OS-TRUST/trusts") {
		e.Errorf("links = %v, want one to the trust", got.Links)
	}
	switch {
	case want.ExpiresAt == nil && got.ExpiresAt != nil:
		e.Errorf("expires at %v, want never", got.ExpiresAt)
	case want.ExpiresAt != nil && (got.ExpiresAt == nil || !got.ExpiresAt.Equal(*want.ExpiresAt)):
		e.Errorf("expires at %v, want %v", got.ExpiresAt, want.ExpiresAt)
	}
	if !withRoles {
		return
	}
	if diff := cmp.Diff([]named{{t.delegated.ID, t.delegated.Name}}, got.Roles); diff != "" {
		e.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
}

// wantTrustRoles checks that a trust has the delegated role and no other.
func (t *trustor) wantTrustRoles(e *testlib.Env, id string) {
	e.Helper()
	type role struct {
		named
		Links map[string]string `json:"links"`
	}
	var body struct {
		Roles []role `json:"roles"`
		Role  role   `json:"role"`
	}
	path := "OS-TRUST/trusts/" + id + "/roles"
	wantOK(e, "listing the roles of the trust", ask(e, t.client, "GET", path, nil, &body))
	wantOK(e, "reading the role of the trust", ask(e, t.client, "GET", path+"/"+t.delegated.ID, nil, &body))
	wantOK(e, "asking for the role of the trust", ask(e, t.client, "HEAD", path+"/"+t.delegated.ID, nil, nil))
	if len(body.Roles) != 1 {
		e.Errorf("roles of the trust = %+v, want one", body.Roles)
	}
	for _, got := range append(body.Roles, body.Role) {
		if got.named != (named{t.delegated.ID, t.delegated.Name}) ||
			!strings.HasSuffix(got.Links["self"], "v3/roles/"+t.delegated.ID) {
			e.Errorf("role = %+v, want %s, %s", got, t.delegated.ID, t.delegated.Name)
		}
	}
	for _, method := range []string{"GET", "HEAD"} {
		e.WantStatus("asking for a role that was kept",
			ask(e, t.client, method, path+"/"+t.kept.ID, nil, nil), http.StatusNotFound)
	}
}

// checkTrust reads a trust and its roles, and deletes it.
func (t *trustor) checkTrust(e *testlib.Env, made *trust, want trusts.CreateOpts) {
	e.Helper()
	t.wantTrust(e, made, want, true)
	read, err := extractTrust(trusts.Get(e.Context(), t.client, made.ID))
	wantOK(e, "reading the trust", err)
	t.wantTrust(e, read, want, true)
	t.wantTrustRoles(e, made.ID)
	wantOK(e, "deleting the trust", trusts.Delete(e.Context(), t.client, made.ID).ExtractErr())
	e.WantStatus("reading a deleted trust", trusts.Get(e.Context(), t.client, made.ID).Err, http.StatusNotFound)
}

// listTrusts lists trusts as client, which may be told to list less.
func listTrusts(e *testlib.Env, client *gophercloud.ServiceClient, query string) map[string]*trust {
	e.Helper()
	var body struct {
		Trusts []*trust `json:"trusts"`
	}
	wantOK(e, "listing trusts", ask(e, client, "GET", "OS-TRUST/trusts"+query, nil, &body))
	byID := map[string]*trust{}
	for _, t := range body.Trusts {
		byID[t.ID] = t
	}
	return byID
}

func TestTrusts(t *testing.T) {
	e := testlib.Start(t, testlib.ID("e760da82-ab3b-457e-86dc-57a031606ad2"), testlib.Services("identity"),
		testlib.Feature("identity", "trust"), testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember))
	trustor := newTrustor(e)
	soon := time.Now().UTC().Add(time.Hour).Truncate(time.Second)
	wanted := []trusts.CreateOpts{{Impersonation: true}, {}, {Impersonation: true, ExpiresAt: &soon}}
	var made []*trust
	for _, opts := range wanted {
		made = append(made, trustor.newTrust(e, opts))
	}

	e.Run("ListedByTrustor", func(e *testlib.Env) {
		listed := listTrusts(e, trustor.client, "?trustor_user_id="+trustor.ID)
		if len(listed) != len(made) {
			e.Errorf("%d trusts of the trustor, want %d", len(listed), len(made))
		}
		for i, m := range made {
			if listed[m.ID] == nil {
				e.Fatalf("trusts of the trustor lack %s", m.ID)
			}
			trustor.wantTrust(e, listed[m.ID], wanted[i], false)
		}
	}, testlib.ID("6268b345-87ca-47c0-9ce3-37792b43403a"))

	e.Run("ListedByTrustee", func(e *testlib.Env) {
		listed := listTrusts(e, e.Identity(testlib.ProjectMember), "?trustee_user_id="+trustor.trustee)
		for _, m := range made {
			if listed[m.ID] == nil {
				e.Errorf("trusts of the trustee lack %s", m.ID)
			}
		}
	}, testlib.ID("bcdd091a-9b4a-483e-9bd3-5b3759af70c1"))

	e.Run("Listed", func(e *testlib.Env) {
		listed := listTrusts(e, e.Identity(testlib.ProjectAdmin), "")
		for i, m := range made {
			if listed[m.ID] == nil {
				e.Fatalf("trusts lack %s", m.ID)
			}
			trustor.wantTrust(e, listed[m.ID], wanted[i], false)
		}
	}, testlib.ID("4773ebd5-ecbf-4255-b8d8-b63e6f72b65d"), testlib.Smoke)

	e.Run("MalformedExpiry", func(e *testlib.Env) {
		err := ask(e, trustor.client, "POST", "OS-TRUST/trusts", object{"trust": object{
			"trustor_user_id": trustor.ID, "trustee_user_id": trustor.trustee, "project_id": trustor.project.ID,
			"roles": []object{{"name": trustor.delegated.Name}}, "impersonation": true, "expires_at": "bad.123Z",
		}}, nil)
		e.WantStatus("making a trust with an expiry that is no time", err, http.StatusBadRequest)
	}, testlib.ID("3e48f95d-e660-4fa9-85e0-5a3d85594384"), testlib.Negative)

	e.Run("IsRefused", func(e *testlib.Env) {
		past := time.Now().UTC().Add(-time.Hour)
		_, err := trustor.delegate(e, trusts.CreateOpts{ExpiresAt: &past})
		e.WantStatus("making a trust that has expired", err, http.StatusBadRequest)
		_, err = trustor.delegate(e, trusts.CreateOpts{Roles: []trusts.Role{{Name: "admin"}}})
		e.WantStatus("delegating a role that the trustor has not", err, http.StatusNotFound)
		_, err = trustor.delegate(e, trusts.CreateOpts{Roles: []trusts.Role{{ID: e.Name("none")}}})
		e.WantStatus("delegating an unknown role", err, http.StatusNotFound)
		err = trusts.Create(e.Context(), e.Identity(testlib.ProjectMember), trusts.CreateOpts{
			TrustorUserID: trustor.ID, TrusteeUserID: trustor.trustee, ProjectID: trustor.project.ID,
			Roles: []trusts.Role{{Name: trustor.delegated.Name}},
		}).Err
		e.WantStatus("making a trust of others", err, http.StatusForbidden)
		err = trusts.Delete(e.Context(), e.Identity(testlib.ProjectMember), made[0].ID).ExtractErr()
		e.WantStatus("deleting a trust as its trustee", err, http.StatusForbidden)
	}, testlib.ID("2565e711-cf6f-47a2-a2e4-b507477c6dd2"), testlib.Negative)

	e.Run("Impersonating", func(e *testlib.Env) { trustor.checkTrust(e, made[0], wanted[0]) },
		testlib.ID("5a0a91a4-baef-4a14-baba-59bf4d7fcace"))
	e.Run("NotImpersonating", func(e *testlib.Env) { trustor.checkTrust(e, made[1], wanted[1]) },
		testlib.ID("ed2a8779-a7ac-49dc-afd7-30f32f936ed2"))
	e.Run("Expiring", func(e *testlib.Env) { trustor.checkTrust(e, made[2], wanted[2]) },
		testlib.ID("0ed14b66-cefd-4b5c-a964-65759453e292"))
}

// throughTrust asks for a token of the scope that a trust gives.
type throughTrust struct {
	tokens.AuthOptions
	id string
}

// ToTokenV3CreateMap implements [tokens.AuthOptionsBuilder].
func (o *throughTrust) ToTokenV3CreateMap(map[string]any) (map[string]any, error) {
	body, err := o.AuthOptions.ToTokenV3CreateMap(nil)
	if err != nil {
		return nil, err
	}
	if auth, ok := body["auth"].(map[string]any); ok {
		auth["scope"] = object{"OS-TRUST:trust": object{"id": o.id}}
	}
	return body, nil
}

// useTrust is how the trustee logs in to what a trust delegates.
func useTrust(e *testlib.Env, id string) *throughTrust {
	me := e.Credential(testlib.ProjectMember)
	return &throughTrust{tokens.AuthOptions{UserID: me.UserID, Password: me.Password}, id}
}

func TestTrustGivesItsRole(t *testing.T) {
	e := testlib.Start(t, testlib.ID("1e67b0d1-7fba-43e6-a88e-f60cb3e2dccf"), testlib.Services("identity"),
		testlib.Feature("identity", "trust"), testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember))
	trustor := newTrustor(e)
	wantToken := func(e *testlib.Env, got *token, user string) {
		e.Helper()
		if got.User.ID != user || got.Project == nil || got.Project.ID != trustor.project.ID {
			e.Errorf("user %s, project %+v, want %s, %s", got.User.ID, got.Project, user, trustor.project.ID)
		}
		if diff := cmp.Diff([]string{trustor.delegated.Name}, got.roleNames()); diff != "" {
			e.Errorf("roles mismatch (-want +got):\n%s", diff)
		}
	}

	e.Run("ToTheTrustor", func(e *testlib.Env) {
		trust := trustor.newTrust(e, trusts.CreateOpts{Impersonation: true})
		wantToken(e, logIn(e, useTrust(e, trust.ID)), trustor.ID)
	}, testlib.ID("24c7876a-ce32-4745-a836-6c9a762aecae"))

	e.Run("ToTheTrustee", func(e *testlib.Env) {
		trust := trustor.newTrust(e, trusts.CreateOpts{})
		wantToken(e, logIn(e, useTrust(e, trust.ID)), trustor.trustee)
	}, testlib.ID("4d1e32fa-ee30-4863-8aa8-f622d266eb42"))

	e.Run("AsOftenAsItMay", func(e *testlib.Env) {
		trust := trustor.newTrust(e, trusts.CreateOpts{RemainingUses: 1})
		logIn(e, useTrust(e, trust.ID))
		err := tokens.Create(e.Context(), anonymous(e), useTrust(e, trust.ID)).Err
		if !gophercloud.ResponseCodeIs(err, http.StatusUnauthorized) &&
			!gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
			e.Errorf("using a trust of one use again: %v, want it refused", err)
		}
	}, testlib.ID("7b95d065-4866-4afe-8c1a-367b7b70c368"))

	e.Run("UntilDeleted", func(e *testlib.Env) {
		trust := trustor.newTrust(e, trusts.CreateOpts{})
		got := logIn(e, useTrust(e, trust.ID))
		wantOK(e, "deleting the trust", trusts.Delete(e.Context(), trustor.client, trust.ID).ExtractErr())
		_, err := showToken(e, e.Identity(testlib.ProjectAdmin), got.ID)
		e.WantStatus("validating a token of a deleted trust", err, http.StatusNotFound)
	}, testlib.ID("141a39e3-3e19-43d9-ad55-6d8330c116b9"))
}
