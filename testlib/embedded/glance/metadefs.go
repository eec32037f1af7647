package glance

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// namespace is a namespace of metadata definitions. What it holds is replaced,
// never changed in place.
type namespace struct {
	name                     string
	displayName, description any // a string, or nil
	owner                    any // a string, or nil for that of a token without a project
	visibility               string
	protected                bool
	createdAt, updatedAt     time.Time
	number                   int // the how manieth there was

	objects, properties, tags definitions
	types                     []association
}

// definition is an object, a property or a tag of a namespace.
type definition struct {
	name                 string
	fields               object // what a client has set
	createdAt, updatedAt time.Time
}

// definitions are those of one kind in one namespace, the oldest first.
type definitions []*definition

// association says that a namespace is meant for a type of resource.
type association struct {
	name                 string
	fields               object // prefix and properties_target, where they are set
	createdAt, updatedAt time.Time
}

// resourceType is a type of resource that is known by name. It stays when
// nothing is associated with it any more.
type resourceType struct {
	name                 string
	createdAt, updatedAt time.Time
}

// definitionStore keeps the metadata definitions. The lock of the service
// guards it.
type definitionStore struct {
	namespaces     []*namespace   // the oldest first
	namespaceCount int            // how many there ever were
	types          []resourceType // the oldest first
}

// seededTypes are the types of resources that a new Glance knows from the
// definitions that it is delivered with.
func seededTypes(now time.Time) []resourceType {
	var types []resourceType
	for _, name := range []string{
		"OS::Glance::Image", "OS::Cinder::Volume", "OS::Nova::Server", "OS::Nova::Aggregate", "OS::Nova::Flavor",
		"OS::Trove::Instance",
	} {
		types = append(types, resourceType{name: name, createdAt: now})
	}
	return types
}

// fold makes names that the database holds equal, equal.
func fold(name string) string { return strings.ToLower(strings.TrimRight(name, " ")) }

func (d definitions) index(name string) int {
	return slices.IndexFunc(d, func(x *definition) bool { return fold(x.name) == fold(name) })
}

// byName returns the definition called name, or nil.
func (d definitions) byName(name string) *definition {
	if i := d.index(name); i >= 0 {
		return d[i]
	}
	return nil
}

// remove deletes the definition called name.
func (d *definitions) remove(name string) {
	if i := d.index(name); i >= 0 {
		*d = slices.Delete(*d, i, i+1)
	}
}

// sorted returns d by name.
func (d definitions) sorted() definitions {
	list := slices.Clone(d)
	slices.SortFunc(list, func(a, b *definition) int { return strings.Compare(fold(a.name), fold(b.name)) })
	return list
}

func (ns *namespace) typeIndex(name string) int {
	return slices.IndexFunc(ns.types, func(a association) bool { return fold(a.name) == fold(name) })
}

// visible reports whether c may see the namespace.
func (ns *namespace) visible(c caller) bool {
	return c.admin || ns.owner == nil || ns.visibility == "public" || c.project != "" && ns.owner == c.project
}

// spelled is the name of ns as the client spells it, whose case may differ.
func (r *request) spelled(ns *namespace) string { return cmp.Or(r.vars["namespace"], ns.name) }

// namespaceByName returns the namespace called name, or nil.
func (s *definitionStore) namespaceByName(name string) *namespace {
	i := slices.IndexFunc(s.namespaces, func(ns *namespace) bool { return fold(ns.name) == fold(name) })
	if i < 0 {
		return nil
	}
	return s.namespaces[i]
}

// namespaceFor returns the namespace that the path names, if the caller sees it.
func (r *request) namespaceFor() (*namespace, error) {
	ns := r.namespaceByName(r.vars["namespace"])
	if ns == nil || !ns.visible(r.caller) {
		return nil, notFound("Namespace %s not found", r.vars["namespace"])
	}
	return ns, nil
}

// ownNamespace is [request.namespaceFor] for what only administrators may do,
// which the policy calls action.
func (r *request) ownNamespace(action string) (*namespace, error) {
	ns, err := r.namespaceFor()
	if err == nil && !r.caller.admin {
		err = notAllowed(action)
	}
	return ns, err
}

// definitionRoutes registers the paths of metadata definitions.
func (s *Service) definitionRoutes(rt *router) {
	const below = "/metadefs/namespaces/{namespace}"
	rt.add("/metadefs/resource_types", onBare(http.MethodGet, listTypes))
	rt.add(below+"/resource_types", onBare(http.MethodGet, listAssociations), on(http.MethodPost, addAssociation))
	rt.add(below+"/resource_types/{resource_type}", onBare(http.MethodDelete, removeAssociation))
	rt.add("/metadefs/namespaces", on(http.MethodGet, listNamespaces), on(http.MethodPost, createNamespace))
	rt.add(below, onBare(http.MethodGet, showNamespace), on(http.MethodPut, updateNamespace),
		onBare(http.MethodDelete, deleteNamespace))
	rt.add(below+"/properties", onBare(http.MethodGet, listProperties), on(http.MethodPost, addProperty),
		on(http.MethodDelete, failsWithBody(removeProperties)))
	rt.add(below+"/properties/{property}", on(http.MethodGet, showProperty), on(http.MethodPut, updateProperty),
		on(http.MethodDelete, failsWithBody(removeProperty)))
	rt.add(below+"/objects", on(http.MethodGet, listObjects), on(http.MethodPost, addObject),
		on(http.MethodDelete, failsWithBody(removeObjects)))
	rt.add(below+"/objects/{object}", onBare(http.MethodGet, showObject), on(http.MethodPut, updateObject),
		onBare(http.MethodDelete, removeObject))
	rt.add(below+"/tags", on(http.MethodGet, listTags), on(http.MethodPost, createTags),
		on(http.MethodDelete, failsWithBody(removeTags)))
	rt.add(below+"/tags/{tag}", onBare(http.MethodGet, showTag), onBare(http.MethodPost, createTag),
		on(http.MethodPut, updateTag), onBare(http.MethodDelete, removeTag))
}

// failsWithBody is h for a path where Glance fails when a body is sent.
func failsWithBody(h handler) handler {
	return func(r *request) (*response, error) {
		body, err := r.json()
		if err != nil {
			return nil, err
		}
		if body != nil {
			return nil, statusError(http.StatusInternalServerError)
		}
		return h(r)
	}
}

// definitionBody reads what is sent for a definition and checks it with a
// schema. Members called readOnly must not be there.
func (r *request) definitionBody(schema string, readOnly ...string) (object, error) {
	body, err := r.needJSON()
	if err != nil {
		return nil, err
	}
	fields, isObject := body.(object)
	for _, key := range readOnly {
		if _, ok := fields[key]; ok {
			return nil, forbidden("Attribute '%s' is read-only.", key)
		}
	}
	if err := r.schemas.check(schema, body); err != nil {
		return nil, err
	}
	if !isObject {
		return nil, statusError(http.StatusInternalServerError) // a list fits any schema, and breaks Glance
	}
	return fields, nil
}

// generated are the members that the service makes, as most schemas show them.
func generated() []string { return []string{"self", "schema", "created_at", "updated_at"} }

// withTimes adds the times to o and returns it. A time that is zero is not
// shown.
func withTimes(o object, createdAt, updatedAt time.Time) object {
	o["created_at"] = timestamp(createdAt)
	if !updatedAt.IsZero() {
		o["updated_at"] = timestamp(updatedAt)
	}
	return o
}
