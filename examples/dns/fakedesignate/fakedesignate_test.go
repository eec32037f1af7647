package fakedesignate_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gotempest/tempest/examples/dns/fakedesignate"
)

// authenticate takes tokens such as "p1 member": a project and a role.
func authenticate(r *http.Request) (fakedesignate.Caller, error) {
	project, role, ok := strings.Cut(r.Header.Get("X-Auth-Token"), " ")
	if !ok {
		return fakedesignate.Caller{}, errors.New("no token")
	}
	return fakedesignate.Caller{ProjectID: project, Roles: []string{role}}, nil
}

// What the service refuses, with the status and the type of error that Designate has.
func TestRefusals(t *testing.T) {
	s := fakedesignate.New(authenticate)
	zone := made(t, s, "/v2/zones", `{"name": "a.org.", "email": "a@a.org"}`)
	sets := "/v2/zones/" + zone + "/recordsets"
	made(t, s, sets, `{"name": "www.a.org.", "type": "CNAME", "records": ["b.org."]}`)
	const (
		address  = `"type": "A", "records": ["192.0.2.1"]}`
		m1, m2   = "p1 member", "p2 member"
		location = "invalid_recordset_location"
		mail     = `"email": "a@a.org"}`
	)
	tests := map[string]struct {
		token, method, path, body string
		status                    int
		kind                      string
	}{
		"nobody":           {"", "GET", "/v2/zones", "", 401, ""},
		"a reader creates": {"p1 reader", "POST", "/v2/zones", `{"name": "b.org.", ` + mail, 403, "forbidden"},
		"a name is taken":  {m2, "POST", "/v2/zones", `{"name": "A.org.", ` + mail, 409, "duplicate_zone"},
		"no final dot":     {m1, "POST", "/v2/zones", `{"name": "b.org", ` + mail, 400, "invalid_object"},
		"an unknown field": {m1, "POST", "/v2/zones", `{"nome": "b.org."}`, 400, "invalid_object"},
		"below another's":  {m2, "POST", "/v2/zones", `{"name": "b.a.org.", ` + mail, 403, "forbidden"},
		"another project":  {m2, "GET", "/v2/zones/" + zone, "", 404, "zone_not_found"},
		"no UUID":          {m1, "GET", "/v2/zones/x", "", 400, "invalid_uuid"},
		"all, as a member": {m1, "GET", "/v2/zones?all", "", 403, "forbidden"},
		"a member's quota": {m1, "PATCH", "/v2/quotas/p1", `{"zones": 1}`, 403, "forbidden"},
		"an unknown quota": {"p1 admin", "PATCH", "/v2/quotas/p1", `{"stars": 1}`, 400, "invalid_object"},
		"outside the zone": {m1, "POST", sets, `{"name": "www.b.org.", ` + address, 400, location},
		"beside a CNAME":   {m1, "POST", sets, `{"name": "www.a.org.", ` + address, 400, location},
		"a SOA":            {m1, "POST", sets, `{"name": "a.org.", "type": "SOA", "records": ["x"]}`, 400, "bad_request"},
		"a quote in a text": {m1, "POST", sets, `{"name": "t.a.org.", "type": "TXT", "records": ["\"a\"b\""]}`,
			400, "invalid_object"},
		"records not there":  {m1, "GET", sets + "/x", "", 404, "recordset_not_found"},
		"a path not there":   {m1, "GET", "/v2/pools", "", 404, ""},
		"deleting as reader": {"p1 reader", "DELETE", "/v2/zones/" + zone, "", 403, "forbidden"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := do(s, tt.token, tt.method, tt.path, tt.body)
			if kind, _ := body["type"].(string); status != tt.status || kind != tt.kind {
				t.Errorf("%s %s: %d %v, want %d %s", tt.method, tt.path, status, body, tt.status, tt.kind)
			}
		})
	}
}

// A quota bounds the zones of its project, until it is reset.
func TestQuota(t *testing.T) {
	s := fakedesignate.New(authenticate)
	const zone = `{"name": "a.org.", "email": "a@a.org"}`
	for _, step := range []struct {
		token, method, path, body string
		status                    int
	}{
		{"p1 admin", "PATCH", "/v2/quotas/p1", `{"zones": 0}`, 200},
		{"p1 member", "POST", "/v2/zones", zone, 413},
		{"p1 admin", "DELETE", "/v2/quotas/p1", "", 204},
		{"p1 member", "POST", "/v2/zones", zone, 202},
	} {
		if status, body := do(s, step.token, step.method, step.path, step.body); status != step.status {
			t.Fatalf("%s %s: %d %v, want %d", step.method, step.path, status, body, step.status)
		}
	}
}

// made creates something as a member of project p1, and returns its ID.
func made(t *testing.T, s http.Handler, path, body string) string {
	t.Helper()
	status, answer := do(s, "p1 member", http.MethodPost, path, body)
	id, _ := answer["id"].(string)
	if status != http.StatusAccepted || answer["status"] != "PENDING" || id == "" {
		t.Fatalf("POST %s: %d %v, want something PENDING", path, status, answer)
	}
	return id
}

func do(s http.Handler, token, method, path, body string) (int, map[string]any) {
	path, all, _ := strings.Cut(path, "?")
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", token)
	if all == "all" {
		r.Header.Set("X-Auth-All-Projects", "true")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &answer) // not every answer has a body
	return w.Code, answer
}
