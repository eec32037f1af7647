package keystone

import (
	"slices"
	"strings"
	"time"
)

// credentialTime is how application credentials show their expiry.
const credentialTime = "2006-01-02T15:04:05.000000"

func (s *Service) appCredentialRoutes(rt *router) {
	const list = "/users/{user_id}/application_credentials"
	rt.handle("GET "+list, s.listAppCredentials)
	rt.handle("POST "+list, s.createAppCredential)
	rt.handle("GET "+list+"/{application_credential_id}", s.getAppCredential)
	rt.handle("DELETE "+list+"/{application_credential_id}", s.deleteAppCredential)
	rt.handle("GET /users/{user_id}/access_rules", s.listAccessRules)
	rt.handle("GET /users/{user_id}/access_rules/{access_rule_id}", s.getAccessRule)
	rt.handle("DELETE /users/{user_id}/access_rules/{access_rule_id}", s.deleteAccessRule)
}

// checkUnrestricted refuses a token of a restricted application credential.
func (r *request) checkUnrestricted() error {
	cred := r.auth.token.appCredential
	if cred != nil && !cred.flag("unrestricted") {
		return notAllowed("Using method 'application_credential' is not allowed for managing additional " +
			"application credentials.")
	}
	return nil
}

// appCredentialView shows a credential with its roles in full.
func (s *Service) appCredentialView(o object) object {
	roles := []object{}
	for _, id := range roleIDs(o["roles"]) {
		if role, ok := s.roles.byID[id]; ok {
			roles = append(roles, role)
		}
	}
	shown := o.with(object{"roles": roles})
	if shown["access_rules"] == nil {
		delete(shown, "access_rules")
	}
	return shown
}

func (s *Service) listAppCredentials(r *request) (*response, error) {
	if err := r.enforce("list_application_credentials", nil); err != nil {
		return nil, err
	}
	if err := r.checkDelegated(); err != nil {
		return nil, err
	}
	all := s.appCredentials.where("user_id", r.PathValue("user_id"))
	for i, o := range all {
		all[i] = s.appCredentialView(o)
	}
	return r.collection("application_credentials", apply(r.filters("name"), all))
}

func (s *Service) createAppCredential(r *request) (*response, error) {
	if err := r.enforce("create_application_credential", nil); err != nil {
		return nil, err
	}
	given := asObject(r.body["application_credential"])
	if err := validate(appCredentialSchema, map[string]any(given)); err != nil {
		return nil, err
	}
	if err := r.checkDelegated(); err != nil {
		return nil, err
	}
	if err := r.checkUnrestricted(); err != nil {
		return nil, err
	}
	o, secret, err := s.newAppCredential(r, given)
	if err != nil {
		return nil, err
	}
	s.appCredentials.put(o)
	s.secrets[o.id()] = newSecret(secret)
	shown := s.appCredentialView(o).with(object{"secret": secret})
	return created(object{"application_credential": s.linked("application_credentials", shown)})
}

// newAppCredential completes what the caller gave, and returns the secret
// beside it.
func (s *Service) newAppCredential(r *request, given object) (o object, secret string, err error) {
	o = normalise(given).without("secret")
	if secret = given.str("secret"); secret == "" {
		secret = randomText(64)
	}
	token := r.auth.token
	o["id"], o["user_id"] = newID(), token.actingUser()
	o["project_id"] = nil
	if token.project != nil {
		o["project_id"] = token.project.id()
	}
	o.setDefault("description", nil)
	o.setDefault("unrestricted", nil)
	if o["roles"], err = s.appCredentialRoles(r, given); err != nil {
		return nil, "", err
	}
	if o["expires_at"], err = s.readExpiry(given); err != nil {
		return nil, "", err
	}
	o["system"] = nil
	if s.appCredentials.taken(o) {
		return nil, "", conflict("application_credential", "Duplicate entry found with name "+o.str("name"))
	}
	if rules, ok := given["access_rules"].([]any); ok {
		if o["access_rules"], err = s.makeAccessRules(o.str("user_id"), rules); err != nil {
			return nil, "", err
		}
	}
	return o, secret, nil
}

// appCredentialRoles returns the roles asked for, which the token must have,
// or all of the token's.
func (s *Service) appCredentialRoles(r *request, given object) ([]object, error) {
	wanted, _ := given["roles"].([]any)
	if len(wanted) == 0 {
		return r.auth.token.roles, nil
	}
	var roles []object
	for _, item := range wanted {
		asked := asObject(item)
		id := asked.id()
		if name := asked.str("name"); name != "" {
			role, found := s.roles.find(nameKey(name, ""))
			if !found {
				return nil, notFoundText("Role %s is not defined", name)
			}
			id = role.id()
		}
		i := slices.IndexFunc(r.auth.token.roles, func(o object) bool { return o.id() == id })
		if i < 0 {
			return nil, badRequest("Invalid application credential: Cannot create an application credential " +
				"with unassigned role")
		}
		roles = append(roles, r.auth.token.roles[i])
	}
	return roles, nil
}

