package keystone

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

// resource describes the five calls that most kinds of thing have: list,
// create, show, update, delete. What a kind does otherwise is in its hooks; a
// nil hook does nothing.
type resource struct {
	member, collection string // as in "user", "users"
	prefix             string // of the path, as in "OS-OAUTH1/"
	table              *table
	schema, patch      *jsonschema.Schema
	filters            []string // keys that a list may be filtered by
	strict             bool     // whether a body without the member is null, rather than {}

	// target describes the object in the path, or the one to be created, for
	// policy. Nil gives the object under the name of the member.
	target func(r *request, o object) object
	// action returns the name of the rule for a verb, as in "get_user". Nil
	// joins verb and member.
	action func(verb string, o object) string

	// get finds the object called id. Nil looks into the table.
	get func(id string) (object, error)
	// tells lists the verbs that answer 404 to whoever asks, before policy.
	tells []string
	// finds says that a change is not looked at when its object does not exist.
	finds bool
	// columns names the members that are not extra. What is extra shows twice
	// in the answer to a change, as it does in Keystone. Nil shows it once.
	columns []string

	// list returns what a list shows, before filters. Nil shows everything.
	list func(r *request) ([]object, error)
	// create completes a new object.
	create func(r *request, o object) error
	// commit is called when nothing stands in the way of a new object, before
	// it is stored.
	commit func(r *request, o object)
	// update checks and completes a change of old, and returns the new object.
	// Nil merges patch into old.
	update func(r *request, old, patch object) (object, error)
	// remove checks that o may be deleted, and deletes what belongs to it.
	remove func(r *request, o object) error
	// view returns what callers see of o. Nil shows all of it.
	view func(r *request, o object) object
	// show completes what one object's own page shows.
	show func(r *request, o object) (object, error)
	// taken explains that another object has the name of o. Nil gives the
	// usual text.
	taken func(o object) error
}

func (c *resource) routes(rt *router) {
	list := "/" + c.prefix + c.collection
	one := list + "/{" + c.member + "_id}"
	rt.handle("GET "+list, c.handleList)
	rt.handle("POST "+list, c.handleCreate)
	rt.handle("GET "+one, c.handleShow)
	rt.handle("PATCH "+one, c.handleUpdate)
	rt.handle("DELETE "+one, c.handleDelete)
}

func (c *resource) enforce(r *request, verb string, o object) error {
	name := verb + "_" + c.member
	if c.action != nil {
		name = c.action(verb, o)
	}
	var target object
	switch {
	case c.target != nil:
		target = c.target(r, o)
	case o != nil:
		target = object{c.member: o}
	}
	return r.enforce(name, target)
}

// shown wraps o as the answer to a request for it.
func (c *resource) shown(r *request, o object) object {
	if c.view != nil {
		o = c.view(r, o)
	}
	return object{c.member: r.linked(c.prefix+c.collection, o)}
}

// lookUp returns the object in the path. The caller learns whether it exists
// only if they may do what they ask for.
func (c *resource) lookUp(r *request, verb string) (object, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	get := c.get
	if get == nil {
		get = c.table.get
	}
	o, err := get(r.PathValue(c.member + "_id"))
	if err != nil && slices.Contains(c.tells, verb) {
		return nil, err
	}
	if denied := c.enforce(r, verb, o); denied != nil {
		return nil, denied
	}
	return o, err
}

func (c *resource) handleList(r *request) (*response, error) {
	list := c.list
	if list == nil {
		list = func(r *request) ([]object, error) {
			return c.table.list(), r.enforce("list_"+c.collection, nil)
		}
	}
	all, err := list(r)
	if err != nil {
		return nil, err
	}
	if c.view != nil {
		for i, o := range all {
			all[i] = c.view(r, o)
		}
	}
	all = apply(r.filters(c.filters...), all)
	for i, o := range all {
		all[i] = r.linked(c.prefix+c.collection, o)
	}
	return r.bareCollection(c.collection, all)
}

func (c *resource) handleShow(r *request) (*response, error) {
	o, err := c.lookUp(r, "get")
	if err != nil {
		return nil, err
	}
	if c.show != nil {
		if o, err = c.show(r, o); err != nil {
			return nil, err
		}
	}
	return ok(c.shown(r, o))
}

