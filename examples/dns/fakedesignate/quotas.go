package fakedesignate

import (
	"maps"
	"net/http"
)

// defaultQuotas are those of a project for which none were set.
func defaultQuotas() map[string]int {
	return map[string]int{
		"zones": 10, "zone_records": 500, "zone_recordsets": 500, "recordset_records": 20, "api_export_size": 1000,
	}
}

func (s *Server) quotasOf(project string) map[string]int {
	all := defaultQuotas()
	maps.Copy(all, s.quotas[project])
	return all
}

func (s *Server) quota(project, name string) int { return s.quotasOf(project)[name] }

func (s *Server) showQuotas(c *call) (int, any, error) {
	project := c.PathValue("project")
	if !c.sees(project) {
		return 0, nil, errForbidden
	}
	return http.StatusOK, s.quotasOf(project), nil
}

func (s *Server) updateQuotas(c *call) (int, any, error) {
	project := c.PathValue("project")
	if !c.is("admin") || !c.sees(project) {
		return 0, nil, errForbidden
	}
	body := map[string]int{}
	if err := c.decode(&body); err != nil {
		return 0, nil, err
	}
	known := defaultQuotas()
	for name, n := range body {
		if _, ok := known[name]; !ok || n < -1 {
			return 0, nil, invalid("Provided object does not match schema")
		}
	}
	if s.quotas[project] == nil {
		s.quotas[project] = map[string]int{}
	}
	maps.Copy(s.quotas[project], body)
	return http.StatusOK, s.quotasOf(project), nil
}

func (s *Server) resetQuotas(c *call) (int, any, error) {
	project := c.PathValue("project")
	if !c.is("admin") || !c.sees(project) {
		return 0, nil, errForbidden
	}
	delete(s.quotas, project)
	return http.StatusNoContent, nil, nil
}
