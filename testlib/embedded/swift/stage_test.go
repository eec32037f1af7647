package swift_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib/embedded"
)

// stage is a cloud with what a scenario needs: the projects a, b and c, and users
// of each, see testdata/README.md.
type stage struct {
	base, identity string            // addresses of the object store and of the identity service, without versions
	admin          string            // token of the administrator
	ids            map[string]string // of projects, and of users as in owner-id; run is what their names start with
	tokens         map[string]string // by name of the user
	made           []string          // paths of projects and users
}

// actors are the users of a stage: where they have which role.
func actors() []struct{ name, project, role string } {
	return []struct{ name, project, role string }{
		{"owner", "a", "member"},
		{"op", "a", "swiftoperator"},
		{"reader", "a", "reader"},
		{"other", "b", "member"},
		{"reseller", "b", "ResellerAdmin"},
		{"foreign", "c", "member"},
	}
}

// newStage makes a stage on the cloud whose identity service is at authURL. It
// is taken down with the test.
func newStage(t *testing.T, authURL, admin, run string) *stage {
	t.Helper()
	s := &stage{
		identity: strings.TrimSuffix(authURL, "/v3"), admin: admin,
		ids: map[string]string{"run": run}, tokens: map[string]string{"bad": "nonsense"},
	}
	ctx := t.Context()
	s.base = s.objectStore(ctx, t)
	t.Cleanup(func() { s.takeDown(context.WithoutCancel(ctx), t) })
	roles := s.roles(ctx, t)
	abroad := s.create(ctx, t, "/domains", "domain", map[string]any{"name": run + "domain"})
	s.ids["domain"] = abroad
	domains := map[string]string{"a": "default", "b": "default", "c": abroad}
	for _, name := range []string{"a", "b", "c"} {
		s.ids[name] = s.create(ctx, t, "/projects", "project", map[string]any{
			"name": run + name, "domain_id": domains[name],
		})
	}
	for _, actor := range actors() {
		user := s.create(ctx, t, "/users", "user", map[string]any{
			"name": run + actor.name, "password": "pw", "domain_id": domains[actor.project],
		})
		s.ids[actor.name+"-id"] = user
		s.must(ctx, t, http.MethodPut, fmt.Sprintf("/projects/%s/users/%s/roles/%s",
			s.ids[actor.project], user, roles[actor.role]), nil, nil)
		s.tokens[actor.name] = s.login(ctx, t, user, "project", map[string]any{"id": s.ids[actor.project]})
	}
	s.tokens["unscoped"] = s.login(ctx, t, s.ids["owner-id"], "", nil)
	s.must(ctx, t, http.MethodPut, fmt.Sprintf("/domains/%s/users/%s/roles/%s",
		abroad, s.ids["foreign-id"], roles["admin"]), nil, nil)
	s.tokens["domain"] = s.login(ctx, t, s.ids["foreign-id"], "domain", map[string]any{"id": abroad})
	s.tokens["admin"] = admin
	return s
}

// call makes a request to the identity service, with the administrator's token,
// and reads the answer into v, which may be nil.
func (s *stage) call(ctx context.Context, method, path string, body, v any) (*http.Response, error) {
	var sent io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.identity+"/v3"+path, sent)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Auth-Token", s.admin)
	resp, data, err := do(req)
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode >= http.StatusMultipleChoices:
		return resp, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, data)
	case v == nil:
		return resp, nil
	}
	return resp, json.Unmarshal(data, v)
}

