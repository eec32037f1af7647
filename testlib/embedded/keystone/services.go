package keystone

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

// ReplaceService is RegisterService after the services of that type, if there
// are any, are removed.
func (s *Service) ReplaceService(serviceType, name, url string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, old := range s.services.where("type", serviceType) {
		for _, e := range s.endpoints.where("service_id", old.id()) {
			s.endpoints.remove(e.id())
		}
		s.services.remove(old.id())
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

// AddRole adds a global role, unless there is one of that name: what the
// deployment of another service does.
func (s *Service) AddRole(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.roles.where("name", name)) == 0 {
		s.addRole(name, map[string]any{})
	}
}

func (s *Service) addRole(name string, options map[string]any) string {
	id := newID()
	s.roles.put(object{"id": id, "name": name, "domain_id": nil, "description": nil, "options": options})
	return id
}
