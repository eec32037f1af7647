package keystone

import "strings"

// catalog lists the enabled services with their enabled endpoints, for a
// project, or for the holder of another scope when projectID is "".
func (s *Service) catalog(projectID string) []object {
	list := []object{}
	own := s.endpointsFor(projectID)
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
		if len(own) > 0 && len(endpoints) == 0 {
			continue // a project with endpoints of its own sees their services alone
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
	expanded := substitution().ReplaceAllStringFunc(url, func(m string) string {
		if strings.Contains(m, "user_id") {
			return ""
		}
		usable = projectID != ""
		return projectID
	})
	return expanded, usable
}
