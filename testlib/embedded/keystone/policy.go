package keystone

import (
	"slices"

	"github.com/gotempest/tempest/testlib/embedded/oslopolicy"
)

// enforce asks whether the caller may do action on target. The answer is nil,
// a 401 for a caller without a valid token, or a 403.
func (r *request) enforce(action string, target object) error {
	if r.auth == nil {
		return unauthorized()
	}
	asked := oslopolicy.Target{"target": plain(target)}
	for name, value := range r.vars {
		asked[name] = value
	}
	if !r.inScope(action) || !r.rules.Allows("identity:"+action, r.auth.caller, asked) {
		return notAllowed("identity:" + action)
	}
	return nil
}

// inScope reports whether the caller's token is for what action needs one for.
// A token for nothing counts as one for a project.
func (r *request) inScope(action string) bool {
	token := r.auth.token.scope
	switch {
	case !r.enforceScope:
		return true
	case token.system:
		return !slices.Contains(projectActions[:], action)
	case token.domainID != "":
		return slices.Contains(domainActions[:], action)
	}
	return true
}

// plain turns nested objects into the maps that the policy engine walks.
func plain(o object) map[string]any {
	m := make(map[string]any, len(o))
	for key, value := range o {
		if nested, ok := value.(object); ok {
			value = plain(nested)
		}
		m[key] = value
	}
	return m
}

// checkDelegated refuses tokens that act for somebody else where Keystone
// wants the owner in person.
func (r *request) checkDelegated() error {
	if r.auth.token.trustID != "" || r.auth.token.oauthID != "" {
		return notAllowed("")
	}
	return nil
}

// The rules are those of Zed with the deprecated rule of each, which it still
// honours, joined to it by "or".
const (
	admin            = "rule:admin_required"
	systemReader     = "(role:reader and system_scope:all)"
	adminOrSysReader = admin + " or " + systemReader
	adminOrOwner     = admin + " or user_id:%(user_id)s"
	domainReaderOf   = "(role:reader and domain_id:%(target."
)

// newRules builds the table of rules.
//
// Source: keystone 22 (Zed), keystone/common/policies.
func newRules() (*oslopolicy.Rules, error) {
	rules := map[string]string{
		"admin_required":             "role:admin or is_admin:1",
		"service_role":               "role:service",
		"identity:s3tokens_validate": admin + " or rule:service_role",
		"token_subject":              "user_id:%(target.token.user_id)s",
		"owner":                      "user_id:%(user_id)s",
	}
	for _, action := range adminActions {
		rules["identity:"+action] = admin
	}
	for _, action := range readActions {
		rules["identity:"+action] = adminOrSysReader
	}
	for _, action := range openActions {
		rules["identity:"+action] = ""
	}
	for action, text := range ownRules {
		rules["identity:"+action] = text
	}
	return oslopolicy.Parse(rules)
}

// adminActions need the admin role, on whatever scope.
var adminActions = [...]string{
	"create_domain", "update_domain", "delete_domain",
	"create_project", "update_project", "delete_project",
	"update_project_tags", "create_project_tag", "delete_project_tags", "delete_project_tag",
	"create_user", "update_user", "delete_user",
	"create_group", "update_group", "delete_group", "add_user_to_group", "remove_user_from_group",
	"create_role", "update_role", "delete_role",
	"create_domain_role", "update_domain_role", "delete_domain_role",
	"create_implied_role", "delete_implied_role",
	"create_system_grant_for_user", "revoke_system_grant_for_user",
	"create_system_grant_for_group", "revoke_system_grant_for_group",
	"create_region", "update_region", "delete_region",
	"create_service", "update_service", "delete_service",
	"create_endpoint", "update_endpoint", "delete_endpoint",
	"create_policy", "update_policy", "delete_policy",
	"create_registered_limits", "update_registered_limit", "delete_registered_limit",
	"create_limits", "update_limit", "delete_limit",
	"create_consumer", "update_consumer", "delete_consumer",
	"authorize_request_token", "get_access_token", "get_access_token_role",
	"list_access_tokens", "list_access_token_roles", "delete_access_token",
	"add_endpoint_to_project", "remove_endpoint_from_project",
	"create_mapping", "update_mapping", "delete_mapping",
	"create_endpoint_group", "update_endpoint_group", "delete_endpoint_group",
	"add_endpoint_group_to_project", "remove_endpoint_group_from_project",
	"create_domain_config", "update_domain_config", "delete_domain_config",
}

