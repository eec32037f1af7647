package keystone

import (
	"math"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

// The schemas of what may be sent, as Zed has them.
//
// Source: keystone 22 (Zed), keystone/*/schema.py.

type (
	schema = jsonschema.Schema
	prop   = jsonschema.Property
)

var (
	anyText      = &schema{Types: []string{"string"}}
	nullableText = &schema{Types: []string{"string", "null"}}
	boolean      = &schema{Types: []string{"boolean"}, Enum: []any{true, false, nil}}
	nullableBool = &schema{Types: []string{"boolean", "null"}, Enum: []any{true, false, nil}}
	anyObject    = &schema{Types: []string{"object"}}

	nonSpace   = jsonschema.MustPattern(`[\S]+`)
	idPattern  = jsonschema.MustPattern(`^[a-zA-Z0-9-]+$`)
	tagPattern = jsonschema.MustPattern(`^[^,/]*$`)

	name255    = &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 255, Pattern: nonSpace}
	name64     = &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 64, Pattern: nonSpace}
	idText     = &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 64, Pattern: idPattern}
	nullableID = &schema{Types: []string{"string", "null"}, MinLength: 1, MaxLength: 64, Pattern: idPattern}
	urlText    = &schema{
		Types: []string{"string"}, MaxLength: 225, Shown: map[string]any{"minLength": 0.0},
		Pattern: jsonschema.MustPattern(`^[a-zA-Z0-9+.-]+:.+`),
	}

	immutableOption = &schema{
		Types: []string{"object"}, Closed: true,
		Properties: []prop{{Name: "immutable", Schema: nullableBool}},
	}
	userOptions = &schema{Types: []string{"object"}, Closed: true, Properties: []prop{
		{Name: "ignore_change_password_upon_first_use", Schema: nullableBool},
		{Name: "ignore_password_expiry", Schema: nullableBool},
		{Name: "ignore_lockout_failure_attempts", Schema: nullableBool},
		{Name: "lock_password", Schema: nullableBool},
		{Name: "ignore_user_inactivity", Schema: nullableBool},
		{Name: "multi_factor_auth_rules", Schema: &schema{
			Types: []string{"array", "null"}, UniqueItems: true,
			Items: &schema{Types: []string{"array"}, Items: anyText, MinItems: 1, UniqueItems: true},
		}},
		{Name: "multi_factor_auth_enabled", Schema: nullableBool},
	}}

	federatedSchema = &schema{Types: []string{"array"}, Items: &schema{
		Types: []string{"object"}, Required: []string{"idp_id", "protocols"},
		Properties: []prop{
			{Name: "idp_id", Schema: anyText},
			{Name: "protocols", Schema: &schema{
				Types: []string{"array"}, MinItems: 1,
				Items: &schema{
					Types: []string{"object"}, Required: []string{"protocol_id", "unique_id"},
					Properties: []prop{{Name: "protocol_id", Schema: anyText}, {Name: "unique_id", Schema: anyText}},
				},
			}},
		},
	}}

	tagSchema  = &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 255, Pattern: tagPattern}
	tagsSchema = &schema{
		Types: []string{"array"}, Items: tagSchema, MaxItems: 80, UniqueItems: true,
		Shown: map[string]any{"required": []any{}},
	}
)

// newObject is the schema of a body that creates something.
func newObject(required []string, properties ...prop) *schema {
	return &schema{Types: []string{"object"}, Properties: properties, Required: required, Open: true}
}

// showing returns s with keywords that only appear in messages.
func showing(s *schema, keywords map[string]any) *schema {
	s.Shown = keywords
	return s
}

// changed is the schema of a body that updates what create describes.
func changed(create *schema) *schema {
	return &schema{
		Types: []string{"object"}, Properties: create.Properties, MinProperties: 1,
		Open: create.Open, Shown: create.Shown,
	}
}

