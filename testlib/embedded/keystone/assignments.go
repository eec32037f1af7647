package keystone

import (
	"slices"
)

// listAssignments is GET /v3/role_assignments.
func (s *Service) listAssignments(r *request) (*response, error) {
	within := r.scopeDomain()
	target := object{}
	if within != "" {
		target["domain_id"] = within
	}
	if r.asked("include_subtree") {
		return s.listTreeAssignments(r)
	}
	if err := r.enforce("list_role_assignments", target); err != nil {
		return nil, err
	}
	grants, err := s.findGrants(r)
	if err != nil {
		return nil, err
	}
	if within != "" {
		grants = slices.DeleteFunc(grants, func(g grant) bool {
			return g.domainID != within && s.projects.byID[g.projectID].str("domain_id") != within
		})
	}
	return s.showGrants(r, grants)
}

func (s *Service) listTreeAssignments(r *request) (*response, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	target := object{}
	if id := r.query.Get("scope.project.id"); id != "" {
		project, err := s.projects.get(id)
		if err != nil {
			return nil, err
		}
		target["project"] = project
	}
	if err := r.enforce("list_role_assignments_for_tree", target); err != nil {
		return nil, err
	}
	if r.query.Get("scope.project.id") == "" {
		return nil, badRequest("scope.project.id must be specified if include_subtree is also specified")
	}
	grants, err := s.findGrants(r)
	if err != nil {
		return nil, err
	}
	return s.showGrants(r, grants)
}

// asked reports whether the query has a flag that is not 0.
func (r *request) asked(name string) bool { return r.query.Has(name) && r.query.Get(name) != "0" }

// findGrants returns the grants that the query of r selects.
func (s *Service) findGrants(r *request) ([]grant, error) {
	if err := checkAssignmentQuery(r); err != nil {
		return nil, err
	}
	projects := map[string]bool{}
	if id := r.query.Get("scope.project.id"); id != "" {
		projects[id] = true
		if r.asked("include_subtree") {
			for _, p := range s.subtree(id) {
				projects[p.id()] = true
			}
		}
	}
	grants := s.allGrants()
	if r.asked("effective") {
		grants = s.effective(slices.DeleteFunc(grants, func(g grant) bool {
			return g.system || dropsInherited(r, g)
		}))
	} else {
		grants = slices.DeleteFunc(grants, func(g grant) bool { return !g.system && dropsInherited(r, g) })
	}
	return slices.DeleteFunc(grants, func(g grant) bool { return !selected(r, g, projects) }), nil
}

// dropsInherited reports whether the query leaves out g for being inherited or
// not.
func dropsInherited(r *request, g grant) bool {
	const key = "scope.OS-INHERIT:inherited_to"
	return r.query.Has(key) && g.inherited != (r.query.Get(key) == "projects")
}

// selected reports whether g meets the filters of the query.
func selected(r *request, g grant, projects map[string]bool) bool {
	same := func(key, value string) bool { return r.query.Get(key) == "" || r.query.Get(key) == value }
	return same("user.id", g.userID) && same("group.id", g.groupID) && same("role.id", g.roleID) &&
		same("scope.domain.id", g.domainID) &&
		(len(projects) == 0 || projects[g.projectID]) &&
		(r.query.Get("scope.system") != "all" || g.system || r.asked("effective"))
}

func checkAssignmentQuery(r *request) error {
	has := func(key string) bool { return r.query.Get(key) != "" }
	switch {
	case has("scope.domain.id") && has("scope.project.id"):
		return badRequest("Specify a domain or project, not both")
	case has("scope.domain.id") && has("scope.system"):
		return badRequest("Specify system or domain, not both")
	case has("scope.project.id") && has("scope.system"):
		return badRequest("Specify system or project, not both")
	case has("user.id") && has("group.id"):
		return badRequest("Specify a user or group, not both")
	case r.asked("effective") && has("group.id"):
		return badRequest("Combining effective and group filter will always result in an empty list.")
	case r.asked("effective") && has("scope.domain.id") &&
		r.query.Get("scope.OS-INHERIT:inherited_to") == "projects":
		return badRequest("Combining effective, domain and inherited filters will always result in an empty list.")
	}
	return nil
}

func (s *Service) showGrants(r *request, grants []grant) (*response, error) {
	list := make([]object, len(grants))
	for i, g := range grants {
		list[i] = s.showGrant(g, r.asked("include_names"))
	}
	return r.bareCollection("role_assignments", list)
}

// showGrant writes g as the list of assignments does.
func (s *Service) showGrant(g grant, names bool) object {
	described := func(t *table, id string) object {
		if !names {
			return object{"id": id}
		}
		o := t.byID[id]
		shown := object{"id": id, "name": o.str("name")}
		if domain := o.str("domain_id"); domain != "" {
			shown["domain"] = ref(s.projects.byID[domain])
		}
		return shown
	}
	links := object{}
	shown := object{"links": links, "role": described(s.roles, g.roleID)}
	on := object{}
	link := ""
	switch {
	case g.projectID != "":
		on["project"] = described(s.projects, g.projectID)
		link = "projects/" + g.projectID
	case g.domainID != "":
		on["domain"] = described(s.projects, g.domainID)
		link = "domains/" + g.domainID
	default:
		on["system"] = object{"all": true}
		link = "system"
	}
	inherited := g.inherited
	switch {
	case g.viaDomain != "":
		link, inherited = "domains/"+g.viaDomain, true
	case g.viaProject != "":
		link, inherited = "projects/"+g.viaProject, true
	}
	switch {
	case g.viaGroup != "":
		links["membership"] = s.url("groups/" + g.viaGroup + "/users/" + g.userID)
		link += "/groups/" + g.viaGroup
	case g.userID != "":
		link += "/users/" + g.userID
	default:
		link += "/groups/" + g.groupID
	}
	if g.userID != "" {
		shown["user"] = described(s.users, g.userID)
	} else {
		shown["group"] = described(s.groups, g.groupID)
	}
	if g.viaRole != "" {
		link += "/roles/" + g.viaRole
		links["prior_role"] = s.url("prior_role/" + g.roleID + "/implies/" + g.viaRole)
	} else {
		link += "/roles/" + g.roleID
	}
	if inherited {
		on["OS-INHERIT:inherited_to"] = "projects"
		link = "OS-INHERIT/" + link + "/inherited_to_projects"
	}
	shown["scope"] = on
	links["assignment"] = s.url(link)
	return shown
}
