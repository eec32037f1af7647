package glance

import (
	"maps"
	"net/http"
	"slices"
)

// associationFields is what is kept of an association.
func associationFields(sent object) (object, error) {
	kept := object{}
	for key, value := range sent {
		switch key {
		case "name":
		case "prefix", "properties_target":
			kept[key] = value
		default:
			return nil, statusError(http.StatusInternalServerError) // Glance fails so
		}
	}
	return kept, nil
}

// view is a as a client sees it.
func (a association) view() object {
	view := withTimes(maps.Clone(a.fields), a.createdAt, a.updatedAt)
	view["name"] = a.name
	return view
}

// associationViews are those of ns, in the order in which their types became
// known.
func (s *definitionStore) associationViews(ns *namespace) []object {
	views := []object{}
	for _, t := range s.types {
		if i := ns.typeIndex(t.name); i >= 0 {
			views = append(views, ns.types[i].view())
		}
	}
	return views
}

func (s *definitionStore) knowsType(name string) bool {
	return slices.ContainsFunc(s.types, func(t resourceType) bool { return fold(t.name) == fold(name) })
}

func listTypes(r *request) (*response, error) {
	views := []object{}
	for _, t := range r.types {
		views = append(views, withTimes(object{"name": t.name}, t.createdAt, t.updatedAt))
	}
	return ok(object{"resource_types": views})
}

func listAssociations(r *request) (*response, error) {
	ns, err := r.namespaceFor()
	if err != nil {
		return nil, err
	}
	return ok(object{"resource_type_associations": r.associationViews(ns)})
}

func addAssociation(r *request) (*response, error) {
	sent, err := r.definitionBody("resource_type", "created_at", "updated_at")
	if err != nil {
		return nil, err
	}
	ns, err := r.ownNamespace("add_metadef_resource_type_association")
	if err != nil {
		return nil, err
	}
	a, err := r.associate(ns, sent)
	if err != nil {
		return nil, err
	}
	return &response{status: http.StatusCreated, body: a.view()}, nil
}

// associate adds an association to ns. A type that is new is known from now on.
func (r *request) associate(ns *namespace, sent object) (association, error) {
	fields, err := associationFields(sent)
	if err != nil {
		return association{}, err
	}
	name, _ := sent["name"].(string)
	now := r.now()
	if !r.knowsType(name) {
		r.types = append(r.types, resourceType{name: name, createdAt: now, updatedAt: now})
	}
	if ns.typeIndex(name) >= 0 {
		return association{}, conflict("The metadata definition resource-type association of resource-type=%s to"+
			" namespace=%s already exists.", name, r.spelled(ns))
	}
	a := association{name: name, fields: fields, createdAt: now, updatedAt: now}
	ns.types = append(ns.types, a)
	return a, nil
}

func removeAssociation(r *request) (*response, error) {
	ns, err := r.ownNamespace("remove_metadef_resource_type_association")
	if err != nil {
		return nil, err
	}
	name := r.vars["resource_type"]
	i := slices.IndexFunc(ns.types, func(a association) bool { return a.name == name })
	switch {
	case i < 0:
		return nil, notFound("Failed to find resource type %s to delete", name)
	case ns.protected:
		return nil, forbidden("Metadata definition resource-type-association %s is protected and cannot be deleted.",
			name)
	}
	ns.types = slices.Delete(ns.types, i, i+1)
	return noContent()
}
