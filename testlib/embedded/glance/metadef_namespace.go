package glance

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// view is ns without what it holds.
func (ns *namespace) view() object {
	view := withTimes(object{
		"namespace": ns.name, "visibility": ns.visibility, "protected": ns.protected,
		"self": "/v2/metadefs/namespaces/" + ns.name, "schema": "/v2/schemas/metadefs/namespace",
	}, ns.createdAt, ns.updatedAt)
	set := object{"owner": ns.owner, "display_name": ns.displayName, "description": ns.description}
	for key, value := range set {
		if value != nil {
			view[key] = value
		}
	}
	return view
}

// set takes over what a client says about ns itself. What it leaves out gets
// its default: the owner is the project of the client.
func (ns *namespace) set(sent object, c caller) {
	ns.name, _ = sent["namespace"].(string)
	ns.displayName, ns.description, ns.owner = sent["display_name"], sent["description"], sent["owner"]
	if ns.owner == nil && c.project != "" {
		ns.owner = c.project
	}
	ns.visibility = "private"
	if visibility, ok := sent["visibility"].(string); ok {
		ns.visibility = visibility
	}
	ns.protected = sent["protected"] == true
}

func createNamespace(r *request) (*response, error) {
	sent, err := r.definitionBody("namespace", generated()...)
	if err != nil {
		return nil, err
	}
	content, err := contentOf(sent)
	if err != nil {
		return nil, err
	}
	if !r.caller.admin {
		return nil, notAllowed("add_metadef_namespace")
	}
	now := r.now()
	ns := &namespace{createdAt: now, updatedAt: now}
	ns.set(sent, r.caller)
	if r.namespaceByName(ns.name) != nil {
		return nil, conflict("The metadata definition namespace=%s already exists.", ns.name)
	}
	if err := r.fill(ns, content); err != nil {
		return nil, err
	}
	r.namespaceCount++
	ns.number = r.namespaceCount
	r.namespaces = append(r.namespaces, ns)
	view := ns.view()
	for key, value := range content {
		view[key] = value
	}
	return &response{
		status: http.StatusCreated, body: view,
		header: map[string]string{"Location": r.BaseURL + "/v2/metadefs/namespaces/" + ns.name},
	}, nil
}

// contentOf returns what a client puts into a new namespace, in the form in
// which it is kept. Glance fails on what its schema lets through and its model
// does not know.
func contentOf(sent object) (object, error) {
	content := object{}
	properties, err := propertyTypes(sent["properties"])
	if err != nil {
		return nil, err
	}
	if properties != nil {
		content["properties"] = properties
	}
	known := map[string][]string{
		"objects":                    {"name", "required", "description", "properties"},
		"tags":                       {"name"},
		"resource_type_associations": {"name", "prefix", "properties_target"},
	}
	for key, members := range known {
		list, ok := sent[key].([]any)
		if !ok {
			continue
		}
		kept := make([]any, len(list))
		for i, item := range list {
			o, _ := item.(object)
			if _, named := o["name"].(string); !named || !onlyHas(o, members) {
				return nil, statusError(http.StatusInternalServerError)
			}
			if key == "objects" {
				if o, err = objectFields(o); err != nil {
					return nil, err
				}
			}
			kept[i] = o
		}
		content[key] = kept
	}
	return content, nil
}

// onlyHas reports whether o has no other members than these.
func onlyHas(o object, members []string) bool {
	for key := range o {
		if !slices.Contains(members, key) {
			return false
		}
	}
	return true
}

// fill puts content into ns, which is new.
func (r *request) fill(ns *namespace, content object) error {
	for _, sent := range objectsIn(content["resource_type_associations"]) {
		if _, err := r.associate(ns, sent); err != nil {
			return err
		}
	}
	for _, fields := range objectsIn(content["objects"]) {
		if _, err := r.addObjectTo(ns, fields); err != nil {
			return err
		}
	}
	if err := r.addTagsTo(ns, namesIn(content["tags"])...); err != nil {
		return err
	}
	properties, _ := content["properties"].(object)
	for name, property := range properties {
		fields, _ := property.(object)
		if err := r.addPropertyTo(ns, name, fields); err != nil {
			return err
		}
	}
	return nil
}

