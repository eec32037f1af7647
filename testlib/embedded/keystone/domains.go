package keystone

import (
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

func (s *Service) domainResource() *resource {
	return &resource{
		member: "domain", collection: "domains", table: s.projects,
		schema: domainSchema, patch: changed(domainSchema),
		filters: []string{"name", "enabled"},
		list: func(r *request) ([]object, error) {
			domains := slices.DeleteFunc(s.projects.list(), func(o object) bool { return !o.flag("is_domain") })
			return domains, r.enforce("list_domains", nil)
		},
		get:    s.domain,
		tells:  []string{"update", "delete"},
		create: createDomain,
		update: s.updateProject,
		remove: s.deleteDomain,
		view:   func(_ *request, o object) object { return domainView(o) },
		taken:  projectTaken,
	}
}

// domainView is a project that acts as a domain, as the domains API shows it.
func domainView(o object) object { return o.without("parent_id", "domain_id", "is_domain") }

var hexID = lazyregexp.New(`^[0-9a-f]{32}$`)

func createDomain(_ *request, o object) error {
	if id, ok := o["explicit_domain_id"].(string); ok {
		if !hexID().MatchString(id) {
			return badRequest("Domain ID does not conform to required UUID format.")
		}
		o["id"] = id
		delete(o, "explicit_domain_id")
	}
	o["name"] = strings.TrimSpace(o.str("name"))
	o.setDefault("enabled", true)
	o.setDefault("description", "")
	o.setDefault("tags", []any{})
	mergeOptions(nil, o)
	o["is_domain"], o["domain_id"], o["parent_id"] = true, nil, nil
	return nil
}

// deleteDomain deletes what is in a domain, which must be disabled. The roles
// of the domain stay: Keystone forgets them.
func (s *Service) deleteDomain(_ *request, o object) error {
	if err := checkImmutable("domain", o, nil); err != nil {
		return err
	}
	if o.enabled() {
		return forbidden("Cannot delete a domain that is enabled, please disable it first.")
	}
	id := o.id()
	for _, p := range s.projects.where("domain_id", id) {
		s.forgetProject(p.id())
		s.projects.remove(p.id())
	}
	for _, user := range s.users.where("domain_id", id) {
		s.forgetUser(user.id())
		s.users.remove(user.id())
	}
	for _, group := range s.groups.where("domain_id", id) {
		s.forgetGroup(group.id())
		s.groups.remove(group.id())
	}
	s.dropGrants(func(g grant) bool { return g.domainID == id })
	s.forgetProject(id)
	delete(s.configs, id)
	return nil
}
