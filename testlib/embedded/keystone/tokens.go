package keystone

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/testlib/embedded/oslopolicy"
)

const (
	tokenLifetime = time.Hour      // [token] expiration
	expiredWindow = 48 * time.Hour // [token] allow_expired_window
)

// token is what was issued. What it allows is worked out anew each time it is
// used, as Keystone does with Fernet tokens.
type token struct {
	id                     string
	number                 int64 // in the order of issue
	userID                 string
	methods                []string
	auditID, parentAuditID string
	issued, expires        time.Time
	bareExpiry             bool // whether the expiry is shown without its zone
	scope                  scope
	trustID                string
	appCredentialID        string
	oauthID                string
}

// expiry is when t expires, as the API shows it.
func (t *token) expiry() string {
	if t.bareExpiry {
		return t.expires.UTC().Format("2006-01-02T15:04:05.999999")
	}
	return timestamp(t.expires)
}

func (t *token) auditIDs() []string {
	if t.parentAuditID == "" {
		return []string{t.auditID}
	}
	return []string{t.auditID, t.parentAuditID}
}

func (t *token) unscoped() bool { return t.scope == scope{} && t.trustID == "" }

// grantedToken is a valid token with what it stands for now.
type grantedToken struct {
	*token
	user, userDomain       object
	project, projectDomain object // nil unless scoped to a project
	domain                 object // nil unless scoped to a domain
	trust, appCredential   object // nil unless made with one
	roles                  []object
}

// authInfo is the caller of a request.
type authInfo struct {
	token  *grantedToken
	caller oslopolicy.Caller
}

func randomText(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// issue makes a token of t, whose id, number and times it sets. The error is
// the 401 of somebody who has no role on the scope.
func (s *Service) issue(t *token) (*grantedToken, error) {
	now := s.now().UTC().Truncate(time.Second)
	t.id = "gAAAAA" + randomText(129)
	t.auditID = randomText(16)
	t.number = s.issued + 1
	t.issued = now
	if t.expires.IsZero() {
		t.expires = now.Add(tokenLifetime)
	}
	if cred, ok := s.appCredentials.byID[t.appCredentialID]; ok {
		if limit, ok := cred["expires_at"].(string); ok {
			if at, err := time.Parse(credentialTime, limit); err == nil && at.Before(t.expires) {
				t.expires, t.bareExpiry = at, true // the zone is missing in Zed, too
			}
		}
	}
	granted, err := s.grantedBy(t)
	if err != nil {
		return nil, err
	}
	s.issued++
	s.tokens[t.id] = t
	s.pruneTokens()
	return granted, nil
}

// pruneTokens forgets tokens that nobody can validate any more. It looks at
// all of them, but seldom.
func (s *Service) pruneTokens() {
	const every = 4096
	if s.issued%every != 0 {
		return
	}
	limit := s.now().Add(-expiredWindow)
	for id, t := range s.tokens {
		if t.expires.Before(limit) {
			delete(s.tokens, id)
		}
	}
}

// validateToken returns the token called id if it is good. expiredFor is how
// long ago it may have expired.
func (s *Service) validateToken(id string, expiredFor time.Duration, accessRules string) (*grantedToken, error) {
	if id == "" {
		return nil, notFoundText("No token in the request")
	}
	t, ok := s.tokens[id]
	if !ok {
		return nil, notFoundText("Could not recognize Fernet token")
	}
	granted, err := s.grantedBy(t)
	if err != nil {
		if e, ok := errors.AsType[*apiError](err); ok && e.status == http.StatusUnauthorized {
			return nil, notFound("token", id)
		}
		return nil, err
	}
	if !s.now().Before(t.expires.Add(expiredFor)) || s.revoked(t) {
		return nil, notFoundText("Failed to validate token")
	}
	if granted.appCredential != nil && granted.appCredential["access_rules"] != nil {
		if version, err := strconv.ParseFloat(accessRules, 64); err != nil || version < 1 {
			return nil, notFoundText("Failed to validate token")
		}
	}
	return granted, nil
}

// revoked reports whether something made t void: it was deleted, or its user
// or project changed since.
func (s *store) revoked(t *token) bool {
	void := func(m map[string]int64, id string) bool { return id != "" && t.number <= m[id] }
	trust := s.trusts.byID[t.trustID]
	return void(s.revokedUsers, t.userID) ||
		void(s.revokedUsers, trust.str("trustor_user_id")) || void(s.revokedUsers, trust.str("trustee_user_id")) ||
		void(s.revokedProjects, t.scope.projectID) ||
		void(s.revokedTrusts, t.trustID) ||
		void(s.revokedAudits, t.auditID)
}

// revokeUser makes all tokens of a user void that were issued so far.
func (s *store) revokeUser(id string) { s.revokedUsers[id] = s.issued }

// grantedBy works out what t stands for now.
func (s *Service) grantedBy(t *token) (*grantedToken, error) {
	g := &grantedToken{token: t}
	var err error
	if g.user, err = s.users.get(t.userID); err != nil {
		return nil, err
	}
	if g.userDomain, err = s.domain(g.user.str("domain_id")); err != nil {
		return nil, err
	}
	if t.appCredentialID != "" {
		if g.appCredential, err = s.appCredentials.get(t.appCredentialID); err != nil {
			return nil, err
		}
	}
	if err = s.resolveScope(g); err != nil {
		return nil, err
	}
	if !g.userDomain.enabled() {
		return nil, notFoundText("Unable to validate token because domain %s is disabled", g.userDomain.id())
	}
	if t.trustID != "" {
		return g, s.resolveTrust(g)
	}
	if !t.unscoped() {
		g.roles = s.tokenRoles(g)
		if len(g.roles) == 0 {
			return nil, unauthorized()
		}
	}
	return g, nil
}

// resolveScope looks up the project or domain of g.
func (s *Service) resolveScope(g *grantedToken) (err error) {
	switch {
	case g.scope.projectID != "":
		if g.project, err = s.projects.get(g.scope.projectID); err != nil {
			return err
		}
		if !g.project.enabled() {
			return notFoundText("Unable to validate token because project %s is disabled", g.project.id())
		}
		if g.project.flag("is_domain") {
			return nil
		}
		if g.projectDomain, err = s.domain(g.project.str("domain_id")); err != nil {
			return err
		}
		if !g.projectDomain.enabled() {
			return notFoundText("Unable to validate token because domain %s is disabled", g.projectDomain.id())
		}
	case g.scope.domainID != "":
		g.domain, err = s.domain(g.scope.domainID)
	}
	return err
}

// tokenRoles returns the roles of g: those of the application credential that
// the user still has, or those that the user has on the scope.
func (s *Service) tokenRoles(g *grantedToken) []object {
	ids := s.rolesOn(g.userID, g.scope)
	if g.appCredential != nil {
		wanted := roleIDs(g.appCredential["roles"])
		ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(wanted, id) })
	}
	if g.oauthID != "" {
		wanted := s.delegatedRoles(g.oauthID)
		ids = slices.DeleteFunc(ids, func(id string) bool { return !wanted[id] })
	}
	return s.roleRefs(ids)
}

