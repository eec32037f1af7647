package keystone

import (
	"slices"
	"time"
)

// maxRedelegation is how often a trust may be passed on:
// [trust] max_redelegation_count.
const maxRedelegation = 3

func (s *Service) trustRoutes(rt *router) {
	rt.handle("GET /OS-TRUST/trusts", s.listTrusts)
	rt.handle("POST /OS-TRUST/trusts", s.createTrust)
	rt.handle("GET /OS-TRUST/trusts/{trust_id}", s.getTrust)
	rt.handle("DELETE /OS-TRUST/trusts/{trust_id}", s.deleteTrust)
	rt.handle("GET /OS-TRUST/trusts/{trust_id}/roles", s.listTrustRoles)
	rt.handle("GET /OS-TRUST/trusts/{trust_id}/roles/{role_id}", s.getTrustRole)
}

// checkTrustManager refuses tokens of application credentials and the like.
func (r *request) checkTrustManager() error {
	if r.auth.token.appCredentialID != "" || r.auth.token.oauthID != "" {
		return notAllowed("Delegated tokens cannot manage trusts.")
	}
	return nil
}

// liveTrust returns the trust called id unless it is used up or over.
func (s *Service) liveTrust(id string) (object, error) {
	trust, err := s.trusts.get(id)
	if err != nil {
		return nil, err
	}
	if at, err := time.Parse(credentialTime+"Z", trust.str("expires_at")); err == nil && !s.now().Before(at) {
		return nil, notFound("trust", id)
	}
	if trust["remaining_uses"] == 0.0 {
		return nil, notFound("trust", id)
	}
	return trust, nil
}

// trustView shows a trust with its roles in full.
func (s *Service) trustView(trust object) object {
	roles := []object{}
	for _, id := range roleIDs(trust["roles"]) {
		if role, ok := s.roles.byID[id]; ok {
			roles = append(roles, s.linked("roles", role))
		}
	}
	return s.linked("OS-TRUST/trusts", trust.with(object{
		"roles": roles,
		"roles_links": object{
			"self": s.url(trust.id() + "/roles"), "next": nil, "previous": nil,
		},
	}))
}

func (s *Service) listTrusts(r *request) (*response, error) {
	trustor, trustee := r.query.Get("trustor_user_id"), r.query.Get("trustee_user_id")
	action, target := "list_trusts", object{}
	all := s.trusts.list()
	switch {
	case trustor != "":
		action, target = "list_trusts_for_trustor", object{"trust": object{"trustor_user_id": trustor}}
		all = s.trusts.where("trustor_user_id", trustor)
	case trustee != "":
		action, target = "list_trusts_for_trustee", object{"trust": object{"trustee_user_id": trustee}}
		all = s.trusts.where("trustee_user_id", trustee)
	}
	if err := r.enforce(action, target); err != nil {
		return nil, err
	}
	if err := r.checkTrustManager(); err != nil {
		return nil, err
	}
	if trustor == "" && trustee == "" && len(r.query) > 0 {
		all = nil
	}
	for i, trust := range all {
		all[i] = s.linked("OS-TRUST/trusts", trust.without("roles"))
	}
	return r.bareCollection("trusts", all)
}

func (s *Service) createTrust(r *request) (*response, error) {
	given := asObject(r.body["trust"])
	if err := r.enforce("create_trust", object{"trust": given}); err != nil {
		return nil, err
	}
	if err := validate(trustSchema, map[string]any(given)); err != nil {
		return nil, err
	}
	if err := r.checkTrustManager(); err != nil {
		return nil, err
	}
	trust := given.with(object{"id": newID(), "deleted_at": nil, "redelegated_trust_id": nil})
	for _, key := range []string{"project_id", "remaining_uses"} {
		trust.setDefault(key, nil)
	}
	steps := []func(*request, object) error{s.checkTrustParties, s.setTrustRoles, s.setTrustExpiry, s.setRedelegation}
	for _, step := range steps {
		if err := step(r, trust); err != nil {
			return nil, err
		}
	}
	s.trusts.put(trust)
	return created(object{"trust": s.trustView(trust)})
}