// readActions need the admin role, or the reader role on the system.
var readActions = [...]string{
	"list_domains", "get_role", "list_roles", "get_domain_role", "list_domain_roles",
	"get_implied_role", "list_implied_roles", "check_implied_role", "list_role_inference_rules",
	"list_system_grants_for_user", "check_system_grant_for_user",
	"list_system_grants_for_group", "check_system_grant_for_group",
	"get_service", "list_services", "get_endpoint", "list_endpoints",
	"get_policy", "list_policies", "list_trusts", "get_consumer", "list_consumers",
	"list_projects_for_endpoint", "check_endpoint_in_project", "list_endpoints_for_project",
	"get_mapping", "list_mappings", "get_domain_config", "get_domain_config_default",
	"get_endpoint_group", "list_endpoint_groups", "list_endpoint_groups_for_project",
	"list_endpoints_associated_with_endpoint_group", "list_projects_associated_with_endpoint_group",
	"get_endpoint_group_in_project",
}

// openActions need a valid token and nothing else.
var openActions = [...]string{
	"get_auth_catalog", "get_auth_projects", "get_auth_domains", "get_auth_system",
	"get_region", "list_regions",
	"get_security_compliance_domain_config",
	"get_limit_model", "list_limits", "get_registered_limit", "list_registered_limits",
}

// domainActions are those that a token for a domain may ask for. All others are
// for tokens for the system and for projects.
var domainActions = [...]string{
	"check_token", "validate_token", "revoke_token", "s3tokens_validate",
	"get_auth_catalog", "get_auth_projects", "get_auth_domains", "get_auth_system",
	"get_domain", "get_security_compliance_domain_config",
	"get_user", "list_users", "create_user", "update_user", "delete_user",
	"get_project", "list_projects", "create_project", "update_project", "delete_project", "list_user_projects",
	"get_project_tag", "list_project_tags", "create_project_tag", "update_project_tags",
	"delete_project_tag", "delete_project_tags",
	"get_group", "list_groups", "create_group", "update_group", "delete_group", "list_groups_for_user",
	"list_users_in_group", "check_user_in_group", "add_user_to_group", "remove_user_from_group",
	"check_grant", "list_grants", "create_grant", "revoke_grant",
	"list_role_assignments", "list_role_assignments_for_tree",
	"get_region", "list_regions",
	"get_limit_model", "get_limit", "list_limits", "get_registered_limit", "list_registered_limits",
}

// projectActions are those that only a token for a project may ask for.
var projectActions = [...]string{
	"create_application_credential", "create_trust",
	"authorize_request_token", "get_access_token", "get_access_token_role",
	"list_access_tokens", "list_access_token_roles", "delete_access_token",
}

// grantDomains is the part of the rules for grants that a domain's own people
// pass: actor and target are in the domain of their token.
func grantDomains(role string) string {
	const user, group = "domain_id:%(target.user.domain_id)s", "domain_id:%(target.group.domain_id)s"
	const project, domain = "domain_id:%(target.project.domain_id)s", "domain_id:%(target.domain.id)s"
	return "(role:" + role + " and (" + user + " or " + group + ") and (" + project + " or " + domain + "))"
}

const ofRole = " and (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s)"

