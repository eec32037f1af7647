// Package keystone simulates the OpenStack Identity service, API version 3.14,
// as Keystone of the Zed release serves it: the same paths, status codes,
// bodies, headers and error texts, in memory.
//
// It is the identity part of the embedded cloud. It has projects, domains,
// users, groups, roles and their assignments, the catalogue, tokens,
// application credentials, trusts, OAuth 1.0a delegation, policies,
// credentials, limits, endpoint filters with groups of endpoints, and the
// configuration of domains, from which nothing follows, with the default access
// rules of Zed. It has no federation but the mappings, no associations of
// policies, no TOTP, no receipts for half of a multi-factor login, and no JSON
// home document. It keeps nothing on disk and sends no notifications.
//
// Where Keystone is of two minds, this is not:
//   - A change that makes tokens void, such as a new password, spares all
//     tokens issued after it. Keystone counts in seconds, and takes tokens of
//     the same second along.
//   - Such a change holds at once. The processes of a Keystone remember tokens
//     and roles for a while.
//   - What makes Keystone fail, and close the connection without an answer, is
//     answered: a project renamed to a name that is taken gives 409.
//   - Names are the same if they differ in case only, as with MySQL's usual
//     collation, but not if they differ in accents.
package keystone

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/gotempest/tempest/testlib/embedded/oslopolicy"
)

// Options configures [New].
type Options struct {
	// BaseURL is where the service is reached, without /v3, as in
	// "http://127.0.0.1:5000". Links and the catalogue show it.
	BaseURL string

	// AdminPassword is the password of the user admin.
	AdminPassword string

	// EnforceScope is [oslo_policy] enforce_scope of keystone.conf: a token for a
	// domain may ask for what concerns domains only, and some actions need one for
	// a project.
	EnforceScope bool

	// Now tells the time. Nil means [time.Now].
	Now func() time.Time
}

// Service is the simulated service. It is safe for concurrent use.
type Service struct {
	*store
	baseURL      string
	now          func() time.Time
	rules        *oslopolicy.Rules
	enforceScope bool
	mux          *http.ServeMux
	config       *http.ServeMux // of the defaults of domains
}

// New returns a service in the state in which "keystone-manage bootstrap"
// leaves it: domain Default, project and user admin, the roles admin, member,
// reader and service, region RegionOne, and itself in the catalogue.
func New(o Options) (*Service, error) {
	rules, err := newRules()
	if err != nil {
		return nil, err
	}
	s := &Service{
		store: newStore(), baseURL: o.BaseURL, now: o.Now, rules: rules, enforceScope: o.EnforceScope,
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.bootstrap(o.AdminPassword)
	rt := &router{service: s, paths: map[string]map[string]handler{}}
	s.routes(rt)
	s.mux = rt.mux()
	rt = &router{service: s, paths: map[string]map[string]handler{}}
	s.configDefaultRoutes(rt)
	s.config = rt.mux()
	return s, nil
}

func (s *Service) routes(rt *router) {
	regions := s.regionResource()
	for _, c := range []*resource{
		regions, s.serviceResource(), s.endpointResource(), s.domainResource(), s.projectResource(),
		s.userResource(), s.groupResource(), s.roleResource(), s.credentialResource(), s.policyResource(),
		s.endpointGroupResource(),
	} {
		c.routes(rt)
	}
	rt.handle("PUT /regions/{region_id}", s.putRegion(regions))
	rt.handle("GET /role_assignments", s.listAssignments)
	s.authRoutes(rt)
	s.tagRoutes(rt)
	s.userRoutes(rt)
	s.groupRoutes(rt)
	s.impliedRoutes(rt)
	s.grantRoutes(rt)
	s.appCredentialRoutes(rt)
	s.ec2Routes(rt)
	s.trustRoutes(rt)
	s.limitRoutes(rt)
	s.filterRoutes(rt)
	s.endpointGroupRoutes(rt)
	s.domainConfigRoutes(rt)
	s.mappingRoutes(rt)
	s.oauthRoutes(rt)
}

// ServeHTTP answers one request. The path starts with /v3, or is / for the
// list of versions.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "X-Auth-Token")
	if w.Header().Get("X-Openstack-Request-Id") == "" { // unless what is in front has given it one
		w.Header().Set("X-Openstack-Request-Id", "req-"+uuid.NewString())
	}
	path := r.URL.Path
	if path != "/" {
		path = strings.TrimRight(path, "/") // Keystone takes both
	}
	switch path {
	case "", "/":
		s.serveVersions(w, r, http.StatusMultipleChoices)
		return
	case "/v3":
		s.serveVersions(w, r, http.StatusOK)
		return
	}
	if path != r.URL.Path || r.URL.RawPath != "" {
		plain := r.Clone(r.Context())
		plain.URL.Path, plain.URL.RawPath = path, "" // an escaped slash counts as one
		r = plain
	}
	mux := s.mux
	if isConfigDefault(r.URL.Path) {
		mux = s.config
	}
	if _, pattern := mux.Handler(r); pattern == "" {
		refusePath(w)
		return
	}
	mux.ServeHTTP(w, r)
}

// serveVersions answers the list of versions, or the one version there is.
func (s *Service) serveVersions(w http.ResponseWriter, r *http.Request, status int) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		refuseMethod(w, "GET, HEAD, OPTIONS")
		return
	}
	home := s.baseURL + "/v3/"
	version := object{
		"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
		"links": []object{{"rel": "self", "href": home}},
		"media-types": []object{{
			"base": "application/json", "type": "application/vnd.openstack.identity-v3+json",
		}},
	}
	resp := &response{status: status, header: map[string]string{}}
	body := object{"version": version}
	if status == http.StatusMultipleChoices {
		body = object{"versions": object{"values": []object{version}}}
		resp.header["Location"] = home
	}
	data, _ := encode(body) // strings always encode
	resp.raw = string(data)
	write(w, resp)
}

// ExpireTokens makes every token that was issued so far expire now.
func (s *Service) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for _, t := range s.tokens {
		if t.expires.After(now) {
			t.expires = now
		}
	}
}
