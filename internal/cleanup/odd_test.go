package cleanup

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/resource"
	"github.com/gotempest/tempest/internal/secret"
)

// services is a fake of all services: it answers each request with the next answer of its script, the last one
// again and again, and 404 to what is in none.
type services struct {
	mu      sync.Mutex
	answers map[string][]string // "STATUS BODY", by "METHOD /path?query"
	calls   []string            // requests that change something
}

func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Method + " " + r.URL.RequestURI()
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.calls = append(s.calls, strings.TrimSpace(key+" "+string(body)))
	}
	list := s.answers[key]
	if len(list) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if len(list) > 1 {
		s.answers[key] = list[1:]
	}
	var status int
	text := list[0]
	if _, err := fmt.Sscan(text, &status); err != nil {
		panic(err)
	}
	_, text, _ = strings.Cut(text, " ")
	if header, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(text, "X-") { // "Name: value", a line
		name, value, _ := strings.Cut(header, ": ")
		w.Header().Set(name, value)
		text = rest
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// with returns a remover whose services all are the fake.
func (s *services) remover(t *testing.T) *cloudRemover {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	p := &gophercloud.ProviderClient{TokenID: "t", EndpointLocator: func(o gophercloud.EndpointOpts) (string, error) {
		if o.Type == "identity" || o.Type == "object-store" {
			return server.URL + "/" + o.Type + "/", nil
		}
		return server.URL + "/" + o.Type, nil
	}}
	session := &cloud.Session{Secrets: &secret.Scrubber{}}
	a := &access{
		session: session, userID: "me", domain: "default", projects: map[string]*projectRights{}, granted: map[string]bool{},
	}
	a.admin = &rights{session: session, provider: p, project: "own"}
	table := resource.NewTable()
	return &cloudRemover{
		access: a, table: table, find: &finder{table: table},
		shared: shared{services: map[string]bool{}, warned: map[string]bool{}},
	}
}

// one is a thing of the table's type.
func one(t *testing.T, service, name string, fields map[string]any) *Thing {
	t.Helper()
	kind, ok := resource.NewTable().Type(service, name)
	if !ok {
		t.Fatalf("the table has no %s of %s", name, service)
	}
	object, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	thing, err := newThing(kind, object)
	if err != nil {
		t.Fatal(err)
	}
	return thing
}

// oddCase is a thing that needs more than a DELETE.
type oddCase struct {
	service, name string
	fields        map[string]any
	answers       map[string][]string
	wantCalls     []string
}

func TestOddThings(t *testing.T) {
	t.Parallel()
	testOdd(t, map[string]oddCase{
		"a router loses its interfaces first": {
			service: "network", name: "router", fields: map[string]any{"id": "r"},
			answers: map[string][]string{
				"GET /network/v2.0/ports?device_id=r": {`200 {"ports":[
					{"id":"p1","device_id":"r","device_owner":"network:router_interface"},
					{"id":"gw","device_id":"r","device_owner":"network:router_gateway"},
					{"id":"p2","device_id":"another","device_owner":"network:router_interface"}]}`},
				"PUT /network/v2.0/routers/r/remove_router_interface": {"200 {}"},
				"DELETE /network/v2.0/routers/r":                      {"204 "},
			},
			wantCalls: []string{
				`PUT /network/v2.0/routers/r/remove_router_interface {"port_id":"p1"}`, "DELETE /network/v2.0/routers/r",
			},
		},
		"ports that keep a network go first": {
			service: "network", name: "network", fields: map[string]any{"id": "n"},
			answers: map[string][]string{
				"DELETE /network/v2.0/networks/n": {`409 {"NeutronError":{"message":"in use"}}`, "204 "},
				"GET /network/v2.0/ports?network_id=n": {`200 {"ports":[
					{"id":"p","network_id":"n","device_owner":"compute:nova"},
					{"id":"dhcp","network_id":"n","device_owner":"network:dhcp"},
					{"id":"x","network_id":"m","device_owner":""}]}`},
				"DELETE /network/v2.0/ports/p": {"204 "},
			},
			wantCalls: []string{
				"DELETE /network/v2.0/networks/n", "DELETE /network/v2.0/ports/p", "DELETE /network/v2.0/networks/n",
			},
		},
		"a protected image": {
			service: "image", name: "image", fields: map[string]any{"id": "i"},
			answers: map[string][]string{
				"DELETE /image/v2/images/i": {"403 protected", "204 "},
				"PATCH /image/v2/images/i":  {"200 {}"},
			},
			wantCalls: []string{
				"DELETE /image/v2/images/i", `PATCH /image/v2/images/i [{"op":"replace","path":"/protected","value":false}]`,
				"DELETE /image/v2/images/i",
			},
		},
		"a locked server, waited for": {
			service: "compute", name: "server", fields: map[string]any{"id": "s"},
			answers: map[string][]string{
				"DELETE /compute/v2.1/servers/s":      {`409 {"conflictingRequest":{"message":"locked"}}`, "204 "},
				"POST /compute/v2.1/servers/s/action": {"202 "},
				"GET /compute/v2.1/servers/s":         {`200 {"server":{"status":"ACTIVE"}}`, "404 "},
			},
			wantCalls: []string{
				"DELETE /compute/v2.1/servers/s", `POST /compute/v2.1/servers/s/action {"unlock":null}`,
				"DELETE /compute/v2.1/servers/s",
			},
		},
	})
}

func TestThingsThatHoldOthers(t *testing.T) {
	t.Parallel()
	testOdd(t, map[string]oddCase{
		"an attached volume with a snapshot": {
			service: "block-storage", name: "volume", fields: map[string]any{"id": "v"},
			answers: map[string][]string{
				"DELETE /block-storage/v3/volumes/v?cascade=true": {`400 {"badRequest":{"message":"in-use"}}`, "202 "},
				"GET /block-storage/v3/volumes/v": {
					`200 {"volume":{"status":"in-use","attachments":[{"server_id":"s","attachment_id":"a"}]}}`, "404 ",
				},
				"DELETE /compute/v2.1/servers/s/os-volume_attachments/v":           {"202 "},
				"GET /block-storage/v3/snapshots/detail?all_tenants=1&volume_id=v": {`200 {"snapshots":[{"id":"q"}]}`},
				"DELETE /block-storage/v3/snapshots/q":                             {"202 "},
			},
			wantCalls: []string{
				"DELETE /block-storage/v3/volumes/v?cascade=true", "DELETE /compute/v2.1/servers/s/os-volume_attachments/v",
				"DELETE /block-storage/v3/snapshots/q", "DELETE /block-storage/v3/volumes/v?cascade=true",
			},
		},
		"a container with versions": {
			service: "object-store", name: "container", fields: map[string]any{"name": "c"},
			answers: map[string][]string{
				"HEAD /object-store/c": {"204 X-Versions-Enabled: true\n"}, "POST /object-store/c": {"204 "},
				"GET /object-store/c?format=json&limit=1000&versions": {
					`200 [{"name":"a b","version_id":"1"},{"name":"a b","version_id":"2"}]`, "200 []",
				},
				"DELETE /object-store/c/a%20b?version-id=1": {"204 "}, "DELETE /object-store/c/a%20b?version-id=2": {"204 "},
				"DELETE /object-store/c": {"204 "},
			},
			wantCalls: []string{
				"POST /object-store/c", "DELETE /object-store/c/a%20b?version-id=1", "DELETE /object-store/c/a%20b?version-id=2",
				"DELETE /object-store/c",
			},
		},
		"a user with a key pair": {
			service: "identity", name: "user", fields: map[string]any{"id": "u"},
			answers: map[string][]string{
				"GET /compute/v2.1/os-keypairs?user_id=u": {
					`200 {"keypairs":[{"keypair":{"name":"k"}}]}`, `200 {"keypairs":[]}`,
				},
				"DELETE /compute/v2.1/os-keypairs/k?user_id=u": {"202 "}, "DELETE /identity/v3/users/u": {"204 "},
			},
			wantCalls: []string{"DELETE /compute/v2.1/os-keypairs/k?user_id=u", "DELETE /identity/v3/users/u"},
		},
		"a project that is a domain": {
			service: "identity", name: "project", fields: map[string]any{"id": "p"},
			answers: map[string][]string{
				"DELETE /identity/v3/projects/p": {"403 enabled", "403 enabled", "204 "},
				"PATCH /identity/v3/projects/p":  {"200 {}"}, "PATCH /identity/v3/domains/p": {"200 {}"},
				"GET /identity/v3/domains/p":         {`200 {"domain":{"id":"p"}}`},
				"GET /identity/v3/users?domain_id=p": {`200 {"users":[]}`},
			},
			wantCalls: []string{
				"DELETE /identity/v3/projects/p", `PATCH /identity/v3/projects/p {"project":{"options":{"immutable":false}}}`,
				"DELETE /identity/v3/projects/p", `PATCH /identity/v3/domains/p {"domain":{"enabled":false}}`,
				"DELETE /identity/v3/projects/p",
			},
		},
		"an immutable role": {
			service: "identity", name: "role", fields: map[string]any{"id": "r"},
			answers: map[string][]string{
				"DELETE /identity/v3/roles/r": {"403 immutable", "204 "}, "PATCH /identity/v3/roles/r": {"200 {}"},
			},
			wantCalls: []string{
				"DELETE /identity/v3/roles/r", `PATCH /identity/v3/roles/r {"role":{"options":{"immutable":false}}}`,
				"DELETE /identity/v3/roles/r",
			},
		},
		"an aggregate with hosts": {
			service: "compute", name: "aggregate", fields: map[string]any{"id": 7},
			answers: map[string][]string{
				"DELETE /compute/v2.1/os-aggregates/7":      {"409 ", "200 "},
				"GET /compute/v2.1/os-aggregates/7":         {`200 {"aggregate":{"hosts":["h"]}}`},
				"POST /compute/v2.1/os-aggregates/7/action": {"200 {}"},
			},
			wantCalls: []string{
				"DELETE /compute/v2.1/os-aggregates/7", `POST /compute/v2.1/os-aggregates/7/action {"remove_host":{"host":"h"}}`,
				"DELETE /compute/v2.1/os-aggregates/7",
			},
		},
	})
}

func testOdd(t *testing.T, tests map[string]oddCase) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &services{answers: tt.answers}
			thing := one(t, tt.service, tt.name, tt.fields)
			thing.Project = "own"
			c := s.remover(t)
			c.access.projects[thing.ID] = &projectRights{err: errNoProject} // nobody looks into it with its token
			c.access.projects[thing.ID].once.Do(func() {})
			e := &engine{remover: c, limits: Limits{Workers: 1, Patience: 3 * time.Second, Wait: 3 * time.Second}}

			r := e.run(t.Context(), []*Thing{thing})

			if len(r.Left) > 0 {
				t.Errorf("left %v", leftText(r))
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if tt.name == "container" { // its objects go side by side
				if len(s.calls) != len(tt.wantCalls) {
					t.Errorf("calls = %q", s.calls)
				}
				return
			}
			calls := slices.DeleteFunc(s.calls, func(c string) bool { return strings.Contains(c, "quota") })
			if diff := cmp.Diff(tt.wantCalls, calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// A project is removed when all that is in it is gone, and nothing else goes: a service that does not know a query
// shows everything.
func TestAProjectGoesWithAllThatIsInIt(t *testing.T) {
	t.Parallel()
	s := &services{answers: map[string][]string{
		"GET /compute/v2.1/servers/detail?all_tenants=1&project_id=p": {
			`200 {"servers":[{"id":"in","tenant_id":"p"},{"id":"out","tenant_id":"other"}]}`, `200 {"servers":[]}`,
		},
		"DELETE /compute/v2.1/servers/in": {"204 "},
		"GET /network/v2.0/security-groups?project_id=own&project_id=p": {
			`200 {"security_groups":[{"id":"d","name":"default","project_id":"p"},{"id":"mine","project_id":"own"}]}`,
			`200 {"security_groups":[{"id":"mine","project_id":"own"}]}`,
		},
		"DELETE /network/v2.0/security-groups/d":          {"204 "},
		"DELETE /compute/v2.1/os-quota-sets/p":            {"202 "},
		"DELETE /identity/v3/projects/p":                  {"204 "},
		"HEAD /identity/v3/projects/p/users/me/roles/adm": {"404 "},
	}}
	c := s.remover(t)
	c.access.projects["p"] = &projectRights{err: errNoProject} // nothing in the services that ask for its token
	c.access.projects["p"].once.Do(func() {})

	r := (&engine{remover: c}).run(t.Context(), []*Thing{one(t, "identity", "project", map[string]any{"id": "p"})})

	if len(r.Left) > 0 {
		t.Errorf("left %v", leftText(r))
	}
	if diff := cmp.Diff([]string{"in", "d", "p"}, removedIDs(r)); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	for _, call := range s.calls {
		if strings.Contains(call, "out") || strings.Contains(call, "mine") {
			t.Errorf("called %s: that is not in the project", call)
		}
	}
}

func TestAPluginsThingNeedsNoType(t *testing.T) {
	t.Parallel()
	s := &services{answers: map[string][]string{"DELETE /trips/launches/7": {"204 "}}}
	thing := &Thing{ID: "7", Project: "own", removal: resource.Request{Service: "trips", Path: "/launches/7"}}

	r := (&engine{remover: s.remover(t)}).run(t.Context(), []*Thing{thing})

	if diff := cmp.Diff([]string{"DELETE /trips/launches/7"}, s.calls); diff != "" || len(r.Left) > 0 {
		t.Errorf("left %v, calls (-want +got):\n%s", leftText(r), diff)
	}
}

func TestRefusalsAreReadable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"nova":      {`{"conflictingRequest":{"code":409,"message":"Instance is locked"}}`, "Instance is locked"},
		"neutron":   {`{"NeutronError":{"type":"InUse","message":"Port in use","detail":""}}`, "Port in use"},
		"keystone":  {`{"error":{"code":403,"message":"no","title":"Forbidden"}}`, "no"},
		"placement": {`{"errors":[{"status":409,"title":"Conflict","detail":"has children"}]}`, "has children"},
		"barbican":  {`{"title":"Forbidden","description":"not yours","code":403}`, "not yours"},
		"text":      {"gone fishing", "gone fishing"},
		"html":      {"<html>", ""},
		"nothing":   {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := message([]byte(tt.body)); got != tt.want {
				t.Errorf("message(%s) = %q, want %q", tt.body, got, tt.want)
			}
		})
	}
}

