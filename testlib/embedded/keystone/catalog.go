package keystone

import (
	"regexp"
	"slices"
	"strings"
)

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

func (s *Service) serviceResource() *resource {
	return &resource{
		member: "service", collection: "services", table: s.services,
		schema: serviceSchema, patch: changed(serviceSchema), strict: true,
		filters: []string{"type", "name"},
		create: func(_ *request, o object) error {
			o.setDefault("enabled", true)
			o.setDefault("name", "")
			return nil
		},
		remove: func(_ *request, o object) error {
			for _, endpoint := range s.endpoints.where("service_id", o.id()) {
				s.endpoints.remove(endpoint.id())
				s.endpointProjects.drop(endpoint.id())
			}
			return nil
		},
	}
}

func (s *Service) endpointResource() *resource {
	return &resource{
		member: "endpoint", collection: "endpoints", table: s.endpoints,
		schema: endpointSchema, patch: changed(endpointSchema), strict: true,
		filters: []string{"interface", "service_id", "region_id"},
		create: func(_ *request, o object) error {
			if !validURL(o.str("url")) {
				return badRequest("Cannot create an endpoint with an invalid URL: %s.", o.str("url"))
			}
			o.setDefault("enabled", true)
			if err := s.checkEndpoint(o); err != nil {
				return err
			}
			o.setDefault("region_id", nil)
			return nil
		},
		update: func(_ *request, old, patch object) (object, error) {
			next := patch.with(nil)
			if err := s.checkEndpoint(next); err != nil {
				return nil, err
			}
			return old.with(next), nil
		},
		remove: func(_ *request, o object) error {
			s.endpointProjects.drop(o.id())
			return nil
		},
		view:  func(_ *request, o object) object { return o.with(object{"region": o["region_id"]}) },
		tells: []string{"get", "update", "delete"},
	}
}

// checkEndpoint checks what a new or changed endpoint refers to. A region that
// is named in the old way is made.
func (s *Service) checkEndpoint(o object) error {
	if region, ok := o["region"].(string); ok {
		delete(o, "region")
		if o["region_id"] == nil {
			o["region_id"] = region
			if _, err := s.regions.get(region); err != nil {
				s.regions.put(object{"id": region, "description": "", "parent_region_id": nil})
			}
		}
	}
	if id, ok := o["region_id"].(string); ok {
		if _, err := s.regions.get(id); err != nil {
			return expecting("endpoint region_id", "region table")
		}
	}
	if id, ok := o["service_id"].(string); ok {
		if _, err := s.services.get(id); err != nil {
			return expecting("endpoint service_id", "service table")
		}
	}
	return nil
}

var substitution = regexp.MustCompile(`\$\(([a-z_]+)\)s|%\(([a-z_]+)\)s`)

// validURL reports whether the substitutions in url are known ones, and nothing
// else looks like one.
func validURL(url string) bool {
	for _, m := range substitution.FindAllStringSubmatch(url, -1) {
		if !slices.Contains([]string{"tenant_id", "project_id", "user_id"}, m[1]+m[2]) {
			return false
		}
	}
	rest := strings.ReplaceAll(substitution.ReplaceAllString(url, ""), "%%", "")
	return !strings.Contains(rest, "%") && !strings.Contains(rest, "$(")
}

// catalog lists the enabled services with their enabled endpoints, for a
// project, or for the holder of another scope when projectID is "".
func (s *Service) catalog(projectID string) []object {
	list := []object{}
	own := s.endpointProjects.backward[projectID]
	for _, service := range s.services.list() {
		if !service.enabled() {
			continue
		}
		endpoints := []object{}
		for _, e := range s.endpoints.where("service_id", service.id()) {
			address, usable := expandURL(e.str("url"), projectID)
			if !e.enabled() || !usable || len(own) > 0 && !own[e.id()] {
				continue
			}
			endpoints = append(endpoints, object{
				"id": e.id(), "interface": e.str("interface"), "url": address,
				"region": e["region_id"], "region_id": e["region_id"],
			})
		}
		list = append(list, object{
			"id": service.id(), "type": service.str("type"), "name": service.str("name"),
			"endpoints": endpoints,
		})
	}
	return list
}

// expandURL fills in the project. A url that needs one is of no use without.
func expandURL(url, projectID string) (string, bool) {
	usable := true
	expanded := substitution.ReplaceAllStringFunc(url, func(m string) string {
		if strings.Contains(m, "user_id") {
			return ""
		}
		usable = projectID != ""
		return projectID
	})
	return expanded, usable
}

// RegisterService adds a service with its three endpoints to the catalogue, in
// the region of the bootstrap. It returns the id of the service. A type that
// the catalogue has already is an error.
func (s *Service) RegisterService(serviceType, name, url string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.services.where("type", serviceType)) > 0 {
		return "", conflict("service", "Duplicate entry found with type "+serviceType)
	}
	return s.addService(serviceType, name, url), nil
}

func (s *Service) addService(serviceType, name, url string) string {
	id := newID()
	s.services.put(object{"id": id, "type": serviceType, "name": name, "enabled": true})
	for _, kind := range []string{"public", "internal", "admin"} {
		s.endpoints.put(object{
			"id": newID(), "service_id": id, "interface": kind, "url": url,
			"region_id": defaultRegion, "enabled": true,
		})
	}
	return id
}