func (s *Service) checkTrustParties(r *request, trust object) error {
	if wanted, _ := trust["roles"].([]any); trust.str("project_id") != "" && len(wanted) == 0 {
		return notAllowed("At least one role should be specified")
	}
	if r.auth.token.actingUser() != trust.str("trustor_user_id") {
		return notAllowed("The authenticated user should match the trustor")
	}
	_, err := s.users.get(trust.str("trustee_user_id"))
	return err
}

// setTrustRoles looks up the roles, which the trustor must have.
func (s *Service) setTrustRoles(r *request, trust object) error {
	roles := []object{}
	wanted, _ := trust["roles"].([]any)
	for _, item := range wanted {
		asked := asObject(item)
		if name := asked.str("name"); name != "" {
			role, found := s.roles.find(nameKey(name, ""))
			if !found {
				return notFoundText("Role %s is not defined", name)
			}
			asked = role
		}
		roles = append(roles, object{"id": asked.id()})
	}
	trust["roles"] = roles
	if len(roles) == 0 {
		return nil
	}
	project := trust.str("project_id")
	if _, err := s.projects.get(project); project != "" && err != nil {
		return err
	}
	trustor := trust.str("trustor_user_id")
	if above := r.auth.token.trust; above != nil {
		trustor = s.originalTrustor(above)
	}
	have := s.rolesOn(trustor, scope{projectID: project})
	for _, role := range roles {
		if project == "" || !slices.Contains(have, role.id()) {
			return notFound("role", role.id())
		}
	}
	return nil
}

// originalTrustor is the user at the beginning of a chain of trusts.
func (s *store) originalTrustor(trust object) string {
	for trust.str("redelegated_trust_id") != "" {
		trust = s.trusts.byID[trust.str("redelegated_trust_id")]
	}
	return trust.str("trustor_user_id")
}

func (s *Service) setTrustExpiry(_ *request, trust object) error {
	limit, err := s.readExpiry(trust)
	if err != nil {
		return err
	}
	trust["expires_at"] = nil
	if text, ok := limit.(string); ok {
		trust["expires_at"] = text + "Z"
	}
	return nil
}

// setRedelegation settles how often the trust may be passed on.
func (s *Service) setRedelegation(r *request, trust object) error {
	asked, given := trust["redelegation_count"].(float64)
	allowed := trust.flag("allow_redelegation") && !(given && asked == 0)
	delete(trust, "allow_redelegation")
	above := r.auth.token.trust
	switch {
	case !allowed:
		trust["redelegation_count"] = 0.0
	case asked > maxRedelegation:
		return notAllowed("")
	case trust["remaining_uses"] != nil:
		return badRequest("remaining_uses must not be set if redelegation is allowed")
	}
	if above != nil {
		if err := checkRedelegation(above, trust, allowed && given, asked); err != nil {
			return err
		}
		trust["redelegated_trust_id"] = above.id()
		left, _ := above["redelegation_count"].(float64)
		if trust["redelegation_count"] == nil {
			trust["redelegation_count"] = left - 1
		}
	}
	if trust["redelegation_count"] == nil {
		trust["redelegation_count"] = float64(maxRedelegation)
	}
	return nil
}

// checkRedelegation holds a trust to the one that it passes on.
func checkRedelegation(above, trust object, counted bool, asked float64) error {
	left, _ := above["redelegation_count"].(float64)
	roles := roleIDs(above["roles"])
	missing := slices.ContainsFunc(roleIDs(trust["roles"]), func(id string) bool { return !slices.Contains(roles, id) })
	until, limit := trust.str("expires_at"), above.str("expires_at")
	if until == "" {
		trust["expires_at"] = above["expires_at"]
	}
	if left < 1 || missing || counted && asked != left-1 || trust["remaining_uses"] != nil ||
		until != "" && limit != "" && until > limit || trust.flag("impersonation") && !above.flag("impersonation") {
		return notAllowed("")
	}
	return nil
}

// trustInPath returns the trust in the path. Whether it exists shows to
// everybody with a token.
func (s *Service) trustInPath(r *request, action string) (object, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	trust, err := s.liveTrust(r.PathValue("trust_id"))
	if err != nil {
		return nil, err
	}
	if err := r.enforce(action, object{"trust": trust}); err != nil {
		return nil, err
	}
	return trust, r.checkTrustManager()
}

func (s *Service) getTrust(r *request) (*response, error) {
	trust, err := s.trustInPath(r, "get_trust")
	if err != nil {
		return nil, err
	}
	return ok(object{"trust": s.trustView(trust)})
}

