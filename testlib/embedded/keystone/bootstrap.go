package keystone

// What the bootstrap makes.
const (
	defaultDomain = "default"
	defaultRegion = "RegionOne"
	adminName     = "admin"
)

// bootstrap puts the store into the state of a fresh installation.
func (s *Service) bootstrap(password string) {
	none, immutable := map[string]any{}, map[string]any{"immutable": true}
	s.projects.put(object{
		"id": defaultDomain, "name": "Default", "description": "The default domain", "enabled": true,
		"is_domain": true, "domain_id": nil, "parent_id": nil, "tags": []any{}, "options": none,
	})
	project, user := newID(), newID()
	s.projects.put(object{
		"id": project, "name": adminName, "description": "Bootstrap project for initializing the cloud.",
		"enabled": true, "is_domain": false, "domain_id": defaultDomain, "parent_id": defaultDomain,
		"tags": []any{}, "options": none,
	})
	s.users.put(object{
		"id": user, "name": adminName, "domain_id": defaultDomain, "enabled": true,
		"password_expires_at": nil, "options": none,
	})
	s.secrets[user] = newSecret(password)
	roles := map[string]string{}
	for _, name := range []string{"admin", "member", "reader", "service"} {
		options := immutable
		if name == "service" {
			options = none
		}
		roles[name] = s.addRole(name, options)
	}
	s.implied.add(roles["admin"], roles["member"])
	s.implied.add(roles["member"], roles["reader"])
	s.addGrant(grant{userID: user, projectID: project, roleID: roles["admin"]})
	s.addGrant(grant{userID: user, system: true, roleID: roles["admin"]})
	s.regions.put(object{"id": defaultRegion, "description": "", "parent_region_id": nil})
	s.addService("identity", "keystone", s.baseURL+"/v3/")
}
