package swift

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

const (
	resellerPrefix  = "AUTH_"
	resellerAdmin   = "reselleradmin"
	defaultDomain   = "default"
	unknownDomain   = "_unknown"
	domainIDSysmeta = "X-Account-Sysmeta-Project-Domain-Id"
	domainIDHeader  = "X-Account-Project-Domain-Id"
)

// operatorRoles are the roles, in lower case, whose holders on a project own
// the account of the project.
func operatorRoles() []string { return []string{"admin", "member", "swiftoperator"} }

// keystoneAuth reads the token of a request and decides what its owner may do.
// It does so by setting [request.authorize], unless a middleware in front has.
//
// Source: swift/common/middleware/keystoneauth.py, 2.30, and
// keystonemiddleware with delay_auth_decision.
func keystoneAuth(s *Service, next handler) handler {
	return func(r *request) *response {
		s.identify(r)
		if !r.authorized {
			r.authorize = s.authorizeAnonymous
			if r.user != nil {
				r.authorize = s.authorizeUser
			}
		}
		resp := next(r)
		if id := resp.header.Get(domainIDSysmeta); id != "" {
			resp.header.Set(domainIDHeader, id)
		}
		if resp.status == http.StatusUnauthorized {
			resp.header.Add("Www-Authenticate", `Keystone uri="`+s.IdentityURL+`"`)
		}
		return resp
	}
}

// identify finds out who makes the request.
func (s *Service) identify(r *request) {
	r.user, r.reseller = nil, false
	if r.header.Get("X-Auth-Token") == "" && r.header.Get("X-Storage-Token") != "" {
		r.header.Set("X-Auth-Token", r.header.Get("X-Storage-Token"))
	}
	if r.header.Get("X-Auth-Token") == "" || s.Authenticate == nil {
		return
	}
	info, ok := s.Authenticate(&http.Request{Method: r.method, URL: &url.URL{Path: r.path}, Header: r.header})
	if !ok {
		return
	}
	r.user = &info
	r.remote = true
	r.reseller = hasRole(info, resellerAdmin)
}

func hasRole(info keystone.TokenInfo, roles ...string) bool {
	return slices.ContainsFunc(info.Roles, func(role string) bool {
		return slices.Contains(roles, strings.ToLower(role))
	})
}

// denied refuses r.
func denied(r *request) *response {
	if r.remote {
		return fail(http.StatusForbidden)
	}
	return unauthorized(r)
}

// unauthorized is the 401 for r.
func unauthorized(r *request) *response {
	realm := "unknown"
	if p, ok := splitPath(r.path, 2, 3, true); ok && p[1] != "v1.0" && p[1] != "auth" {
		realm = p[1]
	}
	return fail(http.StatusUnauthorized).with("Www-Authenticate", `Swift realm="`+quote(realm)+`"`)
}

// authorizeUser decides about a request with a valid token.
func (s *Service) authorizeUser(r *request) *response {
	r.owner = false
	if r.method == http.MethodOptions {
		return nil
	}
	p, ok := splitPath(r.path, 1, 4, true)
	if !ok {
		return fail(http.StatusNotFound)
	}
	account, container, object := p[1], p[2], p[3]
	s.setDomain(r, account, container, object)
	if hasRole(*r.user, resellerAdmin) {
		r.owner = true
		return nil
	}
	if container == "" && object == "" && r.method == http.MethodDelete {
		return denied(r) // nobody deletes their own account
	}
	referrers, groups := parseACL(r.acl)
	if len(groups) > 0 && grants(groups, *r.user, s.namesAllowed(r, account)) {
		return nil
	}
	byReferrer := referrerAllowed(r.header.Get("Referer"), referrers)
	if byReferrer && (object != "" || slices.Contains(groups, ".rlistings")) {
		return nil
	}
	if account != resellerPrefix+r.user.ProjectID {
		return denied(r)
	}
	if hasRole(*r.user, operatorRoles()...) {
		r.owner = true
		return nil
	}
	if !byReferrer && slices.ContainsFunc(groups, func(g string) bool { return hasRole(*r.user, strings.ToLower(g)) }) {
		return nil
	}
	return denied(r)
}

// authorizeAnonymous decides about a request without a valid token.
func (s *Service) authorizeAnonymous(r *request) *response {
	p, ok := splitPath(r.path, 1, 4, true)
	if !ok {
		return fail(http.StatusNotFound)
	}
	if r.method == http.MethodOptions {
		return nil
	}
	referrers, groups := parseACL(r.acl)
	if !strings.HasPrefix(p[1], resellerPrefix) || !referrerAllowed(r.header.Get("Referer"), referrers) {
		return denied(r)
	}
	if p[3] != "" || slices.Contains(groups, ".rlistings") {
		return nil
	}
	return denied(r)
}

// grants reports whether an access list names the project and the user, each
// as an id, as a name if names may be used, or as *.
func grants(groups []string, user keystone.TokenInfo, names bool) bool {
	projects, users := []string{user.ProjectID, "*"}, []string{user.UserID, "*"}
	if names {
		projects, users = append(projects, user.ProjectName), append(users, user.UserName)
	}
	for _, p := range projects {
		for _, u := range users {
			if slices.Contains(groups, p+":"+u) {
				return true
			}
		}
	}
	return false
}

// namesAllowed reports whether access lists may call the caller and their
// project by name: all of them, the account too, must be in the default domain.
func (s *Service) namesAllowed(r *request, account string) bool {
	if d := r.user.UserDomainID; d != "" && d != defaultDomain {
		return false
	}
	if d := r.user.ProjectDomainID; d != "" && d != defaultDomain {
		return false
	}
	if account == resellerPrefix+r.user.ProjectID {
		return true
	}
	info := s.accountInfo(account)
	d := info.header.Get(domainIDSysmeta)
	return info.exists && (d == defaultDomain || d == "")
}

// setDomain notes the domain of the project with a request that may create the
// account.
func (s *Service) setDomain(r *request, account, container, object string) {
	if r.header.Get(domainIDSysmeta) != "" || object != "" || container != "" && r.method != http.MethodPut ||
		r.method != http.MethodPut && r.method != http.MethodPost {
		return
	}
	info := s.accountInfo(account)
	own := account == resellerPrefix+r.user.ProjectID
	known := info.header.Get(domainIDSysmeta)
	domain := r.user.ProjectDomainID
	switch {
	case !info.exists && !own:
		r.header.Set(domainIDSysmeta, unknownDomain)
	case !info.exists, own && known == unknownDomain, own && known == "" && domain == defaultDomain:
		r.header.Set(domainIDSysmeta, domain)
	}
}