// readExpiry reads when a credential shall expire; nil means never.
func (s *Service) readExpiry(given object) (any, error) {
	text := given.str("expires_at")
	if text == "" {
		return nil, nil
	}
	at, err := parseTime(text)
	if err != nil {
		return nil, badRequest("Timestamp not in expected format.%s", malformed)
	}
	if !at.After(s.now()) {
		return nil, badRequest("The 'expires_at' must not be before now.%s", malformed)
	}
	return at.UTC().Format(credentialTime), nil
}

// parseTime reads ISO 8601 in the forms that clients send; without a zone it
// is UTC.
func parseTime(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	return time.Parse("2006-01-02T15:04:05.999999999", strings.TrimSuffix(text, "Z"))
}

// makeAccessRules stores the rules of a new credential; equal ones of the same
// user are one.
func (s *Service) makeAccessRules(userID string, given []any) ([]object, error) {
	rules := []object{}
	for _, item := range given {
		asked := asObject(item)
		if id := asked.id(); id != "" && asked.str("path") == "" {
			rule, err := s.accessRules.get(id)
			if err != nil { // Keystone does not look whose it is
				return nil, err
			}
			rules = append(rules, rule.without("user_id"))
			continue
		}
		rules = append(rules, s.accessRule(userID, asked).without("user_id"))
	}
	return rules, nil
}

func (s *Service) accessRule(userID string, asked object) object {
	for _, rule := range s.accessRules.where("user_id", userID) {
		if rule.str("service") == asked.str("service") && rule.str("path") == asked.str("path") &&
			rule.str("method") == asked.str("method") {
			return rule
		}
	}
	rule := object{
		"id": newID(), "user_id": userID,
		"service": asked.str("service"), "path": asked.str("path"), "method": asked.str("method"),
	}
	s.accessRules.put(rule)
	return rule
}

// appCredentialInPath returns the credential in the path, with its real owner
// in the place of the user in the path: the rule about owners means them.
func (s *Service) appCredentialInPath(r *request, action string) (object, error) {
	o, err := s.appCredentials.get(r.PathValue("application_credential_id"))
	if err == nil {
		r.vars["user_id"] = o.str("user_id")
	}
	if denied := r.enforce(action, nil); denied != nil {
		return nil, denied
	}
	if denied := r.checkDelegated(); denied != nil {
		return nil, denied
	}
	return o, err
}

func (s *Service) getAppCredential(r *request) (*response, error) {
	o, err := s.appCredentialInPath(r, "get_application_credential")
	if err != nil {
		return nil, err
	}
	shown := s.linked("application_credentials", s.appCredentialView(o))
	return ok(object{"application_credential": shown})
}

func (s *Service) deleteAppCredential(r *request) (*response, error) {
	o, err := s.appCredentialInPath(r, "delete_application_credential")
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	if denied := r.checkUnrestricted(); denied != nil {
		return nil, denied
	}
	if err != nil {
		return nil, err
	}
	s.appCredentials.remove(o.id())
	delete(s.secrets, o.id())
	return noContent()
}

func (s *Service) listAccessRules(r *request) (*response, error) {
	if _, err := s.ofUser(r, "list_access_rules"); err != nil && !isNotFound(err) {
		return nil, err
	}
	all := s.accessRules.where("user_id", r.PathValue("user_id"))
	for i, o := range all {
		all[i] = o.without("user_id")
	}
	return r.collection("access_rules", apply(r.filters("service", "path", "method"), all))
}

func (s *Service) getAccessRule(r *request) (*response, error) {
	if _, err := s.ofUser(r, "get_access_rule"); err != nil && !isNotFound(err) {
		return nil, err
	}
	rule, err := s.accessRules.get(r.PathValue("access_rule_id"))
	if err != nil {
		return nil, err
	}
	return ok(object{"access_rule": s.linked("access_rules", rule.without("user_id"))})
}

func (s *Service) deleteAccessRule(r *request) (*response, error) {
	if _, err := s.ofUser(r, "delete_access_rule"); err != nil && !isNotFound(err) {
		return nil, err
	}
	rule, err := s.accessRules.get(r.PathValue("access_rule_id"))
	if err != nil {
		return nil, err
	}
	for _, cred := range s.appCredentials.list() {
		used, _ := cred["access_rules"].([]object)
		if slices.ContainsFunc(used, func(o object) bool { return o.id() == rule.id() }) {
			return nil, forbidden("May not delete access rule in use: %s", rule.id())
		}
	}
	s.accessRules.remove(rule.id())
	return noContent()
}
