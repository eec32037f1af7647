package keystone

import "net/http"

// filterRoutes are those of OS-EP-FILTER: which endpoints the catalogue of a
// project shows.
func (s *Service) filterRoutes(rt *router) {
	const one = " /OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}"
	rt.handle("GET"+one, s.endpointInProject("check_endpoint_in_project"))
	rt.handle("PUT"+one, s.endpointInProject("add_endpoint_to_project"))
	rt.handle("DELETE"+one, s.endpointInProject("remove_endpoint_from_project"))
	rt.handle("GET /OS-EP-FILTER/projects/{project_id}/endpoints", s.listProjectEndpoints)
	rt.handle("GET /OS-EP-FILTER/endpoints/{endpoint_id}/projects", s.listEndpointProjects)
}

func (s *Service) endpointInProject(action string) handler {
	return func(r *request) (*response, error) {
		if err := r.enforce(action, nil); err != nil {
			return nil, err
		}
		endpoint, project := r.PathValue("endpoint_id"), r.PathValue("project_id")
		if r.Method != http.MethodDelete {
			if _, err := s.endpoints.get(endpoint); err != nil {
				return nil, err
			}
			if _, err := s.projects.get(project); err != nil {
				return nil, err
			}
		}
		linked := s.endpointProjects.has(endpoint, project)
		switch {
		case r.Method == http.MethodPut && linked:
			return nil, conflict("project_endpoint", "Duplicate entry")
		case r.Method == http.MethodPut:
			s.endpointProjects.add(endpoint, project)
		case !linked:
			return nil, notFoundText("Endpoint %s not found in project %s", endpoint, project)
		case r.Method == http.MethodDelete:
			s.endpointProjects.remove(endpoint, project)
		}
		return noContent()
	}
}

func (s *Service) listProjectEndpoints(r *request) (*response, error) {
	if err := r.enforce("list_endpoints_for_project", nil); err != nil {
		return nil, err
	}
	project, err := s.projects.get(r.PathValue("project_id"))
	if err != nil {
		return nil, err
	}
	var picked []object
	for id := range s.endpointsFor(project.id()) {
		picked = append(picked, s.endpoints.byID[id])
	}
	return r.collection("endpoints", withRegion(s.endpoints.sorted(picked)))
}

func (s *Service) listEndpointProjects(r *request) (*response, error) {
	if err := r.enforce("list_projects_for_endpoint", nil); err != nil {
		return nil, err
	}
	endpoint, err := s.endpoints.get(r.PathValue("endpoint_id"))
	if err != nil {
		return nil, err
	}
	var shown []object
	for _, id := range s.endpointProjects.seconds(endpoint.id()) {
		shown = append(shown, s.projects.byID[id])
	}
	return r.collection("projects", shown)
}
