package glance

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

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
	shown  map[string]object // by path below /v2/schemas
	checks map[string]*jsonschema.Document
	names  map[string]string // of checks, as messages show them
}

func newSchemas() (*schemas, error) {
	s := &schemas{
		shown: map[string]object{}, checks: map[string]*jsonschema.Document{}, names: map[string]string{},
	}
	single := map[string]object{}
	for _, name := range []string{
		"image", "member", "task", "namespace", "resource_type", "property", "object", "tag",
	} {
		data, err := schemaFiles.ReadFile("schemas/" + name + ".json")
		if err != nil {
			return nil, fmt.Errorf("reading the schemas: %w", err)
		}
		var o object
		if err := json.Unmarshal(data, &o); err != nil {
			return nil, fmt.Errorf("reading the schema of a %s: %w", name, err)
		}
		single[name] = o
		if err := s.addCheck(name, data); err != nil {
			return nil, err
		}
	}
	s.show(single)
	return s, s.addDerived(single)
}

// addCheck makes the schema in data one that requests are checked with.
func (s *schemas) addCheck(name string, data []byte) error {
	document, err := jsonschema.ParseDocument(data)
	if err != nil {
		return fmt.Errorf("schema of a %s: %w", name, err)
	}
	var head struct{ Name string }
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("schema of a %s: %w", name, err)
	}
	s.checks[name], s.names[name] = document, head.Name
	return nil
}

// addDerived adds the checks that differ from what is shown.
func (s *schemas) addDerived(single map[string]object) error {
	closed := maps.Clone(single["task"])
	closed["additionalProperties"] = false
	for name, o := range map[string]object{
		"task":         closed,
		objectProperty: unnamed(single["property"]),
		tagList: {"name": "tags", "additionalProperties": false, "properties": object{"tags": object{
			"type": "array",
			"items": object{
				"type": "object", "required": []any{"name"}, "additionalProperties": false,
				"properties": object{"name": object{"type": "string"}},
			},
		}}},
	} {
		data, err := encode(o)
		if err != nil {
			return fmt.Errorf("schema of a %s: %w", name, err)
		}
		if err := s.addCheck(name, data); err != nil {
			return err
		}
	}
	return nil
}

// show fills in what clients can read.
func (s *schemas) show(single map[string]object) {
	for _, name := range []string{"image", "member", "task"} {
		s.shown[name] = single[name]
	}
	for _, name := range []string{"namespace", "resource_type", "property", "object", "tag"} {
		s.shown["metadefs/"+name] = single[name]
	}
	brief := maps.Clone(single["task"])
	shown, _ := brief["properties"].(object)
	brief["properties"] = without(without(without(shown, "input"), "result"), "message")
	s.shown["images"] = collection("images", single["image"], true)
	s.shown["members"] = collection("members", single["member"], false)
	s.shown["tasks"] = collection("tasks", brief, false)
	s.shown["metadefs/namespaces"] = collection("namespaces", single["namespace"], true)
	s.shown["metadefs/objects"] = collection("objects", single["object"], true)
	s.shown["metadefs/tags"] = collection("tags", single["tag"], true)
	s.shown["metadefs/resource_types"] = collection("resource_type_associations", single["resource_type"], true)
	property := unnamed(single["property"])
	s.shown["metadefs/properties"] = collection("properties", property, true)
}

// collection is the schema of a list called name of what item describes. A
// list that has pages says how to get to them.
func collection(name string, item object, pages bool) object {
	text := object{"type": "string"}
	members := object{"schema": text, name: object{"type": "array", "items": without(item, "definitions")}}
	if name == "properties" { // these are in an object, by name
		members[name] = object{"type": "object", "additionalProperties": without(item, "definitions")}
	}
	links := []any{object{"rel": "describedby", "href": "{schema}"}}
	if pages {
		members["first"], members["next"] = text, text
		links = slices.Insert(links, 0,
			any(object{"rel": "first", "href": "{first}"}), any(object{"rel": "next", "href": "{next}"}))
	}
	list := object{"name": name, "properties": members, "links": links}
	if definitions, ok := item["definitions"]; ok {
		list["definitions"] = definitions
	}
	return list
}

// without returns o without a member.
func without(o object, member string) object {
	rest := maps.Clone(o)
	delete(rest, member)
	return rest
}

// unnamed is the schema of a property whose name stands elsewhere.
func unnamed(property object) object {
	required, _ := property["required"].([]any)
	o := maps.Clone(property)
	o["required"] = slices.DeleteFunc(slices.Clone(required), func(name any) bool { return name == "name" })
	return o
}

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
