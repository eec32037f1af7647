package glance

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

// schemaFiles are the schemas of single resources, as Glance 25 (Zed) answers
// them with its default settings. All others follow from them.
//
//go:embed schemas/*.json
var schemaFiles embed.FS

// Names of the schemas that only check requests.
const (
	objectProperty = "property of an object" // the name of the property is elsewhere
	tagList        = "list of tags"
)

// schemas describes the resources, for clients to read and for requests to be
// checked.
type schemas struct {
	shown  map[string]ordered // by path below /v2/schemas
	checks map[string]*jsonschema.Document
	names  map[string]string // of checks, as messages show them
}

// loadSchemas is [newSchemas], done once: they are the same for all services.
var loadSchemas = sync.OnceValues(newSchemas)

func newSchemas() (*schemas, error) {
	s := &schemas{
		shown: map[string]ordered{}, checks: map[string]*jsonschema.Document{}, names: map[string]string{},
	}
	single := map[string]ordered{}
	for _, name := range []string{
		"image", "member", "task", "namespace", "resource_type", "property", "object", "tag",
	} {
		data, err := schemaFiles.ReadFile("schemas/" + name + ".json")
		if err != nil {
			return nil, fmt.Errorf("reading the schemas: %w", err)
		}
		if single[name], err = parseOrdered(data); err != nil {
			return nil, fmt.Errorf("schema of a %s: %w", name, err)
		}
	}
	if err := s.show(single); err != nil {
		return nil, err
	}
	return s, s.addChecks(single)
}

// addChecks makes the schemas that requests are checked with.
func (s *schemas) addChecks(single map[string]ordered) error {
	checks := maps.Clone(single)
	checks["task"] = single["task"].with("additionalProperties", false)
	checks[objectProperty] = unnamed(single["property"])
	checks[tagList] = ordered{
		{"name", "tags"}, {"additionalProperties", false},
		{"properties", object{"tags": object{
			"type": "array",
			"items": object{
				"type": "object", "required": []string{"name"}, "additionalProperties": false,
				"properties": object{"name": object{"type": "string"}},
			},
		}}},
	}
	for name, schema := range checks {
		data, err := encode(schema)
		if err != nil {
			return fmt.Errorf("schema of a %s: %w", name, err)
		}
		if s.checks[name], err = jsonschema.ParseDocument(data); err != nil {
			return fmt.Errorf("schema of a %s: %w", name, err)
		}
		var head struct{ Name string }
		if err := json.Unmarshal(data, &head); err != nil {
			return fmt.Errorf("schema of a %s: %w", name, err)
		}
		s.names[name] = head.Name
	}
	return nil
}

// show fills in what clients can read.
func (s *schemas) show(single map[string]ordered) error {
	for name, schema := range single {
		switch name {
		case "image", "member", "task":
			s.shown[name] = schema
		default:
			s.shown["metadefs/"+name] = schema
		}
	}
	data, err := encode(single["task"].get("properties"))
	if err != nil {
		return fmt.Errorf("schema of tasks: %w", err)
	}
	properties, err := parseOrdered(data)
	if err != nil {
		return fmt.Errorf("schema of tasks: %w", err)
	}
	brief := single["task"].with("properties", properties.without("input", "result", "message"))
	s.shown["images"] = collection("images", single["image"], true)
	s.shown["members"] = collection("members", single["member"], false)
	s.shown["tasks"] = collection("tasks", brief, false)
	s.shown["metadefs/namespaces"] = collection("namespaces", single["namespace"], true)
	s.shown["metadefs/objects"] = collection("objects", single["object"], true)
	s.shown["metadefs/tags"] = collection("tags", single["tag"], true)
	s.shown["metadefs/resource_types"] = collection("resource_type_associations", single["resource_type"], true)
	s.shown["metadefs/properties"] = collection("properties", unnamed(single["property"]), true)
	return nil
}

// collection is the schema of a list called name of what item describes. A
// list that has pages says how to get to them.
func collection(name string, item ordered, pages bool) ordered {
	text := object{"type": "string"}
	list := ordered{{"type", "array"}, {"items", item.without("definitions")}}
	if name == "properties" { // these are in an object, by name
		list = ordered{{"type", "object"}, {"additionalProperties", item.without("definitions")}}
	}
	members := ordered{{name, list}}
	links := []ordered{{{"rel", "describedby"}, {"href", "{schema}"}}}
	if pages {
		members = append(members, field{"first", text}, field{"next", text})
		links = slices.Insert(links, 0,
			ordered{{"rel", "first"}, {"href", "{first}"}}, ordered{{"rel", "next"}, {"href", "{next}"}})
	}
	schema := ordered{{"name", name}, {"properties", append(members, field{"schema", text})}, {"links", links}}
	if definitions := item.get("definitions"); definitions != nil {
		schema = append(schema, field{"definitions", definitions})
	}
	return schema
}

// unnamed is the schema of a property whose name stands elsewhere.
func unnamed(property ordered) ordered { return property.with("required", []string{"type", "title"}) }

// check refuses v, which a client sent, unless it fits the schema of that name.
func (s *schemas) check(name string, v any) error {
	if err := s.checks[name].Validate(v); err != nil {
		return badRequest("Provided object does not match schema '%s': %s", s.names[name], err.Report())
	}
	return nil
}

// schemaRoutes registers the paths of the schemas.
func (s *Service) schemaRoutes(rt *router) {
	for name, schema := range s.schemas.shown {
		show := func(*request) (*response, error) { return ok(schema) }
		if name == "task" || name == "tasks" {
			rt.add("/schemas/"+name, on(http.MethodGet, failsWithBody(show)))
			continue
		}
		rt.add("/schemas/"+name, onBare(http.MethodGet, show))
	}
}
