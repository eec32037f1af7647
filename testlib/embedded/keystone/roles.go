package keystone

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Service) roleResource() *resource {
	return &resource{
		member: "role", collection: "roles", table: s.roles,
		schema: roleSchema, patch: changed(roleSchema),
		filters: []string{"name", "domain_id"},
		action: func(verb string, o object) string {
			if o.str("domain_id") != "" {
				return verb + "_domain_role"
			}
			return verb + "_role"
		},
		tells: []string{"get", "update", "delete"},
		list:  s.listRoles,
		create: func(_ *request, o object) error {
			o.setDefault("domain_id", nil)
			o.setDefault("description", nil)
			mergeOptions(nil, o)
			return nil
		},
		update: func(_ *request, old, patch object) (object, error) {
			if err := checkImmutable("role", old, patch); err != nil {
				return nil, err
			}
			if domain, ok := patch["domain_id"]; ok && domain != old["domain_id"] {
				return nil, badRequest("Update of `domain_id` is not allowed.")
			}
			next := old.with(patch)
			mergeOptions(old, next)
			return next, nil
		},
		remove: func(_ *request, o object) error {
			if err := checkImmutable("role", o, nil); err != nil {
				return err
			}
			s.forgetRole(o.id())
			return nil
		},
	}
}

func (s *Service) listRoles(r *request) ([]object, error) {
	action := "list_roles"
	if r.query.Get("domain_id") != "" {
		action = "list_domain_roles"
	}
	if err := r.enforce(action, nil); err != nil {
		return nil, err
	}
	all := s.roles.list()
	if action == "list_roles" {
		all = slices.DeleteFunc(all, func(o object) bool { return o.str("domain_id") != "" })
	}
	return all, nil
}

// forgetRole removes what hangs on a role.
func (s *Service) forgetRole(id string) {
	s.dropGrants(func(g grant) bool { return g.roleID == id })
	s.implied.drop(id)
}

func (s *Service) impliedRoutes(rt *router) {
	rt.handle("GET /roles/{prior_role_id}/implies", s.listImplied)
	const one = " /roles/{prior_role_id}/implies/{implied_role_id}"
	rt.handle("GET"+one, s.impliedRole("get_implied_role"))
	rt.handle("HEAD"+one, s.impliedRole("check_implied_role"))
	rt.handle("PUT"+one, s.impliedRole("create_implied_role"))
	rt.handle("DELETE"+one, s.impliedRole("delete_implied_role"))
	rt.handle("GET /role_inferences", s.listInferences)
}

// roleLink is id, name and link of a role, as inference rules show it.
func (s *Service) roleLink(id string) object {
	return object{
		"id": id, "name": s.roles.byID[id].str("name"),
		"links": object{"self": s.url("roles/" + id)},
	}
}

func (s *Service) listImplied(r *request) (*response, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	prior, err := s.roles.get(r.PathValue("prior_role_id"))
	if err != nil {
		return nil, err
	}
	if err := r.enforce("list_implied_roles", object{"prior_role": prior}); err != nil {
		return nil, err
	}
	implies := []object{}
	for _, id := range s.implied.seconds(prior.id()) {
		implies = append(implies, s.roleLink(id))
	}
	return ok(object{
		"role_inference": object{"prior_role": s.roleLink(prior.id()), "implies": implies},
		"links":          object{"self": s.url("roles/" + prior.id() + "/implies")},
	})
}

// impliedRole handles one rule of inference.
func (s *Service) impliedRole(action string) handler {
	return func(r *request) (*response, error) {
		if r.auth == nil {
			return nil, unauthorized()
		}
		prior, err := s.roles.get(r.PathValue("prior_role_id"))
		if err != nil {
			return nil, err
		}
		implied, err := s.roles.get(r.PathValue("implied_role_id"))
		if err != nil {
			return nil, err
		}
		target := object{"prior_role": prior, "implied_role": implied}
		if err := r.enforce(action, target); err != nil {
			return nil, err
		}
		if r.Method == http.MethodPut {
			return s.addImplied(prior, implied)
		}
		if !s.implied.has(prior.id(), implied.id()) {
			return nil, notFoundText("%s does not imply %s.", prior.id(), implied.id())
		}
		switch r.Method {
		case http.MethodGet:
			return ok(s.inference(prior.id(), implied.id()))
		case http.MethodDelete:
			s.implied.remove(prior.id(), implied.id())
		}
		return noContent()
	}
}

func (s *Service) addImplied(prior, implied object) (*response, error) {
	if implied.str("name") == "admin" || prior.str("domain_id") == "" && implied.str("domain_id") != "" {
		return nil, forbidden("%s cannot be an implied roles.", implied.id())
	}
	if s.implied.has(prior.id(), implied.id()) {
		return nil, conflict("implied_role", "Duplicate entry")
	}
	s.implied.add(prior.id(), implied.id())
	return created(s.inference(prior.id(), implied.id()))
}

func (s *Service) inference(prior, implied string) object {
	return object{
		"role_inference": object{"prior_role": s.roleLink(prior), "implies": s.roleLink(implied)},
		"links":          object{"self": s.url("roles/" + prior + "/implies/" + implied)},
	}
}

func (s *Service) listInferences(r *request) (*response, error) {
	if err := r.enforce("list_role_inference_rules", nil); err != nil {
		return nil, err
	}
	rules := []object{}
	for _, prior := range s.implied.all() {
		var implies []object
		for _, id := range s.implied.seconds(prior) {
			implies = append(implies, s.roleLink(id))
		}
		rules = append(rules, object{"prior_role": s.roleLink(prior), "implies": implies})
	}
	return ok(object{"role_inferences": rules})
}

