package resource

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// Call is a request, as far as it has to be known to tell what it makes.
type Call struct {
	Service string // official service type; empty when unknown
	Method  string
	Path    string // behind the endpoint and the version, with the query
	Header  http.Header
	Body    []byte // as much of it as is at hand; half a body of JSON gives less, and no error

	// User and Project are the IDs of who sends it, if known.
	User, Project string
}

// Creation is a request that makes something, if it succeeds.
type Creation struct {
	Type Type   // zero for one that only looks as if it did
	Name string // that the request gives the thing; empty when it gives none

	call    Call
	vars    map[string]string // segments of the path by their names in the pattern, as they stand there
	request map[string]any    // the object in the body
}

// pattern is an element of [Type.Create], or a method and a path of requests that make nothing.
type pattern struct {
	method, query, member string
	segments              []string
}

func parsePattern(s string) pattern {
	var p pattern
	var path string
	p.method, path, _ = strings.Cut(s, " ")
	path, p.member, _ = strings.Cut(path, " ")
	path, p.query, _ = strings.Cut(path, "?")
	p.segments = segments(path)
	return p
}

// match returns the segments that the names in p stand for.
func (p pattern) match(segs []string) (map[string]string, bool) {
	if !p.fits(segs) {
		return nil, false
	}
	vars := map[string]string{}
	for i, want := range p.segments {
		name, isVar := variable(want)
		if rest, all := strings.CutSuffix(name, "..."); all {
			vars[rest] = strings.Join(segs[i:], "/")
		} else if isVar {
			vars[name] = segs[i]
		}
	}
	return vars, true
}

// fits reports whether a path is one that p stands for.
func (p pattern) fits(segs []string) bool {
	for i, want := range p.segments {
		if i == len(segs) {
			return false
		}
		name, isVar := variable(want)
		if strings.HasSuffix(name, "...") {
			return true
		}
		if !isVar && want != segs[i] {
			return false
		}
	}
	return len(segs) == len(p.segments)
}

// variable returns the x of "{x}".
func variable(segment string) (name string, ok bool) {
	if len(segment) < len("{x}") || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}

// entry is a pattern and what it means.
type entry struct {
	pattern
	typ *Type // nil: makes nothing
}

// Match returns what a request makes, if it may make anything: it is one of the known types, or a POST that
// is not known to make nothing.
func (t *Table) Match(c Call) (Creation, bool) {
	path := c.Path
	if c.Method == methodCopy { // of Swift: what it makes is named by a header
		path = "/" + strings.TrimPrefix(c.Header.Get("Destination"), "/")
		c.Path = path
	}
	segs := segments(path)
	body := object(c.Body)
	for _, e := range t.entries[c.Service] {
		if e.method != c.Method || e.query != "" && !strings.Contains(path, e.query) {
			continue
		}
		vars, ok := e.match(segs)
		if !ok {
			continue
		}
		if e.member != "" {
			if _, has := body[e.member]; !has {
				continue
			}
		}
		if e.typ == nil {
			return Creation{}, false
		}
		return newCreation(*e.typ, c, vars, body)
	}
	if c.Method != http.MethodPost || len(segs) == 0 || isAction(segs[len(segs)-1]) || t.closed[c.Service] {
		return Creation{}, false
	}
	return newCreation(Type{Service: c.Service}, c, nil, body)
}

// NeedsBody reports whether what a request makes depends on a member of its body: that of an action.
func (t *Table) NeedsBody(c Call) bool {
	segs := segments(c.Path)
	for _, e := range t.entries[c.Service] {
		if e.member == "" || e.method != c.Method {
			continue
		}
		if e.fits(segs) {
			return true
		}
	}
	return false
}

const methodCopy = "COPY"

// isAction reports whether a segment at the end of a path says that the request does something to what is there.
func isAction(segment string) bool {
	return segment == "action" || segment == "actions" || segment == "metadata" || segment == "tags"
}

func newCreation(t Type, c Call, vars map[string]string, body map[string]any) (Creation, bool) {
	made := Creation{Type: t, call: c, vars: vars, request: inner(body, t.Key)}
	if t.Unless != "" && text(made.request[t.Unless]) != "" {
		return Creation{}, false
	}
	made.Name = made.name(made.request)
	return made, true
}

// name returns the name that obj, which describes the thing, gives it.
func (c Creation) name(obj map[string]any) string {
	field := c.Type.NameField
	v, isVar := variable(field)
	if isVar && c.vars[v] != "" {
		return unescape(c.vars[v])
	}
	if field == "" || isVar {
		field = "name"
	}
	return text(obj[field])
}

// Says reports whether an ID stands in the request, so that it may be that of something that was there before.
func (c Creation) Says(id string) bool {
	path, _, _ := strings.Cut(c.call.Path, "?")
	return bytes.Contains(c.call.Body, []byte(id)) || strings.Contains(unescape(path), id)
}

// Several reports whether the request makes more than its answer shows.
func (c Creation) Several() bool {
	for _, member := range c.Type.Several {
		if n, err := strconv.Atoi(text(c.request[member])); err == nil && n > 1 {
			return true
		}
	}
	return false
}

// Bears reports whether the thing of a listing may be one that the request makes, by its name.
func (c Creation) Bears(name string) bool {
	return c.Name != "" && (name == c.Name || c.Several() && strings.HasPrefix(name, c.Name+"-"))
}

// Parents returns what the thing is a part of, if its type says so: the segments of the path and the
// values in the request that can be IDs.
func (c Creation) Parents() []string {
	if !c.Type.Part {
		return nil
	}
	var ids []string
	for _, v := range c.vars {
		ids = append(ids, unescape(v))
	}
	for _, v := range c.request {
		if s := text(v); s != "" {
			ids = append(ids, s)
		}
	}
	return ids
}
