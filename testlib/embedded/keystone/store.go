package keystone

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// object is one resource as a JSON object. What is in a table is never changed
// in place: an update stores a new object, so that a reader may hold an old
// one without a lock.
type object map[string]any

// str returns the string called key, or "".
func (o object) str(key string) string {
	s, _ := o[key].(string)
	return s
}

// flag returns the boolean called key, or false.
func (o object) flag(key string) bool {
	b, _ := o[key].(bool)
	return b
}

func (o object) id() string { return o.str("id") }

// enabled reports whether o is enabled, which it is unless it says otherwise.
func (o object) enabled() bool { return o["enabled"] != false }

// option returns the boolean resource option called name.
func (o object) option(name string) bool {
	options, _ := o["options"].(map[string]any)
	return options[name] == true
}

// with returns a copy of o with the members of patch.
func (o object) with(patch object) object {
	merged := maps.Clone(o)
	maps.Copy(merged, patch)
	return merged
}

// without returns a copy of o without the members called keys.
func (o object) without(keys ...string) object {
	rest := maps.Clone(o)
	for _, key := range keys {
		delete(rest, key)
	}
	return rest
}

// setDefault sets key to value unless o has that key.
func (o object) setDefault(key string, value any) {
	if _, ok := o[key]; !ok {
		o[key] = value
	}
}

// table holds the resources of one kind.
type table struct {
	kind string // for messages, as in "project"
	byID map[string]object

	// ordered lists the objects as they came, as the database does where its
	// key is a number. Otherwise they are sorted by id.
	ordered bool
	numbers map[string]int // id -> its place
	last    int            // the last place given

	// unique names what no two objects may share; "" for an object without.
	unique func(object) string
	ids    map[string]string // unique name -> id
}

func newTable(kind string, unique func(object) string) *table {
	return &table{
		kind: kind, byID: map[string]object{}, numbers: map[string]int{},
		unique: unique, ids: map[string]string{},
	}
}

// newOrderedTable returns a table that keeps the order of its objects.
func newOrderedTable(kind string, unique func(object) string) *table {
	t := newTable(kind, unique)
	t.ordered = true
	return t
}

// get returns the object called id, or a 404.
func (t *table) get(id string) (object, error) {
	if o, ok := t.byID[id]; ok {
		return o, nil
	}
	return nil, notFound(t.kind, id)
}

// find returns the object with that unique name.
func (t *table) find(unique string) (object, bool) {
	o, ok := t.byID[t.ids[unique]]
	return o, ok
}

// taken reports whether another object has the unique name of o.
func (t *table) taken(o object) bool {
	if t.unique == nil {
		return false
	}
	id, ok := t.ids[t.unique(o)]
	return ok && id != o.id()
}

// put stores o under its id, in place of what was there.
func (t *table) put(o object) {
	id := o.id()
	t.forget(id)
	t.byID[id] = o
	if _, known := t.numbers[id]; !known {
		t.last++
		t.numbers[id] = t.last
	}
	if t.unique != nil {
		if name := t.unique(o); name != "" {
			t.ids[name] = id
		}
	}
}

func (t *table) remove(id string) {
	t.forget(id)
	delete(t.byID, id)
	delete(t.numbers, id)
}

// forget drops the unique name of the object called id.
func (t *table) forget(id string) {
	old, ok := t.byID[id]
	if !ok || t.unique == nil {
		return
	}
	if name := t.unique(old); t.ids[name] == id {
		delete(t.ids, name)
	}
}

// list returns all objects in the table's order.
func (t *table) list() []object { return t.sorted(slices.Collect(maps.Values(t.byID))) }

// where returns the objects whose member key is value, in the table's order.
func (t *table) where(key, value string) []object {
	var found []object
	for _, o := range t.byID {
		if o.str(key) == value {
			found = append(found, o)
		}
	}
	return t.sorted(found)
}

