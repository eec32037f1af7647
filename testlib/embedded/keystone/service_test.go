package keystone

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// newService returns a service and a token of its administrator.
func newService(tb testing.TB) (*Service, string) {
	tb.Helper()
	s, err := New(Options{BaseURL: "http://127.0.0.1:1", AdminPassword: "secret"})
	if err != nil {
		tb.Fatal(err)
	}
	return s, logIn(tb, s, `{"project": {"name": "admin", "domain": {"id": "default"}}}`)
}

// logIn returns a token of the administrator.
func logIn(tb testing.TB, s *Service, scope string) string {
	tb.Helper()
	w := call(tb, s, http.MethodPost, "/v3/auth/tokens", "", `{"auth": {"identity": {"methods": ["password"],
		"password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "secret"}}},
		"scope": `+scope+`}}`)
	if w.Code != http.StatusCreated {
		tb.Fatalf("logging in: %d %s", w.Code, w.Body)
	}
	return w.Header().Get("X-Subject-Token")
}

func call(tb testing.TB, s *Service, method, target, token, body string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), method, target, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// seedPattern takes method, path and body out of a line of a scenario.
var seedPattern = regexp.MustCompile(`^(?:\w+ = )?([A-Z]+) (/\S*)(?: [@^]\S+)*(?: (.*))?$`)

// scenarioLines returns the lines of all scenarios.
func scenarioLines(tb testing.TB) []string {
	tb.Helper()
	paths, err := filepath.Glob("../testdata/*.scenario")
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no scenarios: %v", err)
	}
	var lines []string
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		lines = append(lines, strings.Split(string(data), "\n")...)
	}
	return lines
}

// FuzzServe sends requests made of whatever comes to mind. None may end in an
// internal error or a panic, and what says it is JSON must be.
func FuzzServe(f *testing.F) {
	for _, line := range scenarioLines(f) {
		if m := seedPattern.FindStringSubmatch(line); m != nil {
			f.Add(m[1], m[2], m[3])
		}
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.Parse("/v3" + target)
		if err != nil || !strings.HasPrefix(target, "/") || strings.ContainsAny(method, " \n\r\t/") || method == "" {
			return
		}
		if strings.HasSuffix(u.Path, "token") || strings.HasSuffix(u.Path, "tokens") && strings.Contains(body, "oauth1") {
			return // unsigned OAuth is an internal error on purpose
		}
		s, token := newService(t)
		u.Path, body = s.fill(u.Path), s.fill(body)
		r := &http.Request{
			Method: method, URL: u, Header: http.Header{"X-Auth-Token": {token}, "X-Subject-Token": {token}},
			Body: http.NoBody, Host: "127.0.0.1",
		}
		if body != "" {
			r.Body = readCloser{strings.NewReader(body)}
		}
		w := httptest.NewRecorder()

		s.ServeHTTP(w, r.WithContext(t.Context()))

		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %s %s was answered %d %s", method, target, body, w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") == "application/json" && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s %s was answered with broken JSON: %s", method, target, body, w.Body)
		}
	})
}

var placeholder = regexp.MustCompile(`(?:/(\w+)/)?\{([a-z]+)[a-z0-9-]*\}`)

// fill replaces the names of things in a scenario by ids of what the bootstrap
// made: those of the kind that the path says, or else the name.
func (s *Service) fill(text string) string {
	kinds := map[string]*table{
		"project": s.projects, "user": s.users, "role": s.roles, "region": s.regions, "service": s.services,
		"endpoint": s.endpoints,
	}
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		parts := placeholder.FindStringSubmatch(match)
		before := match[:strings.Index(match, "{")]
		for _, kind := range []string{strings.TrimSuffix(parts[1], "s"), parts[2]} {
			if t := kinds[kind]; t != nil {
				return before + t.list()[0].id()
			}
		}
		if strings.HasPrefix(parts[2], "domain") {
			return before + defaultDomain
		}
		return before + parts[2]
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
