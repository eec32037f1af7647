package fakebarbican_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/examples/keymanager/fakebarbican"
)

const prefix = "/key-manager" // where the server is mounted

// start serves a fake that takes USER:PROJECT:ROLE,ROLE as token.
func start(t *testing.T, now func() time.Time) *service {
	t.Helper()
	fake := fakebarbican.New(fakebarbican.Options{
		Now: now,
		Authenticate: func(r *http.Request) (fakebarbican.Caller, error) {
			part := strings.Split(r.Header.Get("X-Auth-Token"), ":")
			if len(part) != 3 {
				return fakebarbican.Caller{}, errors.New("no token")
			}
			return fakebarbican.Caller{UserID: part[0], ProjectID: part[1], Roles: strings.Split(part[2], ",")}, nil
		},
	})
	server := httptest.NewServer(http.StripPrefix(prefix, fake))
	t.Cleanup(server.Close)
	return &service{T: t, url: server.URL + prefix, client: server.Client()}
}

type service struct {
	*testing.T
	url    string
	client *http.Client
}

type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

// call sends a request. Headers are alternately names and values.
func (s *service) call(token, method, url, body string, headers ...string) answer {
	s.Helper()
	if !strings.HasPrefix(url, "http") {
		url = s.url + url
	}
	req, err := http.NewRequestWithContext(s.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("X-Auth-Token", token)
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(data)}
	if resp.Header.Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(data, &a.json); err != nil && string(data) != "null" {
			s.Fatalf("%s %s answered %q: %v", method, url, data, err)
		}
	}
	return a
}

const (
	owner    = "ann:red:member,reader"
	member   = "bob:red:member,reader"
	reader   = "cat:red:reader"
	admin    = "dan:red:admin,member,reader"
	stranger = "eve:blue:member,reader"
	system   = "fay::admin,member,reader"
)

// create makes a secret of ann's and returns its reference.
func (s *service) create(body string) string {
	s.Helper()
	a := s.call(owner, "POST", "/v1/secrets", body, "Content-Type", "application/json")
	ref, _ := a.json["secret_ref"].(string)
	if a.status != http.StatusCreated || ref == "" || ref != a.header.Get("Location") {
		s.Fatalf("POST /v1/secrets %s = %d %s, Location %q", body, a.status, a.body, a.header.Get("Location"))
	}
	return ref
}

// TestPolicy holds who may do what, as Barbican's new default policies have it.
func TestPolicy(t *testing.T) {
	const closed = `{"read":{"project-access":false}}`
	const shared = `{"read":{"project-access":false,"users":["eve"]}}`
	tests := []struct {
		method, below, body string
		acl                 string
		allowed             string // of ann, bob, cat, dan, eve and fay: first letters
	}{
		{"GET", "", "", "", "abd"},
		{"GET", "", "", closed, "ad"},
		{"GET", "", "", shared, "ade"},
		{"GET", "/payload", "", "", "abd"},
		{"GET", "/payload", "", shared, "ade"},
		{"GET", "/metadata", "", shared, "ade"},
		{"GET", "/acl", "", "", "ad"},
		{"GET", "/acl", "", shared, "ad"},
		{"PUT", "/acl", "{}", "", "ad"},
		{"PUT", "/metadata", `{"metadata":{}}`, "", "abd"},
		{"PUT", "/metadata", `{"metadata":{}}`, shared, "ad"},
		{"POST", "/metadata", `{"key":"a","value":"b"}`, closed, "ad"},
		{"DELETE", "/metadata/a", "", "", "abd"},
		{"DELETE", "", "", "", "abd"},
		{"DELETE", "", "", shared, "ad"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s secret%s acl %q", tt.method, tt.below, tt.acl), func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			got := ""
			for _, token := range []string{owner, member, reader, admin, stranger, system} {
				ref := s.create(`{"payload":"x","payload_content_type":"text/plain"}`)
				if tt.acl != "" {
					s.call(owner, "PUT", ref+"/acl", tt.acl, "Content-Type", "application/json")
				}
				a := s.call(token, tt.method, ref+tt.below, tt.body, "Content-Type", "application/json")
				switch {
				case a.status < 300:
					got += token[:1]
				case a.status != http.StatusForbidden:
					t.Errorf("%s: status %d %s", token, a.status, a.body)
				}
			}
			if got != tt.allowed {
				t.Errorf("allowed for %q, want %q", got, tt.allowed)
			}
		})
	}
}

