package keystone

import "net/http"

// scopes are the kinds of scope that may be asked for, one at a time.
var scopes = [...]string{"project", "domain", "unscoped", "system", "OS-TRUST:trust"}

// readScope finds what the request wants its token to be for.
func (s *Service) readScope(_ *request, l *login) error {
	for _, method := range l.methods() {
		if method == "application_credential" {
			return s.credentialScope(l)
		}
	}
	if l.scope == nil {
		return nil
	}
	if l.scope == "unscoped" {
		l.unscoped = true
		return nil
	}
	asked := asObject(l.scope)
	kind := ""
	for _, name := range scopes {
		if _, ok := asked[name]; !ok {
			continue
		}
		if kind != "" {
			return badScope()
		}
		kind = name
	}
	described := asObject(asked[kind])
	switch kind {
	case "":
		return badScope()
	case "unscoped":
		l.unscoped = true
	case "system":
		l.token.scope.system = true
	case "project":
		project, err := s.lookUpProject(described)
		if err != nil {
			return err
		}
		l.token.scope.projectID = project.id()
	case "domain":
		domain, err := s.lookUpDomain(described)
		if err != nil {
			return err
		}
		l.token.scope.domainID = domain.id()
	case "OS-TRUST:trust":
		return s.trustScope(l, described)
	}
	return nil
}

func badScope() error {
	return expecting("system, project, domain, OS-TRUST:trust or unscoped", "scope")
}

// credentialScope is the project of the application credential: it cannot be
// asked for.
func (s *Service) credentialScope(l *login) error {
	if l.scope != nil {
		return &apiError{
			status: http.StatusUnauthorized,
			message: "Error authenticating with application credential: " +
				"Application credentials cannot request a scope.",
			identity: object{},
		}
	}
	cred, err := s.lookUpApplicationCredential(asObject(l.identity["application_credential"]))
	if err != nil {
		return err
	}
	l.token.scope.projectID = cred.str("project_id")
	return nil
}

// lookUpProject finds the enabled project that described names by id, or by
// name and domain.
func (s *Service) lookUpProject(described object) (object, error) {
	var project object
	if name := described.str("name"); name != "" {
		if _, ok := described["domain"]; !ok {
			return nil, expecting("domain", "project")
		}
		domain, err := s.lookUpDomain(asObject(described["domain"]))
		if err != nil {
			return nil, err
		}
		project, _ = s.projects.find(nameKey(name, domain.id()))
	} else {
		project = s.projects.byID[described.str("id")]
		if project.str("domain_id") == "" {
			return nil, unauthorized()
		}
		if _, err := s.lookUpDomain(object{"id": project.str("domain_id")}); err != nil {
			return nil, err
		}
	}
	if project == nil || !project.enabled() {
		return nil, unauthorized()
	}
	return project, nil
}

// defaultScope takes the user's default project when no scope was asked for
// and the user has a role there.
func (s *Service) defaultScope(_ *request, l *login) error {
	if l.unscoped || l.token.scope != (scope{}) || l.trust != nil {
		return nil
	}
	id := s.users.byID[l.token.userID].str("default_project_id")
	project, ok := s.projects.byID[id]
	if !ok || !project.enabled() || !s.projects.byID[project.str("domain_id")].enabled() {
		return nil
	}
	if len(s.rolesOn(l.token.userID, scope{projectID: id})) > 0 {
		l.token.scope.projectID = id
	}
	return nil
}
