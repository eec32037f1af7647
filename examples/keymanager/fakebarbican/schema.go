package fakebarbican

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A schema says what a JSON object must look like: the part of JSON Schema that
// Barbican's validators use. Source: barbican/common/validators.py, 15.0.
type schema struct {
	name       string // in messages
	properties map[string]property
	required   []string
	closed     bool   // no other properties
	within     string // property of the outer object, for messages; empty means that there is none
}

// A property of an object.
type property struct {
	kind     string // string, integer, boolean, array or object
	required bool
	null     bool  // null will do as well
	length   int   // longest string; 0 means any
	nonEmpty bool  // a string must not be empty
	min, max int64 // of an integer
	enum     []string
}

// mismatch is the error of an object that is not as its schema wants it.
func mismatch(schema, property, format string, args ...any) error {
	return fail(http.StatusBadRequest, "Provided object does not match schema '%s': %s. Invalid property: '%s'",
		schema, fmt.Sprintf(format, args...), property)
}

// object decodes the body of c, which must be one JSON object as s wants it.
// White space around strings is removed, as Barbican does.
func (c *call) object(s schema) (map[string]any, error) {
	if c.truncated {
		return nil, fail(http.StatusBadRequest, "Malformed JSON")
	}
	d := json.NewDecoder(bytes.NewReader(c.data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fail(http.StatusBadRequest, "Malformed JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fail(http.StatusBadRequest, "Malformed JSON")
	}
	strip(v)
	m, ok := v.(map[string]any)
	if !ok {
		return nil, mismatch(s.name, "None", "%s is not of type 'object'", python(v))
	}
	return m, s.check(m)
}

// check tells the first thing in m that is not as s wants it.
func (s schema) check(m map[string]any) error {
	blame := cmp.Or(s.within, "None")
	for _, name := range s.required {
		if _, ok := m[name]; !ok {
			return mismatch(s.name, blame, "'%s' is a required property", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.properties)) {
		if _, ok := m[name]; !ok && s.properties[name].required {
			return mismatch(s.name, name, "'%s' is a required property", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		p, known := s.properties[name]
		switch {
		case known:
			if text := p.check(m[name]); text != "" {
				return mismatch(s.name, cmp.Or(s.within, name), "%s", text)
			}
		case s.closed:
			return mismatch(s.name, blame, "Additional properties are not allowed ('%s' was unexpected)", name)
		}
	}
	return nil
}

// check returns what is wrong with v, or nothing.
func (p property) check(v any) string {
	if v == nil && p.null {
		return ""
	}
	if !p.is(v) {
		kinds := "'" + p.kind + "'"
		if p.null {
			kinds += ", 'null'"
		}
		return python(v) + " is not of type " + kinds
	}
	switch v := v.(type) {
	case string:
		return p.checkString(v)
	case json.Number:
		n, err := v.Int64()
		switch {
		case err != nil || n > p.max:
			return fmt.Sprintf("%s is greater than the maximum of %d", v, p.max)
		case n < p.min:
			return fmt.Sprintf("%s is less than the minimum of %d", v, p.min)
		}
	}
	return ""
}

func (p property) checkString(v string) string {
	switch {
	case len(p.enum) > 0 && !slices.Contains(p.enum, v):
		return python(v) + " is not one of " + pythonList(p.enum)
	case p.length > 0 && utf8.RuneCountInString(v) > p.length:
		return python(v) + " is too long"
	case p.nonEmpty && v == "":
		return "'' is too short"
	}
	return ""
}

// is tells whether v has p's type.
func (p property) is(v any) bool {
	switch v := v.(type) {
	case string:
		return p.kind == "string"
	case json.Number:
		return p.kind == "integer" && !strings.ContainsAny(v.String(), ".eE")
	case bool:
		return p.kind == "boolean"
	case []any:
		return p.kind == "array"
	case map[string]any:
		return p.kind == "object"
	}
	return false
}

// strip removes the white space around every string inside v.
func strip(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = stripped(item)
		}
	case []any:
		for i, item := range v {
			v[i] = stripped(item)
		}
	}
}

func stripped(v any) any {
	if s, ok := v.(string); ok {
		return strings.TrimSpace(s)
	}
	strip(v)
	return v
}

// python prints a JSON value as Python does.
func python(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return "'" + v + "'"
	case json.Number:
		return v.String()
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// text returns the string at name, or "" for null and absent ones.
func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// number returns the integer at name, or 0.
func number(m map[string]any, name string) int {
	n, ok := m[name].(json.Number)
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(n.String())
	if err != nil {
		return 0
	}
	return i
}