// roleRefs returns id and name of each role, as tokens show them.
func (s *store) roleRefs(ids []string) []object {
	refs := make([]object, len(ids))
	for i, id := range ids {
		refs[i] = object{"id": id, "name": s.roles.byID[id].str("name")}
	}
	return refs
}

// authenticate returns the caller that presents the token called id, or nil.
func (s *Service) authenticate(id string) *authInfo {
	if id == "" {
		return nil
	}
	t, err := s.validateToken(id, 0, "1")
	if err != nil {
		return nil
	}
	return &authInfo{token: t, caller: t.caller()}
}

// caller describes the owner of t to the policy engine.
func (t *grantedToken) caller() oslopolicy.Caller {
	c := oslopolicy.Caller{Values: map[string]any{
		"user_id":        t.actingUser(),
		"user_domain_id": t.userDomain.id(),
		"project_id":     nil,
		"domain_id":      nil,
		"system_scope":   nil,
		"is_admin":       false,
	}}
	for _, role := range t.roles {
		c.Roles = append(c.Roles, role.str("name"))
	}
	switch {
	case t.scope.system:
		c.Values["system_scope"] = "all"
	case t.project != nil:
		c.Values["project_id"] = t.project.id()
		if t.projectDomain != nil {
			c.Values["token.project.domain.id"] = t.projectDomain.id()
		}
	case t.domain != nil:
		c.Values["domain_id"] = t.domain.id()
		c.Values["token.domain.id"] = t.domain.id()
	}
	return c
}

// actingUser is the id of the user that t acts as: the trustor of a trust with
// impersonation, or its own.
func (t *grantedToken) actingUser() string {
	if t.trust.flag("impersonation") {
		return t.trust.str("trustor_user_id")
	}
	return t.userID
}

// roleIDs returns the ids of the roles in v, a list of objects of any make.
func roleIDs(v any) []string {
	var ids []string
	switch list := v.(type) {
	case []object:
		for _, role := range list {
			ids = append(ids, role.id())
		}
	case []any:
		for _, item := range list {
			if role, ok := item.(map[string]any); ok {
				ids = append(ids, object(role).id())
			}
		}
	}
	return ids
}

// isTrue reads a flag of a query as oslo's bool_from_string does.
func isTrue(text string) bool {
	return slices.Contains([]string{"1", "t", "true", "on", "y", "yes"}, strings.ToLower(strings.TrimSpace(text)))
}

// TokenInfo is what a valid token stands for. Of ProjectID, DomainID and System
// at most one is set.
type TokenInfo struct {
	UserID, UserName, UserDomainID string
	ProjectID, ProjectName         string
	ProjectDomainID                string
	DomainID                       string
	System                         bool
	Roles                          []string // names, sorted
}

// Call is a request to another service, as access rules see it.
type Call struct {
	Service      string // type of the service, as in "key-manager"
	Method, Path string
}

// Token returns what the token called id stands for, and whether it is valid
// for the call.
func (s *Service) Token(id string, call Call) (TokenInfo, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.validateToken(id, 0, "1")
	if err != nil || !t.allows(call.Service, call.Method, call.Path) {
		return TokenInfo{}, false
	}
	info := TokenInfo{
		UserID: t.userID, UserName: t.user.str("name"), UserDomainID: t.userDomain.id(),
		ProjectID: t.scope.projectID, ProjectName: t.project.str("name"),
		ProjectDomainID: t.project.str("domain_id"),
		DomainID:        t.scope.domainID, System: t.scope.system,
	}
	for _, role := range t.roles {
		info.Roles = append(info.Roles, role.str("name"))
	}
	slices.Sort(info.Roles)
	return info, true
}
