package glance

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

// propertyType turns what a client says about a property into what is kept.
// Glance fails on what its schema lets through and its model does not know.
func propertyType(sent object) (object, error) {
	kept := object{}
	for key, value := range sent {
		switch key {
		case "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems":
			n, _ := value.(float64)
			value = math.Trunc(n)
		case "default":
			value = defaultText(value)
		case "operators", "enum":
			if !allText(value) {
				return nil, statusError(http.StatusInternalServerError)
			}
		case "items":
			if err := checkItemType(value); err != nil {
				return nil, err
			}
		case "name", "type", "title", "description", "readonly", "pattern", "confidential", "uniqueItems",
			"additionalItems":
		default:
			return nil, statusError(http.StatusInternalServerError)
		}
		kept[key] = value
	}
	return kept, nil
}

// defaultText is the text of a default value; only texts, numbers and flags
// have one.
func defaultText(v any) any {
	switch v := v.(type) {
	case string:
		return v
	case float64, bool:
		return jsonschema.Repr(v)
	}
	return nil
}

func allText(v any) bool {
	list, ok := v.([]any)
	return ok && !slices.ContainsFunc(list, func(item any) bool { _, isText := item.(string); return !isText })
}

// checkItemType fails as Glance does on a description of items that its model
// does not know.
func checkItemType(v any) error {
	item, _ := v.(object)
	_, typed := item["type"].(string)
	for key, value := range item {
		if key != "type" && (key != "enum" || !allText(value)) {
			typed = false
		}
	}
	if !typed {
		return statusError(http.StatusInternalServerError)
	}
	return nil
}

// propertyTypes is [propertyType] for several, by name; nil for nil.
func propertyTypes(v any) (object, error) {
	sent, ok := v.(object)
	if !ok {
		return nil, nil
	}
	kept := object{}
	for name, property := range sent {
		fields, _ := property.(object)
		one, err := propertyType(fields)
		if err != nil {
			return nil, err
		}
		kept[name] = one
	}
	return kept, nil
}

// addProperty makes a property.
// sentProperty reads the property that was sent, and finds the namespace that is
// to have it.
func (r *request) sentProperty(action string) (fields object, ns *namespace, err error) {
	sent, err := r.definitionBody("property", "created_at", "updated_at")
	if err != nil {
		return nil, nil, err
	}
	if fields, err = propertyType(sent); err != nil {
		return nil, nil, err
	}
	ns, err = r.ownNamespace(action)
	return fields, ns, err
}

func addProperty(r *request) (*response, error) {
	fields, ns, err := r.sentProperty("add_metadef_property")
	if err != nil {
		return nil, err
	}
	name, _ := fields["name"].(string)
	if err := r.addPropertyTo(ns, name, fields); err != nil {
		return nil, err
	}
	return &response{status: http.StatusCreated, body: fields}, nil
}

func (r *request) addPropertyTo(ns *namespace, name string, fields object) error {
	if ns.properties.byName(name) != nil {
		return conflict("A metadata definition property with name=%s already exists in namespace=%s.",
			name, r.spelled(ns))
	}
	now := r.now()
	ns.properties = append(ns.properties, &definition{name: name, fields: fields, createdAt: now, updatedAt: now})
	return nil
}

func listProperties(r *request) (*response, error) {
	ns, err := r.namespaceFor()
	if err != nil {
		return nil, err
	}
	return ok(object{"properties": ns.propertyView("")})
}

// propertyView is all properties of ns by name, with prefix before each.
func (ns *namespace) propertyView(prefix string) object {
	view := object{}
	for _, p := range ns.properties {
		view[prefix+p.name] = p.fields
	}
	return view
}

func showProperty(r *request) (*response, error) {
	ns, err := r.namespaceFor()
	if err != nil {
		return nil, err
	}
	name := r.vars["property"]
	if len(r.query) > 0 && !r.query.Has("resource_type") {
		return nil, statusError(http.StatusInternalServerError) // Glance fails so
	}
	if kind := r.query.Get("resource_type"); kind != "" {
		prefix, err := r.prefixOf(ns, kind)
		if err != nil {
			return nil, err
		}
		text, _ := prefix.(string)
		bare, found := strings.CutPrefix(name, text)
		if text == "" || !found {
			if prefix == nil {
				text = "None"
			}
			return nil, notFound("Property %s does not start with the expected resource type association prefix"+
				" of '%s'.", name, text)
		}
		name = bare
	}
	p := ns.properties.byName(name)
	if p == nil {
		return nil, notFound("Could not find property %s", name)
	}
	return ok(p.named())
}

// named is what is kept of a property, with its name.
func (d *definition) named() object {
	fields := maps.Clone(d.fields)
	fields["name"] = d.name
	return fields
}

// prefixOf is the prefix, a string or nil, that properties of ns have on
// resources of a type.
func (r *request) prefixOf(ns *namespace, kind string) (any, error) {
	if !r.knowsType(kind) {
		return nil, notFound("The metadata definition resource-type with name=%s, was not found.", kind)
	}
	i := ns.typeIndex(kind)
	if i < 0 {
		return nil, notFound("The metadata definition resource-type association of resource-type=%s to"+
			" namespace=%s, was not found.", kind, r.spelled(ns))
	}
	return ns.types[i].fields["prefix"], nil
}

func updateProperty(r *request) (*response, error) {
	fields, ns, err := r.sentProperty("modify_metadef_property")
	if err != nil {
		return nil, err
	}
	p := ns.properties.byName(r.vars["property"])
	if p == nil {
		return nil, notFound("Could not find property %s", r.vars["property"])
	}
	name, _ := fields["name"].(string)
	if other := ns.properties.byName(name); other != nil && other != p {
		return nil, conflict("Invalid update. It would result in a duplicate metadata definition property with the"+
			" same name=%s in namespace=%s.", p.name, r.spelled(ns))
	}
	p.name, p.fields, p.updatedAt = name, fields, r.now()
	return ok(p.named())
}

func removeProperty(r *request) (*response, error) {
	ns, err := r.ownNamespace("remove_metadef_property")
	if err != nil {
		return nil, err
	}
	p := ns.properties.byName(r.vars["property"])
	switch {
	case p == nil:
		return nil, notFound("Could not find property %s", r.vars["property"])
	case ns.protected:
		return nil, forbidden("Metadata definition property %s is protected and cannot be deleted.", p.name)
	}
	ns.properties.remove(p.name)
	return noContent()
}

func removeProperties(r *request) (*response, error) {
	ns, err := r.unprotected()
	if err != nil {
		return nil, err
	}
	ns.properties = nil
	return noContent()
}
