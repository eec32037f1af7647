//go:build tempest

package identity_test

import (
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestTokenIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("28f13f62-7f8e-45e1-8990-0e553dbbf403"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	refused := func(e *testlib.Env, opts tokens.AuthOptions, status int) {
		e.Helper()
		e.WantStatus("logging in", tokens.Create(e.Context(), anonymous(e), &opts).Err, status)
	}

	e.Run("WrongPassword", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{UserID: me.UserID, Password: "wrong"}, http.StatusUnauthorized)
	}, testlib.ID("cc318f3a-70b0-4ed0-ac58-720734a08887"), testlib.Negative, testlib.Smoke)

	e.Run("UnknownUser", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			Username: e.Name("nobody"), DomainID: me.DomainID, Password: me.Password,
		}, http.StatusUnauthorized)
	}, testlib.ID("688b44e2-efc6-4325-a519-a578b506f82d"), testlib.Negative)

	e.Run("UnknownUserDomain", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			Username: me.UserName, DomainName: e.Name("nowhere"), Password: me.Password,
		}, http.StatusUnauthorized)
	}, testlib.ID("3f386250-009b-4dbe-913b-ecebbc8de836"), testlib.Negative)

	e.Run("UnknownProject", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			UserID: me.UserID, Password: me.Password,
			Scope: tokens.Scope{ProjectName: e.Name("nothing"), DomainID: me.DomainID},
		}, http.StatusUnauthorized)
	}, testlib.ID("c1655e62-a4b4-43fd-a256-4d5716facfc0"), testlib.Negative)

	e.Run("UnknownProjectDomain", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			UserID: me.UserID, Password: me.Password,
			Scope: tokens.Scope{ProjectName: me.ProjectName, DomainName: e.Name("nowhere")},
		}, http.StatusUnauthorized)
	}, testlib.ID("f1f72c1b-560a-4533-9090-6f22eb62a7aa"), testlib.Negative)

	e.Run("UnknownDomain", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			UserID: me.UserID, Password: me.Password, Scope: tokens.Scope{DomainName: e.Name("nowhere")},
		}, http.StatusUnauthorized)
	}, testlib.ID("d9fe7958-b16f-4b31-b57a-b930fce610cb"), testlib.Negative)

	e.Run("DomainWithoutRole", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			UserID: me.UserID, Password: me.Password, Scope: tokens.Scope{DomainID: me.DomainID},
		}, http.StatusUnauthorized)
	}, testlib.ID("2bbbff6e-898c-49ce-81d2-3b61780b4010"), testlib.Negative)

	e.Run("SystemWithoutRole", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			UserID: me.UserID, Password: me.Password, Scope: tokens.Scope{System: true},
		}, http.StatusUnauthorized)
	}, testlib.ID("9c04fe31-83cd-481b-ad53-22afd1ec74bf"), testlib.Negative)

	e.Run("UnknownToken", func(e *testlib.Env) {
		refused(e, tokens.AuthOptions{
			TokenID: "no-token-of-any-cloud", Scope: tokens.Scope{ProjectID: me.ProjectID},
		}, http.StatusNotFound)
	}, testlib.ID("828acf8a-1f6b-47ed-ba58-05fe29753d9a"), testlib.Negative)
}

func TestTokenIsRefusedForProjectOfOthers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a3ca86fb-5025-4f3f-a402-57e967451457"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	me, other := e.Credential(testlib.ProjectMember), e.Credential(testlib.AltMember)

	err := tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{
		UserID: me.UserID, Password: me.Password, Scope: tokens.Scope{ProjectID: other.ProjectID},
	}).Err

	e.WantStatus("logging in to the project of others", err, http.StatusUnauthorized)
}

