package config

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// draft is the dialect of the schema. Taplo, which is behind Even Better TOML, knows drafts 4 to 7 in all of
// its versions, Tombi draft 7 and later ones. Of it, only words are used that mean the same in all of them.
const draft = "http://json-schema.org/draft-07/schema#"

// schema is a JSON Schema, as far as options need one.
type schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Deprecated  bool               `json:"deprecated,omitempty"`
	Type        any                `json:"type,omitempty"` // a string, or a list of them
	Default     any                `json:"default,omitempty"`
	Enum        []any              `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Minimum     json.Number        `json:"minimum,omitempty"`
	Maximum     json.Number        `json:"maximum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"`
	Taplo       *taplo             `json:"x-taplo,omitempty"`
}

// taplo holds words that Taplo alone knows.
type taplo struct {
	Hidden bool `json:"hidden,omitempty"` // not offered for completion
}

// durationPattern is what [time.ParseDuration] takes.
const durationPattern = `^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)` +
	`(ns|us|µs|μs|ms|s|m|h))*)$`

// Schema returns a JSON Schema of the configuration file for editors: names, types, defaults, ranges
// and help texts. Required options are not required of the file, because a variable may set them.
func Schema(groups []option.Group) []byte {
	root := object(groups)
	root.Dialect, root.Title = draft, "Configuration of tempest"
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // of strings and numbers that were checked: a mistake in this file
	}
	return append(out, '\n')
}

func object(groups []option.Group) *schema {
	root := table(map[string]*schema{})
	for _, g := range groups {
		if root.Properties[g.Name] == nil {
			root.Properties[g.Name] = groupSchema(g)
		}
	}
	for _, g := range groups {
		for _, o := range g.Options {
			for _, old := range o.Renamed {
				group, name, _ := strings.Cut(old, ".")
				if root.Properties[group] == nil {
					root.Properties[group] = table(map[string]*schema{})
				}
				s := optionSchema(o)
				s.Description = "Renamed to " + g.Name + "." + o.Name + ". " + s.Description
				s.Deprecated, s.Taplo = true, &taplo{Hidden: true}
				root.Properties[group].Properties[name] = s
			}
		}
	}
	return root
}

func table(properties map[string]*schema) *schema {
	return &schema{Type: "object", Properties: properties, Additional: new(bool)}
}

func groupSchema(g option.Group) *schema {
	s := table(map[string]*schema{})
	for _, o := range g.Options {
		s.Properties[o.Name] = optionSchema(o)
		if g.List && o.Required { // no variable can set it
			s.Required = append(s.Required, o.Name)
		}
	}
	text := sentences(help(g.Name, g.Help), origin(groupOwner(g)))
	if g.List {
		return &schema{Description: text, Type: "array", Items: s}
	}
	s.Description = text
	return s
}

func optionSchema(o option.Option) *schema {
	word, list := o.Elem()
	s := valueSchema(o, word)
	if list { // which may be written as text too
		s = &schema{Type: []string{"array", "string"}, Items: s}
	}
	s.Description = sentences(help(o.Name, o.Help), limits(o), origin(o.Owner))
	if o.Default != "" && !o.Secret {
		s.Default = setting(o, layer{}, false).Value
	}
	if o.Deprecated != "" {
		s.Deprecated, s.Taplo = true, &taplo{Hidden: true}
	}
	return s
}

func valueSchema(o option.Option, word string) *schema {
	s := &schema{Type: map[string]string{
		"string": "string", "bool": "boolean", "int": "integer", "float": "number", "duration": "string",
	}[word]}
	switch word {
	case "duration":
		s.Pattern = durationPattern
	case "int", "float":
		s.Minimum, s.Maximum = number(o.Min), number(o.Max)
	}
	for _, c := range o.Choices {
		v, _ := option.ParseText(word, c)
		s.Enum = append(s.Enum, v)
	}
	if word == "string" && len(o.Choices) > 0 && o.Default == "" { // which means that it is not set
		s.Enum = append(s.Enum, "")
	}
	return s
}

// number returns a bound as JSON writes it, "" for none.
func number(text string) json.Number {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return ""
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return json.Number(strings.TrimPrefix(text, "+"))
	}
	out, err := json.Marshal(f)
	if err != nil { // an infinity bounds nothing
		return ""
	}
	return json.Number(out)
}

// sentences joins texts that are not empty.
func sentences(texts ...string) string {
	var all []string
	for _, t := range texts {
		if t != "" {
			all = append(all, t)
		}
	}
	return strings.Join(all, " ")
}
