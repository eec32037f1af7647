package keystone

import "net/http"

// mappingRoutes store the mappings of federation. Nobody can log in with them.
func (s *Service) mappingRoutes(rt *router) {
	rt.handle("GET /OS-FEDERATION/mappings", func(r *request) (*response, error) {
		if err := r.enforce("list_mappings", nil); err != nil {
			return nil, err
		}
		list := s.mappings.list()
		for i, o := range list {
			list[i] = s.linked("OS-FEDERATION/mappings", o)
		}
		return r.bareCollection("mappings", list)
	})
	const one = " /OS-FEDERATION/mappings/{mapping_id}"
	rt.handle("GET"+one, s.mappingHandler("get_mapping"))
	rt.handle("PUT"+one, s.mappingHandler("create_mapping"))
	rt.handle("PATCH"+one, s.mappingHandler("update_mapping"))
	rt.handle("DELETE"+one, s.mappingHandler("delete_mapping"))
}

func (s *Service) mappingHandler(action string) handler {
	return func(r *request) (*response, error) {
		if err := r.enforce(action, nil); err != nil {
			return nil, err
		}
		id := r.PathValue("mapping_id")
		given := asObject(r.body["mapping"])
		creates := r.Method == http.MethodPut
		if creates || r.Method == http.MethodPatch {
			if err := mappingSchema.Validate(map[string]any(given)); err != nil {
				return nil, badRequest("%s\n", err)
			}
		}
		o, err := s.mappings.get(id)
		switch {
		case creates && err == nil:
			return nil, conflict("mapping", "Duplicate entry")
		case creates:
			o = object{"id": id}
		case err != nil:
			return nil, err
		}
		switch r.Method {
		case http.MethodDelete:
			s.mappings.remove(id)
			return noContent()
		case http.MethodPut, http.MethodPatch:
			o = o.with(given)
			s.mappings.put(o)
		}
		shown := object{"mapping": s.linked("OS-FEDERATION/mappings", o)}
		if creates {
			return created(shown)
		}
		return ok(shown)
	}
}
