package keystone

import "net/http"

func (s *Service) impliedRoutes(rt *router) {
	rt.handle("GET /roles/{prior_role_id}/implies", s.listImplied)
	const one = " /roles/{prior_role_id}/implies/{implied_role_id}"
	rt.handle("GET"+one, s.impliedRole("get_implied_role"))
	rt.handle("HEAD"+one, s.impliedRole("check_implied_role"))
	rt.handle("PUT"+one, s.impliedRole("create_implied_role"))
	rt.handle("DELETE"+one, s.impliedRole("delete_implied_role"))
	rt.handle("GET /role_inferences", s.listInferences)
}

// roleLink is id, name and link of a role, as inference rules show it.
func (s *Service) roleLink(id string) object {
	return object{
		"id": id, "name": s.roles.byID[id].str("name"),
		"links": object{"self": s.url("roles/" + id)},
	}
}

func (s *Service) listImplied(r *request) (*response, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	prior, err := s.roles.get(r.PathValue("prior_role_id"))
	if err != nil {
		return nil, err
	}
	if err := r.enforce("list_implied_roles", object{"prior_role": prior}); err != nil {
		return nil, err
	}
	implies := []object{}
	for _, id := range s.implied.seconds(prior.id()) {
		implies = append(implies, s.roleLink(id))
	}
	return ok(object{
		"role_inference": object{"prior_role": s.roleLink(prior.id()), "implies": implies},
		"links":          object{"self": s.url("roles/" + prior.id() + "/implies")},
	})
}

// impliedRole handles one rule of inference.
func (s *Service) impliedRole(action string) handler {
	return func(r *request) (*response, error) {
		if r.auth == nil {
			return nil, unauthorized()
		}
		prior, err := s.roles.get(r.PathValue("prior_role_id"))
		if err != nil {
			return nil, err
		}
		implied, err := s.roles.get(r.PathValue("implied_role_id"))
		if err != nil {
			return nil, err
		}
		target := object{"prior_role": prior, "implied_role": implied}
		if err := r.enforce(action, target); err != nil {
			return nil, err
		}
		if r.Method == http.MethodPut {
			return s.addImplied(prior, implied)
		}
		if !s.implied.has(prior.id(), implied.id()) {
			return nil, notFoundText("%s does not imply %s.", prior.id(), implied.id())
		}
		switch r.Method {
		case http.MethodGet:
			return ok(s.inference(prior.id(), implied.id()))
		case http.MethodDelete:
			s.implied.remove(prior.id(), implied.id())
		}
		return noContent()
	}
}

func (s *Service) addImplied(prior, implied object) (*response, error) {
	if implied.str("name") == "admin" || prior.str("domain_id") == "" && implied.str("domain_id") != "" {
		return nil, forbidden("%s cannot be an implied roles.", implied.id())
	}
	if s.implied.has(prior.id(), implied.id()) {
		return nil, conflict("implied_role", "Duplicate entry")
	}
	s.implied.add(prior.id(), implied.id())
	return created(s.inference(prior.id(), implied.id()))
}

func (s *Service) inference(prior, implied string) object {
	return object{
		"role_inference": object{"prior_role": s.roleLink(prior), "implies": s.roleLink(implied)},
		"links":          object{"self": s.url("roles/" + prior + "/implies/" + implied)},
	}
}

func (s *Service) listInferences(r *request) (*response, error) {
	if err := r.enforce("list_role_inference_rules", nil); err != nil {
		return nil, err
	}
	rules := []object{}
	for _, prior := range s.implied.all() {
		var implies []object
		for _, id := range s.implied.seconds(prior) {
			implies = append(implies, s.roleLink(id))
		}
		rules = append(rules, object{"prior_role": s.roleLink(prior), "implies": implies})
	}
	return ok(object{"role_inferences": rules})
}