func (c *resource) handleCreate(r *request) (*response, error) {
	given := c.given(r)
	o := asObject(given)
	if err := c.enforce(r, "create", o); err != nil {
		return nil, err
	}
	if err := validate(c.schema, given); err != nil {
		return nil, err
	}
	o = normalise(o)
	o["id"] = newID()
	return c.insert(r, o)
}

// given returns what was sent.
func (c *resource) given(r *request) any {
	given, ok := r.body[c.member]
	if !ok && !c.strict {
		return map[string]any{}
	}
	return given
}

// insert completes and stores o, which has its id.
func (c *resource) insert(r *request, o object) (*response, error) {
	if c.create != nil {
		if err := c.create(r, o); err != nil {
			return nil, err
		}
	}
	if err := c.checkTaken(o, o); err != nil {
		return nil, err
	}
	if c.commit != nil {
		c.commit(r, o)
	}
	c.table.put(o)
	return created(c.shown(r, o))
}

func (c *resource) handleUpdate(r *request) (*response, error) {
	old, err := c.lookUp(r, "update")
	if err != nil && (!isNotFound(err) || c.finds || slices.Contains(c.tells, "update")) {
		return nil, err
	}
	given := c.given(r)
	if invalid := validate(c.patch, given); invalid != nil {
		return nil, invalid
	}
	if err != nil {
		return nil, err
	}
	patch := asObject(given)
	if id, ok := patch["id"]; ok && id != nil && id != old.id() {
		return nil, badRequest("Cannot change ID")
	}
	next := old.with(patch)
	if c.update != nil {
		if next, err = c.update(r, old, patch); err != nil {
			return nil, err
		}
	}
	next["id"] = old.id()
	if err := c.checkTaken(next, patch); err != nil {
		return nil, err
	}
	c.table.put(next)
	return ok(c.shown(r, c.withExtra(next)))
}

// withExtra adds the members of o that are not columns once more, as "extra".
func (c *resource) withExtra(o object) object {
	if c.columns == nil {
		return o
	}
	extra := object{}
	for key, value := range o {
		if !slices.Contains(c.columns, key) {
			extra[key] = value
		}
	}
	return o.with(object{"extra": extra})
}

func (c *resource) handleDelete(r *request) (*response, error) {
	o, err := c.lookUp(r, "delete")
	if err != nil {
		return nil, err
	}
	if c.remove != nil {
		if err := c.remove(r, o); err != nil {
			return nil, err
		}
	}
	c.table.remove(o.id())
	return noContent()
}

// checkTaken returns the 409 when another object has the name of o. The message
// shows what was given.
func (c *resource) checkTaken(o, given object) error {
	if !c.table.taken(o) {
		return nil
	}
	if c.taken != nil {
		return c.taken(o)
	}
	details := "Duplicate entry found with name " + given.str("name")
	if domain := given.str("domain_id"); domain != "" {
		details += " at domain ID " + domain
	}
	return conflict(c.member, details)
}

// normalise copies o with the names of its members as the database has them.
func normalise(o object) object {
	clean := make(object, len(o))
	for key, value := range o {
		clean[strings.NewReplacer(":", "_", "-", "_").Replace(key)] = value
	}
	return clean
}

// checkImmutable refuses to touch a resource whose option says so. A patch of
// the option itself may pass.
func checkImmutable(kind string, old, patch object) error {
	if !old.option("immutable") {
		return nil
	}
	if options, ok := patch["options"].(map[string]any); ok {
		if value, ok := options["immutable"]; ok && value != true && len(patch) == 1 {
			return nil
		}
	}
	verb := "update"
	if patch == nil {
		verb = "delete"
	}
	return &apiError{
		status: http.StatusForbidden,
		message: "Unable to " + verb + " immutable " + kind + " resource: `" + old.id() +
			". Set resource option \"immutable\" to false first.",
	}
}

// mergeOptions merges the resource options of patch into those of old: null
// removes one.
func mergeOptions(old, next object) {
	merged := map[string]any{}
	for _, from := range []any{old["options"], next["options"]} {
		options, _ := from.(map[string]any)
		for name, value := range options {
			if value == nil {
				delete(merged, name)
			} else {
				merged[name] = value
			}
		}
	}
	next["options"] = merged
}