func objectsIn(v any) []object {
	list, _ := v.([]any)
	objects := make([]object, len(list))
	for i, item := range list {
		objects[i], _ = item.(object)
	}
	return objects
}

func showNamespace(r *request) (*response, error) {
	kind := r.query.Get("resource_type")
	if err := checkVisibility(r.query.Get("visibility")); err != nil {
		return nil, err
	}
	name := r.vars["namespace"]
	ns := r.namespaceByName(name)
	switch {
	case ns == nil:
		return nil, notFound("Metadata definition namespace=%s was not found.", name)
	case !ns.visible(r.caller):
		return nil, statusError(http.StatusNotFound)
	case len(r.query) > 0 && !r.query.Has("resource_type"):
		return nil, statusError(http.StatusInternalServerError) // Glance fails so
	}
	prefix := ""
	if i := ns.typeIndex(kind); kind != "" && i >= 0 {
		prefix, _ = ns.types[i].fields["prefix"].(string)
	}
	return ok(r.wholeView(ns, prefix))
}

// wholeView is ns with all that it holds, with prefix before the names of
// properties. What there is none of is left out.
func (r *request) wholeView(ns *namespace, prefix string) object {
	view := ns.view()
	if len(ns.types) > 0 {
		view["resource_type_associations"] = r.associationViews(ns)
	}
	if len(ns.properties) > 0 {
		view["properties"] = ns.propertyView(prefix)
	}
	if len(ns.objects) > 0 {
		objects := []object{}
		for _, d := range ns.objects.sorted() {
			objects = append(objects, storedObject(r.vars["namespace"], d, prefix))
		}
		view["objects"] = objects
	}
	if len(ns.tags) > 0 {
		newest := slices.Clone(ns.tags)
		slices.Reverse(newest)
		view["tags"] = tagNames(newest)["tags"]
	}
	return view
}

func checkVisibility(visibility string) error {
	if !slices.Contains([]string{"", "public", "private"}, visibility) {
		return badRequest("Invalid visibility value: %s", visibility)
	}
	return nil
}

func updateNamespace(r *request) (*response, error) {
	sent, err := r.definitionBody("namespace", generated()...)
	if err != nil {
		return nil, err
	}
	if _, err := contentOf(sent); err != nil {
		return nil, err
	}
	ns, err := r.ownNamespace("modify_metadef_namespace")
	if err != nil {
		return nil, err
	}
	name, _ := sent["namespace"].(string)
	if other := r.namespaceByName(name); other != nil && other != ns {
		return nil, conflict("Invalid update. It would result in a duplicate metadata definition namespace with the"+
			" same name of %s", name)
	}
	if sent["owner"] == "" {
		sent["owner"] = nil // here it counts as left out
	}
	ns.set(sent, r.caller)
	view := ns.view() // with the time of the last change but this one
	ns.updatedAt = r.now()
	return ok(view)
}

// unprotected returns the namespace of the path for one who deletes all that
// is in it, or it.
func (r *request) unprotected() (*namespace, error) {
	ns, err := r.ownNamespace("delete_metadef_namespace")
	if err == nil && ns.protected {
		err = forbidden("Metadata definition namespace %s is protected and cannot be deleted.", ns.name)
	}
	return ns, err
}

func deleteNamespace(r *request) (*response, error) {
	ns, err := r.unprotected()
	if err != nil {
		return nil, err
	}
	r.namespaces = slices.DeleteFunc(r.namespaces, func(one *namespace) bool { return one == ns })
	return noContent()
}

