package keystone

import (
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

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

var substitution = lazyregexp.New(`\$\(([a-z_]+)\)s|%\(([a-z_]+)\)s`)

// validURL reports whether the substitutions in url are known ones, and nothing
// else looks like one.
func validURL(url string) bool {
	for _, m := range substitution().FindAllStringSubmatch(url, -1) {
		if !slices.Contains([]string{"tenant_id", "project_id", "user_id"}, m[1]+m[2]) {
			return false
		}
	}
	rest := strings.ReplaceAll(substitution().ReplaceAllString(url, ""), "%%", "")
	return !strings.Contains(rest, "%") && !strings.Contains(rest, "$(")
}
