package keystone

import "slices"

func (s *Service) limitRoutes(rt *router) {
	registered, limits := s.registeredLimitResource(), s.limitResource()
	for _, c := range []*resource{registered, limits} {
		c.routes(rt)
	}
	rt.handle("POST /registered_limits", s.createMany(registered, "create_registered_limits", registeredLimitsSchema))
	rt.handle("POST /limits", s.createMany(limits, "create_limits", limitsSchema))
	rt.handle("GET /limits/model", func(r *request) (*response, error) {
		if err := r.enforce("get_limit_model", nil); err != nil {
			return nil, err
		}
		return ok(object{"model": object{
			"name": "flat",
			"description": "Limit enforcement and validation does not take project hierarchy into " +
				"consideration.",
		}})
	})
}

func (s *Service) registeredLimitResource() *resource {
	return &resource{
		member: "registered_limit", collection: "registered_limits", table: s.registeredLimits,
		patch:   registeredLimitPatchSchema,
		filters: []string{"service_id", "region_id", "resource_name"},
		get: func(id string) (object, error) {
			return findLimit(s.registeredLimits, "registered limit", id)
		},
		create: func(_ *request, o object) error {
			o.setDefault("region_id", nil)
			o.setDefault("description", nil)
			return s.checkReferences(o, "registered_limit")
		},
		update: func(_ *request, old, patch object) (object, error) {
			if s.limited(old) {
				return nil, limitsRemain(old)
			}
			return old.with(patch), s.checkReferences(patch, "registered_limit")
		},
		remove: func(_ *request, o object) error {
			if s.limited(o) {
				return limitsRemain(o)
			}
			return nil
		},
	}
}

// findLimit finds a limit; the text of its 404 is not like the others.
func findLimit(t *table, kind, id string) (object, error) {
	if o, ok := t.byID[id]; ok {
		return o, nil
	}
	return nil, notFoundText("Could not find %s for %s.", kind, id)
}

func limitsRemain(o object) error {
	return forbidden("Unable to update or delete registered limit %s because there are project limits associated "+
		"with it.", o.id())
}

// sameResource reports whether two limits are about the same resource.
func sameResource(a, b object) bool {
	return a["service_id"] == b["service_id"] && a["region_id"] == b["region_id"] &&
		a["resource_name"] == b["resource_name"]
}

// limited reports whether projects have limits of their own instead of o.
func (s *Service) limited(o object) bool {
	return slices.ContainsFunc(s.limits.list(), func(l object) bool { return sameResource(l, o) })
}

func (s *Service) limitResource() *resource {
	return &resource{
		member: "limit", collection: "limits", table: s.limits,
		patch:   limitPatchSchema,
		filters: []string{"service_id", "region_id", "resource_name", "project_id", "domain_id"},
		tells:   []string{"update", "delete"},
		get:     func(id string) (object, error) { return findLimit(s.limits, "limit", id) },
		target: func(_ *request, o object) object {
			target := object{}
			if o != nil {
				target["limit"] = o.with(object{
					"project": object(s.projects.byID[o.str("project_id")]),
					"domain":  object(s.projects.byID[o.str("domain_id")]),
				})
			}
			return target
		},
		list: s.listLimits,
		create: func(_ *request, o object) error {
			for _, key := range []string{"region_id", "description", "project_id", "domain_id"} {
				o.setDefault(key, nil)
			}
			if err := s.checkReferences(o, "limit"); err != nil {
				return err
			}
			if !slices.ContainsFunc(s.registeredLimits.list(), func(l object) bool { return sameResource(l, o) }) {
				return notAllowedText("Unable to create a limit that has no corresponding registered limit.")
			}
			return nil
		},
	}
}

func (s *Service) listLimits(r *request) ([]object, error) {
	if err := r.enforce("list_limits", nil); err != nil {
		return nil, err
	}
	on := r.auth.token.scope
	return slices.DeleteFunc(s.limits.list(), func(l object) bool {
		project := l.str("project_id")
		switch {
		case on.system:
			return false
		case on.domainID != "":
			return l.str("domain_id") != on.domainID && s.projects.byID[project].str("domain_id") != on.domainID
		}
		return on.projectID == "" || project != on.projectID
	}), nil
}

// checkReferences checks that what a limit refers to exists.
func (s *Service) checkReferences(o object, kind string) error {
	references := []struct {
		key string
		get func(string) (object, error)
	}{
		{"service_id", s.services.get}, {"region_id", s.regions.get},
		{"project_id", s.projects.get}, {"domain_id", s.domain},
	}
	for _, ref := range references {
		if id, ok := o[ref.key].(string); ok {
			if _, err := ref.get(id); err != nil {
				return expecting(ref.key, kind)
			}
		}
	}
	return nil
}

// createMany creates several objects at once, all or none.
func (s *Service) createMany(c *resource, action string, list *schema) handler {
	return func(r *request) (*response, error) {
		if err := r.enforce(action, nil); err != nil {
			return nil, err
		}
		given, ok := r.body[c.collection]
		if !ok {
			given = map[string]any{}
		}
		if err := validate(list, given); err != nil {
			return nil, err
		}
		items, _ := given.([]any)
		made := make([]object, 0, len(items))
		for _, item := range items {
			o := normalise(asObject(item))
			o["id"] = newID()
			if err := c.create(r, o); err != nil {
				return nil, err
			}
			same := func(l object) bool {
				return sameResource(l, o) && l["project_id"] == o["project_id"] && l["domain_id"] == o["domain_id"]
			}
			if slices.ContainsFunc(append(c.table.list(), made...), same) {
				return nil, conflict(c.member, "Duplicate entry")
			}
			made = append(made, o)
		}
		shown := make([]object, len(made))
		for i, o := range made {
			c.table.put(o)
			shown[i] = s.linked(c.collection, o)
		}
		return created(object{c.collection: shown})
	}
}