func listNamespaces(r *request) (*response, error) {
	limit, err := r.namespaceLimit()
	if err != nil {
		return nil, err
	}
	list, err := r.sortedNamespaces()
	if err != nil {
		return nil, err
	}
	if marker := r.query.Get("marker"); marker != "" {
		i := slices.IndexFunc(list, func(ns *namespace) bool { return fold(ns.name) == fold(marker) })
		if i < 0 {
			return nil, notFound("Metadata definition namespace=%s was not found.", marker)
		}
		list = list[i+1:]
	}
	list = slices.DeleteFunc(list, func(ns *namespace) bool { return !r.wantsNamespace(ns) })
	list = list[:min(limit, len(list))]
	views := make([]object, len(list))
	for i, ns := range list {
		views[i] = ns.view()
		if len(ns.types) > 0 {
			views[i]["resource_type_associations"] = r.associationViews(ns)
		}
	}
	params := withoutMarker(r.URL.RawQuery)
	body := object{
		"namespaces": views, "schema": "/v2/schemas/metadefs/namespaces",
		"first": withQuery("/v2/metadefs/namespaces", params),
	}
	if len(list) > 0 && len(list) == limit {
		last := parameter{"marker", list[len(list)-1].name}
		body["next"] = withQuery("/v2/metadefs/namespaces", append(params, last))
	}
	return ok(body)
}

// namespaceLimit is how many namespaces a page has.
func (r *request) namespaceLimit() (int, error) {
	limit := defaultLimit
	if r.query.Has("limit") {
		var err error
		if limit, err = strconv.Atoi(strings.TrimSpace(r.query.Get("limit"))); err != nil {
			return 0, statusError(http.StatusInternalServerError) // Glance fails so
		}
	}
	if _, err := r.ascending(); err != nil {
		return 0, err
	}
	if err := checkVisibility(r.query.Get("visibility")); err != nil {
		return 0, err
	}
	if limit < 0 {
		return 0, badRequest("limit param must be positive")
	}
	return min(limit, maxLimit), nil
}

// sortedNamespaces returns all namespaces in the order that the client wants.
func (r *request) sortedNamespaces() ([]*namespace, error) {
	ascending, err := r.ascending()
	if err != nil {
		return nil, err
	}
	text := func(v any) string { s, _ := v.(string); return fold(s) }
	keys := map[string]func(*namespace) string{
		"namespace":    func(ns *namespace) string { return fold(ns.name) },
		"display_name": func(ns *namespace) string { return text(ns.displayName) },
		"description":  func(ns *namespace) string { return text(ns.description) },
		"visibility":   func(ns *namespace) string { return ns.visibility },
		"owner":        func(ns *namespace) string { return text(ns.owner) },
		"protected":    func(ns *namespace) string { return strconv.FormatBool(ns.protected) },
		"created_at":   func(ns *namespace) string { return timestamp(ns.createdAt) },
		"updated_at":   func(ns *namespace) string { return timestamp(ns.updatedAt) },
		"id":           func(*namespace) string { return "" }, // as they came
	}
	key := keys[cmp.Or(r.query.Get("sort_key"), "created_at")]
	if key == nil {
		return nil, statusError(http.StatusInternalServerError) // Glance fails so
	}
	list := slices.Clone(r.namespaces)
	slices.SortFunc(list, func(a, b *namespace) int {
		return cmp.Or(strings.Compare(key(a), key(b)), a.createdAt.Compare(b.createdAt), a.number-b.number)
	})
	if !ascending {
		slices.Reverse(list)
	}
	return list, nil
}

// wantsNamespace reports whether the list that is asked for has ns.
func (r *request) wantsNamespace(ns *namespace) bool {
	own := r.caller.project != "" && ns.owner == r.caller.project
	if !r.caller.admin && !own && ns.visibility != "public" {
		return false
	}
	if visibility := r.query.Get("visibility"); visibility != "" && visibility != ns.visibility {
		return false
	}
	if !r.query.Has("resource_types") {
		return true
	}
	for kind := range strings.SplitSeq(r.query.Get("resource_types"), ",") {
		if ns.typeIndex(kind) >= 0 {
			return true
		}
	}
	return false
}