// must is call, and stops the test where it fails.
func (s *stage) must(ctx context.Context, t *testing.T, method, path string, body, v any) *http.Response {
	t.Helper()
	resp, err := s.call(ctx, method, path, body, v)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// create creates something and returns its id.
func (s *stage) create(ctx context.Context, t *testing.T, path, member string, with map[string]any) string {
	t.Helper()
	var made map[string]struct{ ID string }
	s.must(ctx, t, http.MethodPost, path, map[string]any{member: with}, &made)
	s.made = append(s.made, path+"/"+made[member].ID)
	return made[member].ID
}

// roles returns the ids of all roles by name.
func (s *stage) roles(ctx context.Context, t *testing.T) map[string]string {
	t.Helper()
	var list struct{ Roles []struct{ ID, Name string } }
	s.must(ctx, t, http.MethodGet, "/roles", nil, &list)
	ids := map[string]string{}
	for _, role := range list.Roles {
		ids[role.Name] = role.ID
	}
	return ids
}

// objectStore finds the object store in the catalogue.
func (s *stage) objectStore(ctx context.Context, t *testing.T) string {
	t.Helper()
	var list struct {
		Catalog []struct {
			Type      string
			Endpoints []struct{ Interface, URL string }
		}
	}
	s.must(ctx, t, http.MethodGet, "/auth/catalog", nil, &list)
	for _, service := range list.Catalog {
		for _, endpoint := range service.Endpoints {
			u, err := url.Parse(endpoint.URL)
			if service.Type == "object-store" && endpoint.Interface == "public" && err == nil {
				return u.Scheme + "://" + u.Host
			}
		}
	}
	t.Fatal("the cloud has no object store")
	return ""
}

// login returns a token with the scope given, as in "project" and its id.
func (s *stage) login(ctx context.Context, t *testing.T, user, kind string, scope map[string]any) string {
	t.Helper()
	type object = map[string]any
	auth := object{"identity": object{
		"methods": []string{"password"}, "password": object{"user": object{"id": user, "password": "pw"}},
	}}
	if kind != "" {
		auth["scope"] = object{kind: scope}
	}
	resp := s.must(ctx, t, http.MethodPost, "/auth/tokens?nocatalog", object{"auth": auth}, nil)
	return resp.Header.Get("X-Subject-Token")
}

// takeDown deletes everything.
func (s *stage) takeDown(ctx context.Context, t *testing.T) {
	t.Helper()
	if s.tokens["reseller"] != "" {
		for _, project := range []string{"a", "b", "c"} {
			s.empty(ctx, t, "/v1/AUTH_"+s.ids[project])
		}
	}
	for _, path := range slices.Backward(s.made) {
		if strings.HasPrefix(path, "/domains/") { // of one that is not disabled the deletion tells
			_, _ = s.call(ctx, http.MethodPatch, path, map[string]any{"domain": map[string]any{"enabled": false}}, nil)
		}
		if _, err := s.call(ctx, http.MethodDelete, path, nil, nil); err != nil {
			t.Errorf("left behind: %v", err)
		}
	}
}

// empty deletes an account with all that is in it.
func (s *stage) empty(ctx context.Context, t *testing.T, account string) {
	t.Helper()
	for _, c := range s.list(ctx, account+"?format=json") {
		path := account + "/" + url.PathEscape(c.Name)
		for _, header := range []string{"X-Versions-Enabled", "X-Remove-Versions-Location", "X-Remove-History-Location"} {
			s.ask(ctx, http.MethodPost, path, header)
		}
		// Deleting a version can uncover another object: more than one round.
		const rounds = 50
		for range rounds {
			objects := s.list(ctx, path+"?format=json&versions")
			if len(objects) == 0 {
				break
			}
			for _, o := range objects {
				version := ""
				if o.VersionID != "" {
					version = "?version-id=" + o.VersionID
				}
				s.ask(ctx, http.MethodDelete, path+"/"+url.PathEscape(o.Name)+version)
			}
		}
		if status := s.ask(ctx, http.MethodDelete, path); status != http.StatusNoContent {
			t.Errorf("left behind: %s (%d)", path, status)
		}
	}
	s.ask(ctx, http.MethodDelete, account)
}

// listed is an item of a listing.
type listed struct {
	Name      string
	VersionID string `json:"version_id"`
}

func (s *stage) list(ctx context.Context, path string) []listed {
	resp, data, err := s.objects(ctx, http.MethodGet, path)
	var list []listed
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(data, &list) != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(i listed) bool { return i.Name == "" })
}

// ask makes a request to the object store, with headers that say false, and
// returns the status.
func (s *stage) ask(ctx context.Context, method, path string, headers ...string) int {
	resp, _, err := s.objects(ctx, method, path, headers...)
	if err != nil {
		return 0
	}
	return resp.StatusCode
}

func (s *stage) objects(
	ctx context.Context, method, path string, headers ...string,
) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, http.NoBody)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("X-Auth-Token", s.tokens["reseller"])
	for _, h := range headers {
		req.Header.Set(h, "false")
	}
	return do(req)
}

// embeddedStage makes a stage on an embedded cloud of its own.
func embeddedStage(t *testing.T) *stage {
	t.Helper()
	c, err := embedded.Start(context.WithoutCancel(t.Context()), embedded.Options{}) // the stage is taken down on it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return newStage(t, c.AuthURL(), adminToken(t, c.AuthURL(), c.AdminPassword()), "run1-")
}

// adminToken logs the administrator of an embedded cloud in.
func adminToken(t *testing.T, authURL, password string) string {
	t.Helper()
	body := `{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "password": "` +
		password + `", "domain": {"id": "default"}}}},
		"scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, authURL+"/auth/tokens", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, _, err := do(req)
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("logging in: %v, %v", resp, err)
	}
	return resp.Header.Get("X-Subject-Token")
}

// TestAnswersAsRecorded holds the embedded object store to what a real Swift
// 2.30 answered; TestRealCloudAnswersAsRecorded holds the transcripts to that.
func TestAnswersAsRecorded(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			compareTranscript(t, s, replay(t.Context(), t, s, embeddedStage(t)))
		})
	}
}
