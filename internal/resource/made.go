package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is what removes a thing, or what is sent before.
type Request struct {
	Service, Method, Path string
	Body                  string // JSON, or empty
	Header, AdminHeader   map[string]string
}

// Made is a thing that a request made.
type Made struct {
	Type     Type // zero Name when it is not a known one
	ID, Name string
	Remove   Request
	First    *Request // sent before, or nil
	Check    string   // path to GET; empty means that of Remove without its query
}

// Made returns what the answer says was made: nothing, one thing, or several. It fails when the answer says that
// something was made and not what.
func (c Creation) Made(status int, header http.Header, body []byte) ([]Made, error) {
	if status < http.StatusOK || status >= http.StatusMultipleChoices ||
		c.Type.Status != 0 && status != c.Type.Status {
		return nil, nil
	}
	if c.Several() {
		return nil, errSeveral
	}
	if c.Type.Name == "" {
		return c.guess(header, body), nil
	}
	answer := object(body)
	objects := list(answer[c.Type.Plural])
	if c.Type.Plural == "" || objects == nil {
		objects = []map[string]any{inner(answer, c.Type.Key)}
	}
	var made []Made
	for _, obj := range objects {
		m, err := c.made(obj, header)
		if err != nil {
			return nil, err
		}
		made = append(made, m)
		made = append(made, c.inner(obj)...)
	}
	return made, nil
}

var errSeveral = errors.New("the answer does not show all that was made")

// made returns the thing that obj in the answer describes.
func (c Creation) made(obj map[string]any, header http.Header) (Made, error) {
	t := c.Type
	id := c.id(obj, header)
	if id == "" {
		return Made{}, fmt.Errorf("the answer has no ID of the new %s", t.Name)
	}
	m := Made{Type: t, ID: id, Name: c.name(obj)}
	if m.Name == "" {
		m.Name = c.Name
	}
	vars := maps.Clone(c.vars)
	if vars == nil {
		vars = map[string]string{}
	}
	vars["user"], vars["project"] = url.PathEscape(c.call.User), url.PathEscape(c.call.Project)
	err := t.removal(&m, t.target(c.call.Path), vars, obj, c.request)
	m.Remove.Header = c.header(m.Remove)
	return m, err
}

// header returns the headers of a removal: those of the type, and the microversion that the creation asked for, because
// a service may know the thing in that one only.
func (c Creation) header(r Request) map[string]string {
	if r.Service != c.call.Service {
		return r.Header
	}
	h := map[string]string{}
	for name, values := range c.call.Header {
		if strings.HasPrefix(name, "Openstack-Api-Version") || strings.HasPrefix(name, "X-Openstack-") &&
			strings.HasSuffix(name, "-Api-Version") {
			h[name] = strings.Join(values, ",")
		}
	}
	for name, value := range r.Header {
		h[http.CanonicalHeaderKey(name)] = value
	}
	if len(h) == 0 {
		return nil
	}
	return h
}

// target returns the request that removes a thing, as a pattern, when it was made at path.
func (t Type) target(path string) string {
	if t.Delete != "" {
		return t.Delete
	}
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimSuffix(path, "/")
	if strings.HasPrefix(t.ID, "{") { // the path of a PUT names the thing
		return "DELETE " + path
	}
	return "DELETE " + path + "/{id}"
}

// removal fills in what removes m.
func (t Type) removal(m *Made, target string, vars map[string]string, objs ...map[string]any) error {
	fill := filler{vars: vars, objs: objs, id: m.ID}
	method, path, _ := strings.Cut(target, " ")
	m.Remove = Request{Service: t.Service, Method: method, Path: fill.path(path), Body: fill.body(t.DeleteBody),
		Header: t.Header, AdminHeader: t.AdminHeader}
	if t.DeleteService != "" {
		m.Remove.Service = t.DeleteService
	}
	if t.First != "" {
		method, rest, _ := strings.Cut(t.First, " ")
		path, body, _ := strings.Cut(rest, " ")
		m.First = &Request{Service: m.Remove.Service, Method: method, Path: fill.path(path), Body: fill.body(body)}
	}
	m.Check = fill.path(t.Check)
	if fill.missing != "" {
		return fmt.Errorf("removing a %s needs its %s, which nothing says", t.Name, fill.missing)
	}
	return nil
}

// inner returns what was made together with the thing that obj describes. What the request names was there.
func (c Creation) inner(obj map[string]any) []Made {
	var made []Made
	for _, member := range slices.Sorted(maps.Keys(c.Type.Inner)) {
		kind := c.Type.Inner[member]
		parts := list(obj[member])
		if id := text(obj[member]); id != "" {
			parts = []map[string]any{{"id": id}}
		}
		for _, part := range parts {
			id := text(part["id"])
			if id == "" || bytes.Contains(c.call.Body, []byte(id)) {
				continue
			}
			t := Type{Service: c.Type.Service, Name: kind.Name, Delete: kind.Delete, First: kind.First, Rank: kind.Rank}
			m := Made{Type: t, ID: id}
			if t.removal(&m, t.Delete, c.vars, part) == nil { // else the table is wrong, and a test of it fails
				made = append(made, m)
			}
		}
	}
	return made
}

