package keystone

import (
	"slices"
	"strings"
)

// maxDepth is how deep projects may be nested, the domain included:
// max_project_tree_depth + 1.
const maxDepth = 6

func (s *Service) projectResource() *resource {
	return &resource{
		member: "project", collection: "projects", table: s.projects,
		schema: projectSchema, patch: changed(projectSchema),
		filters: []string{"domain_id", "enabled", "name", "parent_id", "is_domain"},
		list:    s.listProjects,
		create:  s.createProject,
		update:  s.updateProject,
		remove:  s.deleteProject,
		show:    s.showProject,
		taken:   projectTaken,
		columns: []string{
			"id", "name", "domain_id", "description", "enabled", "parent_id", "is_domain", "tags", "options",
		},
	}
}

func projectTaken(o object) error {
	if o.flag("is_domain") {
		return conflict("project", "it is not permitted to have two projects acting as domains with "+
			"the same name: "+o.str("name"))
	}
	return conflict("project", "it is not permitted to have two projects with either the same name or same "+
		"id in the same domain: name is "+o.str("name")+", project id "+o.id())
}

func (s *Service) listProjects(r *request) ([]object, error) {
	var target object
	var within string
	if r.auth != nil && r.auth.token.domain != nil {
		within = r.auth.token.domain.id()
		target = object{"domain_id": within}
	}
	if err := r.enforce("list_projects", target); err != nil {
		return nil, err
	}
	var all []object
	for _, p := range s.projects.list() {
		if !r.query.Has("is_domain") && p.flag("is_domain") {
			continue
		}
		if (within == "" || p.str("domain_id") == within) && matchesTags(p, r) {
			all = append(all, p)
		}
	}
	return all, nil
}

// homeDomain is the domain of something new for which none was given: that of
// the token's scope, or the default one.
func (r *request) homeDomain() string {
	if r.auth != nil && r.auth.token.domain != nil {
		return r.auth.token.domain.id()
	}
	return defaultDomain
}

func (s *Service) createProject(r *request, o object) error {
	if !o.flag("is_domain") && o.str("domain_id") == "" {
		o["domain_id"] = r.homeDomain()
	}
	o.setDefault("domain_id", nil)
	if o.str("parent_id") == "" {
		o["parent_id"] = o["domain_id"]
	}
	o["name"] = strings.TrimSpace(o.str("name"))
	o.setDefault("enabled", true)
	o.setDefault("description", "")
	o.setDefault("is_domain", false)
	o.setDefault("tags", []any{})
	mergeOptions(nil, o)
	if o.flag("is_domain") {
		if o["parent_id"] != nil {
			return badRequest("only root projects are allowed to act as domains.")
		}
		return nil
	}
	return s.checkPlace(o)
}

// checkPlace checks where in the hierarchy o wants to be.
func (s *Service) checkPlace(o object) error {
	domain, err := s.domain(o.str("domain_id"))
	if err != nil {
		return badRequest("%s", err)
	}
	parent, err := s.projects.get(o.str("parent_id"))
	switch {
	case err != nil:
		return badRequest("%s", err)
	case parent.flag("is_domain") && parent.id() != domain.id():
		return badRequest("Cannot create project, the parent (%s) is acting as a domain, but this project's "+
			"domain id (%s) does not match the parent's id.", parent.id(), domain.id())
	case !parent.flag("is_domain") && parent.str("domain_id") != domain.id():
		return badRequest("Cannot create project, since it specifies its domain_id %s, but specifies a parent "+
			"in a different domain (%s).", domain.id(), parent.str("domain_id"))
	}
	above := append(s.parents(parent.id()), parent)
	for _, p := range above {
		if !p.enabled() {
			return badRequest("cannot create a project in a branch containing a disabled project: %s", p.id())
		}
	}
	if len(above)+1 > maxDepth {
		return forbidden("Max hierarchy depth reached for %s branch.", parent.id())
	}
	return nil
}

// parents returns what is above a project, nearest first, up to its domain.
func (s *store) parents(id string) []object {
	var above []object
	for {
		p, ok := s.projects.byID[s.projects.byID[id].str("parent_id")]
		if !ok {
			return above
		}
		above = append(above, p)
		id = p.id()
	}
}

// subtree returns what is below a project, the upper levels first.
func (s *store) subtree(id string) []object {
	below := s.projects.where("parent_id", id)
	for i := 0; i < len(below); i++ { // below grows while it is walked
		below = append(below, s.projects.where("parent_id", below[i].id())...)
	}
	return below
}

