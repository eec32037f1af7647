package plan

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An entry is one expression or test name of a selection.
type entry struct {
	place  string         // flag or file:line, for errors
	text   string         // as written, for errors
	re     *regexp.Regexp // or nil, then names
	smoke  bool           // or this
	id     string         // plain ID; may be empty
	uuid   string         // in lower case; may be empty
	reason string         // comment of an exclude list
	listed bool           // comes from a list
	hit    bool           // matched a test
}

// A matcher is a set of entries. Names are looked up, so that a load list of
// ten thousand tests costs no more than one of ten.
type matcher struct {
	entries []*entry
	search  []*entry            // those that must be tried
	ids     map[string][]*entry // the others
	uuids   map[string][]*entry
}

// index sorts the entries of m. An entry that gives both a name and a UUID
// means the test of that name; when there is none, because it was renamed, the
// one of that UUID. A name whose test has another UUID is a mistake.
func (m *matcher) index(all []Package) error {
	if !slices.ContainsFunc(m.entries, (*entry).literal) {
		m.search = m.entries
		return nil
	}
	uuids := make(map[string]string)
	for i := range all {
		for j := range all[i].Tests {
			t := &all[i].Tests[j]
			uuids[t.ID()] = strings.ToLower(t.UUID)
		}
	}
	m.ids, m.uuids = make(map[string][]*entry), make(map[string][]*entry)
	var errs []error
	for _, e := range m.entries {
		if !e.literal() {
			m.search = append(m.search, e)
			continue
		}
		has, known := uuids[e.id]
		switch {
		case known && e.uuid != "" && has != "" && has != e.uuid:
			errs = append(errs, fmt.Errorf("%s: %s has the id %s, not %s", e.place, e.id, has, e.uuid))
		case known:
			m.ids[e.id] = append(m.ids[e.id], e)
		case e.uuid != "":
			m.uuids[e.uuid] = append(m.uuids[e.uuid], e)
		}
	}
	return errors.Join(errs...)
}

// literal says whether e names a test, rather than searching for it.
func (e *entry) literal() bool { return e.re == nil && !e.smoke }

// match returns the first entry that means t, whose tagged ID is tagged. It
// tries all of them, so that each learns of its hit.
func (m *matcher) match(t *Test, tagged string) *entry {
	var first *entry
	note := func(e *entry) {
		e.hit = true
		if first == nil {
			first = e
		}
	}
	plain := tagged[:len(t.Package)+1+len(t.Name)]
	for _, e := range m.search {
		if e.finds(t, plain, tagged) {
			note(e)
		}
	}
	for _, e := range m.ids[plain] {
		note(e)
	}
	if t.UUID != "" && len(m.uuids) > 0 {
		for _, e := range m.uuids[strings.ToLower(t.UUID)] {
			note(e)
		}
	}
	return first
}

// finds says whether e, which is no name, means t.
func (e *entry) finds(t *Test, plain, tagged string) bool {
	if e.smoke {
		return slices.Contains(t.Attributes, smokeAttribute)
	}
	return e.re.MatchString(tagged) || len(plain) < len(tagged) && e.re.MatchString(plain)
}
