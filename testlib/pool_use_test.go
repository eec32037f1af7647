package testlib

import (
	"cmp"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/secret"
)

// step is one call of a test and its answer.
type step struct {
	call   string // method and URL
	sent   string
	status int // 0 for an answer that was lost
	answer string
	header string // Location of the answer

	subject string // token that the call is about
	who     string // adminName for a call of testlib; else a persona makes it
}

const notConnected = -1 // in the place of a status

// uses are what tests do, and whether their accounts can serve another test.
var uses = map[string]struct {
	steps  []step
	spoils string // part of the reason; "" for none
}{
	"nothing": {},
	"reads": {steps: []step{{call: "GET http://nova/v2.1/servers", status: 200},
		{call: "HEAD http://swift/v1/a", status: 500}}},
	"makes and removes": {steps: []step{
		{call: "POST http://net/v2.0/networks", status: 201, answer: `{"network": {"id": "n1", "name": "x"}}`},
		{call: "PUT http://net/v2.0/networks/n1", status: 200},
		{call: "DELETE http://net/v2.0/networks/n1", status: 204},
	}},
	"leaves": {steps: []step{
		{call: "POST http://net/v2.0/networks", status: 201, answer: `{"network": {"id": "n1"}}`},
	}, spoils: "/v2.0/networks"},
	"makes several at once": {steps: []step{
		{call: "POST http://net/v2.0/ports", status: 201, answer: `{"ports": [{"id": "p1"}, {"id": "p2"}]}`},
		{call: "DELETE http://net/v2.0/ports/p1", status: 204}, {call: "DELETE http://net/v2.0/ports/p2", status: 204},
	}},
	"removes what was there": {steps: []step{
		{call: "DELETE http://net/v2.0/networks/n1", status: 204},
	}, spoils: "DELETE"},
	"changes what was there": {steps: []step{{call: "PATCH http://id/v3/domains/d1", status: 200}}, spoils: "PATCH"},
	"is refused": {steps: []step{
		{call: "DELETE http://net/v2.0/networks/n1", status: 403}, {call: "POST http://net/v2.0/networks", status: 409},
	}},
	"is told a lie":   {steps: []step{{call: "POST http://net/v2.0/networks", status: 500}}, spoils: "POST"},
	"is told nothing": {steps: []step{{call: "POST http://net/v2.0/networks"}}, spoils: "POST"},
	"server is being removed": {steps: []step{
		{call: "POST http://nova/v2.1/servers", status: 202, answer: `{"server": {"id": "s1"}}`},
		{call: "DELETE http://nova/v2.1/servers/s1", status: 204},
		{call: "GET http://nova/v2.1/servers/s1", status: 200},
	}, spoils: "/v2.1/servers"},
	"server is gone": {steps: []step{
		{call: "POST http://nova/v2.1/servers", status: 202, answer: `{"server": {"id": "s1"}}`},
		{call: "POST http://nova/v2.1/servers/s1/action", status: 202},
		{call: "DELETE http://nova/v2.1/servers/s1", status: 204},
		{call: "GET http://nova/v2.1/servers/s1", status: 404},
	}},
	"volume is being removed": {steps: []step{
		{call: "POST http://cinder/v3/p/volumes", status: 202, answer: `{"volume": {"id": "v1"}}`},
		{call: "DELETE http://cinder/v3/p/volumes/v1", status: 202},
	}, spoils: "volumes"},
	"action on nothing of its own": {steps: []step{
		{call: "POST http://nova/v2.1/servers/s0/action", status: 202},
	}, spoils: "POST"},
	"image of a server": {steps: []step{
		{call: "POST http://nova/v2.1/servers", sent: `{"server": {"imageRef": "i0"}}`, status: 202,
			answer: `{"server": {"id": "s1"}}`},
		{call: "POST http://nova/v2.1/servers/s1/action", sent: `{"createImage": {"name": "i"}}`, status: 202,
			header: "http://glance/v2/images/i1"},
		{call: "DELETE http://nova/v2.1/servers/s1", status: 204},
		{call: "GET http://nova/v2.1/servers/s1", status: 404},
		{call: "DELETE http://glance/v2/images/i1", status: 204},
	}},
	"container and object": {steps: []step{
		{call: "PUT http://swift/v1/AUTH_p/c", status: 201}, {call: "PUT http://swift/v1/AUTH_p/c/o", status: 201},
		{call: "DELETE http://swift/v1/AUTH_p/c/o", status: 204}, {call: "DELETE http://swift/v1/AUTH_p/c", status: 204},
	}},
	"container that stays":   {steps: []step{{call: "PUT http://swift/v1/AUTH_p/c", status: 201}}, spoils: "AUTH_p/c"},
	"metadata of an account": {steps: []step{{call: "POST http://swift/v1/AUTH_p", status: 204}}, spoils: "POST"},
	"quota": {steps: []step{
		{call: "PUT http://nova/v2.1/os-quota-sets/project1", status: 200},
	}, spoils: "PUT"},
	"key pair": {steps: []step{
		{call: "POST http://nova/v2.1/os-keypairs", status: 200, answer: `{"keypair": {"name": "k1"}}`},
		{call: "DELETE http://nova/v2.1/os-keypairs/k1", status: 202},
		{call: "GET http://nova/v2.1/os-keypairs/k1", status: 404},
	}},
	"secret": {steps: []step{
		{call: "POST http://barbican/v1/secrets", status: 201, answer: `{"secret_ref": "http://barbican/v1/secrets/s1"}`},
		{call: "DELETE http://barbican/v1/secrets/s1", status: 204},
	}},
	"goes with its parent": {steps: []step{
		{call: "POST http://id/v3/users", status: 201, answer: `{"user": {"id": "u1"}}`},
		{call: "POST http://id/v3/users/u1/application_credentials", status: 201,
			answer: `{"application_credential": {"id": "a1"}}`},
		{call: "DELETE http://id/v3/users/u1", status: 204},
	}},
	"logs in": {steps: []step{{call: "POST http://id/v3/auth/tokens", sent: `"user1"`, status: 201,
		answer: `{"token": {}}`}}},
	"logs in wrongly": {steps: []step{
		{call: "POST http://id/v3/auth/tokens", sent: `"user1"`, status: 401},
	}, spoils: "POST"},
	"logs in as another": {steps: []step{{call: "POST http://id/v3/auth/tokens", sent: `"user2"`, status: 401}}},
	"changes its password": {steps: []step{
		{call: "POST http://id/v3/users/user1/password", status: 204},
	}, spoils: "POST"},
	"application credential": {steps: []step{
		{call: "POST http://id/v3/users/user1/application_credentials", status: 201,
			answer: `{"application_credential": {"id": "a1"}}`},
		{call: "DELETE http://id/v3/users/user1/application_credentials/a1", status: 204},
	}},
	"access rule of an application credential": {steps: []step{
		{call: "POST http://id/v3/users/user1/application_credentials", status: 201,
			answer: `{"application_credential": {"id": "a1", "access_rules": [{"id": "rule1"}]}}`},
		{call: "DELETE http://id/v3/users/user1/application_credentials/a1", status: 204},
	}, spoils: "application_credentials"},
	"access rule that is removed": {steps: []step{
		{call: "POST http://id/v3/users/user1/application_credentials", status: 201,
			answer: `{"application_credential": {"id": "a1", "access_rules": [{"id": "rule1"}]}}`},
		{call: "DELETE http://id/v3/users/user1/application_credentials/a1", status: 204},
		{call: "DELETE http://id/v3/users/user1/access_rules/rule1", status: 204},
	}},
	"application credential that was there": {steps: []step{
		{call: "DELETE http://id/v3/users/user1/application_credentials/a0", status: 204},
	}, spoils: "DELETE"},
	"revokes its token": {steps: []step{
		{call: "DELETE http://id/v3/auth/tokens", status: 204, subject: "token1"},
	}, spoils: "DELETE"},
	"joins a group": {steps: []step{
		{call: "POST http://id/v3/groups", status: 201, answer: `{"group": {"id": "g1"}}`, sent: `{"group": {"name": "g"}}`},
		{call: "PUT http://id/v3/groups/g1/users/user1", status: 204},
		{call: "DELETE http://id/v3/groups/g1", status: 204},
	}, spoils: "PUT"},
	"part of something of its own": {steps: []step{
		{call: "POST http://net/v2.0/security-groups", status: 201, answer: `{"security_group": {"id": "sg1"}}`},
		{call: "POST http://net/v2.0/security-group-rules", sent: `{"security_group_rule": {"security_group_id": "sg1"}}`,
			status: 201, answer: `{"security_group_rule": {"id": "r1"}}`},
		{call: "DELETE http://net/v2.0/security-group-rules/r1", status: 204},
		{call: "DELETE http://net/v2.0/security-groups/sg1", status: 204},
	}},
	"changes what was made for it": {steps: []step{
		{call: "POST http://net/v2.0/networks", who: adminName, status: 201, answer: `{"network": {"id": "n1"}}`},
		{call: "PUT http://net/v2.0/networks/n1", status: 200},
		{call: "DELETE http://net/v2.0/networks/n1", who: adminName, status: 204},
	}, spoils: "PUT"},
	"removes its user": {steps: []step{
		{call: "POST http://id/v3/users", who: adminName, status: 201, answer: `{"user": {"id": "user1"}}`},
		{call: "DELETE http://id/v3/users/user1", status: 204},
	}, spoils: "DELETE"},
	"has all that testlib needs": {steps: []step{
		{call: "POST http://id/v3/users", who: adminName, status: 201, answer: `{"user": {"id": "user1"}}`},
		{call: "PUT http://id/v3/projects/project1/users/user1/roles/r", who: adminName, status: 204},
	}},
	"part of what was there": {steps: []step{
		{call: "POST http://net/v2.0/security-group-rules", sent: `{"security_group_rule": {"security_group_id": "sg0"}}`,
			status: 201, answer: `{"security_group_rule": {"id": "r1"}}`},
	}, spoils: "security-group-rules"},
	"attaches what was there": {steps: []step{
		{call: "POST http://nova/v2.1/servers", status: 202, answer: `{"server": {"id": "s1"}}`,
			sent: `{"server": {"name": "s"}}`},
		{call: "POST http://nova/v2.1/servers/s1/os-volume_attachments", sent: `{"volumeAttachment": {"volumeId": "v0"}}`,
			status: 200, answer: `{"volumeAttachment": {"id": "v0", "volumeId": "v0"}}`},
		{call: "DELETE http://nova/v2.1/servers/s1/os-volume_attachments/v0", status: 202},
		{call: "DELETE http://nova/v2.1/servers/s1", status: 204},
		{call: "GET http://nova/v2.1/servers/s1", status: 404},
		{call: "PUT http://cinder/v3/p/volumes/v0", status: 200},
	}, spoils: "PUT"},
	"writes over what was there": {steps: []step{{call: "PUT http://swift/v1/AUTH_p/c", status: 202}}, spoils: "PUT"},
	"is not connected":           {steps: []step{{call: "POST http://net/v2.0/networks", status: notConnected}}},
	"role on its own project": {steps: []step{
		{call: "POST http://id/v3/users", status: 201, answer: `{"user": {"id": "u1"}}`},
		{call: "PUT http://id/v3/projects/project1/users/u1/roles/r", status: 204},
		{call: "DELETE http://id/v3/users/u1", status: 204},
	}, spoils: "PUT"},
	"project in a path of another service": {steps: []step{
		{call: "POST http://cinder/v3/project1/volumes", status: 200, answer: `{"volume": {"id": "v1"}}`},
		{call: "DELETE http://cinder/v3/project1/volumes/v1", status: 200},
	}},
}