// sorted puts objects of t into its order.
func (t *table) sorted(objects []object) []object {
	slices.SortFunc(objects, func(a, b object) int {
		if t.ordered {
			return cmp.Compare(t.numbers[a.id()], t.numbers[b.id()])
		}
		return strings.Compare(a.id(), b.id())
	})
	return objects
}

// store is the state of the service. Handlers of GET and HEAD hold mu for
// reading, all others for writing, for the whole of a request: each request is
// a transaction.
type store struct {
	mu sync.RWMutex

	// A domain is a project with is_domain.
	projects, users, groups, roles *table
	regions, services, endpoints   *table
	credentials, policies          *table
	appCredentials, accessRules    *table
	trusts, mappings               *table
	endpointGroups                 *table
	registeredLimits, limits       *table

	// What OAuth 1.0a delegation needs.
	consumers, requestTokens, accessTokens *table

	secrets          map[string]secret         // by id of a user or application credential
	members          relation                  // group, user
	implied          relation                  // prior role, implied role
	endpointProjects relation                  // endpoint, project
	groupProjects    relation                  // endpoint group, project
	grants           map[string]map[grant]bool // by id of the actor
	configs          map[string]domainConfig   // by id of the domain

	tokens map[string]*token
	issued int64 // how many tokens were issued so far

	// Tokens up to that number are void, by id of what made them so.
	revokedUsers, revokedProjects, revokedTrusts, revokedAudits map[string]int64
}

func newStore() *store {
	inDomain := func(o object) string { return nameKey(o.str("name"), o.str("domain_id")) }
	return &store{
		projects:  newTable("project", inDomain),
		users:     newTable("user", inDomain),
		groups:    newTable("group", inDomain),
		roles:     newTable("role", inDomain),
		regions:   newTable("region", nil),
		services:  newTable("service", nil),
		endpoints: newTable("endpoint", nil),
		appCredentials: newOrderedTable("Application Credential", func(o object) string {
			return nameKey(o.str("name"), o.str("user_id"))
		}),
		accessRules:      newOrderedTable("Access Rule", nil),
		credentials:      newTable("credential", nil),
		policies:         newTable("policy", nil),
		trusts:           newTable("trust", nil),
		registeredLimits: newOrderedTable("registered limit", nil),
		limits:           newOrderedTable("limit", nil),
		consumers:        newTable("consumer", nil),
		requestTokens:    newTable("request token", nil),
		accessTokens:     newTable("access token", nil),
		mappings:         newTable("mapping", nil),
		secrets:          map[string]secret{},
		members:          newRelation(),
		implied:          newRelation(),
		grants:           map[string]map[grant]bool{},
		tokens:           map[string]*token{},
		revokedUsers:     map[string]int64{},
		revokedProjects:  map[string]int64{},
		revokedTrusts:    map[string]int64{},
		revokedAudits:    map[string]int64{},
		endpointProjects: newRelation(),
		groupProjects:    newRelation(),
		endpointGroups:   newTable("Endpoint Group", nil),
		configs:          map[string]domainConfig{},
	}
}

// nameKey is the unique name of something called name inside owner.
func nameKey(name, owner string) string { return owner + "\x00" + fold(name) }

// fold makes names that MySQL's usual collation holds equal, equal.
func fold(name string) string { return strings.ToLower(strings.TrimRight(name, " ")) }

// domain returns the domain called id, or a 404.
func (s *store) domain(id string) (object, error) {
	o, ok := s.projects.byID[id]
	if !ok || !o.flag("is_domain") {
		return nil, notFound("domain", id)
	}
	return o, nil
}

// domainByName returns the domain of that name, or a 404.
func (s *store) domainByName(name string) (object, error) {
	o, ok := s.projects.find(nameKey(name, ""))
	if !ok {
		return nil, notFound("domain", name)
	}
	return o, nil
}

// newID returns a random id as Keystone makes them: 32 hexadecimal digits.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return hex.EncodeToString(b[:])
}

// timestamp formats t as Keystone's tokens do.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
