package keystone

import (
	"net/http"
	"slices"
	"strings"
)

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