func TestUseTellsWhatSpoilsAccounts(t *testing.T) {
	t.Parallel()
	for name, tt := range uses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, sub := watched(t)

			for _, s := range tt.steps {
				run(t, e.session.books.layer(sub, cmp.Or(s.who, string(ProjectMember)), answering(s)), s)
			}

			for _, e := range []*Env{sub, e} {
				why, _ := e.spoils()
				if (why == "") != (tt.spoils == "") || !strings.Contains(why, tt.spoils) {
					t.Errorf("the accounts are spoiled by %q, want %q", why, tt.spoils)
				}
			}
		})
	}
}

// watched returns a test with a persona, and a subtest of it, with a ledger in memory.
func watched(t *testing.T) (e, sub *Env) {
	t.Helper()
	s := &session{Session: &cloud.Session{
		Secrets: &secret.Scrubber{},
		Cloud:   cloud.Cloud{Auth: gophercloud.AuthOptions{IdentityEndpoint: "http://id/v3"}},
	}}
	s.openLedger()
	s.books.noDir, s.books.writer = nil, ledger.NewWriter("", ledger.Head{})
	e = &Env{T: t, use: &use{}, session: s}
	a := &account{kind: projectKind}
	a.Credential = Credential{UserID: "user1", UserName: "user-1", ProjectID: "project1"}
	catalog := &tokens.ServiceCatalog{}
	for service, url := range map[string]string{
		"identity": "http://id/v3", "compute": "http://nova/v2.1", "network": "http://net", "image": "http://glance",
		"block-storage": "http://cinder/v3/p", "object-store": "http://swift/v1/AUTH_p", "key-manager": "http://barbican",
	} {
		catalog.Entries = append(catalog.Entries, tokens.CatalogEntry{
			Type: service, Endpoints: []tokens.Endpoint{{URL: url, Interface: "public"}},
		})
	}
	a.saved.Store(&savedToken{ID: "token1", Catalog: catalog})
	e.users = map[Persona]*account{ProjectMember: a}
	return e, &Env{T: t, parent: e, session: s, use: &use{parent: e.use}}
}

// answering is a cloud that gives the answer of a step.
type answering step

func (s answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	if s.status == notConnected {
		return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
	}
	if s.status == 0 {
		return nil, errors.New("connection reset")
	}
	h := http.Header{}
	if s.header != "" {
		h.Set("Location", s.header)
	}
	return &http.Response{StatusCode: s.status, Header: h, Body: io.NopCloser(strings.NewReader(s.answer))}, nil
}

// run makes the call of a step and checks that the answer came through.
func run(t *testing.T, rt http.RoundTripper, s step) {
	t.Helper()
	method, url, _ := strings.Cut(s.call, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(s.sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if s.subject != "" {
		r.Header.Set("X-Subject-Token", s.subject)
	}
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != s.answer {
		t.Errorf("the answer to %s came through as %q, %v", s.call, body, err)
	}
}
