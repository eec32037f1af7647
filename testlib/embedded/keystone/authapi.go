package keystone

import (
	"net/http"
	"time"
)

func (s *Service) authRoutes(rt *router) {
	rt.handle("POST /auth/tokens", s.createToken)
	rt.handle("GET /auth/tokens", s.getToken)
	rt.handle("DELETE /auth/tokens", s.deleteToken)
	rt.handle("GET /auth/catalog", s.getCatalog)
	for _, prefix := range []string{"/auth", "/OS-FEDERATION"} {
		rt.handle("GET "+prefix+"/projects", s.listAuthProjects)
		rt.handle("GET "+prefix+"/domains", s.listAuthDomains)
	}
	rt.handle("GET /auth/system", s.getAuthSystem)
	rt.handle("GET /auth/tokens/OS-PKI/revoked", func(*request) (*response, error) {
		return nil, notAllowed("")
	})
}

// subjectTarget describes the token in X-Subject-Token for policy.
func (s *Service) subjectTarget(r *request) (object, error) {
	subject := r.Header.Get("X-Subject-Token")
	if subject == "" {
		return object{}, nil
	}
	t, err := s.validateToken(subject, r.expiredFor(), r.Header.Get("OpenStack-Identity-Access-Rules"))
	if err != nil {
		return nil, err
	}
	return object{"token": object{
		"user_id": t.userID,
		"user":    object{"domain": object{"id": t.userDomain.id()}},
	}}, nil
}

// expiredFor is how long ago a token may have expired to be shown.
func (r *request) expiredFor() time.Duration {
	if isTrue(r.query.Get("allow_expired")) {
		return expiredWindow
	}
	return 0
}

// getToken is GET and HEAD /v3/auth/tokens.
func (s *Service) getToken(r *request) (*response, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	target, err := s.subjectTarget(r)
	if err != nil {
		return nil, err
	}
	action := "validate_token"
	if r.Method == http.MethodHead {
		action = "check_token"
	}
	if err := r.enforce(action, target); err != nil {
		return nil, err
	}
	t, err := s.validateToken(r.Header.Get("X-Subject-Token"), r.expiredFor(),
		r.Header.Get("OpenStack-Identity-Access-Rules"))
	if err != nil {
		return nil, err
	}
	return &response{
		status: http.StatusOK,
		body:   s.render(t, !r.query.Has("nocatalog")),
		header: map[string]string{"X-Subject-Token": t.id},
	}, nil
}

// deleteToken is DELETE /v3/auth/tokens.
func (s *Service) deleteToken(r *request) (*response, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	target, err := s.subjectTarget(r)
	if err != nil {
		return nil, err
	}
	if err := r.enforce("revoke_token", target); err != nil {
		return nil, err
	}
	t, err := s.validateToken(r.Header.Get("X-Subject-Token"), 0, "")
	if err != nil {
		return nil, err
	}
	s.revokedAudits[t.auditID] = t.number
	return noContent()
}

// render writes t as the API shows it.
func (s *Service) render(t *grantedToken, catalog bool) object {
	body := object{
		"methods":    t.methods,
		"user":       userRef(t.user, t.userDomain),
		"audit_ids":  t.auditIDs(),
		"expires_at": t.expiry(),
		"issued_at":  timestamp(t.issued),
	}
	if t.roles != nil {
		body["roles"] = t.roles
	}
	switch {
	case t.scope.system:
		body["system"] = object{"all": true}
	case t.domain != nil:
		body["domain"] = ref(t.domain)
	case t.trust != nil:
		s.renderTrust(t, body)
	case t.project != nil:
		body["project"] = projectRef(t.project, t.projectDomain)
		body["is_domain"] = t.project.flag("is_domain")
	}
	if catalog && !t.unscoped() {
		body["catalog"] = s.catalog(t.scope.projectID)
	}
	if t.oauthID != "" {
		body["OS-OAUTH1"] = object{
			"access_token_id": t.oauthID,
			"consumer_id":     s.accessTokens.byID[t.oauthID].str("consumer_id"),
		}
	}
	if t.appCredential != nil {
		shown := ref(t.appCredential)
		shown["restricted"] = !t.appCredential.flag("unrestricted")
		if rules, ok := t.appCredential["access_rules"].([]object); ok && len(rules) > 0 {
			shown["access_rules"] = rules
		}
		body["application_credential"] = shown
	}
	return object{"token": body}
}

// ref is id and name of o.
func ref(o object) object { return object{"id": o.id(), "name": o.str("name")} }

func projectRef(project, domain object) object {
	r := ref(project)
	r["domain"] = ref(domain)
	return r
}

func userRef(user, domain object) object {
	r := ref(user)
	r["domain"] = ref(domain)
	r["password_expires_at"] = user["password_expires_at"]
	return r
}

// getCatalog is GET /v3/auth/catalog.
func (s *Service) getCatalog(r *request) (*response, error) {
	if err := r.enforce("get_auth_catalog", nil); err != nil {
		return nil, err
	}
	if r.auth.token.scope.projectID == "" {
		return nil, notAllowed("")
	}
	return ok(object{
		"catalog": s.catalog(r.auth.token.scope.projectID),
		"links":   object{"self": s.url("auth/catalog")},
	})
}

func (s *Service) listAuthProjects(r *request) (*response, error) {
	if err := r.enforce("get_auth_projects", nil); err != nil {
		return nil, err
	}
	return r.collection("projects", s.projectsOf(r.auth.token.actingUser()))
}

func (s *Service) listAuthDomains(r *request) (*response, error) {
	if err := r.enforce("get_auth_domains", nil); err != nil {
		return nil, err
	}
	var domains []object
	for _, id := range s.targetsOf(r.auth.token.actingUser(), func(g grant) string { return g.domainID }) {
		domains = append(domains, domainView(s.projects.byID[id]))
	}
	return r.collection("domains", domains)
}

// projectsOf returns the projects on which a user has a role.
func (s *store) projectsOf(userID string) []object {
	var projects []object
	for _, id := range s.targetsOf(userID, func(g grant) string { return g.projectID }) {
		projects = append(projects, s.projects.byID[id])
	}
	return projects
}

func (s *Service) getAuthSystem(r *request) (*response, error) {
	if err := r.enforce("get_auth_system", nil); err != nil {
		return nil, err
	}
	system := []object{}
	for g := range s.grants[r.auth.token.actingUser()] {
		if g.system {
			system = []object{{"all": true}}
		}
	}
	return ok(object{"system": system, "links": object{"self": s.url("auth/system")}})
}
