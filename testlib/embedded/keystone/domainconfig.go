package keystone

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// domainConfig is what a domain does otherwise than the service: options by
// group and name. It is stored and shown, and nothing follows from it: all
// domains have the same back end here.
type domainConfig map[string]object

// defaultConfig returns the options that a domain may set, with the values
// that they have without.
//
// Source: keystone 22 (Zed), keystone/resource/core.py and keystone/conf/ldap.py.
func defaultConfig() domainConfig {
	none := []any{}
	return domainConfig{
		"identity": {"driver": "sql", "list_limit": nil},
		"ldap": {
			"url": "ldap://localhost", "user": nil, "suffix": "cn=example,cn=com", "query_scope": "one", "page_size": 0,
			"alias_dereferencing": "default", "debug_level": nil, "chase_referrals": nil,
			"user_tree_dn": nil, "user_filter": nil, "user_objectclass": "inetOrgPerson", "user_id_attribute": "cn",
			"user_name_attribute": "sn", "user_mail_attribute": "mail", "user_description_attribute": "description",
			"user_pass_attribute": "userPassword", "user_enabled_attribute": "enabled", "user_enabled_invert": false,
			"user_enabled_mask": 0, "user_enabled_default": "True", "user_attribute_ignore": []any{"default_project_id"},
			"user_default_project_id_attribute": nil, "user_enabled_emulation": false, "user_enabled_emulation_dn": nil,
			"user_enabled_emulation_use_group_config": false, "user_additional_attribute_mapping": none,
			"group_tree_dn": nil, "group_filter": nil, "group_objectclass": "groupOfNames", "group_id_attribute": "cn",
			"group_name_attribute": "ou", "group_members_are_ids": false, "group_member_attribute": "member",
			"group_desc_attribute": "description", "group_attribute_ignore": none,
			"group_additional_attribute_mapping": none,
			"tls_cacertfile":                     nil, "tls_cacertdir": nil, "use_tls": false, "tls_req_cert": "demand",
			"use_pool": true, "pool_size": 10, "pool_retry_max": 3, "pool_retry_delay": 0.1,
			"pool_connection_timeout": -1, "pool_connection_lifetime": 600, "use_auth_pool": true,
			"auth_pool_size": 100, "auth_pool_connection_lifetime": 60,
		},
	}
}

// secretOption reports whether an option can be set and is never shown.
func secretOption(group, name string) bool { return group == "ldap" && name == "password" }

// configDefaultRoutes are those of the defaults. The paths look like those of a
// domain called config, so that they need a router of their own.
func (s *Service) configDefaultRoutes(rt *router) {
	rt.handle("GET /domains/config/default", s.showDefaultConfig)
	rt.handle("GET /domains/config/{group}/default", s.showDefaultConfig)
	rt.handle("GET /domains/config/{group}/{option}/default", s.showDefaultConfig)
}

// isConfigDefault reports whether path is one of the defaults.
func isConfigDefault(path string) bool {
	return strings.HasPrefix(path, "/v3/domains/config/") && strings.HasSuffix(path, "/default")
}

func (s *Service) domainConfigRoutes(rt *router) {
	for _, part := range []string{"", "/{group}", "/{group}/{option}"} {
		path := " /domains/{domain_id}/config" + part
		rt.handle("GET"+path, s.showDomainConfig)
		rt.handle("PATCH"+path, s.updateDomainConfig)
		rt.handle("DELETE"+path, s.deleteDomainConfig)
	}
	rt.handle("PUT /domains/{domain_id}/config", s.putDomainConfig)
}

func badConfig(format string, args ...any) error {
	return forbidden("Invalid domain specific configuration: "+format+".", args...)
}

// checkOption checks that a domain may set an option; name is "" for a whole
// group, and so is group for everything.
func checkOption(group, name string) error {
	options, known := defaultConfig()[group]
	if group != "" && !known {
		return badConfig("Group %s is not supported for domain specific configurations", group)
	}
	if _, known := options[name]; name != "" && !known && !secretOption(group, name) {
		return badConfig("Option %s in group %s is not supported for domain specific configurations", name, group)
	}
	return nil
}

// checkConfig checks what was sent, and returns it.
func checkConfig(given object) (domainConfig, error) {
	if len(given) == 0 {
		return nil, badConfig("No options specified")
	}
	config := domainConfig{}
	for _, group := range slices.Sorted(maps.Keys(given)) {
		options := asObject(given[group])
		if len(options) == 0 {
			return nil, badConfig("The value of group %s specified in the config should be a dictionary of options", group)
		}
		for _, name := range slices.Sorted(maps.Keys(options)) {
			if err := checkOption(group, name); err != nil {
				return nil, err
			}
		}
		config[group] = options
	}
	return config, nil
}

// shown returns what is shown of a configuration: all but the secrets.
func (c domainConfig) shown() domainConfig {
	shown := domainConfig{}
	for group, options := range c {
		visible := maps.Clone(options)
		maps.DeleteFunc(visible, func(name string, _ any) bool { return secretOption(group, name) })
		if len(visible) > 0 {
			shown[group] = visible
		}
	}
	return shown
}

// part returns what a path names of a configuration; nothing is there if ok is
// false.
func (c domainConfig) part(group, name string) (part any, ok bool) {
	switch {
	case name != "":
		value, ok := c[group][name]
		return object{name: value}, ok
	case group != "":
		return object{group: c[group]}, len(c[group]) > 0
	}
	return c, len(c) > 0
}

// noConfig is the 404 for a part that is not there.
func noConfig(domainID, group, name string) error {
	what := "any options"
	switch {
	case name != "":
		what = "option " + name + " in group " + group
	case group != "":
		what = "group " + group
	}
	return notFoundText("Could not find %s in domain configuration for domain %s.", what, domainID)
}

