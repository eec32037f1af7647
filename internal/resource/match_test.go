package resource

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// exchange is a request and its answer, and what they make: "type ID name: METHOD path body".
type exchange struct {
	service, request, body string
	header                 http.Header
	status                 int // 201 if 0
	answer, location       string
	want                   []string // nil: nothing may be made
}

func exchanges() map[string]exchange {
	all := map[string]exchange{}
	for _, part := range []map[string]exchange{ofNova(), ofNeutronAndCinder(), ofKeystone(), ofOthers()} {
		maps.Copy(all, part)
	}
	return all
}

func ofNova() map[string]exchange {
	return map[string]exchange{
		"server": {
			service: "compute", request: "POST /servers", body: `{"server":{"name":"vm"}}`, status: 202,
			answer: `{"server":{"id":"S","adminPass":"x"}}`, want: []string{"server S vm: DELETE /servers/S"},
		},
		"refused": {service: "compute", request: "POST /servers", body: `{"server":{"name":"vm"}}`, status: 403,
			answer: `{"forbidden":{}}`, want: []string{}},
		"action":     {service: "compute", request: "POST /servers/S/action", body: `{"reboot":{}}`},
		"empty body": {service: "compute", request: "POST /servers/S/action"},
		"image of a server": {
			service: "compute", request: "POST /servers/S/action", body: `{"createImage":{"name":"snap"}}`, status: 202,
			location: "http://10.0.0.1:9292/images/I", want: []string{"server_image I snap: image DELETE /images/I"},
		},
		"image of a server, new": {
			service: "compute", request: "POST /servers/S/action", body: `{"createImage":{"name":"snap"}}`, status: 202,
			answer: `{"image_id":"I"}`, want: []string{"server_image I snap: image DELETE /images/I"},
		},
		"keypair": {
			service: "compute", request: "POST /os-keypairs", body: `{"keypair":{"name":"a b"}}`, status: 200,
			answer: `{"keypair":{"name":"a b","user_id":"U"}}`,
			want:   []string{"keypair a b a b: DELETE /os-keypairs/a%20b?user_id=U OpenStack-Api-Version=compute 2.10"},
		},
		"keypair with a slash": {
			service: "compute", request: "POST /os-keypairs", body: `{"keypair":{"name":"a/b"}}`, status: 200,
			answer: `{"keypair":{"name":"a/b"}}`,
			want:   []string{"keypair a/b a/b: DELETE /os-keypairs/a%2Fb?user_id=U OpenStack-Api-Version=compute 2.10"},
		},
		"aggregate, whose ID is a number": {
			service: "compute", request: "POST /os-aggregates", body: `{"aggregate":{"name":"a"}}`,
			answer: `{"aggregate":{"id":7,"name":"a"}}`, want: []string{"aggregate 7 a: DELETE /os-aggregates/7"},
		},
	}
}