func (s *Service) updateProject(_ *request, old, patch object) (object, error) {
	kind := "project"
	if old.flag("is_domain") {
		kind = "domain"
	}
	if domain, ok := patch["domain_id"]; ok && domain != old["domain_id"] {
		return nil, badRequest("Cannot change Domain ID")
	}
	if err := checkImmutable(kind, old, patch); err != nil {
		return nil, err
	}
	if parent, ok := patch["parent_id"]; ok && parent != old["parent_id"] {
		return nil, forbidden("Update of `parent_id` is not allowed.")
	}
	if flag, ok := patch["is_domain"]; ok && flag != old["is_domain"] {
		return nil, badRequest("Update of `is_domain` is not allowed.")
	}
	next := old.with(patch)
	mergeOptions(old, next)
	if name, ok := patch["name"].(string); ok {
		next["name"] = strings.TrimSpace(name)
	}
	if !old.enabled() && next.enabled() {
		for _, p := range s.parents(old.id()) {
			if !p.enabled() {
				return nil, forbidden("Cannot enable project %s since it has disabled parents", old.id())
			}
		}
	}
	if old.enabled() && !next.enabled() && kind == "project" {
		if slices.ContainsFunc(s.subtree(old.id()), object.enabled) {
			return nil, forbidden("Cannot disable project %s since its subtree contains enabled projects.", old.id())
		}
	}
	return next, nil
}

func (s *Service) deleteProject(_ *request, o object) error {
	if o.flag("is_domain") {
		return s.deleteDomain(nil, o)
	}
	if err := checkImmutable("project", o, nil); err != nil {
		return err
	}
	if len(s.projects.where("parent_id", o.id())) > 0 {
		return forbidden("Cannot delete the project %s since it is not a leaf in the hierarchy. Use the cascade "+
			"option if you want to delete a whole subtree.", o.id())
	}
	s.forgetProject(o.id())
	return nil
}

// forgetProject removes what hangs on a project.
func (s *Service) forgetProject(id string) {
	s.dropGrants(func(g grant) bool { return g.projectID == id })
	s.revokedProjects[id] = s.issued
	s.endpointProjects.drop(id)
	s.groupProjects.drop(id)
	for _, t := range []*table{s.credentials, s.appCredentials, s.limits, s.trusts} {
		for _, o := range t.where("project_id", id) {
			t.remove(o.id())
		}
	}
	for _, user := range s.users.where("default_project_id", id) {
		s.users.put(user.without("default_project_id"))
	}
}

// showProject adds the parents and the subtree that the query asks for.
func (s *Service) showProject(r *request, o object) (object, error) {
	asked := func(name string) bool { return r.query.Has(name) && r.query.Get(name) != "0" }
	for _, kind := range []string{"parents", "subtree"} {
		if asked(kind+"_as_list") && asked(kind+"_as_ids") {
			return nil, badRequest("Cannot use %s_as_list and %s_as_ids query params at the same time.", kind, kind)
		}
	}
	shown := o.with(nil)
	switch {
	case asked("parents_as_list"):
		shown["parents"] = s.accessible(r, s.parents(o.id()))
	case asked("parents_as_ids"):
		shown["parents"] = s.parentIDs(o)
	}
	switch {
	case asked("subtree_as_list"):
		shown["subtree"] = s.accessible(r, s.subtree(o.id()))
	case asked("subtree_as_ids"):
		shown["subtree"] = s.subtreeIDs(o.id())
	}
	return shown, nil
}

// accessible keeps the projects on which the caller has a role, and wraps them.
func (s *Service) accessible(r *request, projects []object) []object {
	mine := s.targetsOf(r.auth.token.actingUser(), func(g grant) string { return g.projectID })
	kept := []object{}
	for _, p := range projects {
		if slices.Contains(mine, p.id()) {
			kept = append(kept, object{"project": s.linked("projects", p)})
		}
	}
	return kept
}

// parentIDs nests the ids above o: {parent: {grandparent: null}}.
func (s *Service) parentIDs(o object) any {
	parent := o.str("parent_id")
	if parent == "" {
		return nil
	}
	return object{parent: s.parentIDs(s.projects.byID[parent])}
}

// subtreeIDs nests the ids below a project.
func (s *Service) subtreeIDs(id string) any {
	children := s.projects.where("parent_id", id)
	if len(children) == 0 {
		return nil
	}
	ids := object{}
	for _, child := range children {
		ids[child.id()] = s.subtreeIDs(child.id())
	}
	return ids
}

// queryOf is the query of r with its question mark, or "".
func queryOf(r *request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return "?" + r.URL.RawQuery
}
