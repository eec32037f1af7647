// Package jsonschema checks JSON values against schemas and reports what is
// wrong in the words of Python's jsonschema library, which OpenStack services
// put into their 400 responses.
//
// It has the keywords that the services' schemas need, and only those.
//
// Source: https://json-schema.org/draft-04/json-schema-validation.html
package jsonschema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Schema describes a JSON value. The zero value accepts everything.
type Schema struct {
	// Types are the allowed JSON types: object, array, string, boolean,
	// integer, number, null. Empty allows all.
	Types []string
	// Enum lists the allowed values. Empty allows all.
	Enum []any

	// MinLength and MaxLength bound a string, in characters. MaxLength 0
	// means no bound.
	MinLength, MaxLength int
	// Pattern must be found in a string. Empty means no pattern.
	Pattern *Pattern
	// Minimum and Maximum bound a number. Nil means no bound.
	Minimum, Maximum *float64

	// Items describes each element of an array.
	Items *Schema
	// MinItems and MaxItems bound an array; MaxItems 0 means no bound.
	MinItems, MaxItems int
	// UniqueItems forbids equal elements.
	UniqueItems bool

	// Properties describes the members of an object, in the order in which
	// they are checked.
	Properties []Property
	// Required names members that must be there.
	Required []string
	// MinProperties and MaxProperties bound an object; MaxProperties 0 means
	// no bound.
	MinProperties, MaxProperties int
	// Closed forbids members that Properties does not name. Open says in so
	// many words that they are allowed, which they are anyway.
	Closed, Open bool
	// ClosedFirst checks for such members before the required ones.
	ClosedFirst bool

	// OneOf lists schemas of which exactly one must accept the value, and Not
	// is one that must not. Empty and nil mean no such demand.
	OneOf []*Schema
	Not   *Schema

	// Shown holds keywords that appear in messages as given, and do nothing.
	Shown map[string]any
}

// Property is one member of an object.
type Property struct {
	Name   string
	Schema *Schema
}

// A Pattern is a regular expression with the text that messages show, which
// is Python's spelling of it.
type Pattern struct {
	Text string
	re   *regexp.Regexp
}

// MustPattern compiles text, which must be valid both in Go and in Python.
func MustPattern(text string) *Pattern {
	return &Pattern{Text: text, re: regexp.MustCompile(text)}
}

// An Error says where and how a value breaks its schema.
type Error struct {
	Path     []string // members and indexes from the root to Instance
	Message  string   // as in "5 is not of type 'string'"
	Keyword  string   // the keyword that failed, as in "type"
	Schema   *Schema  // the schema that failed; nil when a Document was asked
	Instance any      // the value that failed

	schemaPath []string
	tree       any // the schema that failed, where it is of a [Document]
}

// Error returns the message alone.
func (e *Error) Error() string { return e.Message }

// Validate checks v, which is made of the types of encoding/json. It returns
// the first thing wrong, or nil.
func (s *Schema) Validate(v any) *Error {
	for _, c := range []func(any) *Error{
		s.checkType, s.checkEnum, s.checkString, s.checkNumber, s.checkArray, s.checkObject, s.checkOneOf,
		s.checkNot,
	} {
		if err := c(v); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schema) fail(v any, keyword, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Keyword: keyword, Schema: s, Instance: v}
}

func (s *Schema) checkType(v any) *Error {
	if len(s.Types) == 0 || slices.ContainsFunc(s.Types, func(t string) bool { return isType(v, t) }) {
		return nil
	}
	names := make([]string, len(s.Types))
	for i, t := range s.Types {
		names[i] = Repr(t)
	}
	return s.fail(v, "type", "%s is not of type %s", Repr(v), strings.Join(names, ", "))
}

func isType(v any, name string) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

func (s *Schema) checkEnum(v any) *Error {
	if len(s.Enum) == 0 || slices.ContainsFunc(s.Enum, func(e any) bool { return Repr(e) == Repr(v) }) {
		return nil
	}
	return s.fail(v, "enum", "%s is not one of %s", Repr(v), Repr(s.Enum))
}