func ofNeutronAndCinder() map[string]exchange {
	return map[string]exchange{
		"networks at once": {
			service: "network", request: "POST /networks", body: `{"networks":[{"name":"a"},{"name":"b"}]}`,
			answer: `{"networks":[{"id":"A","name":"a"},{"id":"B","name":"b"}]}`,
			want:   []string{"network A a: DELETE /networks/A", "network B b: DELETE /networks/B"},
		},
		"router interface": {
			service: "network", request: "PUT /routers/R/add_router_interface", body: `{"subnet_id":"N"}`, status: 200,
			answer: `{"id":"R","port_id":"P","subnet_id":"N"}`,
			want:   []string{`router_interface P : PUT /routers/R/remove_router_interface {"port_id":"P"}`},
		},
		"extension nobody knows": {
			service: "network", request: "POST /taas/tap_services", body: `{"tap_service":{"name":"t"}}`,
			answer: `{"tap_service":{"id":"T","name":"t"}}`, want: []string{" T t: DELETE /taas/tap_services/T"},
		},
		"update": {service: "network", request: "PUT /networks/N", body: `{"network":{"name":"b"}}`, status: 200},
		"restored backup": {
			service: "block-storage", request: "POST /backups/B/restore", body: `{"restore":{}}`, status: 202,
			answer: `{"restore":{"volume_id":"V","volume_name":"n"}}`,
			want:   []string{"restored_volume V : DELETE /volumes/V?cascade=true"},
		},
		"backup restored into a volume that exists": {
			service: "block-storage", request: "POST /backups/B/restore", body: `{"restore":{"volume_id":"V"}}`,
		},
		"volume in a microversion": {
			service: "block-storage", request: "POST /volumes", body: `{"volume":{"name":"v"}}`, status: 202,
			header: http.Header{"Openstack-Api-Version": {"volume 3.60"}}, answer: `{"volume":{"id":"V","name":"v"}}`,
			want: []string{"volume V v: DELETE /volumes/V?cascade=true OpenStack-Api-Version=volume 3.60"},
		},
		"volume group": {
			service: "block-storage", request: "POST /groups", body: `{"group":{"name":"g"}}`, status: 202,
			answer: `{"group":{"id":"G","name":"g"}}`,
			want: []string{"group G g: POST /groups/G/action " +
				`{"delete":{"delete-volumes":true}} OpenStack-Api-Version=volume 3.14`},
		},
		"uploaded image": {
			service: "block-storage", request: "POST /volumes/V/action", body: `{"os-volume_upload_image":{"image_name":"i"}}`,
			status: 202, answer: `{"os-volume_upload_image":{"image_id":"I","image_name":"i"}}`,
			want: []string{"uploaded_image I i: image DELETE /images/I"},
		},
	}
}

func ofKeystone() map[string]exchange {
	return map[string]exchange{
		"token": {service: "identity", request: "POST /auth/tokens", body: `{"auth":{}}`, answer: `{"token":{"id":"x"}}`},
		"domain": {
			service: "identity", request: "POST /domains", body: `{"domain":{"name":"d"}}`, answer: `{"domain":{"id":"D"}}`,
			want: []string{`domain D d: first PATCH /domains/D {"domain":{"enabled":false}} DELETE /domains/D`},
		},
		"access rules": {
			service: "identity", request: "POST /users/U/application_credentials",
			body: `{"application_credential":{"name":"c","access_rules":[{"id":"old"},{"path":"/x"}]}}`,
			answer: `{"application_credential":{"id":"C","name":"c",
				"access_rules":[{"id":"old"},{"id":"new"}]}}`,
			want: []string{
				"application_credential C c: DELETE /users/U/application_credentials/C",
				"access_rule new : DELETE /users/U/access_rules/new",
			},
		},
		"role assignment": {service: "identity", request: "PUT /projects/P/users/U/roles/R", status: 204},
		"role that implies another": {
			service: "identity", request: "PUT /roles/R/implies/S",
			answer: `{"role_inference":{"prior_role":{"id":"R"},"implies":{"id":"S"}}}`, status: 201,
			want: []string{"role_inference S : DELETE /roles/R/implies/S"},
		},
		"domain made with an identity provider": {
			service: "identity", request: "PUT /OS-FEDERATION/identity_providers/idp", body: `{"identity_provider":{}}`,
			answer: `{"identity_provider":{"id":"idp","domain_id":"D"}}`, status: 201,
			want: []string{
				"identity_provider idp idp: DELETE /OS-FEDERATION/identity_providers/idp",
				`domain D : first PATCH /domains/D {"domain":{"enabled":false}} DELETE /domains/D`,
			},
		},
		"domain of an identity provider that was there": {
			service: "identity", request: "PUT /OS-FEDERATION/identity_providers/idp",
			body: `{"identity_provider":{"domain_id":"D"}}`, status: 201,
			answer: `{"identity_provider":{"id":"idp","domain_id":"D"}}`,
			want:   []string{"identity_provider idp idp: DELETE /OS-FEDERATION/identity_providers/idp"},
		},
		"region by PUT": {
			service: "identity", request: "PUT /regions/north", body: `{"region":{}}`, answer: `{"region":{"id":"north"}}`,
			want: []string{"region north north: DELETE /regions/north"},
		},
	}
}