func (s *Service) showDefaultConfig(r *request) (*response, error) {
	if err := r.enforce("get_domain_config_default", nil); err != nil {
		return nil, err
	}
	group, name := r.PathValue("group"), r.PathValue("option")
	if err := checkOption(group, name); err != nil {
		return nil, err
	}
	part, found := defaultConfig().part(group, name)
	if !found {
		return nil, badConfig("Reading the default for option %s in group %s is not supported", name, group)
	}
	return ok(object{"config": part})
}

func (s *Service) showDomainConfig(r *request) (*response, error) {
	id, group, name := r.PathValue("domain_id"), r.PathValue("group"), r.PathValue("option")
	if group == "security_compliance" {
		return s.showPasswordRules(r, id, name)
	}
	if err := r.enforce("get_domain_config", nil); err != nil {
		return nil, err
	}
	if err := checkOption(group, name); err != nil {
		return nil, err
	}
	part, found := s.configs[id].shown().part(group, name)
	if !found {
		return nil, noConfig(id, group, name)
	}
	return ok(object{"config": part})
}

// showPasswordRules shows the rules for passwords, of which this service has
// none, to everybody.
func (s *Service) showPasswordRules(r *request, domainID, name string) (*response, error) {
	if err := r.enforce("get_security_compliance_domain_config", nil); err != nil {
		return nil, err
	}
	rules := domainConfig{"security_compliance": {"password_regex": nil, "password_regex_description": nil}}
	part, found := rules.part("security_compliance", name)
	switch {
	case domainID != "default":
		return nil, badConfig("Reading security compliance information for any domain other than the default domain " +
			"is not allowed or supported.")
	case !found:
		return nil, badConfig("Reading security compliance values other than password_regex and " +
			"password_regex_description is not allowed.")
	}
	return ok(object{"config": part})
}

func (s *Service) putDomainConfig(r *request) (*response, error) {
	if err := r.enforce("create_domain_config", nil); err != nil {
		return nil, err
	}
	domain, err := s.domain(r.PathValue("domain_id"))
	if err != nil {
		return nil, err
	}
	config, err := checkConfig(asObject(r.body["config"]))
	if err != nil {
		return nil, err
	}
	_, replaced := s.configs[domain.id()]
	s.configs[domain.id()] = config
	answer := &response{status: http.StatusCreated, body: object{"config": config.shown()}}
	if replaced {
		answer.status = http.StatusOK
	}
	return answer, nil
}

func (s *Service) updateDomainConfig(r *request) (*response, error) {
	if err := r.enforce("update_domain_config", nil); err != nil {
		return nil, err
	}
	domain, err := s.domain(r.PathValue("domain_id"))
	if err != nil {
		return nil, err
	}
	group, name := r.PathValue("group"), r.PathValue("option")
	given := asObject(r.body["config"])
	if name != "" {
		given = object{group: map[string]any(given)}
	}
	config, err := checkConfig(given)
	if err != nil {
		return nil, err
	}
	old := s.configs[domain.id()]
	if err := checkPart(config, old, domain.id(), group, name); err != nil {
		return nil, err
	}
	next := maps.Clone(old)
	if next == nil {
		next = domainConfig{}
	}
	for group, options := range config {
		next[group] = maps.Clone(old[group])
		if next[group] == nil {
			next[group] = object{}
		}
		maps.Copy(next[group], options)
	}
	s.configs[domain.id()] = next
	return ok(object{"config": next.shown()})
}

// checkPart checks that an update changes what its path names and nothing else,
// and that this is there.
func checkPart(config, old domainConfig, domainID, group, name string) error {
	if group == "" {
		return nil
	}
	if err := checkOption(group, name); err != nil {
		return err
	}
	_, has := config[group][name]
	_, there := old.part(group, name)
	switch {
	case name != "" && len(config[group]) != 1:
		return badConfig("Trying to update option %s in group %s, so that, and only that, option must be specified "+
			" in the config", name, group)
	case len(config) != 1:
		return badConfig("Trying to update group %s, so that, and only that, group must be specified in the config", group)
	case config[group] == nil:
		return badConfig("request to update group %s, but config provided contains group %s instead",
			group, first(config))
	case name != "" && !has:
		return badConfig("Trying to update option %s in group %s, but config provided contains option %s instead",
			name, group, first(config[group]))
	case !there:
		return noConfig(domainID, group, name)
	}
	return nil
}

// first returns the only key of m.
func first[M ~map[string]V, V any](m M) string {
	for key := range m {
		return key
	}
	return ""
}

func (s *Service) deleteDomainConfig(r *request) (*response, error) {
	if err := r.enforce("delete_domain_config", nil); err != nil {
		return nil, err
	}
	domain, err := s.domain(r.PathValue("domain_id"))
	if err != nil {
		return nil, err
	}
	group, name := r.PathValue("group"), r.PathValue("option")
	if err := checkOption(group, name); err != nil {
		return nil, err
	}
	old := s.configs[domain.id()]
	switch {
	case group == "":
		delete(s.configs, domain.id())
		return noContent()
	case len(old[group]) == 0:
		return nil, noConfig(domain.id(), group, "")
	case name != "" && isEmpty(old[group][name]):
		return nil, noConfig(domain.id(), group, name)
	}
	next := maps.Clone(old)
	if next[group] = old[group].without(name); name == "" || len(next[group]) == 0 {
		delete(next, group)
	}
	s.configs[domain.id()] = next
	if len(next) == 0 {
		delete(s.configs, domain.id())
	}
	return noContent()
}

// isEmpty reports whether Python holds v for nothing: what Keystone does not
// find when it is asked to delete it.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return v == nil || v == false || v == 0.0 || v == ""
}