func (s *Service) deleteTrust(r *request) (*response, error) {
	trust, err := s.trustInPath(r, "delete_trust")
	if err != nil {
		return nil, err
	}
	s.forgetTrust(trust.id())
	return noContent()
}

// forgetTrust removes a trust and those that pass it on.
func (s *Service) forgetTrust(id string) {
	for _, below := range s.trusts.where("redelegated_trust_id", id) {
		s.forgetTrust(below.id())
	}
	s.revokedTrusts[id] = s.issued
	s.trusts.remove(id)
}

func (s *Service) listTrustRoles(r *request) (*response, error) {
	trust, err := s.trustInPath(r, "list_roles_for_trust")
	if err != nil {
		return nil, err
	}
	shown := s.trustView(trust)
	return ok(object{"roles": shown["roles"], "links": shown["roles_links"]})
}

func (s *Service) getTrustRole(r *request) (*response, error) {
	trust, err := s.trustInPath(r, "get_role_for_trust")
	if err != nil {
		return nil, err
	}
	id := r.PathValue("role_id")
	if !slices.Contains(roleIDs(trust["roles"]), id) {
		return nil, notFound("role", id)
	}
	return ok(object{"role": s.linked("roles", s.roles.byID[id])})
}

// trustScope reads the trust that a token is asked for.
func (s *Service) trustScope(l *login, described object) error {
	id := described.id()
	if id == "" {
		return expecting("trust_id", "trust")
	}
	trust, err := s.liveTrust(id)
	if isNotFound(err) {
		return unauthorized()
	}
	if err != nil {
		return err
	}
	if project := trust.str("project_id"); project != "" {
		if _, err := s.lookUpProject(object{"id": project}); err != nil {
			return err
		}
		l.token.scope.projectID = project
	}
	l.trust, l.token.trustID = trust, id
	return nil
}

// resolveTrust works out what a token made with a trust stands for: the roles
// of the trust, all of which the trustor must still have.
func (s *Service) resolveTrust(g *grantedToken) error {
	var err error
	if g.trust, err = s.trusts.get(g.trustID); err != nil {
		return err
	}
	trustor := s.users.byID[g.trust.str("trustor_user_id")]
	switch {
	case g.userID != g.trust.str("trustee_user_id"):
		return notAllowed("")
	case trustor == nil || !trustor.enabled():
		return notAllowed("")
	case !s.projects.byID[trustor.str("domain_id")].enabled():
		return notFoundText("Trustor domain is disabled.")
	}
	wanted := map[string]bool{}
	for _, id := range roleIDs(g.trust["roles"]) {
		wanted[id] = true
	}
	have := s.rolesOn(s.originalTrustor(g.trust), scope{projectID: g.trust.str("project_id")})
	var ids []string
	for _, id := range s.globalRoles(s.withImplied(wanted)) {
		if !slices.Contains(have, id) {
			return notAllowed("")
		}
		ids = append(ids, id)
	}
	g.roles = s.roleRefs(ids)
	return nil
}

// renderTrust adds the trust to a token's body. With impersonation the token
// is the trustor's.
func (s *Service) renderTrust(t *grantedToken, body object) {
	body["OS-TRUST:trust"] = object{
		"id":            t.trust.id(),
		"trustor_user":  object{"id": t.trust["trustor_user_id"]},
		"trustee_user":  object{"id": t.trust["trustee_user_id"]},
		"impersonation": t.trust["impersonation"],
	}
	if t.project != nil {
		body["project"] = projectRef(t.project, t.projectDomain)
	}
	roles := make([]object, len(t.roles)) // here, and only here, Keystone shows roles in full
	for i, role := range t.roles {
		roles[i] = s.roles.byID[role.id()]
	}
	body["roles"] = roles
	if t.trust.flag("impersonation") {
		trustor := s.users.byID[t.trust.str("trustor_user_id")]
		body["user"] = userRef(trustor, s.projects.byID[trustor.str("domain_id")])
	}
}

// useTrust counts one use of a trust.
func (s *Service) useTrust(trust object) {
	if left, ok := trust["remaining_uses"].(float64); ok {
		s.trusts.put(trust.with(object{"remaining_uses": left - 1}))
	}
}