func ofOthers() map[string]exchange {
	return map[string]exchange{
		"container": {service: "object-store", request: "PUT /my%20box",
			want: []string{"container my box my box: DELETE /my%20box"}},
		"container that was there": {
			service: "object-store", request: "PUT /box", status: 202, want: []string{},
		},
		"object": {
			service: "object-store", request: "PUT /box/a/b%2Fc?multipart-manifest=put",
			want: []string{"object a/b/c a/b/c: DELETE /box/a/b%2Fc"},
		},
		"copy": {
			service: "object-store", request: "COPY /box/a", header: http.Header{"Destination": {"/other/b"}},
			want: []string{"object b b: DELETE /other/b"},
		},
		"metadata of an object": {service: "object-store", request: "POST /box/a"},
		"bulk delete":           {service: "object-store", request: "POST /?bulk-delete"},
		"resource class by POST": {
			service: "placement", request: "POST /resource_classes", body: `{"name":"CUSTOM_X"}`,
			location: "/resource_classes/CUSTOM_X",
			want: []string{"resource_class CUSTOM_X CUSTOM_X: DELETE /resource_classes/CUSTOM_X " +
				"OpenStack-Api-Version=placement 1.7"},
		},
		"trait that was there": {service: "placement", request: "PUT /traits/CUSTOM_X", status: 204, want: []string{}},
		"secret": {
			service: "key-manager", request: "POST /secrets", body: `{"name":"s"}`,
			answer: `{"secret_ref":"https://host/v1/secrets/K"}`, want: []string{"secret K s: DELETE /secrets/K"},
		},
		"stack": {
			service: "orchestration", request: "POST /stacks", body: `{"stack_name":"s"}`,
			answer: `{"stack":{"id":"H","links":[]}}`, want: []string{"stack H s: DELETE /stacks/s/H"},
		},
		"unknown service": {
			service: "time-travel", request: "POST /v1/trips?x=1", body: `{"trip":{"name":"t"}}`, answer: `{"trip":{"id":"T"}}`,
			want: []string{" T t: DELETE /v1/trips/T"},
		},
		"unknown service, reference": {
			service: "time-travel", request: "POST /v1/trips", answer: `{"trip_ref":"http://h/v1/trips/T"}`,
			want: []string{" T : DELETE /v1/trips/T"},
		},
		"unknown service, location": {
			service: "time-travel", request: "POST /v1/trips/", location: "http://h/v1/trips/T/",
			want: []string{" T : DELETE /v1/trips/T"},
		},
		"unknown service, what was there": {
			service: "time-travel", request: "POST /v1/trips/T/pause", answer: `{"trip":{"id":"T"}}`, want: []string{},
		},
		"unknown service, several members": {
			service: "time-travel", request: "POST /v1/search", answer: `{"a":{"id":"x"},"b":{"id":"y"}}`, want: []string{},
		},
	}
}

func (x exchange) call() Call {
	method, path, _ := strings.Cut(x.request, " ")
	return Call{Service: x.service, Method: method, Path: path, Header: x.header, Body: []byte(x.body), User: "U",
		Project: "P"}
}

func (x exchange) headers() http.Header {
	if x.location == "" {
		return http.Header{}
	}
	return http.Header{"Location": {x.location}}
}

func (m Made) String() string {
	s := fmt.Sprintf("%s %s %s: ", m.Type.Name, m.ID, m.Name)
	if m.First != nil {
		s += fmt.Sprintf("first %s %s %s ", m.First.Method, m.First.Path, m.First.Body)
	}
	if m.Type.DeleteService != "" {
		s += m.Remove.Service + " "
	}
	s += m.Remove.Method + " " + m.Remove.Path
	if m.Remove.Body != "" {
		s += " " + m.Remove.Body
	}
	for _, v := range m.Remove.Header {
		s += " OpenStack-Api-Version=" + v
	}
	return s
}

