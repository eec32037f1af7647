//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/applicationcredentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/testlib"
)

// createAppCred makes an application credential of the project member, whom client
// acts as, and registers its removal.
func createAppCred(
	e *testlib.Env, client *gophercloud.ServiceClient, opts applicationcredentials.CreateOpts,
) (*applicationcredentials.ApplicationCredential, error) {
	me := e.Credential(testlib.ProjectMember).UserID
	if opts.Name == "" {
		opts.Name = e.Name("appcred")
	}
	made, err := present(applicationcredentials.Create(e.Context(), client, me, opts).Extract())
	if err != nil {
		return nil, err
	}
	owner, id := e.Identity(testlib.ProjectMember), made.ID
	for _, rule := range made.AccessRules { // new ones stay when the credential goes
		if slices.ContainsFunc(opts.AccessRules, func(r applicationcredentials.AccessRule) bool { return r.ID == rule.ID }) {
			continue
		}
		e.Cleanup("access rule "+rule.ID, func(ctx context.Context) error {
			return applicationcredentials.DeleteAccessRule(ctx, owner, me, rule.ID).ExtractErr()
		})
	}
	e.Cleanup("application credential "+id, func(ctx context.Context) error {
		return applicationcredentials.Delete(ctx, owner, me, id).ExtractErr()
	})
	return made, nil
}

func newAppCred(
	e *testlib.Env, opts applicationcredentials.CreateOpts,
) *applicationcredentials.ApplicationCredential {
	e.Helper()
	c, err := createAppCred(e, e.Identity(testlib.ProjectMember), opts)
	return made(e, "application credential", c, err)
}

// byAppCred is how one logs in with an application credential.
func byAppCred(c *applicationcredentials.ApplicationCredential) *tokens.AuthOptions {
	return &tokens.AuthOptions{ApplicationCredentialID: c.ID, ApplicationCredentialSecret: c.Secret}
}

func TestAppCredLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("11074b2e-3050-4074-b39f-5d7509ae0663"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Smoke, testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	client := e.Identity(testlib.ProjectMember)
	name := e.Name("appcred")

	made := newAppCred(e, applicationcredentials.CreateOpts{Name: name, Description: "of a test"})
	if made.Name != name || made.Description != "of a test" || made.ProjectID != me.ProjectID ||
		made.Unrestricted || made.Secret == "" || !made.ExpiresAt.IsZero() {
		e.Errorf("created %+v, want %s of project %s, restricted, with a secret, without expiry",
			made, name, me.ProjectID)
	}
	if !slices.ContainsFunc(made.Roles, func(r applicationcredentials.Role) bool { return r.Name == "member" }) {
		e.Errorf("roles = %+v, want those of the user: member among them", made.Roles)
	}

	read, err := present(applicationcredentials.Get(e.Context(), client, me.UserID, made.ID).Extract())
	wantOK(e, "reading the application credential", err)
	if read.Secret != "" {
		e.Error("reading shows the secret, want it shown at creation only")
	}
	same := cmp.Options{
		cmpopts.IgnoreFields(applicationcredentials.ApplicationCredential{}, "Secret"),
		cmpopts.SortSlices(func(a, b applicationcredentials.Role) bool { return a.ID < b.ID }),
		cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(made, read, same); diff != "" {
		e.Errorf("application credential mismatch (-created +read):\n%s", diff)
	}

	listed := list(e, applicationcredentials.List(client, me.UserID, applicationcredentials.ListOpts{Name: name}),
		applicationcredentials.ExtractApplicationCredentials)
	if len(listed) != 1 || listed[0].ID != made.ID {
		e.Errorf("application credentials named %s = %+v, want %s", name, listed, made.ID)
	}

	err = applicationcredentials.Delete(e.Context(), client, me.UserID, made.ID).ExtractErr()
	wantOK(e, "deleting the application credential", err)
	_, err = applicationcredentials.Get(e.Context(), client, me.UserID, made.ID).Extract()
	e.WantStatus("reading a deleted application credential", err, http.StatusNotFound)
}

func TestAppCredLogsIn(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f570c6bb-9690-4957-8fa5-6f165d9a9d63"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	cred := newAppCred(e, applicationcredentials.CreateOpts{})

	e.Run("ByID", func(e *testlib.Env) {
		read, err := present(applicationcredentials.Get(e.Context(),
			e.Identity(testlib.ProjectMember), me.UserID, cred.ID).Extract())
		wantOK(e, "reading the application credential", err)
		if cred.Secret == "" || read.Secret != "" {
			e.Error("want the secret shown at creation and then never again")
		}
		got := logIn(e, byAppCred(cred))
		if got.User.ID != me.UserID || got.Project == nil || got.Project.ID != me.ProjectID {
			e.Errorf("user %+v, project %+v, want %s, %s", got.User, got.Project, me.UserID, me.ProjectID)
		}
		if diff := cmp.Diff([]string{"application_credential"}, got.Methods); diff != "" {
			e.Errorf("methods mismatch (-want +got):\n%s", diff)
		}
		if c := got.ApplicationCredential; c == nil || c.ID != cred.ID || c.Name != cred.Name || !c.Restricted {
			e.Errorf("application credential = %+v, want %s, %s, restricted", c, cred.ID, cred.Name)
		}
	}, testlib.ID("8080c75c-eddc-4786-941a-c2da7039ae61"), testlib.Smoke)

	e.Run("ByName", func(e *testlib.Env) {
		got := logIn(e, &tokens.AuthOptions{
			UserID: me.UserID, ApplicationCredentialName: cred.Name, ApplicationCredentialSecret: cred.Secret,
		})
		if got.ApplicationCredential == nil || got.ApplicationCredential.ID != cred.ID {
			e.Errorf("application credential = %+v, want %s", got.ApplicationCredential, cred.ID)
		}
	}, testlib.ID("e4e87358-01b4-435a-a27b-410b799a9936"))

	e.Run("ByNameOfUserName", func(e *testlib.Env) {
		got := logIn(e, &tokens.AuthOptions{
			Username: me.UserName, DomainID: me.DomainID,
			ApplicationCredentialName: cred.Name, ApplicationCredentialSecret: cred.Secret,
		})
		if got.ApplicationCredential == nil || got.ApplicationCredential.ID != cred.ID {
			e.Errorf("application credential = %+v, want %s", got.ApplicationCredential, cred.ID)
		}
	}, testlib.ID("47f99457-d9d4-43fb-8eac-362359bd4966"))

	e.Run("OwnSecret", func(e *testlib.Env) {
		const secret = "chosen by the user"
		own := newAppCred(e, applicationcredentials.CreateOpts{Secret: secret})
		if own.Secret != secret {
			e.Errorf("secret = %q, want %q", own.Secret, secret)
		}
		logIn(e, byAppCred(own))
	}, testlib.ID("b79be07c-c035-42fb-b2bc-e44319168154"))

	e.Run("WrongSecret", func(e *testlib.Env) {
		err := tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{
			ApplicationCredentialID: cred.ID, ApplicationCredentialSecret: "wrong",
		}).Err
		e.WantStatus("logging in", err, http.StatusUnauthorized)
	}, testlib.ID("f77dafc7-4554-42ae-a58b-3f4612d44e62"), testlib.Negative)

	e.Run("OtherScope", func(e *testlib.Env) {
		client := anonymous(e)
		_, err := client.Post(e.Context(), client.ServiceURL("auth", "tokens"), map[string]any{"auth": map[string]any{
			"identity": map[string]any{
				"methods":                []string{"application_credential"},
				"application_credential": map[string]any{"id": cred.ID, "secret": cred.Secret},
			},
			"scope": map[string]any{"project": map[string]any{"id": me.ProjectID}},
		}}, nil, nil)
		e.WantStatus("asking for a scope", err, http.StatusUnauthorized)
	}, testlib.ID("33d87cb5-2c35-4afc-8fab-189da6a2d3fe"), testlib.Negative)
}