func (s *Service) grantRoutes(rt *router) {
	for _, target := range []string{"projects/{project_id}", "domains/{domain_id}"} {
		for _, actor := range []string{"users/{user_id}", "groups/{group_id}"} {
			roles := "/" + target + "/" + actor + "/roles"
			rt.handle("GET "+roles, s.listGrants(false))
			rt.handle("GET "+roles+"/{role_id}", s.grantHandler("check_grant", false))
			rt.handle("PUT "+roles+"/{role_id}", s.grantHandler("create_grant", false))
			rt.handle("DELETE "+roles+"/{role_id}", s.grantHandler("revoke_grant", false))
			inherited := "/OS-INHERIT" + roles
			if strings.HasPrefix(target, "domains") {
				rt.handle("GET "+inherited+"/inherited_to_projects", s.listGrants(true))
			}
			inherited += "/{role_id}/inherited_to_projects"
			rt.handle("GET "+inherited, s.grantHandler("check_grant", true))
			rt.handle("PUT "+inherited, s.grantHandler("create_grant", true))
			rt.handle("DELETE "+inherited, s.grantHandler("revoke_grant", true))
		}
	}
	for _, actor := range []string{"user", "group"} {
		roles := "/system/" + actor + "s/{" + actor + "_id}/roles"
		rt.handle("GET "+roles, s.listSystemGrants(actor))
		rt.handle("GET "+roles+"/{role_id}", s.grantHandler("check_system_grant_for_"+actor, false))
		rt.handle("PUT "+roles+"/{role_id}", s.grantHandler("create_system_grant_for_"+actor, false))
		rt.handle("DELETE "+roles+"/{role_id}", s.grantHandler("revoke_system_grant_for_"+actor, false))
	}
}

// grantInPath returns the grant that the path names, and its parts for policy.
// An actor that does not exist is an error unless the grant is to be revoked.
func (s *Service) grantInPath(r *request, inherited bool) (grant, object, error) {
	g := grant{
		userID: r.PathValue("user_id"), groupID: r.PathValue("group_id"),
		projectID: r.PathValue("project_id"), domainID: r.PathValue("domain_id"),
		roleID: r.PathValue("role_id"), inherited: inherited,
	}
	g.system = g.projectID == "" && g.domainID == ""
	target := object{}
	parts := []struct {
		kind, id string
		get      func(string) (object, error)
	}{
		{"role", g.roleID, s.roles.get},
		{"user", g.userID, s.users.get},
		{"group", g.groupID, s.groups.get},
		{"domain", g.domainID, s.domain},
		{"project", g.projectID, s.projects.get},
	}
	for _, part := range parts {
		if part.id == "" {
			continue
		}
		o, err := part.get(part.id)
		if err != nil {
			if r.Method == http.MethodDelete && (part.kind == "user" || part.kind == "group") {
				continue
			}
			return g, nil, err
		}
		target[part.kind] = o
	}
	return g, target, nil
}

// grantHandler checks, makes or revokes one grant.
func (s *Service) grantHandler(action string, inherited bool) handler {
	return func(r *request) (*response, error) {
		if r.auth == nil {
			return nil, unauthorized()
		}
		g, target, err := s.grantInPath(r, inherited)
		if err != nil {
			return nil, err
		}
		if err := r.enforce(action, target); err != nil {
			return nil, err
		}
		if r.Method == http.MethodPut {
			return s.makeGrant(g)
		}
		if !s.hasGrant(g) {
			return nil, noGrant(g)
		}
		if r.Method == http.MethodDelete {
			s.removeGrant(g)
		}
		return noContent()
	}
}

func (s *Service) makeGrant(g grant) (*response, error) {
	home := s.roles.byID[g.roleID].str("domain_id")
	switch {
	case home == "":
	case g.projectID != "" && s.projects.byID[g.projectID].str("domain_id") != home:
		return nil, forbidden("Project %s must be in the same domain as the role %s being assigned.",
			g.projectID, g.roleID)
	case g.system:
		return nil, badRequest("Role %s is a domain-specific role. Unable to use a domain-specific role in a "+
			"system assignment.", g.roleID)
	}
	s.addGrant(g)
	return noContent()
}

func noGrant(g grant) error {
	target := g.projectID + g.domainID
	if g.system {
		target = "system"
	}
	return notFoundText("Could not find role assignment with role: %s, user or group: %s, project, domain, or "+
		"system: %s.", g.roleID, g.actor(), target)
}

// listGrants lists the roles that an actor has on a target.
func (s *Service) listGrants(inherited bool) handler {
	return func(r *request) (*response, error) {
		if r.auth == nil {
			return nil, unauthorized()
		}
		want, target, err := s.grantInPath(r, inherited)
		if err != nil {
			return nil, err
		}
		if err := r.enforce("list_grants", target); err != nil {
			return nil, err
		}
		return s.rolesGranted(r, want)
	}
}

func (s *Service) listSystemGrants(actor string) handler {
	return func(r *request) (*response, error) {
		if r.auth == nil {
			return nil, unauthorized()
		}
		want, target, err := s.grantInPath(r, false)
		if err != nil {
			return nil, err
		}
		if err := r.enforce("list_system_grants_for_"+actor, target); err != nil {
			return nil, err
		}
		return s.rolesGranted(r, want)
	}
}

// rolesGranted lists the roles of the grants that are want but for the role.
func (s *Service) rolesGranted(r *request, want grant) (*response, error) {
	var roles []object
	for g := range s.grants[want.actor()] {
		want.roleID = g.roleID
		if g == want {
			roles = append(roles, s.roles.byID[g.roleID])
		}
	}
	slices.SortFunc(roles, func(a, b object) int { return strings.Compare(a.id(), b.id()) })
	return r.collection("roles", roles)
}