func TestWhatARequestMakes(t *testing.T) {
	table := NewTable()
	for name, x := range exchanges() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, may := table.Match(x.call())
			if may != (x.want != nil) {
				t.Fatalf("Match = %v, want %v", may, x.want != nil)
			}
			if !may {
				return
			}

			made, err := c.Made(cmp.Or(x.status, http.StatusCreated), x.headers(), []byte(x.answer))
			if err != nil {
				t.Fatal(err)
			}

			got := []string{}
			for _, m := range made {
				got = append(got, m.String())
			}
			if diff := gocmp.Diff(x.want, got); diff != "" {
				t.Errorf("Made mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMadeWithoutAnID(t *testing.T) {
	c, _ := NewTable().Match(Call{Service: "compute", Method: "POST", Path: "/servers"})
	if _, err := c.Made(http.StatusAccepted, nil, []byte(`{"server":{}}`)); err == nil ||
		err.Error() != "the answer has no ID of the new server" {
		t.Errorf("Made error = %v", err)
	}
}

// The name stands at the start of what is sent: half a body is enough.
func TestNameInHalfABody(t *testing.T) {
	c, may := NewTable().Match(Call{Service: "image", Method: "POST", Path: "/images",
		Body: []byte(`{"name":"half","tags":["a",{"b":`)})
	if !may || c.Name != "half" {
		t.Errorf("Match = %v, name %q, want half", may, c.Name)
	}
}

func TestParents(t *testing.T) {
	c, _ := NewTable().Match(Call{Service: "network", Method: "POST", Path: "/security-group-rules",
		Body: []byte(`{"security_group_rule":{"security_group_id":"G"}}`)})
	if diff := gocmp.Diff([]string{"G"}, c.Parents()); diff != "" {
		t.Errorf("Parents (-want +got):\n%s", diff)
	}
	c, _ = NewTable().Match(Call{Service: "network", Method: "POST", Path: "/networks"})
	if c.Parents() != nil {
		t.Errorf("Parents of a network = %v", c.Parents())
	}
}

// Each row of the table must make sense: its requests parse, what removes it can be filled in from what is known,
// and what is listed can be removed.
func TestTable(t *testing.T) {
	for _, typ := range NewTable().Types() {
		t.Run(typ.Service+" "+typ.Name, func(t *testing.T) {
			if len(typ.Create) == 0 || typ.Rank <= 0 {
				t.Errorf("Create %q, Rank %d", typ.Create, typ.Rank)
			}
			for _, create := range typ.Create {
				checkCreate(t, typ, create)
			}
			if typ.List.Path == "" {
				return
			}
			item, err := json.Marshal(listed(typ))
			if err != nil {
				t.Fatal(err)
			}
			m, err := typ.Removal(item)
			if err != nil || m.ID != "ID1" || strings.ContainsAny(m.Remove.Path, "{}") {
				t.Errorf("Removal = %v, %v", m, err)
			}
		})
	}
}

// listed returns an element of a list.
func listed(typ Type) map[string]any {
	obj := map[string]any{"id": "ID1", "name": "n", "stack_name": "n"}
	for _, field := range []string{typ.List.ID, typ.List.UserField, typ.List.ProjectField} {
		if field != "" {
			obj[field] = "ID1"
		}
	}
	if typ.List.Object != "" {
		return map[string]any{typ.List.Object: obj}
	}
	return obj
}

func checkCreate(t *testing.T, typ Type, create string) {
	t.Helper()
	p := parsePattern(create)
	if p.method != "POST" && p.method != "PUT" && p.method != methodCopy || len(p.segments) == 0 {
		t.Fatalf("Create %q", create)
	}
	path := "/" + strings.NewReplacer("{", "", "}", "", "...", "").Replace(strings.Join(p.segments, "/"))
	body := map[string]any{}
	if p.member != "" {
		body[p.member] = map[string]any{}
	}
	sent, _ := json.Marshal(body)
	c, may := NewTable().Match(Call{Service: typ.Service, Method: p.method, Path: path, Body: sent, User: "U",
		Project: "P", Header: http.Header{"Destination": {path}}})
	if !may || c.Type.Name != typ.Name {
		t.Fatalf("%s is taken for %q, %v", create, c.Type.Name, may)
	}
	obj := map[string]any{"stack_name": "n"}
	if typ.ID == "" {
		obj["id"] = "ID1"
	} else {
		obj[typ.ID] = "ID1"
	}
	status := http.StatusCreated
	if typ.Status != 0 {
		status = typ.Status
	}
	answer, _ := json.Marshal(map[string]any{typ.Key: obj})
	if typ.Key == "" {
		answer, _ = json.Marshal(obj)
	}
	made, err := c.Made(status, http.Header{"Location": {"/x/ID1"}}, answer)
	if err != nil || len(made) != 1 || strings.ContainsAny(made[0].Remove.Path, "{}") ||
		!strings.HasPrefix(made[0].Remove.Path, "/") {
		t.Errorf("%s: Made = %v, %v", create, made, err)
	}
}

func TestListedByReference(t *testing.T) {
	secret, _ := NewTable().Type("key-manager", "secret")
	m, err := secret.Removal([]byte(`{"secret_ref":"https://host/v1/secrets/K","name":"s"}`))
	if err != nil || m.String() != "secret K s: DELETE /secrets/K" {
		t.Errorf("Removal = %v, %v", m, err)
	}
	if m, err := secret.Removal([]byte(`{"name":"s"}`)); err == nil {
		t.Errorf("Removal without an ID = %v", m)
	}
}

func TestTypesAreInTheOrderOfRemoval(t *testing.T) {
	before := func(a, b string) {
		t.Helper()
		rank := func(name string) int {
			service, name, _ := strings.Cut(name, " ")
			typ, ok := NewTable().Type(service, name)
			if !ok {
				t.Fatalf("no type %s %s", service, name)
			}
			return typ.Rank
		}
		if rank(a) >= rank(b) {
			t.Errorf("%s is not removed before %s", a, b)
		}
	}
	order := []string{
		"orchestration stack", "load-balancer loadbalancer", "compute interface", "compute server",
		"network floatingip", "network router_interface", "network router", "network port", "network subnet",
		"network network",
		"network security_group", "network address_group",
	}
	for i := range order[1:] {
		before(order[i], order[i+1])
	}
	order = []string{
		"compute server", "block-storage snapshot", "block-storage volume", "block-storage volume_type",
		"block-storage qos_specs", "image image", "placement allocation", "placement resource_provider", "placement trait",
		"object-store object", "object-store container", "compute flavor", "identity endpoint", "identity service",
		"identity user", "identity project", "identity domain",
	}
	for i := range order[1:] {
		before(order[i], order[i+1])
	}
}

func TestMoreTypesComeFirst(t *testing.T) {
	table := NewTable(Type{Service: "compute", Name: "server", Create: []string{"POST /machines"}, Rank: 1})
	if typ, _ := table.Type("compute", "server"); typ.Create[0] != "POST /machines" {
		t.Errorf("Type = %+v", typ)
	}
	c, _ := table.Match(Call{Service: "compute", Method: "POST", Path: "/machines"})
	if c.Type.Name != "server" {
		t.Errorf("Match = %+v", c.Type)
	}
}

func TestURLAndSplit(t *testing.T) {
	type test struct{ endpoint, service, path, url string }
	tests := map[string]test{
		"version in the catalogue": {
			"http://h:5000/v3/", "identity", "/users/U", "http://h:5000/v3/users/U",
		},
		"no version in the catalogue": {"http://h:5000", "identity", "/users/U", "http://h:5000/v3/users/U"},
		"below a prefix": {
			"http://h/identity", "identity", "/users?name=a", "http://h/identity/v3/users?name=a",
		},
		"version and project": {
			"http://h:8776/v3/P", "block-storage", "/volumes/V", "http://h:8776/v3/P/volumes/V",
		},
		"neutron": {"http://h:9696", "network", "/ports/P", "http://h:9696/v2.0/ports/P"},
		"an account of swift": {
			"http://h/v1/AUTH_P", "object-store", "/c/o", "http://h/v1/AUTH_P/c/o",
		},
		"the account itself": {
			"http://h/v1/AUTH_P", "object-store", "/?format=json", "http://h/v1/AUTH_P/?format=json",
		},
		"no versions": {
			"http://h/placement", "placement", "/traits/T", "http://h/placement/traits/T",
		},
		"a service that nobody knows":  {"http://h/x", "time-travel", "/v1/trips", "http://h/x/v1/trips"},
		"a version of an object store": {"http://h/swift", "object-store", "/v1/o", "http://h/swift/v1/o"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := URL(tt.endpoint, tt.service, tt.path); got != tt.url {
				t.Errorf("URL = %q, want %q", got, tt.url)
			}
			if got, ok := Split(tt.endpoint, tt.service, tt.url); !ok || got != tt.path {
				t.Errorf("Split = %q, %v, want %q", got, ok, tt.path)
			}
		})
	}
	if _, ok := Split("http://h/v3", "identity", "http://h/v30/users"); ok {
		t.Error("an endpoint is taken for another that begins with it")
	}
}

func TestSaysGone(t *testing.T) {
	for body, want := range map[string]bool{
		`{"server":{"status":"ACTIVE"}}`:                            false,
		`{"server":{"status":"DELETED"}}`:                           true,
		`{"stack":{"stack_status":"DELETE_COMPLETE"}}`:              true,
		`{"status":"deleted"}`:                                      true,
		`{"loadbalancer":{"provisioning_status":"PENDING_DELETE"}}`: false,
		``: false,
	} {
		if got := SaysGone([]byte(body), ""); got != want {
			t.Errorf("SaysGone(%s) = %v", body, got)
		}
	}
	for body, want := range map[string]bool{`{"allocations":{}}`: true, `{"allocations":{"a":1}}`: false, `{}`: false} {
		if got := SaysGone([]byte(body), "allocations"); got != want {
			t.Errorf("SaysGone(%s) with a key = %v", body, got)
		}
	}
}

func FuzzMade(f *testing.F) {
	for _, x := range exchanges() {
		f.Add(x.service, x.request, []byte(x.body), []byte(x.answer), x.location)
	}
	table := NewTable()
	f.Fuzz(func(t *testing.T, service, request string, body, answer []byte, location string) {
		method, path, _ := strings.Cut(request, " ")
		c, may := table.Match(Call{Service: service, Method: method, Path: path, Body: body})
		if !may {
			return
		}
		made, err := c.Made(http.StatusCreated, http.Header{"Location": {location}}, answer)
		if err != nil {
			return
		}
		for _, m := range made {
			if m.ID == "" || m.Remove.Method == "" || m.Remove.Path == "" {
				t.Fatalf("Made = %+v", m)
			}
		}
	})
}

// Nova answers a request for several servers with one of them.
func TestSeveralServers(t *testing.T) {
	c, may := NewTable().Match(Call{Service: "compute", Method: "POST", Path: "/servers",
		Body: []byte(`{"server":{"name":"vm","min_count":2}}`)})
	if !may || !c.Several() {
		t.Fatalf("Match = %v, several %v", may, c.Several())
	}
	if made, err := c.Made(http.StatusAccepted, nil, []byte(`{"server":{"id":"S"}}`)); err == nil {
		t.Errorf("Made = %v, want an error", made)
	}
	for name, want := range map[string]bool{"vm": true, "vm-1": true, "vm1": false, "": false, "other": false} {
		if c.Bears(name) != want {
			t.Errorf("Bears(%q) = %v", name, !want)
		}
	}
}