// The order of the checks is Barbican's: token, path, method, Accept, role,
// content type, body.
func TestOrderOfChecks(t *testing.T) {
	s := start(t, nil)
	ref := s.create("{}")
	tests := []struct {
		token, method, url, contentType, accept string
		want                                    int
	}{
		{"", "PATCH", "/v1/secrets/nonsense", "", "", http.StatusUnauthorized},
		{reader, "PATCH", "/v1/secrets/nonsense", "", "", http.StatusNotFound},
		{reader, "PATCH", ref, "", "", http.StatusMethodNotAllowed},
		{reader, "POST", "/v1/secrets", "", "text/html", http.StatusNotAcceptable},
		{reader, "POST", "/v1/secrets", "", "", http.StatusForbidden},
		{owner, "POST", "/v1/secrets", "", "", http.StatusUnsupportedMediaType},
		{owner, "POST", "/v1/secrets", "application/json", "", http.StatusBadRequest},
		{owner, "GET", "/v1/orders", "", "", http.StatusNotFound},
	}
	for _, tt := range tests {
		a := s.call(tt.token, tt.method, tt.url, "", "Content-Type", tt.contentType, "Accept", tt.accept)
		if a.status != tt.want {
			t.Errorf("%s %s by %q: status %d, want %d", tt.method, tt.url, tt.token, a.status, tt.want)
		}
	}
}

func TestVersionsNeedNoToken(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/", ""} {
		a := s.call("", "GET", path, "")
		if want := s.url + "/v1/"; a.status != http.StatusMultipleChoices || !strings.Contains(a.body, want) {
			t.Errorf("GET %q = %d %s, want 300 with %s", path, a.status, a.body, want)
		}
	}
}

func TestSecretExpires(t *testing.T) {
	var passed atomic.Int64
	s := start(t, func() time.Time {
		return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(passed.Load()))
	})
	ref := s.create(`{"name":"a","expiration":"2030-01-01T01:00:00"}`)
	if a := s.call(owner, "GET", ref, ""); a.status != http.StatusOK || a.json["expiration"] != "2030-01-01T01:00:00" {
		t.Errorf("before its expiration the secret is %d %s", a.status, a.body)
	}

	passed.Store(int64(time.Hour))

	if a := s.call(owner, "GET", ref, ""); a.status != http.StatusNotFound {
		t.Errorf("after its expiration the secret is %d %s", a.status, a.body)
	}
	if a := s.call(owner, "GET", "/v1/secrets", ""); a.json["total"] != 0.0 {
		t.Errorf("after its expiration the list is %s", a.body)
	}
}

func TestListMatchesLikeSQL(t *testing.T) {
	s := start(t, nil)
	for _, name := range []string{"apple", "Apfel", "a_b", "pear"} {
		s.create(fmt.Sprintf(`{"name":%q}`, name))
	}
	tests := map[string][]string{
		"name=apple":      {"apple"},
		"name=APPLE":      {"apple"},
		"name=ap%25":      {"Apfel", "apple"},
		"name=%25l%25":    {"Apfel", "apple"},
		"name=a_b":        {"a_b"},
		"name=____":       {"pear"},
		"name=app":        nil,
		"name=%25&bits=x": {"Apfel", "a_b", "apple", "pear"},
	}
	for query, want := range tests {
		a := s.call(owner, "GET", "/v1/secrets?sort=name&"+query, "")
		var got []string
		list, _ := a.json["secrets"].([]any)
		for _, x := range list {
			got = append(got, x.(map[string]any)["name"].(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestPagesAreLinked(t *testing.T) {
	s := start(t, nil)
	for range 5 {
		s.create("{}")
	}
	a := s.call(owner, "GET", "/v1/secrets?limit=2&offset=2&name=", "")
	want := map[string]any{
		"total":    5.0,
		"previous": s.url + "/v1/secrets?limit=2&offset=0",
		"next":     s.url + "/v1/secrets?limit=2&offset=4",
	}
	delete(a.json, "secrets")
	if diff := cmp.Diff(want, a.json); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestServesAtOnce(t *testing.T) {
	s := start(t, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				a := s.call(owner, "POST", "/v1/secrets", "{}", "Content-Type", "application/json")
				ref, _ := a.json["secret_ref"].(string)
				s.call(owner, "GET", "/v1/secrets", "")
				if a := s.call(owner, "DELETE", ref, ""); a.status != http.StatusNoContent {
					t.Errorf("DELETE %s = %d %s", ref, a.status, a.body)
				}
			}
		})
	}
	wg.Wait()
	if a := s.call(owner, "GET", "/v1/secrets", ""); a.json["total"] != 0.0 {
		t.Errorf("left behind: %s", a.body)
	}
}