func TestTokenIsRefusedToTheDisabled(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9a5b8b92-c417-4273-ae9f-e4173ef7b777"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("User", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		user := newUser(e, users.CreateOpts{Enabled: new(false)})
		login := &tokens.AuthOptions{Username: user.Name, DomainID: user.DomainID, Password: user.Password}
		e.WantStatus("logging in while disabled",
			tokens.Create(e.Context(), anonymous(e), login).Err, http.StatusUnauthorized)

		_, err := users.Update(e.Context(), admin, user.ID, users.UpdateOpts{Enabled: new(true)}).Extract()

		wantOK(e, "enabling the user", err)
		logIn(e, login)
	}, testlib.ID("b3c9fccc-4134-46f5-b600-1da6fb0a3b1f"), testlib.Negative)

	e.Run("UserOfDomain", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		domain := newDomain(e)
		user := newUser(e, users.CreateOpts{DomainID: domain.ID})
		login := &tokens.AuthOptions{UserID: user.ID, Password: user.Password}
		logIn(e, login)

		_, err := domains.Update(e.Context(), admin, domain.ID, domains.UpdateOpts{Enabled: new(false)}).Extract()

		wantOK(e, "disabling the domain", err)
		e.WantStatus("logging in while the domain is disabled",
			tokens.Create(e.Context(), anonymous(e), login).Err, http.StatusUnauthorized)
	}, testlib.ID("cf4de9c5-f0aa-4662-926c-be0ee06af4bc"), testlib.Negative)
}

// Requests that gophercloud would not make are made from maps.
func TestTokenRequestIsChecked(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d27f98d6-1a5e-45be-8196-84910e09f28c"), testlib.Services("identity"),
		testlib.Negative)
	password := object{"user": object{"id": "nobody", "password": "none"}}
	requests := map[string]struct {
		body   object
		status int
	}{
		"without auth":     {object{}, http.StatusBadRequest},
		"without identity": {object{"auth": object{}}, http.StatusBadRequest},
		"without methods":  {object{"auth": object{"identity": object{}}}, http.StatusBadRequest},
		"methods not a list": {object{"auth": object{"identity": object{
			"methods": "password", "password": password}}}, http.StatusBadRequest},
		"method without its data": {object{"auth": object{"identity": object{
			"methods": []string{"password"}}}}, http.StatusBadRequest},
		"user name without domain": {object{"auth": object{"identity": object{
			"methods":  []string{"password"},
			"password": object{"user": object{"name": "nobody", "password": "none"}}}}}, http.StatusBadRequest},
		"two scopes": {object{"auth": object{
			"identity": object{"methods": []string{"password"}, "password": password},
			"scope":    object{"domain": object{"id": "default"}, "system": object{"all": true}},
		}}, http.StatusBadRequest},
		"unknown method": {object{"auth": object{"identity": object{
			"methods": []string{"charm"}, "charm": object{}}}}, http.StatusUnauthorized},
	}
	client := anonymous(e)

	for what, r := range requests {
		_, err := client.Post(e.Context(), client.ServiceURL("auth", "tokens"), r.body, nil, nil)
		e.WantStatus("request "+what, err, r.status)
	}
}

func TestTokenValidationIsChecked(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9e147558-1a58-4dad-b6dc-91fa67c9fb36"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember, testlib.ProjectReader))
	me, other := e.Credential(testlib.ProjectMember), e.Credential(testlib.ProjectReader)
	mine := logIn(e, &tokens.AuthOptions{UserID: me.UserID, Password: me.Password})
	theirs := logIn(e, &tokens.AuthOptions{UserID: other.UserID, Password: other.Password})

	e.Run("UnknownToken", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		_, err := showToken(e, client, "no-token-of-any-cloud")
		e.WantStatus("validating", err, http.StatusNotFound)
	}, testlib.ID("4ebd49a0-b4fb-45e9-bc9f-a9ebbaad13fc"), testlib.Negative)

	e.Run("NoToken", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		_, err := admin.Get(e.Context(), admin.ServiceURL("auth", "tokens"), nil, nil)
		e.WantStatus("validating", err, http.StatusNotFound)
	}, testlib.ID("fd6010a4-3a5f-4368-98b3-ae15005a8310"), testlib.Negative)

	e.Run("Anonymous", func(e *testlib.Env) {
		_, err := showToken(e, anonymous(e), mine.ID)
		e.WantStatus("validating", err, http.StatusUnauthorized)
	}, testlib.ID("40c4dd61-b307-483e-b4f6-d0711fa42d5b"), testlib.Negative)

	e.Run("TokenOfOthers", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		_, err := showToken(e, client, theirs.ID)
		e.WantStatus("validating", err, http.StatusForbidden)
		e.WantStatus("revoking", tokens.Revoke(e.Context(), client, theirs.ID).Err, http.StatusForbidden)
	}, testlib.ID("b4e73cfb-5dac-4beb-a158-f0a639d29189"), testlib.Negative)
}
