//go:build tempest

package identity_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

// token is what the cloud says of a token. It has more than tokens.Token of
// gophercloud: the scope and how the user logged in.
//
// Source: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
type token struct {
	ID string `json:"-"` // from the header of the response

	Methods   []string  `json:"methods"`
	AuditIDs  []string  `json:"audit_ids"`
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at"`
	User      owned     `json:"user"`

	Project *owned                `json:"project"`
	Domain  *named                `json:"domain"`
	System  map[string]bool       `json:"system"`
	Roles   []named               `json:"roles"`
	Catalog []tokens.CatalogEntry `json:"catalog"`

	ApplicationCredential *struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Restricted bool   `json:"restricted"`
	} `json:"application_credential"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type owned struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain named  `json:"domain"`
}

// roleNames returns the names of the roles that the token gives, sorted.
func (t *token) roleNames() []string {
	var names []string
	for _, r := range t.Roles {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// scopes names the scopes that the token has: at most one.
func (t *token) scopes() []string {
	var s []string
	if t.Project != nil {
		s = append(s, "project")
	}
	if t.Domain != nil {
		s = append(s, "domain")
	}
	if t.System != nil {
		s = append(s, "system")
	}
	return s
}

// unscoped asks for a token without scope, which leaving out the scope is not when
// the user has a default project.
type unscoped struct{ tokens.AuthOptions }

// ToTokenV3CreateMap implements [tokens.AuthOptionsBuilder].
func (u *unscoped) ToTokenV3CreateMap(map[string]any) (map[string]any, error) {
	body, err := u.AuthOptions.ToTokenV3CreateMap(nil)
	if err != nil {
		return nil, err
	}
	if auth, ok := body["auth"].(map[string]any); ok {
		auth["scope"] = "unscoped"
	}
	return body, nil
}

// logIn returns a new token, or stops the test.
func logIn(e *testlib.Env, opts tokens.AuthOptionsBuilder) *token {
	e.Helper()
	r := tokens.Create(e.Context(), anonymous(e), opts)
	if r.Err != nil {
		e.Fatalf("logging in: %v", r.Err)
	}
	var t token
	if err := r.ExtractInto(&t); err != nil {
		e.Fatalf("reading the new token: %v", err)
	}
	t.ID = r.Header.Get("X-Subject-Token")
	return &t
}

// showToken returns what the cloud says of a token. It asks as client.
func showToken(e *testlib.Env, client *gophercloud.ServiceClient, id string) (*token, error) {
	r := tokens.Get(e.Context(), client, id)
	if r.Err != nil {
		return nil, r.Err
	}
	t := token{ID: r.Header.Get("X-Subject-Token")}
	return &t, r.ExtractInto(&t)
}

// anonymous returns a client that sends no token.
func anonymous(e *testlib.Env) *gophercloud.ServiceClient { return as(e, "") }

// as returns a client that sends the given token with each call.
func as(e *testlib.Env, tokenID string) *gophercloud.ServiceClient {
	p := &gophercloud.ProviderClient{HTTPClient: *e.HTTP()}
	p.SetToken(tokenID)
	return &gophercloud.ServiceClient{
		ProviderClient: p,
		Type:           "identity",
		Endpoint:       strings.TrimSuffix(e.AuthURL(), "/") + "/",
	}
}

// afterThisSecond waits until the clock shows another second: what makes tokens void
// does so for those of the same second, before and after. The embedded cloud knows
// better.
func afterThisSecond(e *testlib.Env) {
	e.Helper()
	if e.Embedded() {
		return
	}
	start := time.Now()
	_, err := wait.For(e.Context(), wait.Poll[time.Time, string]{
		What: "the next second",
		Get:  func(context.Context) (time.Time, error) { return time.Now(), nil },
		State: func(now time.Time) string {
			if now.Sub(start) > time.Second {
				return "over"
			}
			return "not over"
		},
		Want: []string{"over"},
	}, wait.Options{})
	wantOK(e, "waiting", err)
}
