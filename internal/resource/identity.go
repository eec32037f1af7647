package resource

// disableDomain is what Keystone wants before a domain is removed.
const disableDomain = `PATCH /domains/{id} {"domain":{"enabled":false}}`

// identity returns the types of Keystone.
func identity() []Type {
	const s = "identity"
	return []Type{
		{Service: s, Name: "user", Create: []string{"POST /users"}, Key: "user", Named: true, Rank: rankUser,
			List: List{Path: "/users", Key: "users", Name: "name"}},
		{Service: s, Name: "group", Create: []string{"POST /groups"}, Key: "group", Named: true, Rank: rankGroup,
			List: List{Path: "/groups", Key: "groups", Name: "name"}},
		{Service: s, Name: "project", Create: []string{"POST /projects"}, Key: "project", Named: true, Rank: rankProject,
			List: List{Path: "/projects", Key: "projects", Name: "name"}},
		{Service: s, Name: "domain", Create: []string{"POST /domains"}, Key: "domain", Named: true, Rank: rankDomain,
			First: disableDomain,
			List:  List{Path: "/domains", Key: "domains", Name: "name"}},
		{Service: s, Name: "role", Create: []string{"POST /roles"}, Key: "role", Named: true, Rank: rankRole,
			List: List{Path: "/roles", Key: "roles", Name: "name"}},
		{Service: s, Name: "role_inference", Create: []string{"PUT /roles/{prior}/implies/{implied}"}, Key: "role_inference",
			ID: "{implied}", NameField: "-", Status: 201, Part: true, Rank: rankRole - 1},
		{Service: s, Name: "service", Create: []string{"POST /services"}, Key: "service", Rank: rankService,
			List: List{Path: "/services", Key: "services", Name: "name"}},
		{Service: s, Name: "endpoint", Create: []string{"POST /endpoints"}, Key: "endpoint", NameField: "-",
			Rank: rankCatalogPart, List: List{Path: "/endpoints", Key: "endpoints", NameField: "-"}},
		{Service: s, Name: "endpoint_group", Create: []string{"POST /OS-EP-FILTER/endpoint_groups"}, Key: "endpoint_group",
			Rank: rankCatalogPart, List: List{Path: "/OS-EP-FILTER/endpoint_groups", Key: "endpoint_groups", Name: "name"}},
		{Service: s, Name: "region", Create: []string{"POST /regions", "PUT /regions/{region}"}, Key: "region",
			NameField: "id", Status: 201, Delete: "DELETE /regions/{id}", Rank: rankRegion,
			List: List{Path: "/regions", Key: "regions", NameField: "id"}},
		{Service: s, Name: "policy", Create: []string{"POST /policies"}, Key: "policy", NameField: "-", Rank: rankCatalogPart,
			List: List{Path: "/policies", Key: "policies", NameField: "-"}},
		{Service: s, Name: "credential", Create: []string{"POST /credentials"}, Key: "credential", NameField: "-",
			Part: true, Rank: rankDelegation, List: List{Path: "/credentials", Key: "credentials", NameField: "-"}},
		{Service: s, Name: "ec2_credential", Create: []string{"POST /users/{owner}/credentials/OS-EC2"}, Key: "credential",
			ID: "access", NameField: "-", Part: true, Rank: rankDelegation},
		{Service: s, Name: "application_credential", Create: []string{"POST /users/{owner}/application_credentials"},
			Key: "application_credential", Part: true, Rank: rankDelegation,
			Inner: map[string]Inner{"access_rules": {
				Name: "access_rule", Delete: "DELETE /users/{owner}/access_rules/{id}", Rank: rankDelegation + 1}}},
		{Service: s, Name: "trust", Create: []string{"POST /OS-TRUST/trusts"}, Key: "trust", NameField: "-", Part: true,
			Rank: rankDelegation, List: List{Path: "/OS-TRUST/trusts", Key: "trusts", NameField: "-"}},
		{Service: s, Name: "oauth_consumer", Create: []string{"POST /OS-OAUTH1/consumers"}, Key: "consumer",
			NameField: "description", Rank: rankDelegation,
			List: List{Path: "/OS-OAUTH1/consumers", Key: "consumers", NameField: "description"}},
		{Service: s, Name: "identity_provider", Create: []string{"PUT /OS-FEDERATION/identity_providers/{provider}"},
			Key: "identity_provider", ID: "{provider}", NameField: "{provider}", Status: 201, Rank: rankFederation,
			Inner: map[string]Inner{"domain_id": { // which Keystone makes unless the request names one
				Name: "domain", Delete: "DELETE /domains/{id}", First: disableDomain, Rank: rankDomain,
			}},
			List: List{Path: "/OS-FEDERATION/identity_providers", Key: "identity_providers", NameField: "id"}},
		{Service: s, Name: "mapping", Create: []string{"PUT /OS-FEDERATION/mappings/{mapping}"}, Key: "mapping",
			ID: "{mapping}", NameField: "{mapping}", Status: 201, Rank: rankFederation + 1,
			List: List{Path: "/OS-FEDERATION/mappings", Key: "mappings", NameField: "id"}},
		{Service: s, Name: "service_provider", Create: []string{"PUT /OS-FEDERATION/service_providers/{provider}"},
			Key: "service_provider", ID: "{provider}", NameField: "{provider}", Status: 201, Rank: rankFederation,
			List: List{Path: "/OS-FEDERATION/service_providers", Key: "service_providers", NameField: "id"}},
		{Service: s, Name: "federation_protocol",
			Create: []string{"PUT /OS-FEDERATION/identity_providers/{provider}/protocols/{protocol}"}, Key: "protocol",
			ID: "{protocol}", NameField: "{protocol}", Status: 201, Part: true, Rank: rankFederation - 1},
		{Service: s, Name: "limit", Create: []string{"POST /limits"}, Plural: "limits", Key: "limit",
			NameField: "-", Delete: "DELETE /limits/{id}", Rank: rankLimit,
			List: List{Path: "/limits", Key: "limits", NameField: "-", ProjectField: "project_id"}},
		{Service: s, Name: "registered_limit", Create: []string{"POST /registered_limits"}, Plural: "registered_limits",
			Key: "registered_limit", NameField: "resource_name", Delete: "DELETE /registered_limits/{id}", Rank: rankLimitBase,
			List: List{Path: "/registered_limits", Key: "registered_limits", NameField: "resource_name"}},
	}
}