var ownRules = map[string]string{
	"check_token":    adminOrSysReader + " or rule:token_subject",
	"validate_token": adminOrSysReader + " or rule:service_role or rule:token_subject",
	"revoke_token":   admin + " or rule:token_subject",

	"get_domain": adminOrSysReader + " or token.domain.id:%(target.domain.id)s" +
		" or token.project.domain.id:%(target.domain.id)s",

	"get_project": adminOrSysReader + " or " + domainReaderOf + "project.domain_id)s)" +
		" or project_id:%(target.project.id)s",
	"list_projects": adminOrSysReader + " or " + domainReaderOf + "domain_id)s)",
	"list_user_projects": adminOrOwner + " or " + systemReader + " or " + domainReaderOf + "user.domain_id)s)" +
		" or user_id:%(target.user.id)s",
	"list_project_tags": adminOrSysReader + " or " + domainReaderOf + "project.domain_id)s)" +
		" or project_id:%(target.project.id)s",
	"get_project_tag": adminOrSysReader + " or " + domainReaderOf + "project.domain_id)s)" +
		" or project_id:%(target.project.id)s",

	"get_user": adminOrOwner + " or " + systemReader +
		" or (role:reader and token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
	"list_users": adminOrSysReader + " or " + domainReaderOf + "domain_id)s)",

	"get_group":           adminOrSysReader + " or " + domainReaderOf + "group.domain_id)s)",
	"list_groups":         adminOrSysReader + " or " + domainReaderOf + "group.domain_id)s)",
	"list_users_in_group": adminOrSysReader + " or " + domainReaderOf + "group.domain_id)s)",
	"list_groups_for_user": adminOrOwner + " or " + systemReader + " or " +
		domainReaderOf + "user.domain_id)s)",
	"check_user_in_group": adminOrSysReader + " or (role:reader and" +
		" domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)",

	"check_grant":  admin + " or (" + systemReader + " or " + grantDomains("reader") + ")" + ofRole,
	"list_grants":  adminOrSysReader + " or " + grantDomains("reader"),
	"create_grant": admin + " or " + grantDomains("admin") + ofRole,
	"revoke_grant": admin + " or " + grantDomains("admin") + ofRole,
	"list_role_assignments": adminOrSysReader + " or (role:reader and domain_id:%(target.domain_id)s" +
		" and not None:%(target.domain_id)s)",
	"list_role_assignments_for_tree": adminOrSysReader + " or (role:reader and domain_id:%(target.domain_id)s" +
		" and not None:%(target.domain_id)s)",

	"get_application_credential":    adminOrOwner + " or " + systemReader,
	"list_application_credentials":  adminOrOwner + " or " + systemReader,
	"create_application_credential": "user_id:%(user_id)s",
	"delete_application_credential": adminOrOwner,
	"get_access_rule":               systemReader + " or user_id:%(target.user.id)s",
	"list_access_rules":             systemReader + " or user_id:%(target.user.id)s",
	"delete_access_rule":            "(role:admin and system_scope:all) or user_id:%(target.user.id)s",

	"get_credential":    adminOrSysReader + " or user_id:%(target.credential.user_id)s",
	"list_credentials":  adminOrSysReader + " or user_id:%(target.credential.user_id)s",
	"create_credential": admin + " or user_id:%(target.credential.user_id)s",
	"update_credential": admin + " or user_id:%(target.credential.user_id)s",
	"delete_credential": admin + " or user_id:%(target.credential.user_id)s",

	"ec2_get_credential":    adminOrSysReader + " or user_id:%(target.credential.user_id)s",
	"ec2_list_credentials":  adminOrOwner,
	"ec2_create_credential": adminOrOwner,
	"ec2_delete_credential": admin + " or user_id:%(target.credential.user_id)s",

	"create_trust": "user_id:%(target.trust.trustor_user_id)s",
	"list_trusts_for_trustor": adminOrSysReader +
		" or user_id:%(target.trust.trustor_user_id)s",
	"list_trusts_for_trustee": adminOrSysReader +
		" or user_id:%(target.trust.trustee_user_id)s",
	"get_trust":            adminOrSysReader + trustParty,
	"list_roles_for_trust": adminOrSysReader + trustParty,
	"get_role_for_trust":   adminOrSysReader + trustParty,
	"delete_trust":         admin + " or user_id:%(target.trust.trustor_user_id)s",

	"get_limit": adminOrSysReader + " or domain_id:%(target.limit.domain.id)s" +
		" or domain_id:%(target.limit.project.domain_id)s" +
		" or (project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s)",
}

const trustParty = " or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s"
