package keystone

import (
	"maps"
	"net/http"
	"slices"
)

// groupOfEndpointsSchema describes a new group of endpoints.
var groupOfEndpointsSchema = &schema{
	Types: []string{"object"}, Required: []string{"name", "filters"},
	Properties: []prop{
		{Name: "description", Schema: nullableText},
		{Name: "filters", Schema: anyObject},
		{Name: "name", Schema: name255},
	},
}

// endpointGroupResource is the groups of endpoints, each of which has the
// endpoints that its filters find.
func (s *Service) endpointGroupResource() *resource {
	return &resource{
		member: "endpoint_group", collection: "endpoint_groups", prefix: "OS-EP-FILTER/", table: s.endpointGroups,
		schema: groupOfEndpointsSchema, patch: changed(groupOfEndpointsSchema), filters: []string{"name"},
		create: func(_ *request, o object) error {
			if len(asObject(o["filters"])) == 0 {
				return badRequest("filters field is required and cannot be empty")
			}
			o.setDefault("description", nil)
			return checkFilters(o)
		},
		update: func(_ *request, old, patch object) (object, error) { return old.with(patch), checkFilters(patch) },
		remove: func(_ *request, o object) error {
			s.groupProjects.drop(o.id())
			return nil
		},
	}
}

// checkFilters checks that the filters of o look at what endpoints have.
func checkFilters(o object) error {
	for key := range asObject(o["filters"]) {
		if !slices.Contains([]string{"service_id", "region_id", "interface"}, key) {
			return expecting("service_id or region_id or interface", "endpoint_group")
		}
	}
	return nil
}

func (s *Service) endpointGroupRoutes(rt *router) {
	const group = " /OS-EP-FILTER/endpoint_groups/{endpoint_group_id}"
	rt.handle("GET"+group+"/endpoints", s.listGroupEndpoints)
	rt.handle("GET"+group+"/projects", s.listGroupProjects)
	rt.handle("GET /OS-EP-FILTER/projects/{project_id}/endpoint_groups", s.listProjectEndpointGroups)
	rt.handle("GET"+group+"/projects/{project_id}", s.groupInProject("get_endpoint_group_in_project"))
	rt.handle("PUT"+group+"/projects/{project_id}", s.groupInProject("add_endpoint_group_to_project"))
	rt.handle("DELETE"+group+"/projects/{project_id}", s.groupInProject("remove_endpoint_group_from_project"))
}

// endpointsOf returns the endpoints of a group.
func (s *Service) endpointsOf(group object) []object {
	return slices.DeleteFunc(s.endpoints.list(), func(endpoint object) bool {
		for key, value := range asObject(group["filters"]) {
			if endpoint[key] != value {
				return true
			}
		}
		return false
	})
}

// endpointsFor returns the ids of the endpoints that are picked for a project,
// one by one or as groups.
func (s *Service) endpointsFor(projectID string) map[string]bool {
	picked := maps.Clone(s.endpointProjects.backward[projectID])
	if picked == nil {
		picked = map[string]bool{}
	}
	for _, id := range s.groupProjects.firsts(projectID) {
		for _, endpoint := range s.endpointsOf(s.endpointGroups.byID[id]) {
			picked[endpoint.id()] = true
		}
	}
	return picked
}

func (s *Service) listGroupEndpoints(r *request) (*response, error) {
	if err := r.enforce("list_endpoints_associated_with_endpoint_group", nil); err != nil {
		return nil, err
	}
	group, err := s.endpointGroups.get(r.PathValue("endpoint_group_id"))
	if err != nil {
		return nil, err
	}
	return r.collection("endpoints", withRegion(s.endpointsOf(group)))
}

// withRegion shows the region of endpoints in the old way too.
func withRegion(endpoints []object) []object {
	shown := make([]object, len(endpoints))
	for i, e := range endpoints {
		shown[i] = e.with(object{"region": e["region_id"]})
	}
	return shown
}

// listGroupProjects does not ask whether the group exists, and neither does
// Keystone.
func (s *Service) listGroupProjects(r *request) (*response, error) {
	if err := r.enforce("list_projects_associated_with_endpoint_group", nil); err != nil {
		return nil, err
	}
	var shown []object
	for _, id := range s.groupProjects.seconds(r.PathValue("endpoint_group_id")) {
		shown = append(shown, s.projects.byID[id])
	}
	return r.collection("projects", shown)
}

func (s *Service) listProjectEndpointGroups(r *request) (*response, error) {
	if err := r.enforce("list_endpoint_groups_for_project", nil); err != nil {
		return nil, err
	}
	project, err := s.projects.get(r.PathValue("project_id"))
	if err != nil {
		return nil, err
	}
	var shown []object
	for _, id := range s.groupProjects.firsts(project.id()) {
		shown = append(shown, r.linked("OS-EP-FILTER/endpoint_groups", s.endpointGroups.byID[id]))
	}
	return r.bareCollection("endpoint_groups", shown)
}

func (s *Service) groupInProject(action string) handler {
	return func(r *request) (*response, error) {
		if err := r.enforce(action, nil); err != nil {
			return nil, err
		}
		project, err := s.projects.get(r.PathValue("project_id"))
		if err != nil {
			return nil, err
		}
		group, err := s.endpointGroups.get(r.PathValue("endpoint_group_id"))
		if err != nil {
			return nil, err
		}
		return s.linkGroup(r.Method, group.id(), project.id())
	}
}

// linkGroup shows, makes or removes the link between a group and a project.
func (s *Service) linkGroup(method, group, project string) (*response, error) {
	linked := s.groupProjects.has(group, project)
	switch {
	case method == http.MethodPut && linked:
		return nil, conflict("project_endpoint_group", "Duplicate entry")
	case method == http.MethodPut:
		s.groupProjects.add(group, project)
		return noContent()
	case !linked:
		return nil, notFoundText("Endpoint Group Project Association not found")
	case method == http.MethodDelete:
		s.groupProjects.remove(group, project)
		return noContent()
	}
	self := "/OS-EP-FILTER/endpoint_groups/" + group + "/projects/" + project // as Keystone has it: without host
	return ok(object{"project_endpoint_group": object{
		"endpoint_group_id": group, "project_id": project, "links": object{"self": self},
	}})
}
