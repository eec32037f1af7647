//nolint:thelper // the case functions are tests, which another process runs
package testlib

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/testlib/embedded"
)

// twoServices are a Nova and a Cinder: a server boots from a volume that is there only when the server goes.
type twoServices struct {
	mu      sync.Mutex
	servers map[string]bool
	volumes map[string]map[string]any
	lists   int // how often the volumes were listed
	removed []string
	goes    bool // the volume goes with the server, after a few looks
	mine    map[string]any

	existing bool // the server boots from a volume that is there
}

func (s *twoServices) volume(id string, fields map[string]any) {
	v := map[string]any{"id": id, "name": "", "status": "available"}
	for _, f := range []map[string]any{s.mine, fields} {
		for name, value := range f {
			v[name] = value
		}
	}
	s.volumes[id] = v
}

func (s *twoServices) compute(*embedded.Cloud) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodPost && r.URL.Query().Has("refused"):
			w.WriteHeader(http.StatusForbidden)
		case r.Method == http.MethodPost:
			s.servers["s1"] = true
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprint(w, `{"server": {"id": "s1"}}`)
		case !s.servers["s1"]:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodDelete:
			delete(s.servers, "s1")
			w.WriteHeader(http.StatusNoContent)
			if s.existing {
				return
			}
			s.volume("late", nil)
			if s.goes {
				s.volumes["late"]["status"] = "deleting"
			}
		}
	})
}

func (s *twoServices) blockStorage(*embedded.Cloud) http.Handler {
	looks := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case id == "detail":
			s.lists++
			var all []any
			for _, v := range s.volumes {
				all = append(all, v)
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"volumes": all}) //nolint:errchkjson // it can be
		case s.volumes[id] == nil:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodDelete:
			delete(s.volumes, id)
			s.removed = append(s.removed, id)
			w.WriteHeader(http.StatusAccepted)
		default:
			if looks++; s.goes && looks > 2 {
				delete(s.volumes, id)
				w.WriteHeader(http.StatusNotFound)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"volume": s.volumes[id]}) //nolint:errchkjson // it can be
		}
	})
}

// startHidden runs a test on the two services, where volumes of others and of other times are: it posts a server and
// removes it at its end. The volumes must be listed that often.
func startHidden(t *testing.T, s *twoServices, query, mappings string, lists int) {
	s.servers, s.volumes = map[string]bool{}, map[string]map[string]any{}
	t.Cleanup(func() { // after the check for leaks
		s.mu.Lock()
		defer s.mu.Unlock()
		others := []string{"named", "old", "other-project", "other-user"}
		if left := slices.Sorted(maps.Keys(s.volumes)); !slices.Equal(left, others) {
			t.Errorf("the volumes are %v, and %v were removed", left, s.removed)
		}
		if s.lists != lists {
			t.Errorf("the volumes were listed %d times, want %d", s.lists, lists)
		}
	})
	e := Start(t, Credentials(ProjectMember), NoRetry, Fake("compute", s.compute), Fake("block-storage", s.blockStorage))
	const layout, project = "2006-01-02T15:04:05.000000", "os-vol-tenant-attr:tenant_id"
	me, now := e.Credential(ProjectMember), time.Now().UTC()
	s.mu.Lock()
	s.mine = map[string]any{project: me.ProjectID, "user_id": me.UserID, "created_at": now.Format(layout)}
	s.volume("other-project", map[string]any{project: "another"})
	s.volume("other-user", map[string]any{"user_id": "another"})
	s.volume("named", map[string]any{"name": "a name"})
	s.volume("old", map[string]any{"created_at": now.Add(-time.Hour).Format(layout)})
	s.mu.Unlock()
	c := e.Client(ProjectMember, "compute")
	body := `{"server":{"name":"s","block_device_mapping_v2":[` + mappings + `]}}`
	_, err := c.Post(e.Context(), c.ServiceURL("servers")+query, nil, nil, &gophercloud.RequestOpts{
		OkCodes: []int{202, 403}, RawBody: strings.NewReader(body),
		MoreHeaders: map[string]string{"Content-Type": "application/json"},
	})
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup("server", func(ctx context.Context) error {
		_, err := c.Delete(ctx, c.ServiceURL("servers", "s1"), &gophercloud.RequestOpts{OkCodes: []int{204, 404}})
		return err
	})
}