func (s *Schema) checkString(v any) *Error {
	text, ok := v.(string)
	if !ok {
		return nil
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n < s.MinLength:
		return s.fail(v, "minLength", "%s is too short", Repr(v))
	case s.MaxLength > 0 && n > s.MaxLength:
		return s.fail(v, "maxLength", "%s is too long", Repr(v))
	case s.Pattern != nil && !s.Pattern.re.MatchString(text):
		return s.fail(v, "pattern", "%s does not match %s", Repr(v), Repr(s.Pattern.Text))
	}
	return nil
}

func (s *Schema) checkNumber(v any) *Error {
	n, ok := v.(float64)
	switch {
	case !ok:
	case s.Minimum != nil && n < *s.Minimum:
		return s.fail(v, "minimum", "%s is less than the minimum of %s", Repr(v), Repr(*s.Minimum))
	case s.Maximum != nil && n > *s.Maximum:
		return s.fail(v, "maximum", "%s is greater than the maximum of %s", Repr(v), Repr(*s.Maximum))
	}
	return nil
}

func (s *Schema) checkArray(v any) *Error {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	if s.Items != nil {
		for i, item := range list {
			if err := s.Items.Validate(item); err != nil {
				return err.under(fmt.Sprint(i), "items")
			}
		}
	}
	switch {
	case len(list) < s.MinItems:
		return s.fail(v, "minItems", "%s is too short", Repr(v))
	case s.MaxItems > 0 && len(list) > s.MaxItems:
		return s.fail(v, "maxItems", "%s is too long", Repr(v))
	case s.UniqueItems && hasDuplicates(list):
		return s.fail(v, "uniqueItems", "%s has non-unique elements", Repr(v))
	}
	return nil
}

func hasDuplicates(list []any) bool {
	seen := make(map[string]bool, len(list))
	for _, item := range list {
		key := Repr(item)
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

func (s *Schema) checkObject(v any) *Error {
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	for _, p := range s.Properties {
		value, ok := object[p.Name]
		if !ok {
			continue
		}
		if err := p.Schema.Validate(value); err != nil {
			return err.under(p.Name, "properties", p.Name)
		}
	}
	if s.ClosedFirst {
		if err := s.checkClosed(object); err != nil {
			return err
		}
	}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			return s.fail(v, "required", "%s is a required property", Repr(name))
		}
	}
	switch {
	case len(object) < s.MinProperties:
		return s.fail(v, "minProperties", "%s does not have enough properties", Repr(v))
	case s.MaxProperties > 0 && len(object) > s.MaxProperties:
		return s.fail(v, "maxProperties", "%s has too many properties", Repr(v))
	case s.Closed:
		return s.checkClosed(object)
	}
	return nil
}

func (s *Schema) checkClosed(object map[string]any) *Error {
	var extra []string
	for name := range object {
		if !slices.ContainsFunc(s.Properties, func(p Property) bool { return p.Name == name }) {
			extra = append(extra, Repr(name))
		}
	}
	if len(extra) == 0 {
		return nil
	}
	slices.Sort(extra)
	verb := "was"
	if len(extra) > 1 {
		verb = "were"
	}
	return s.fail(object, "additionalProperties", "Additional properties are not allowed (%s %s unexpected)",
		strings.Join(extra, ", "), verb)
}

func (s *Schema) checkOneOf(v any) *Error {
	if len(s.OneOf) == 0 {
		return nil
	}
	var accepted []string
	for _, one := range s.OneOf {
		if one.Validate(v) == nil {
			accepted = append(accepted, Repr(one.tree()))
		}
	}
	switch len(accepted) {
	case 0:
		return s.fail(v, "oneOf", "%s is not valid under any of the given schemas", Repr(v))
	case 1:
		return nil
	}
	return s.fail(v, "oneOf", "%s is valid under each of %s", Repr(v), strings.Join(accepted, ", "))
}

func (s *Schema) checkNot(v any) *Error {
	if s.Not == nil || s.Not.Validate(v) != nil {
		return nil
	}
	return s.fail(v, "not", "%s should not be valid under %s", Repr(v), Repr(s.Not.tree()))
}

// under prefixes the places of e with the step that led to it.
func (e *Error) under(step string, schemaSteps ...string) *Error {
	e.Path = append([]string{step}, e.Path...)
	e.schemaPath = append(schemaSteps, e.schemaPath...)
	return e
}
