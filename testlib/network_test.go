//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gotempest/tempest/testlib/embedded"
)

// networkCases are cases about the networks of tests.
var networkCases = map[string]func(*testing.T){
	"Network": func(t *testing.T) {
		e := Start(t, fakeNetwork(), Credentials(ProjectMember), Network(NetworkRouter))
		n := e.OwnNetwork()
		fmt.Printf("network %+v\n", n)
		e.Run("sub", func(e *Env) {
			if e.OwnNetwork() != n {
				e.Errorf("network of the subtest = %+v", e.OwnNetwork())
			}
			c := e.Network(ProjectMember)
			var answer struct{ Port struct{ ID string } }
			body := map[string]any{"port": map[string]any{"network_id": n.ID}}
			if _, err := c.Post(e.Context(), c.ServiceURL("ports"), body, &answer, nil); err != nil {
				e.Fatal(err)
			}
			fmt.Println("made port", answer.Port.ID)
			if _, err := c.Delete(e.Context(), c.ServiceURL("ports", answer.Port.ID), nil); err != nil {
				e.Error(err)
			}
		})
	},
	"PlainNetwork": func(t *testing.T) {
		e := Start(t, fakeNetwork(), Credentials(ProjectMember), Network(NetworkNoSubnet))
		fmt.Printf("network %+v\n", e.OwnNetwork())
	},
	"NoNetwork": func(t *testing.T) { Start(t, fakeNetwork(), Credentials(ProjectMember)).OwnNetwork() },
	"NoRouter": func(t *testing.T) {
		Start(t, fakeNetwork(), Credentials(ProjectMember), Network(NetworkRouter))
	},
	"NetworkOfNobody": func(t *testing.T) { Start(t, fakeNetwork(), Network()) },
	"NetworkFeature": func(t *testing.T) {
		Start(t, fakeNetwork(), Credentials(ProjectMember), Network("rooter"))
	},
	"NoNeutron": func(t *testing.T) { Start(t, Credentials(ProjectMember), Network()) },
}

// neutron is a small network service: collections of objects, without any sense of who asks. It prints what is made
// and removed, and refuses to remove a network that has ports, as the real one does.
type neutron struct {
	mu     sync.Mutex
	serial int
	things map[string]map[string]any // by collection/ID
}

func fakeNetwork() Option {
	return Fake("network", func(*embedded.Cloud) http.Handler {
		return &neutron{things: map[string]map[string]any{
			"networks/public1":          {"id": "public1", "name": "public"},
			"networks/public2":          {"id": "public2", "name": "other"},
			"security-groups/elsewhere": {"id": "elsewhere", "name": "default", "project_id": "another"},
		}}
	})
}

func (n *neutron) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/v2.0"), "/"), "/")
	body := map[string]map[string]any{}
	raw, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(raw, &body)
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPost && len(parts) == 1:
		n.create(w, parts[0], body)
	case r.Method == http.MethodPut && len(parts) == 3:
		n.join(w, parts, raw)
	case r.Method == http.MethodDelete:
		n.remove(w, parts)
	case len(parts) == 1:
		n.list(w, parts[0], r)
	default:
		o := n.things[strings.Join(parts[:2], "/")]
		if o == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{strings.TrimSuffix(parts[0], "s"): o})
	}
}

func (n *neutron) create(w http.ResponseWriter, collection string, body map[string]map[string]any) {
	one := strings.TrimSuffix(collection, "s")
	n.serial++
	o := body[one]
	o["id"] = fmt.Sprintf("%s%d", one, n.serial)
	n.things[fmt.Sprintf("%s/%s", collection, o["id"])] = o
	if collection == "ports" { // the first use of the service by a project
		n.things["security-groups/sg"] = map[string]any{
			"id": "sg", "name": "default", "project_id": n.things["networks/network1"]["project_id"],
		}
	}
	fmt.Println("neutron: make", o["id"])
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{one: o})
}