const fromImage = `{"boot_index":0,"source_type":"image","destination_type":"volume","uuid":"i"}`

// caseLeakHidden removes a server and not the volume that it booted from.
func caseLeakHidden(t *testing.T) { startHidden(t, &twoServices{}, "", fromImage, 1) }

// caseLeakHiddenGoes has a volume that goes with its server, but not at once.
func caseLeakHiddenGoes(t *testing.T) { startHidden(t, &twoServices{goes: true}, "", fromImage, 1) }

// caseLeakHiddenNone sends a request that is refused: nobody has to look for volumes.
func caseLeakHiddenNone(t *testing.T) { startHidden(t, &twoServices{}, "?refused", fromImage, 0) }

// caseLeakHiddenOther boots from a volume that is there: nobody has to look for others.
func caseLeakHiddenOther(t *testing.T) {
	s := &twoServices{existing: true}
	startHidden(t, s, "", `{"boot_index":0,"source_type":"volume","destination_type":"volume","uuid":"v"}`, 0)
}

// caseLeakOrderedSecret orders a secret and removes the order. Secrets say nothing of their project: lists show those
// of the caller's.
func caseLeakOrderedSecret(t *testing.T) {
	var mu sync.Mutex
	there := map[string]string{"old": "2020-01-01T00:00:00"} // secrets, and when they were made
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(there) != 1 || there["old"] == "" {
			t.Errorf("the secrets are %v, want the old one", there)
		}
	})
	e := Start(t, Credentials(ProjectMember), NoRetry, Fake("key-manager", func(*embedded.Cloud) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			w.Header().Set("Content-Type", "application/json")
			switch {
			case r.Method == http.MethodPost:
				there["new"] = time.Now().UTC().Format("2006-01-02T15:04:05.000000")
				w.WriteHeader(http.StatusAccepted)
				fmt.Fprint(w, `{"order_ref": "http://barbican/v1/orders/o1"}`)
			case id == "secrets":
				var all []any
				for id, at := range there {
					all = append(all, map[string]any{"name": nil, "created": at, "secret_ref": "http://barbican/v1/secrets/" + id})
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"secrets": all}) //nolint:errchkjson // it can be
			case id == "o1" && r.Method == http.MethodDelete:
				w.WriteHeader(http.StatusNoContent)
			case there[id] == "":
				w.WriteHeader(http.StatusNotFound)
			case r.Method == http.MethodDelete:
				delete(there, id)
				w.WriteHeader(http.StatusNoContent)
			}
		})
	}))
	c := e.Client(ProjectMember, "key-manager")
	order := map[string]any{"type": "key", "meta": map[string]any{}}
	_, err := c.Post(e.Context(), c.ServiceURL("orders"), order, nil, nil)
	if err != nil {
		e.Fatal(err)
	}
	if _, err := c.Delete(e.Context(), c.ServiceURL("orders", "o1"), nil); err != nil {
		e.Fatal(err)
	}
}

// Cinder's endpoints name the project: what a service makes behind a test's request is looked for in its own.
func TestEndpointOfTheProject(t *testing.T) {
	t.Parallel()
	var n endpoints
	for _, project := range []string{"p1", "p2", "p3"} {
		n.add(tokens.Endpoint{URL: "http://cinder/v3/" + project, Interface: "public", RegionID: "R"}, "volumev3")
	}
	n.add(tokens.Endpoint{URL: "http://cinder-admin/v3/p2", Interface: "admin", RegionID: "R"}, "volumev3")
	n.add(tokens.Endpoint{URL: "http://glance", Interface: "public", RegionID: "R"}, "image")
	eo := gophercloud.EndpointOpts{Region: "R", Availability: gophercloud.AvailabilityPublic}
	for _, tt := range []struct{ service, project, want string }{
		{"block-storage", "p1", "http://cinder/v3/p1"},
		{"block-storage", "p2", "http://cinder/v3/p2"},
		{"block-storage", "", "http://cinder/v3/p1"},
		{"image", "p2", "http://glance"},
		{"compute", "p2", ""},
	} {
		if got := n.of(tt.service, eo, tt.project); got != tt.want {
			t.Errorf("endpoint of %s for project %q is %q, want %q", tt.service, tt.project, got, tt.want)
		}
	}
}
