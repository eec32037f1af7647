package keystone

import "slices"

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
