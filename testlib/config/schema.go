package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Group is a table of the configuration file.
type Group struct {
	Name    string
	Help    string // doc comment of the field
	List    bool   // an array of tables, each with these options
	Options []Option
}

// Option is one option of a group.
type Option struct {
	Name       string   // key in tempest.toml
	Type       string   // string, int, bool, float, duration, []string and so on
	Default    string   // as written in the tag
	Help       string   // doc comment
	Min, Max   string   // as written in the tags
	Choices    []string // allowed values
	Required   bool
	Secret     bool
	Deprecated string // what to use instead; empty when not deprecated
}

// groupsOf returns the groups that t declares.
func groupsOf(t reflect.Type) ([]Group, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("reading options of %s: not a struct", t)
	}
	var groups []Group
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			inner, err := groupsOf(f.Type)
			if err != nil {
				return nil, err
			}
			groups = append(groups, inner...)
			continue
		}
		g, err := groupOf(t, f)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func groupOf(t reflect.Type, f reflect.StructField) (Group, error) {
	g := Group{Name: nameOf(f)}
	ft := f.Type
	if ft.Kind() == reflect.Slice {
		g.List, ft = true, ft.Elem()
	}
	if ft.Kind() != reflect.Struct || !f.IsExported() {
		return Group{}, fmt.Errorf("reading options of %s: field %s is not an exported struct", t, f.Name)
	}
	for i := range ft.NumField() {
		of := ft.Field(i)
		word, ok := typeWord(of.Type)
		if !ok || !of.IsExported() {
			return Group{}, fmt.Errorf("reading options of %s: %s.%s cannot be an option: %s is not a type of options",
				t, f.Name, of.Name, of.Type)
		}
		g.Options = append(g.Options, optionOf(of, word))
	}
	return g, nil
}

func optionOf(f reflect.StructField, word string) Option {
	o := Option{
		Name: nameOf(f), Type: word,
		Default: f.Tag.Get("default"), Min: f.Tag.Get("min"), Max: f.Tag.Get("max"),
		Required: f.Tag.Get("required") == "true", Secret: f.Tag.Get("secret") == "true",
		Deprecated: f.Tag.Get("deprecated"),
	}
	if c := f.Tag.Get("choices"); c != "" {
		o.Choices = splitList(c)
	}
	return o
}

func nameOf(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name != "" {
		return name
	}
	return strings.ToLower(f.Name)
}

// typeWord returns the word by which the type of an option is known.
func typeWord(t reflect.Type) (string, bool) {
	if t == reflect.TypeFor[time.Duration]() {
		return "duration", true
	}
	switch t.Kind() {
	case reflect.String:
		return "string", true
	case reflect.Bool:
		return "bool", true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "int", true
	case reflect.Float32, reflect.Float64:
		return "float", true
	case reflect.Slice:
		word, ok := typeWord(t.Elem())
		return "[]" + word, ok && !strings.HasPrefix(word, "[]")
	}
	return "", false
}

// splitList splits a list that is written as text, at commas and white space.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// same reports whether two declarations of one option agree.
func (o Option) same(p Option) bool {
	return o.Type == p.Type && o.Default == p.Default && o.Min == p.Min && o.Max == p.Max &&
		slices.Equal(o.Choices, p.Choices) && o.Required == p.Required && o.Secret == p.Secret
}