func TestAppCredHoldsChosenRoles(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c341059c-8a5b-400d-80b4-123362a332d7"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Credentials(testlib.ProjectMember))

	e.Run("OfThoseImplied", func(e *testlib.Env) {
		reader := newAppCred(e, applicationcredentials.CreateOpts{
			Roles: []applicationcredentials.Role{{Name: "reader"}},
		})
		if diff := cmp.Diff([]string{"reader"}, logIn(e, byAppCred(reader)).roleNames()); diff != "" {
			e.Errorf("roles mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("24a1de92-d60c-4801-9117-5ae20fd796f1"))

	e.Run("OfThoseAssigned", func(e *testlib.Env) {
		me := e.Credential(testlib.ProjectMember)
		role := newRole(e)
		grant(e, role.ID, roles.AssignOpts{UserID: me.UserID, ProjectID: me.ProjectID})
		cred := newAppCred(e, applicationcredentials.CreateOpts{Roles: []applicationcredentials.Role{{ID: role.ID}}})
		got := logIn(e, byAppCred(cred))
		if got.Project == nil || got.Project.ID != me.ProjectID {
			e.Errorf("project = %+v, want %s", got.Project, me.ProjectID)
		}
		if diff := cmp.Diff([]named{{role.ID, role.Name}}, got.Roles); diff != "" {
			e.Errorf("roles mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("3b3dd48f-3388-406a-a9e6-4d078a552d0e"), testlib.Credentials(testlib.ProjectAdmin))
}

func TestAppCredsAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d7d987db-eb2d-42b4-8bd2-8ce7131d6f0f"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	first, second := newAppCred(e, applicationcredentials.CreateOpts{}), newAppCred(e, applicationcredentials.CreateOpts{})
	listed := func(e *testlib.Env, opts applicationcredentials.ListOpts) []string {
		e.Helper()
		var ids []string
		for _, c := range list(e, applicationcredentials.List(e.Identity(testlib.ProjectMember), me.UserID, opts),
			applicationcredentials.ExtractApplicationCredentials) {
			ids = append(ids, c.ID)
		}
		return ids
	}

	e.Run("All", func(e *testlib.Env) {
		got := listed(e, applicationcredentials.ListOpts{})
		if diff := cmp.Diff([]string{first.ID, second.ID}, got, unorderedText); diff != "" {
			e.Errorf("application credentials mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("ff0cd457-6224-46e7-b79e-0ada4964a8a6"))

	e.Run("ByName", func(e *testlib.Env) {
		got := listed(e, applicationcredentials.ListOpts{Name: second.Name})
		if diff := cmp.Diff([]string{second.ID}, got); diff != "" {
			e.Errorf("application credentials by name mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("9bb5e5cc-5250-493a-8869-8b665f6aa5f6"))
}

func TestAppCredExpiry(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a447c841-7b27-4be3-859c-5dba5d43bb50"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Credentials(testlib.ProjectMember))

	e.Run("Kept", func(e *testlib.Env) {
		tomorrow := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Millisecond) // what gophercloud sends
		made := newAppCred(e, applicationcredentials.CreateOpts{ExpiresAt: &tomorrow})
		if !made.ExpiresAt.Equal(tomorrow) {
			e.Errorf("expires at %v, want %v", made.ExpiresAt, tomorrow)
		}
		logIn(e, byAppCred(made))
	}, testlib.ID("852daf0c-42b5-4239-8466-d193d0543ed3"))

	e.Run("EndsTokens", func(e *testlib.Env) {
		soon := time.Now().UTC().Add(5 * time.Minute).Truncate(time.Second)
		cred := newAppCred(e, applicationcredentials.CreateOpts{ExpiresAt: &soon})

		login := tokens.Create(e.Context(), anonymous(e), byAppCred(cred))

		// Some releases leave out the zone, so that the time is not a time.Time.
		var token struct {
			ExpiresAt string `json:"expires_at"`
		}
		wantOK(e, "logging in", login.ExtractInto(&token))
		if want := soon.Format("2006-01-02T15:04:05"); !strings.HasPrefix(token.ExpiresAt, want) {
			e.Errorf("token expires at %s, want when its application credential does, %s", token.ExpiresAt, want)
		}
	}, testlib.ID("69b5d859-22a5-4f01-8dca-87a43157f6fb"))

	e.Run("InThePast", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		yesterday := time.Now().UTC().Add(-24 * time.Hour)
		_, err := createAppCred(e, client, applicationcredentials.CreateOpts{ExpiresAt: &yesterday})
		e.WantStatus("creating an expired application credential", err, http.StatusBadRequest)
	}, testlib.ID("f1ba0f84-fda4-4e87-bafa-e497a7d5b41a"), testlib.Negative)
}

func TestAppCredMakesNoOther(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fac16264-c691-420c-b184-b28a75b92784"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)

	e.Run("Restricted", func(e *testlib.Env) {
		cred := newAppCred(e, applicationcredentials.CreateOpts{})
		client := as(e, logIn(e, byAppCred(cred)).ID)
		_, err := createAppCred(e, client, applicationcredentials.CreateOpts{})
		e.WantStatus("creating another", err, http.StatusForbidden)
		err = applicationcredentials.Delete(e.Context(), client, me.UserID, cred.ID).ExtractErr()
		e.WantStatus("deleting itself", err, http.StatusForbidden)
	}, testlib.ID("2b4b43a3-8b37-4894-be3c-0b6c505b6456"), testlib.Negative)

	e.Run("UnlessUnrestricted", func(e *testlib.Env) {
		cred := newAppCred(e, applicationcredentials.CreateOpts{Unrestricted: true})
		client := as(e, logIn(e, byAppCred(cred)).ID)
		_, err := createAppCred(e, client, applicationcredentials.CreateOpts{})
		wantOK(e, "creating another", err)
	}, testlib.ID("85436ca6-38f0-47d8-b3b2-e8ec741a55cc"))

	e.Run("NorToken", func(e *testlib.Env) {
		token := logIn(e, byAppCred(newAppCred(e, applicationcredentials.CreateOpts{})))
		err := tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{
			TokenID: token.ID, Scope: tokens.Scope{ProjectID: me.ProjectID},
		}).Err
		e.WantStatus("buying a token with its token", err, http.StatusForbidden)
	}, testlib.ID("3cd3a6a0-39c7-42d0-928a-be281472764c"), testlib.Negative)

	e.Run("NorTrust", func(e *testlib.Env) {
		client := as(e, logIn(e, byAppCred(newAppCred(e, applicationcredentials.CreateOpts{}))).ID)
		err := ask(e, client, "POST", "OS-TRUST/trusts", object{"trust": object{
			"trustor_user_id": me.UserID, "trustee_user_id": me.UserID, "project_id": me.ProjectID,
			"roles": []object{{"name": "member"}}, "impersonation": false,
		}}, nil)
		e.WantStatus("making a trust", err, http.StatusForbidden)
	}, testlib.ID("56d8389c-c328-467a-b344-e9389bddebdc"), testlib.Negative, testlib.Feature("identity", "trust"))
}

func TestAppCredEnds(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6187a3b5-3eb8-4503-a41f-9dc2d13ba618"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)

	e.Run("Deleted", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		cred := newAppCred(e, applicationcredentials.CreateOpts{})
		token := logIn(e, byAppCred(cred))
		err := applicationcredentials.Delete(e.Context(), e.Identity(testlib.ProjectMember), me.UserID, cred.ID).ExtractErr()
		wantOK(e, "deleting the application credential", err)
		e.WantStatus("logging in with it",
			tokens.Create(e.Context(), anonymous(e), byAppCred(cred)).Err, http.StatusNotFound)
		_, err = showToken(e, admin, token.ID)
		e.WantStatus("validating its token", err, http.StatusNotFound)
	}, testlib.ID("5054c195-292c-4a93-aa2d-a9ed63b8ae20"))

	e.Run("RoleLost", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		role := newRole(e)
		to := roles.AssignOpts{UserID: me.UserID, ProjectID: me.ProjectID}
		grant(e, role.ID, to)
		cred := newAppCred(e, applicationcredentials.CreateOpts{
			Roles: []applicationcredentials.Role{{ID: role.ID}},
		})
		logIn(e, byAppCred(cred))
		err := roles.Unassign(e.Context(), admin, role.ID, roles.UnassignOpts(to)).ExtractErr()
		wantOK(e, "taking the role away", err)
		if err := tokens.Create(e.Context(), anonymous(e), byAppCred(cred)).Err; err == nil {
			e.Error("logging in with a role that was taken away succeeded, want it refused")
		}
	}, testlib.ID("2178c75d-c8ed-4326-b187-4d9886c75c50"))
}

func TestAppCredAccessRules(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f11b811b-795e-4b7f-94b1-82fd44b0e7e5"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials", "access_rules"), testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	client := e.Identity(testlib.ProjectMember)
	rule := applicationcredentials.AccessRule{Service: "compute", Method: "GET", Path: "/v2.1/servers/*/ips"}
	cred := newAppCred(e, applicationcredentials.CreateOpts{AccessRules: []applicationcredentials.AccessRule{rule}})
	if len(cred.AccessRules) != 1 {
		e.Fatalf("access rules = %+v, want one", cred.AccessRules)
	}
	rule.ID = cred.AccessRules[0].ID
	listed := func(e *testlib.Env) []applicationcredentials.AccessRule {
		e.Helper()
		return list(e, applicationcredentials.ListAccessRules(client, me.UserID), applicationcredentials.ExtractAccessRules)
	}

	e.Run("Created", func(e *testlib.Env) {
		if diff := cmp.Diff([]applicationcredentials.AccessRule{rule}, cred.AccessRules); diff != "" || rule.ID == "" {
			e.Errorf("access rules mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("529936eb-aa5d-463d-9f79-01c113d3b88f"))

	e.Run("Listed", func(e *testlib.Env) {
		if diff := cmp.Diff([]applicationcredentials.AccessRule{rule}, listed(e)); diff != "" {
			e.Errorf("access rules of the user mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("2354c498-5119-4ba5-9f0d-44f16f78fb0e"))

	e.Run("Read", func(e *testlib.Env) {
		got, err := present(applicationcredentials.GetAccessRule(e.Context(), client, me.UserID, rule.ID).Extract())
		wantOK(e, "reading the rule", err)
		if diff := cmp.Diff(&rule, got); diff != "" {
			e.Errorf("access rule mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("795dd507-ca1e-40e9-ba90-ff0a08689ba4"))

	e.Run("Shared", func(e *testlib.Env) {
		other := newAppCred(e, applicationcredentials.CreateOpts{
			AccessRules: []applicationcredentials.AccessRule{{ID: rule.ID}},
		})
		if diff := cmp.Diff([]applicationcredentials.AccessRule{rule}, other.AccessRules); diff != "" {
			e.Errorf("access rules of a second credential mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("11f703b5-e04a-42a4-9ae6-0a4ab1b3ce82"))

	e.Run("OutlivesItsUse", func(e *testlib.Env) {
		remove := func() error {
			return applicationcredentials.DeleteAccessRule(e.Context(), client, me.UserID, rule.ID).ExtractErr()
		}
		e.WantStatus("deleting a rule in use", remove(), http.StatusForbidden)
		wantOK(e, "deleting the application credential",
			applicationcredentials.Delete(e.Context(), client, me.UserID, cred.ID).ExtractErr())
		if got := listed(e); len(got) != 1 {
			e.Errorf("access rules = %+v, want the one that nothing uses", got)
		}
		wantOK(e, "deleting the rule", remove())
		if got := listed(e); len(got) > 0 {
			e.Errorf("access rules = %+v after the deletion, want none", got)
		}
	}, testlib.ID("278757e9-e193-4bf8-adf2-0b0a229a17d0"))
}

func TestAppCredIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("dc75f9f9-2bf1-4853-ad97-024635a1a65e"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)

	e.Run("NameInUse", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		first := newAppCred(e, applicationcredentials.CreateOpts{})
		_, err := createAppCred(e, client, applicationcredentials.CreateOpts{Name: first.Name})
		e.WantStatus("creating", err, http.StatusConflict)
	}, testlib.ID("fe2d8772-294b-4cb9-880f-b6e5ade40bf9"), testlib.Negative)

	e.Run("RoleOfOthers", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		_, err := createAppCred(e, client, applicationcredentials.CreateOpts{
			Roles: []applicationcredentials.Role{{Name: "admin"}},
		})
		e.WantStatus("creating with a role that the user does not have", err, http.StatusBadRequest)
	}, testlib.ID("1cc4cdc8-68eb-420f-9f6e-bd885dee38f2"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		id := e.Name("none")
		e.WantStatus("reading",
			applicationcredentials.Get(e.Context(), client, me.UserID, id).Err, http.StatusNotFound)
		e.WantStatus("deleting",
			applicationcredentials.Delete(e.Context(), client, me.UserID, id).Err, http.StatusNotFound)
	}, testlib.ID("47a19d41-78dc-4f39-865c-b3b576e16d6d"), testlib.Negative)
}

func TestAppCredIsPrivate(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c4e9c183-8f7f-46a4-ac03-20b016413afe"), testlib.Services("identity"),
		testlib.Feature("identity", "application_credentials"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectReader))
	me := e.Credential(testlib.ProjectMember)
	cred := newAppCred(e, applicationcredentials.CreateOpts{})
	other := e.Identity(testlib.ProjectReader)

	_, err := applicationcredentials.List(other, me.UserID, nil).AllPages(e.Context())
	e.WantStatus("listing those of others", err, http.StatusForbidden)
	_, err = applicationcredentials.Get(e.Context(), other, me.UserID, cred.ID).Extract()
	e.WantStatus("reading one of others", err, http.StatusForbidden)
	_, err = createAppCred(e, other, applicationcredentials.CreateOpts{})
	e.WantStatus("creating one for others", err, http.StatusForbidden)
	err = applicationcredentials.Delete(e.Context(), other, me.UserID, cred.ID).ExtractErr()
	e.WantStatus("deleting one of others", err, http.StatusForbidden)
}