var (
	projectSchema = newObject([]string{"name"},
		prop{Name: "description", Schema: nullableText},
		prop{Name: "domain_id", Schema: nullableID},
		prop{Name: "enabled", Schema: boolean},
		prop{Name: "is_domain", Schema: boolean},
		prop{Name: "parent_id", Schema: nullableID},
		prop{Name: "name", Schema: name64},
		prop{Name: "tags", Schema: tagsSchema},
		prop{Name: "options", Schema: immutableOption},
	)
	domainSchema = newObject([]string{"name"},
		prop{Name: "description", Schema: nullableText},
		prop{Name: "enabled", Schema: boolean},
		prop{Name: "name", Schema: name64},
		prop{Name: "tags", Schema: tagsSchema},
	)
	userSchema = showing(newObject([]string{"name"},
		prop{Name: "default_project_id", Schema: nullableID},
		prop{Name: "description", Schema: nullableText},
		prop{Name: "domain_id", Schema: idText},
		prop{Name: "enabled", Schema: boolean},
		prop{Name: "federated", Schema: federatedSchema},
		prop{Name: "name", Schema: name255},
		prop{Name: "password", Schema: nullableText},
		prop{Name: "options", Schema: userOptions},
	), map[string]any{"options": map[string]any{"type": "object"}})
	passwordSchema = &schema{
		Types: []string{"object"}, Required: []string{"original_password", "password"}, Closed: true,
		Properties: []prop{
			{Name: "original_password", Schema: anyText},
			{Name: "password", Schema: anyText},
		},
	}
	groupSchema = newObject([]string{"name"},
		prop{Name: "description", Schema: nullableText},
		prop{Name: "domain_id", Schema: idText},
		prop{Name: "name", Schema: name255},
	)
	roleSchema = newObject([]string{"name"},
		prop{Name: "name", Schema: name255},
		prop{Name: "description", Schema: anyText},
		prop{Name: "options", Schema: immutableOption},
	)
	regionSchema = newObject(nil,
		prop{Name: "description", Schema: nullableText},
		prop{Name: "id", Schema: anyText},
		prop{Name: "parent_region_id", Schema: nullableText},
	)
	serviceSchema = newObject([]string{"type"},
		prop{Name: "enabled", Schema: boolean},
		prop{Name: "name", Schema: name255},
		prop{Name: "type", Schema: &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 255}},
	)
	endpointSchema = newObject([]string{"interface", "service_id", "url"},
		prop{Name: "enabled", Schema: boolean},
		prop{Name: "interface", Schema: &schema{
			Types: []string{"string"}, Enum: []any{"admin", "internal", "public"},
		}},
		prop{Name: "region_id", Schema: anyText},
		prop{Name: "region", Schema: anyText},
		prop{Name: "service_id", Schema: anyText},
		prop{Name: "url", Schema: urlText},
	)
	appCredentialSchema = newObject([]string{"name"},
		prop{Name: "name", Schema: name255},
		prop{Name: "description", Schema: nullableText},
		prop{Name: "secret", Schema: &schema{Types: []string{"null", "string"}}},
		prop{Name: "expires_at", Schema: &schema{Types: []string{"null", "string"}}},
		prop{Name: "roles", Schema: rolesSchema},
		prop{Name: "unrestricted", Schema: boolean},
		prop{Name: "access_rules", Schema: &schema{Types: []string{"array"}, Items: &schema{
			Types: []string{"object"}, Closed: true,
			Properties: []prop{
				{Name: "path", Schema: &schema{
					Types: []string{"string"}, MaxLength: 225, Pattern: jsonschema.MustPattern(`^\/.*`),
					Shown: map[string]any{"minLength": 0.0},
				}},
				{Name: "method", Schema: &schema{
					Types:   []string{"string"},
					Pattern: jsonschema.MustPattern(`^(POST|GET|HEAD|PATCH|PUT|DELETE)$`),
				}},
				{Name: "service", Schema: idText},
				{Name: "id", Schema: idText},
			},
		}}},
	)
)

// reference describes something by id or name.
func reference(more ...prop) *schema {
	return &schema{
		Types:      []string{"object"},
		Properties: append([]prop{{Name: "id", Schema: anyText}, {Name: "name", Schema: anyText}}, more...),
	}
}

var tokenIssueSchema = &schema{
	Types: []string{"object"}, Required: []string{"identity"},
	Properties: []prop{
		{Name: "identity", Schema: &schema{
			Types: []string{"object"}, Required: []string{"methods"},
			Properties: []prop{
				{Name: "methods", Schema: &schema{Types: []string{"array"}, Items: anyText}},
				{Name: "password", Schema: &schema{Types: []string{"object"}, Properties: []prop{
					{Name: "user", Schema: reference(
						prop{Name: "password", Schema: anyText},
						prop{Name: "domain", Schema: reference()},
					)},
				}}},
				{Name: "token", Schema: &schema{
					Types: []string{"object"}, Required: []string{"id"},
					Properties: []prop{{Name: "id", Schema: anyText}},
				}},
			},
		}},
		{Name: "scope", Schema: &schema{
			Types: []string{"object", "string"},
			Properties: []prop{
				{Name: "project", Schema: reference(prop{Name: "domain", Schema: reference()})},
				{Name: "domain", Schema: reference()},
				{Name: "OS-TRUST:trust", Schema: &schema{
					Types: []string{"object"}, Properties: []prop{{Name: "id", Schema: anyText}},
				}},
				{Name: "system", Schema: &schema{
					Types: []string{"object"}, Properties: []prop{{Name: "all", Schema: boolean}},
				}},
			},
		}},
	},
}

