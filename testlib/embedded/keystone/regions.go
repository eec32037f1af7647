package keystone

func (s *Service) regionResource() *resource {
	return &resource{
		member: "region", collection: "regions", table: s.regions,
		schema: regionSchema, patch: changed(regionSchema), strict: true,
		filters: []string{"parent_region_id"},
		create: func(r *request, o object) error {
			if id := asObject(r.body["region"]).str("id"); id != "" {
				o["id"] = id
			}
			return s.completeRegion(o)
		},
		update: func(_ *request, old, patch object) (object, error) {
			next := old.with(patch)
			if next["description"] == nil {
				next["description"] = ""
			}
			return next, s.checkParentRegion(next)
		},
		remove: s.deleteRegion,
	}
}

func (s *Service) completeRegion(o object) error {
	if _, err := s.regions.get(o.id()); err == nil {
		return conflict("region", "Duplicate ID, "+o.id()+".")
	}
	if o["description"] == nil {
		o["description"] = ""
	}
	o.setDefault("parent_region_id", nil)
	return s.checkParentRegion(o)
}

func (s *Service) checkParentRegion(o object) error {
	for id := o.str("parent_region_id"); id != ""; id = s.regions.byID[id].str("parent_region_id") {
		if id == o.id() {
			return badRequest("The specified parent region %s would create a circular region hierarchy.",
				o.id())
		}
		if _, err := s.regions.get(id); err != nil {
			return err
		}
	}
	return nil
}

// putRegion is PUT /v3/regions/{region_id}: create one with that id.
func (s *Service) putRegion(c *resource) handler {
	return func(r *request) (*response, error) {
		if err := r.enforce("create_region", nil); err != nil {
			return nil, err
		}
		if err := validate(regionSchema, r.body["region"]); err != nil {
			return nil, err
		}
		o := normalise(asObject(r.body["region"]))
		id := r.PathValue("region_id")
		if given, ok := o["id"]; ok && given != id {
			return nil, badRequest("Conflicting region IDs specified: %q != %q", id, o.str("id"))
		}
		o["id"] = id
		return c.insert(r, o)
	}
}

// deleteRegion deletes the regions below, too.
func (s *Service) deleteRegion(_ *request, o object) error {
	tree := []object{o}
	for i := 0; i < len(tree); i++ { // tree grows while it is walked
		tree = append(tree, s.regions.where("parent_region_id", tree[i].id())...)
	}
	for _, region := range tree {
		if len(s.endpoints.where("region_id", region.id())) > 0 {
			return forbidden("Unable to delete region %s because it or its child regions have associated endpoints.",
				o.id())
		}
	}
	for _, region := range tree {
		s.regions.remove(region.id())
	}
	return nil
}