// id returns the ID that the answer gives.
func (c Creation) id(obj map[string]any, header http.Header) string {
	field := c.Type.ID
	if v, ok := variable(field); ok && c.vars[v] != "" {
		return unescape(c.vars[v])
	}
	if field == "" {
		field = "id"
	}
	if id := idOf(text(obj[field])); id != "" {
		return id
	}
	return lastOfURL(header.Get("Location"))
}

// guess returns what a POST made of which nothing is known: an answer with an ID, a reference or a Location says so.
// An ID that stands in the request's path is that of something that was there.
func (c Creation) guess(header http.Header, body []byte) []Made {
	path, _, _ := strings.Cut(c.call.Path, "?")
	path = strings.TrimSuffix(path, "/")
	answer := object(body)
	obj, id := describe(answer)
	location := header.Get("Location")
	if id == "" {
		id = lastOfURL(location)
		if id == "" {
			return nil
		}
	}
	if slices.Contains(segments(path), url.PathEscape(id)) {
		return nil
	}
	return []Made{{
		ID: id, Name: firstOf(c.name(obj), c.Name, firstName(object(c.call.Body))),
		Remove: Request{Service: c.call.Service, Method: http.MethodDelete, Path: path + "/" + url.PathEscape(id)},
	}}
}

// describe returns the object in an answer that has an ID: the answer, or its only member.
func describe(answer map[string]any) (obj map[string]any, id string) {
	if id := anyID(answer); id != "" {
		return answer, id
	}
	if len(answer) != 1 {
		return nil, ""
	}
	for _, v := range answer {
		obj, _ = v.(map[string]any)
	}
	return obj, anyID(obj)
}

func anyID(obj map[string]any) string {
	for _, field := range []string{"id", "uuid"} {
		if id := text(obj[field]); id != "" {
			return id
		}
	}
	for _, field := range slices.Sorted(maps.Keys(obj)) {
		if ref := text(obj[field]); strings.HasSuffix(field, "_ref") && strings.Contains(ref, "/") {
			return lastOfURL(ref)
		}
	}
	return ""
}

// firstName returns the name in a request whose only member may hold it.
func firstName(body map[string]any) string {
	if name := text(body["name"]); name != "" || len(body) != 1 {
		return name
	}
	for _, v := range body {
		obj, _ := v.(map[string]any)
		return text(obj["name"])
	}
	return ""
}

// Removal returns how the resource of type t that a listing by t.List shows as item is removed, which is an element of
// the list. It fails when item has no ID, or does not say all that the removal needs.
func (t Type) Removal(item []byte) (Made, error) {
	obj := inner(object(item), t.List.Object)
	field := t.List.ID
	if field == "" {
		field = "id"
	}
	m := Made{Type: t, ID: idOf(text(obj[field]))}
	if m.ID == "" {
		return m, fmt.Errorf("listing resources of type %s: one has no %s", t.Name, field)
	}
	name := t.List.NameField
	if name == "" {
		name = "name"
	}
	m.Name = text(obj[name])
	vars := map[string]string{}
	if t.List.UserField != "" {
		vars["user"] = url.PathEscape(text(obj[t.List.UserField]))
	}
	if t.List.ProjectField != "" {
		vars["project"] = url.PathEscape(text(obj[t.List.ProjectField]))
	}
	target := t.Delete
	if target == "" {
		listed, _, _ := strings.Cut(t.List.Path, "?")
		target = "DELETE " + strings.TrimSuffix(strings.TrimSuffix(listed, "/detail"), "/") + "/{id}"
	}
	return m, t.removal(&m, target, vars, obj)
}

// filler puts values in the place of names in braces.
type filler struct {
	vars    map[string]string // escaped for a path
	objs    []map[string]any  // that may have a member of the name; the first one counts
	id      string
	missing string // the first name for which there is no value
}

// path fills in a path. A parameter of its query that would be empty is left out.
func (f *filler) path(pattern string) string {
	path, query, _ := strings.Cut(pattern, "?")
	path = f.fill(path, func(name, value string, known bool) string {
		if !known && f.missing == "" {
			f.missing = name
		}
		return value
	})
	if query != "" {
		empty := false
		query = f.fill(query, func(_, value string, _ bool) string {
			empty = empty || value == ""
			return value
		})
		if !empty {
			path += "?" + query
		}
	}
	return path
}

// body fills in a body of JSON, in whose strings the names stand.
func (f *filler) body(pattern string) string {
	return f.fill(pattern, func(_, value string, _ bool) string {
		quoted, _ := json.Marshal(unescape(value)) //nolint:errchkjson // a string always can be
		return strings.Trim(string(quoted), `"`)
	})
}

func (f *filler) fill(pattern string, each func(name, value string, known bool) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return b.String()
		}
		if !isName(name) { // a brace of JSON
			b.WriteByte('{')
			pattern = rest
			continue
		}
		value, known := f.value(name)
		b.WriteString(each(name, value, known))
		pattern = after
	}
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_-") == ""
}

func (f *filler) value(name string) (string, bool) {
	if name == "id" {
		return url.PathEscape(f.id), f.id != ""
	}
	if v, ok := f.vars[name]; ok {
		return v, v != ""
	}
	for _, obj := range f.objs {
		if v := text(obj[name]); v != "" {
			return url.PathEscape(v), true
		}
	}
	return "", false
}