// The collections of a plugin's service are looked through like all others.
func TestSearchInAPluginsCollection(t *testing.T) {
	t.Parallel()
	s := &services{answers: map[string][]string{
		"GET /trips/launches":      {`200 {"launches":[{"id":"1","name":"tempest-a"},{"id":"2","name":"b"}]}`},
		"DELETE /trips/launches/1": {"204 "},
	}}
	c := s.remover(t)
	c.table = resource.NewTable(resource.Type{
		Service: "trips", Name: "launches", Scoped: true, Delete: "DELETE /launches/{id}",
		List: resource.List{Path: "/launches", Key: "launches"},
	})
	c.find.table = c.table
	cl := &Cleaner{o: Options{Table: c.table}, access: c.access, cloud: c}

	found, err := cl.Search(t.Context(), Search{Prefix: "tempest-"})
	if err != nil || len(found.Things) != 1 {
		t.Fatalf("Search = %v, %v, want one thing", found.Things, err)
	}
	r, err := cl.Remove(t.Context(), found.Things)

	if err != nil || len(r.Left) > 0 {
		t.Errorf("Remove left %v, %v", leftText(r), err)
	}
	if diff := cmp.Diff([]string{"DELETE /trips/launches/1"}, s.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// A list that no query narrows to a project is read once for all projects, and again for one that is tried again.
func TestListsOfAllProjectsAreReadOnce(t *testing.T) {
	t.Parallel()
	s := &services{answers: map[string][]string{"GET /image/v2/metadefs/namespaces": {
		`200 {"namespaces":[{"namespace":"n","owner":"p2"}]}`, `200 {"namespaces":[]}`, // the first answer, then the next
	}}}
	c := s.remover(t)
	namespaces := func(project string, again bool) int {
		t.Helper()
		things, err := c.find.inProject(t.Context(), c.access, project, true, again)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, thing := range things {
			if thing.removes("image", "metadefs/namespaces") {
				n++
			}
		}
		return n
	}

	first, second, again := namespaces("p1", false), namespaces("p2", false), namespaces("p2", true)

	if first != 0 || second != 1 || again != 0 {
		t.Errorf("namespaces = %d, %d, then %d, want 0 and 1, and none when it is looked again", first, second, again)
	}
}
