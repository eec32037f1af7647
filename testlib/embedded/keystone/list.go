package keystone

import (
	"slices"
	"strings"
)

// filter is one condition of a list, as in name__icontains=demo.
type filter struct {
	key, value string
	comparator string // equals, contains, startswith or endswith; others match all
	fold       bool   // whether case matters not
}

// filters returns the conditions that the query sets on the keys allowed.
func (r *request) filters(allowed ...string) []filter {
	var found []filter
	for key, values := range r.query {
		base, comparator, inexact := strings.Cut(key, "__")
		if !slices.Contains(allowed, base) {
			continue
		}
		f := filter{key: base, comparator: "equals"}
		if inexact {
			f.comparator, f.fold = strings.CutPrefix(comparator, "i")
		}
		for _, value := range values {
			f.value = value
			found = append(found, f)
		}
	}
	return found
}

// matches reports whether o meets f.
func (f filter) matches(o object) bool {
	if f.comparator == "equals" {
		return f.equals(o[f.key])
	}
	have, ok := o[f.key].(string)
	if !ok {
		return false
	}
	want := f.value
	if f.fold {
		have, want = strings.ToLower(have), strings.ToLower(want)
	}
	switch f.comparator {
	case "contains":
		return strings.Contains(have, want)
	case "startswith":
		return strings.HasPrefix(have, want)
	case "endswith":
		return strings.HasSuffix(have, want)
	}
	return true
}

// equals compares have with the value of f. The database folds the case of
// text. A flag is true for every text but those that say no.
func (f filter) equals(have any) bool {
	switch have := have.(type) {
	case string:
		return fold(have) == fold(f.value)
	case bool:
		return have == !slices.Contains([]string{"0", "false", "f", "no", "n", "off"}, strings.ToLower(f.value))
	}
	return false
}

// apply returns the objects that meet all filters.
func apply(filters []filter, objects []object) []object {
	kept := make([]object, 0, len(objects))
	for _, o := range objects {
		if !slices.ContainsFunc(filters, func(f filter) bool { return !f.matches(o) }) {
			kept = append(kept, o)
		}
	}
	return kept
}

// url returns the address of path, which is below /v3.
func (s *Service) url(path string) string {
	return strings.TrimRight(s.baseURL+"/v3/"+strings.Trim(path, "/"), "/")
}

// self returns the address of the request, with its query.
func (r *request) self() string {
	return r.url(strings.TrimPrefix(r.URL.EscapedPath(), "/v3")) + queryOf(r)
}

// linked returns o with the link to itself.
func (s *Service) linked(collection string, o object) object {
	links := object{}
	if old, ok := o["links"].(object); ok {
		links = links.with(old)
	}
	links["self"] = s.url(collection + "/" + o.id())
	return o.with(object{"links": links})
}

// collection is the answer to a list: members with links, and links of its own.
func (r *request) collection(name string, members []object) (*response, error) {
	list := make([]object, len(members))
	for i, o := range members {
		list[i] = r.linked(name, o)
	}
	return r.bareCollection(name, list)
}

// bareCollection is a list whose members get no link to themselves.
func (r *request) bareCollection(name string, members []object) (*response, error) {
	if members == nil {
		members = []object{}
	}
	return ok(object{
		name:    members,
		"links": object{"next": nil, "previous": nil, "self": r.self()},
	})
}