var (
	positive, zero = 1.0, 0.0

	ec2Kind          = &schema{Enum: []any{"ec2"}}
	credentialSchema = &schema{
		Types: []string{"object"}, Open: true,
		Properties: []prop{
			{Name: "blob", Schema: anyText},
			{Name: "project_id", Schema: anyText},
			{Name: "type", Schema: anyText},
			{Name: "user_id", Schema: anyText},
		},
		OneOf: []*schema{
			{
				Required:   []string{"blob", "type", "user_id", "project_id"},
				Properties: []prop{{Name: "type", Schema: ec2Kind}},
				Shown:      map[string]any{"title": "ec2 credential requires project_id"},
			},
			{
				Required:   []string{"blob", "type", "user_id"},
				Properties: []prop{{Name: "type", Schema: &schema{Not: ec2Kind}}},
				Shown:      map[string]any{"title": "non-ec2 credential does not require project_id"},
			},
		},
	}
	credentialPatchSchema = &schema{
		Types: []string{"object"}, Required: []string{"blob"}, Closed: true, ClosedFirst: true,
		Properties: []prop{{Name: "blob", Schema: anyText}},
	}
	policySchema = newObject([]string{"blob", "type"},
		prop{Name: "blob", Schema: anyText},
		prop{Name: "type", Schema: &schema{Types: []string{"string"}, MaxLength: 255}},
	)
	rolesSchema = &schema{Types: []string{"array"}, Items: &schema{
		Types: []string{"object"}, MinProperties: 1, MaxProperties: 1, Closed: true,
		Properties: []prop{{Name: "id", Schema: idText}, {Name: "name", Schema: name255}},
	}}
	trustSchema = newObject([]string{"trustor_user_id", "trustee_user_id", "impersonation"},
		prop{Name: "trustor_user_id", Schema: &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 64}},
		prop{Name: "trustee_user_id", Schema: &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 64}},
		prop{Name: "impersonation", Schema: boolean},
		prop{Name: "project_id", Schema: nullableID},
		prop{Name: "remaining_uses", Schema: &schema{Types: []string{"integer", "null"}, Minimum: &positive}},
		prop{Name: "expires_at", Schema: &schema{Types: []string{"null", "string"}}},
		prop{Name: "allow_redelegation", Schema: &schema{Types: []string{"boolean", "null"}}},
		prop{Name: "redelegation_count", Schema: &schema{Types: []string{"integer", "null"}, Minimum: &zero}},
		prop{Name: "roles", Schema: rolesSchema},
	)
)

var (
	unlimited, mostInt = -1.0, float64(math.MaxInt32)

	amount        = &schema{Types: []string{"integer"}, Minimum: &unlimited, Maximum: &mostInt}
	resourceName  = &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 255}
	registeredOne = &schema{
		Types: []string{"object"}, Closed: true, ClosedFirst: true,
		Required: []string{"service_id", "resource_name", "default_limit"},
		Properties: []prop{
			{Name: "service_id", Schema: idText},
			{Name: "region_id", Schema: &schema{Types: []string{"null", "string"}}},
			{Name: "resource_name", Schema: resourceName},
			{Name: "default_limit", Schema: amount},
			{Name: "description", Schema: nullableText},
		},
	}
	registeredLimitsSchema     = &schema{Types: []string{"array"}, MinItems: 1, Items: registeredOne}
	registeredLimitPatchSchema = &schema{
		Types: []string{"object"}, Closed: true, Properties: registeredOne.Properties,
	}

	limitsSchema = &schema{Types: []string{"array"}, MinItems: 1, Items: &schema{
		Types: []string{"object"}, OneOf: []*schema{limitOf("project_id"), limitOf("domain_id")},
	}}
	limitPatchSchema = &schema{Types: []string{"object"}, Closed: true, Properties: []prop{
		{Name: "resource_limit", Schema: amount},
		{Name: "description", Schema: nullableText},
	}}

	mappingSchema = &schema{
		Types: []string{"object"}, Required: []string{"rules"},
		Properties: []prop{{Name: "rules", Schema: &schema{
			Types: []string{"array"}, MinItems: 1,
			Items: &schema{
				Types: []string{"object"}, Required: []string{"local", "remote"}, Closed: true,
				Properties: []prop{
					{Name: "local", Schema: &schema{Types: []string{"array"}, Items: anyObject}},
					{Name: "remote", Schema: &schema{Types: []string{"array"}, Items: anyObject, MinItems: 1}},
				},
			},
		}}},
	}
)

// limitOf describes a new limit of what owner names.
func limitOf(owner string) *schema {
	return &schema{
		Closed: true, Required: []string{owner, "service_id", "resource_name", "resource_limit"},
		Properties: []prop{
			{Name: owner, Schema: idText},
			{Name: "service_id", Schema: idText},
			{Name: "region_id", Schema: anyText},
			{Name: "resource_name", Schema: resourceName},
			{Name: "resource_limit", Schema: amount},
			{Name: "description", Schema: nullableText},
		},
	}
}
