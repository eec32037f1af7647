package keystone

import "github.com/gotempest/tempest/testlib/embedded/jsonschema"

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
	boolean      = &schema{Types: []string{"boolean"}, Enum: []any{true, false}}
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
		Types: []string{"string"}, MaxLength: 225,
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

	tagSchema  = &schema{Types: []string{"string"}, MinLength: 1, MaxLength: 255, Pattern: tagPattern}
	tagsSchema = &schema{Types: []string{"array"}, Items: tagSchema, MaxItems: 80, UniqueItems: true}
)

// newObject is the schema of a body that creates something.
func newObject(required []string, properties ...prop) *schema {
	return &schema{Types: []string{"object"}, Properties: properties, Required: required}
}

// changed is the schema of a body that updates what create describes.
func changed(create *schema) *schema {
	return &schema{Types: []string{"object"}, Properties: create.Properties, MinProperties: 1}
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
	userSchema = newObject([]string{"name"},
		prop{Name: "default_project_id", Schema: nullableID},
		prop{Name: "description", Schema: nullableText},
		prop{Name: "domain_id", Schema: idText},
		prop{Name: "enabled", Schema: boolean},
		prop{Name: "name", Schema: name255},
		prop{Name: "password", Schema: nullableText},
		prop{Name: "options", Schema: userOptions},
	)
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
		prop{Name: "roles", Schema: &schema{Types: []string{"array"}, Items: &schema{
			Types: []string{"object"}, MinProperties: 1, MaxProperties: 1, Closed: true,
			Properties: []prop{{Name: "id", Schema: idText}, {Name: "name", Schema: name255}},
		}}},
		prop{Name: "unrestricted", Schema: boolean},
		prop{Name: "access_rules", Schema: &schema{Types: []string{"array"}, Items: &schema{
			Types: []string{"object"}, Closed: true,
			Properties: []prop{
				{Name: "path", Schema: &schema{
					Types: []string{"string"}, MaxLength: 225, Pattern: jsonschema.MustPattern(`^\/.*`),
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