// join adds an interface to a router, or removes it.
func (n *neutron) join(w http.ResponseWriter, parts []string, raw []byte) {
	fmt.Println("neutron:", parts[2], parts[1])
	port := map[string]any{"id": "interface", "device_owner": "network:router_interface", "network_id": "network1"}
	n.things["ports/interface"] = port
	if parts[2] == "remove_router_interface" {
		delete(n.things, "ports/interface")
	}
	_, _ = w.Write(raw)
}

func (n *neutron) remove(w http.ResponseWriter, parts []string) {
	at := strings.Join(parts, "/")
	if n.things[at] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	for _, o := range n.things {
		if o["network_id"] == parts[1] && o["device_owner"] != nil {
			w.WriteHeader(http.StatusConflict)
			return
		}
	}
	fmt.Println("neutron: remove", parts[1])
	delete(n.things, at)
	w.WriteHeader(http.StatusNoContent)
}

func (n *neutron) list(w http.ResponseWriter, collection string, r *http.Request) {
	found := []any{}
	for at, o := range n.things {
		fits := strings.HasPrefix(at, collection+"/")
		for _, key := range []string{"name", "network_id"} {
			if want := r.URL.Query().Get(key); want != "" && o[key] != want {
				fits = false
			}
		}
		if fits {
			found = append(found, o)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{strings.ReplaceAll(collection, "-", "_"): found})
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fails bool
		env   []string
		want  []string
	}{
		"Network": {env: []string{"TEMPEST_NETWORK__PUBLIC_NETWORK=public"}, want: []string{
			"network {ID:network1 Name:tempest-network-", "SubnetID:subnet3 CIDR:10.100.", "RouterID:router2}",
			"neutron: add_router_interface router2",
			// The order of removal: the network last, but for the security group, which goes with the project.
			"neutron: remove_router_interface router2\n", "neutron: remove router2\n", "neutron: remove network1\n",
			"neutron: remove sg\n", "!remove elsewhere", "!left behind",
		}},
		"PlainNetwork": {want: []string{"SubnetID: CIDR: RouterID:}", "neutron: remove network1", "!subnet"}},
		"NoNetwork":    {fails: true, want: []string{"this test has no network: ask for it with testlib.Network"}},
		"NoRouter":     {want: []string{"--- SKIP", "needs a router to a public network, and [network] public_network is"}},
		"public network that is missing": {
			fails: true, env: []string{"TEMPEST_NETWORK__PUBLIC_NETWORK=privat"},
			want: []string{"making a network for the test: network.public_network: ", "privat", "neutron: remove network1"},
		},
		"NetworkOfNobody": {fails: true, want: []string{"testlib.Network needs a persona of the project"}},
		"NetworkFeature":  {fails: true, want: []string{`there is no feature "rooter" of networks`}},
		"NoNeutron":       {want: []string{"--- SKIP", "needs the service network, which the catalogue does not have"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := name
			if strings.Contains(name, " ") {
				run = "NoRouter"
			}

			output, passed := runCase(t, run, tt.env...)

			if passed == tt.fails {
				t.Errorf("case %s passed: %v, want %v", name, passed, !tt.fails)
			}
			want(t, output, tt.want...)
		})
	}
}

func TestNetworkIsRemovedInOrder(t *testing.T) {
	t.Parallel()
	output, _ := runCase(t, "Network", "TEMPEST_NETWORK__PUBLIC_NETWORK=public")
	steps := []string{
		"make network1", "make router2", "make subnet3", "add_router_interface router2", "make port4", "remove port4",
		"remove_router_interface router2", "remove router2", "remove subnet3", "remove network1", "remove sg",
	}
	at := 0
	for _, step := range steps {
		next := strings.Index(output[at:], "neutron: "+step+"\n")
		if next < 0 {
			t.Fatalf("%q does not come in its place:\n%s", step, output)
		}
		at += next
	}
}
