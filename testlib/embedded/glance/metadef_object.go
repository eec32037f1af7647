package glance

import (
	"net/http"
	"slices"
)

// objectFields turns what a client says about an object into what is kept.
func objectFields(sent object) (object, error) {
	properties, err := propertyTypes(sent["properties"])
	if err != nil {
		return nil, err
	}
	kept := object{}
	for _, key := range []string{"name", "description", "required"} {
		if value, ok := sent[key]; ok {
			kept[key] = value
		}
	}
	if properties != nil {
		kept["properties"] = properties
	}
	return kept, nil
}

// objectView is d with what the service says about it. The namespace is as the
// client spells it, whose case may differ.
func objectView(namespace string, d *definition, fields object) object {
	view := withTimes(object{}, d.createdAt, d.updatedAt)
	for key, value := range fields {
		view[key] = value
	}
	view["name"] = d.name
	view["self"] = "/v2/metadefs/namespaces/" + namespace + "/objects/" + d.name
	view["schema"] = "/v2/schemas/metadefs/object"
	return view
}

// storedObject is d as it is read back: what was not set is empty.
func storedObject(namespace string, d *definition, prefix string) object {
	fields := object{"required": []any{}, "properties": object{}}
	for key, value := range d.fields {
		fields[key] = value
	}
	if prefix != "" {
		fields["required"] = prefixedList(fields["required"], prefix)
		fields["properties"] = prefixed(fields["properties"], prefix)
	}
	return objectView(namespace, d, fields)
}

// prefixed returns the members of an object with prefix before each name.
func prefixed(v any, prefix string) object {
	o, _ := v.(object)
	renamed := object{}
	for name, value := range o {
		renamed[prefix+name] = value
	}
	return renamed
}

// prefixedList returns the names in a list with prefix before each.
func prefixedList(v any, prefix string) []any {
	list, _ := v.([]any)
	renamed := make([]any, len(list))
	for i, item := range list {
		name, _ := item.(string)
		renamed[i] = prefix + name
	}
	return renamed
}

// objectBody reads what is sent for an object.
func (r *request) objectBody() (object, error) {
	sent, err := r.definitionBody("object", generated()...)
	if err != nil {
		return nil, err
	}
	properties, _ := sent["properties"].(object)
	if r.Method == http.MethodPost {
		for _, property := range properties {
			if err := r.schemas.check(objectProperty, property); err != nil {
				return nil, err
			}
		}
	}
	return objectFields(sent)
}

// addObject makes an object.
func addObject(r *request) (*response, error) {
	fields, err := r.objectBody()
	if err != nil {
		return nil, err
	}
	ns, err := r.namespaceOf("add_metadef_object")
	if err != nil {
		return nil, err
	}
	d, err := r.addObjectTo(ns, fields)
	if err != nil {
		return nil, err
	}
	return &response{status: http.StatusCreated, body: objectView(r.vars["namespace"], d, fields)}, nil
}

// namespaceOf is [request.ownNamespace], or [request.namespaceFor] when action
// is empty, for the paths of objects: these tell a namespace that is not there
// from one that the caller does not see.
func (r *request) namespaceOf(action string) (*namespace, error) {
	if r.namespaceByName(r.vars["namespace"]) == nil {
		return nil, notFound("Metadata definition namespace=%s was not found.", r.vars["namespace"])
	}
	if action == "" {
		return r.namespaceFor()
	}
	return r.ownNamespace(action)
}

func (r *request) addObjectTo(ns *namespace, fields object) (*definition, error) {
	name, _ := fields["name"].(string)
	if ns.objects.byName(name) != nil {
		return nil, conflict("A metadata definition object with name=%s already exists in namespace=%s.",
			name, r.spelled(ns))
	}
	now := r.now()
	d := &definition{name: name, fields: fields, createdAt: now, updatedAt: now}
	ns.objects = append(ns.objects, d)
	return d, nil
}

func listObjects(r *request) (*response, error) {
	if err := r.checkList(1); err != nil {
		return nil, err
	}
	ns, err := r.namespaceOf("")
	if err != nil {
		return nil, err
	}
	views := []object{}
	for _, d := range ns.objects.sorted() {
		views = append(views, storedObject(r.vars["namespace"], d, ""))
	}
	return ok(object{"objects": views, "schema": "v2/schemas/metadefs/objects"})
}

// checkList checks the parameters of a list of objects or tags, of which a page
// has at least least.
func (r *request) checkList(least int) error {
	if _, err := r.ascending(); err != nil {
		return err
	}
	known := []string{"", "public", "private", "shared"}
	if visibility := r.query.Get("visibility"); !slices.Contains(known, visibility) {
		return badRequest("Invalid visibility value: %s", visibility)
	}
	if r.query.Has("limit") {
		_, err := parseLimit(r.query.Get("limit"), least)
		return err
	}
	return nil
}

func showObject(r *request) (*response, error) {
	_, d, err := r.object("")
	if err != nil {
		return nil, err
	}
	return ok(storedObject(r.vars["namespace"], d, ""))
}

// object returns the object that the path names. The action is that of
// [request.namespaceOf].
func (r *request) object(action string) (*namespace, *definition, error) {
	ns, err := r.namespaceOf(action)
	if err != nil {
		return nil, nil, err
	}
	d := ns.objects.byName(r.vars["object"])
	if d == nil {
		return nil, nil, notFound("Could not find metadata object %s", r.vars["object"])
	}
	return ns, d, nil
}

func updateObject(r *request) (*response, error) {
	fields, err := r.objectBody()
	if err != nil {
		return nil, err
	}
	ns, d, err := r.object("modify_metadef_object")
	if err != nil {
		return nil, err
	}
	name, _ := fields["name"].(string)
	if other := ns.objects.byName(name); other != nil && other != d {
		return nil, conflict("Invalid update. It would result in a duplicate metadata definition object with the"+
			" same name=%s in namespace=%s.", d.name, r.spelled(ns))
	}
	d.name, d.fields = name, fields
	view := objectView(r.vars["namespace"], d, fields) // with the time of the last change but this one
	d.updatedAt = r.now()
	return ok(view)
}

func removeObject(r *request) (*response, error) {
	ns, d, err := r.object("delete_metadef_object")
	if err != nil {
		return nil, err
	}
	if ns.protected {
		return nil, forbidden("Metadata definition object %s is protected and cannot be deleted.", d.name)
	}
	ns.objects.remove(d.name)
	return noContent()
}

func removeObjects(r *request) (*response, error) {
	ns, err := r.unprotected()
	if err != nil {
		return nil, err
	}
	ns.objects = nil
	return noContent()
}
