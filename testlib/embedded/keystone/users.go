package keystone

import (
	"slices"
	"strings"
)

func (s *Service) userResource() *resource {
	return &resource{
		member: "user", collection: "users", table: s.users,
		finds:  true,
		schema: userSchema, patch: changed(userSchema),
		filters: []string{"domain_id", "enabled", "name"},
		list:    s.listUsers,
		create:  s.createUser,
		commit:  s.storePassword,
		update:  s.updateUser,
		columns: []string{
			"id", "name", "domain_id", "enabled", "default_project_id", "password_expires_at", "options",
		},
		remove: func(_ *request, o object) error {
			s.forgetUser(o.id())
			return nil
		},
	}
}

func (s *Service) userRoutes(rt *router) {
	rt.handle("POST /users/{user_id}/password", s.changePassword)
	rt.handle("GET /users/{user_id}/projects", s.listUserProjects)
	rt.handle("GET /users/{user_id}/groups", s.listUserGroups)
}

func (s *Service) listUsers(r *request) ([]object, error) {
	within := r.scopeDomain()
	var target object
	if within != "" {
		target = object{"domain_id": within}
	}
	if err := r.enforce("list_users", target); err != nil {
		return nil, err
	}
	return inDomain(s.users.list(), within), nil
}

// scopeDomain is the id of the domain that the token is scoped to, or "".
func (r *request) scopeDomain() string {
	if r.auth == nil {
		return ""
	}
	return r.auth.token.scope.domainID
}

// inDomain keeps the objects of one domain; "" keeps all.
func inDomain(objects []object, id string) []object {
	if id == "" {
		return objects
	}
	return slices.DeleteFunc(objects, func(o object) bool { return o.str("domain_id") != id })
}

func (s *Service) createUser(r *request, o object) error {
	o["name"] = strings.TrimSpace(o.str("name"))
	if o.str("domain_id") == "" {
		o["domain_id"] = r.homeDomain()
	}
	if _, err := s.domain(o.str("domain_id")); err != nil {
		return err
	}
	o.setDefault("enabled", true)
	mergeOptions(nil, o)
	o["password_expires_at"] = nil
	dropNullProject(o)
	return s.checkDefaultProject(o)
}

// checkDefaultProject refuses a domain as default project. One that does not
// exist is fine.
func (s *Service) checkDefaultProject(o object) error {
	id := o.str("default_project_id")
	if s.projects.byID[id].flag("is_domain") {
		return badRequest("User's default project ID cannot be a domain ID: %s", id)
	}
	return nil
}

// dropNullProject hides a default project that is null.
func dropNullProject(o object) {
	if o["default_project_id"] == nil {
		delete(o, "default_project_id")
	}
}

// storePassword moves the password of a new user, if there is one, to where
// nobody sees it.
func (s *Service) storePassword(_ *request, o object) {
	if password, ok := o["password"].(string); ok {
		s.secrets[o.id()] = newSecret(password)
	}
	delete(o, "password")
}

func (s *Service) updateUser(_ *request, old, patch object) (object, error) {
	if domain, ok := patch["domain_id"]; ok && domain != old["domain_id"] {
		return nil, badRequest("Cannot change Domain ID")
	}
	if err := s.checkDefaultProject(patch); err != nil {
		return nil, err
	}
	next := old.with(patch).without("password")
	mergeOptions(old, next)
	dropNullProject(next)
	if name, ok := patch["name"].(string); ok {
		next["name"] = strings.TrimSpace(name)
	}
	if err := s.userResource().checkTaken(next, patch); err != nil {
		return nil, err
	}
	password, changed := patch["password"].(string)
	if changed {
		s.secrets[old.id()] = newSecret(password)
	}
	if changed || old.enabled() && patch["enabled"] == false {
		s.revokeUser(old.id())
	}
	return next, nil
}

// forgetUser removes what hangs on a user.
func (s *Service) forgetUser(id string) {
	delete(s.grants, id)
	s.members.drop(id)
	s.revokeUser(id)
	delete(s.secrets, id)
	for _, t := range []*table{s.credentials, s.appCredentials, s.accessRules} {
		for _, o := range t.where("user_id", id) {
			t.remove(o.id())
			delete(s.secrets, o.id())
		}
	}
	for _, key := range []string{"trustor_user_id", "trustee_user_id"} {
		for _, trust := range s.trusts.where(key, id) {
			s.trusts.remove(trust.id())
		}
	}
}

// changePassword is POST /v3/users/{user_id}/password: by the user themselves,
// without a token.
func (s *Service) changePassword(r *request) (*response, error) {
	given := asObject(r.body["user"])
	if err := validate(passwordSchema, map[string]any(given)); err != nil {
		return nil, err
	}
	id := r.PathValue("user_id")
	user, err := s.users.get(id)
	if err != nil {
		return nil, unauthorized()
	}
	if !s.passwordIs(id, given.str("original_password")) || !user.enabled() {
		return nil, unauthorized()
	}
	if user.option("lock_password") {
		return nil, badRequest("You cannot change your password at this time due to password policy disallowing " +
			"password changes. Please contact your administrator to reset your password.")
	}
	s.secrets[id] = newSecret(given.str("password"))
	s.revokeUser(id)
	return noContent()
}

// ofUser enforces action on the user in the path, who must exist.
func (s *Service) ofUser(r *request, action string) (object, error) {
	user, err := s.users.get(r.PathValue("user_id"))
	target := object{}
	if err == nil {
		target["user"] = user
	}
	if denied := r.enforce(action, target); denied != nil {
		return nil, denied
	}
	return user, err
}

func (s *Service) listUserProjects(r *request) (*response, error) {
	user, err := s.ofUser(r, "list_user_projects")
	if err != nil {
		return nil, err
	}
	all := s.projectsOf(user.id())
	return r.collection("projects", apply(r.filters("domain_id", "enabled", "name"), all))
}

func (s *Service) listUserGroups(r *request) (*response, error) {
	user, err := s.ofUser(r, "list_groups_for_user")
	if err != nil {
		return nil, err
	}
	var groups []object
	for _, id := range s.members.firsts(user.id()) {
		groups = append(groups, s.groups.byID[id].with(object{"membership_expires_at": nil}))
	}
	groups = inDomain(groups, r.scopeDomain())
	return r.collection("groups", apply(r.filters("name"), groups))
}
