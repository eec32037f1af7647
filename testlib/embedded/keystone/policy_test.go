package keystone

import "testing"

// TestEnforceScope has for each call the answer to an administrator where the
// policies do not ask for the right scope, and where they do.
//
// Source: seen with Keystone 22
func TestEnforceScope(t *testing.T) {
	t.Parallel()
	tests := []struct {
		scope, method, path, body string
		lax, strict               int
	}{
		{"domain", "GET", "/services", "", 200, 403},
		{"domain", "GET", "/domains", "", 200, 403},
		{"domain", "POST", "/domains", `{"domain": {}}`, 400, 403},
		{"domain", "POST", "/users/{user}/application_credentials", `{"application_credential": {}}`, 400, 403},
		{"domain", "GET", "/domains/default", "", 200, 200},
		{"domain", "GET", "/users", "", 200, 200},
		{"domain", "POST", "/users", `{"user": {}}`, 400, 400},
		{"domain", "GET", "/regions", "", 200, 200},
		{"domain", "GET", "/auth/projects", "", 200, 200},
		{"system", "GET", "/services", "", 200, 200},
		{"system", "POST", "/domains", `{"domain": {}}`, 400, 400},
		{"system", "POST", "/users/{user}/application_credentials", `{"application_credential": {}}`, 400, 403},
		{"unscoped", "POST", "/users/{user}/application_credentials", `{"application_credential": {}}`, 400, 400},
		{"unscoped", "GET", "/services", "", 403, 403},
	}
	for _, strict := range []bool{false, true} {
		s, err := New(Options{BaseURL: "http://127.0.0.1:1", AdminPassword: "secret", EnforceScope: strict})
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range s.roles.list() {
			s.addGrant(grant{userID: s.users.list()[0].id(), domainID: defaultDomain, roleID: role.id()})
		}
		tokens := map[string]string{
			"domain":   logIn(t, s, `{"domain": {"id": "default"}}`),
			"system":   logIn(t, s, `{"system": {"all": true}}`),
			"unscoped": logIn(t, s, `"unscoped"`),
		}
		for _, tt := range tests {
			want := tt.lax
			if strict {
				want = tt.strict
			}
			w := call(t, s, tt.method, s.fill("/v3"+tt.path), tokens[tt.scope], tt.body)
			if w.Code != want {
				t.Errorf("%s %s, %s, with enforcement %t: status %d, want %d: %s",
					tt.method, tt.path, tt.scope, strict, w.Code, want, w.Body)
			}
		}
	}
}

// TestUnknownObject has, for objects that are not there, who learns so, and
// whether a change is looked at before.
//
// Source: seen with Keystone 22
func TestUnknownObject(t *testing.T) {
	t.Parallel()
	s, admin := newService(t)
	nobody := logIn(t, s, `"unscoped"`)
	tests := []struct {
		path, patch string
		want        [6]int // of GET, PATCH and DELETE, first by somebody, then by an administrator
	}{
		{"/v3/services/none", `{"service": {}}`, [6]int{403, 403, 403, 404, 400, 404}},
		{"/v3/policies/none", `{"policy": {}}`, [6]int{403, 403, 403, 404, 400, 404}},
		{"/v3/projects/none", `{"project": {}}`, [6]int{403, 403, 403, 404, 400, 404}},
		{"/v3/users/none", `{"user": {}}`, [6]int{403, 403, 403, 404, 404, 404}},
		{"/v3/regions/none", `{"region": {}}`, [6]int{404, 403, 403, 404, 400, 404}},
		{"/v3/groups/none", `{"group": {}}`, [6]int{403, 403, 404, 404, 400, 404}},
		{"/v3/endpoints/none", `{"endpoint": {}}`, [6]int{404, 404, 404, 404, 404, 404}},
	}
	for _, tt := range tests {
		var got [6]int
		for i, method := range []string{"GET", "PATCH", "DELETE"} {
			got[i] = call(t, s, method, tt.path, nobody, tt.patch).Code
			got[i+3] = call(t, s, method, tt.path, admin, tt.patch).Code
		}
		if got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.path, got, tt.want)
		}
	}
}
