package glance

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// tagView is all that a client sees of a tag.
func tagView(d *definition) object {
	return withTimes(object{"name": d.name}, d.createdAt, d.updatedAt)
}

// tagNames is a list of tags as it is shown: by name alone.
func tagNames(list definitions) object {
	names := make([]object, len(list))
	for i, d := range list {
		names[i] = object{"name": d.name}
	}
	return object{"tags": names}
}

func (r *request) tagTaken(name string, ns *namespace) error {
	return conflict("A metadata tag with name=%s already exists in namespace=%s. (Please note that metadata tag names"+
		" are case insensitive).", name, r.spelled(ns))
}

func createTag(r *request) (*response, error) {
	if _, err := r.namespaceFor(); err != nil {
		return nil, err
	}
	name := r.vars["tag"]
	if err := r.schemas.check("tag", object{"name": name}); err != nil {
		return nil, err
	}
	ns, err := r.ownNamespace("add_metadef_tag")
	if err != nil {
		return nil, err
	}
	if err := r.addTagsTo(ns, name); err != nil {
		return nil, err
	}
	return &response{status: http.StatusCreated, body: tagView(ns.tags.byName(name))}, nil
}

// addTagsTo adds tags to ns, all or none.
func (r *request) addTagsTo(ns *namespace, names ...string) error {
	tags, now := slices.Clone(ns.tags), r.now()
	for _, name := range names {
		if tags.byName(name) != nil {
			return r.tagTaken(name, ns)
		}
		tags = append(tags, &definition{name: name, createdAt: now, updatedAt: now})
	}
	ns.tags = tags
	return nil
}

// namesIn returns the names of a list of objects.
func namesIn(v any) []string {
	list, _ := v.([]any)
	names := make([]string, len(list))
	for i, item := range list {
		o, _ := item.(object)
		names[i], _ = o["name"].(string)
	}
	return names
}

func createTags(r *request) (*response, error) {
	sent, err := r.definitionBody(tagList, "created_at", "updated_at")
	if err != nil {
		return nil, err
	}
	ns, err := r.ownNamespace("add_metadef_tags")
	if err != nil {
		return nil, err
	}
	if _, there := sent["tags"]; !there {
		return nil, statusError(http.StatusInternalServerError) // Glance fails so
	}
	names := namesIn(sent["tags"])
	before := ns.tags
	if len(names) > 0 && !isTrue(r.Header.Get("X-Openstack-Append")) {
		ns.tags = nil
	}
	if err := r.addTagsTo(ns, names...); err != nil {
		ns.tags = before
		return nil, err
	}
	return &response{status: http.StatusCreated, body: tagNames(ns.tags[len(ns.tags)-len(names):])}, nil
}

// isTrue reads a flag as the services do.
func isTrue(text string) bool {
	return slices.Contains([]string{"1", "t", "true", "on", "y", "yes"}, strings.ToLower(strings.TrimSpace(text)))
}

func listTags(r *request) (*response, error) {
	if limit := r.query.Get("limit"); limit != "" || !r.query.Has("limit") { // an empty one is none
		if err := r.checkList(0); err != nil {
			return nil, err
		}
	}
	ns, err := r.namespaceFor()
	if err != nil {
		return nil, err
	}
	list, err := r.sortedTags(ns)
	if err != nil {
		return nil, err
	}
	if marker := r.query.Get("marker"); marker != "" {
		i := list.index(marker)
		if i < 0 {
			return nil, notFound("Could not find metadata tag %s", marker)
		}
		list = list[i+1:]
	}
	if text := r.query.Get("limit"); text != "" {
		limit, err := parseLimit(text, 0)
		if err != nil {
			return nil, err
		}
		list = list[:min(limit, len(list))]
	}
	return ok(tagNames(list))
}

// sortedTags returns the tags of ns in the order that the client wants.
func (r *request) sortedTags(ns *namespace) (definitions, error) {
	ascending, err := r.ascending()
	if err != nil {
		return nil, err
	}
	keys := map[string]func(*definition) string{
		"name":       func(d *definition) string { return fold(d.name) },
		"created_at": func(d *definition) string { return timestamp(d.createdAt) },
		"updated_at": func(d *definition) string { return timestamp(d.updatedAt) },
		"id":         func(*definition) string { return "" }, // as they came
	}
	key := keys[cmp.Or(r.query.Get("sort_key"), "created_at")]
	if key == nil {
		return nil, statusError(http.StatusInternalServerError) // Glance fails so
	}
	list := slices.Clone(ns.tags)
	slices.SortStableFunc(list, func(a, b *definition) int { return strings.Compare(key(a), key(b)) })
	if !ascending {
		slices.Reverse(list)
	}
	return list, nil
}

// tag returns the tag that the path names. The action is that of
// [request.ownNamespace], and empty for who only looks.
func (r *request) tag(action string) (*namespace, *definition, error) {
	find := func() (*namespace, error) { return r.ownNamespace(action) }
	if action == "" {
		find = r.namespaceFor
	}
	ns, err := find()
	if err != nil {
		return nil, nil, err
	}
	d := ns.tags.byName(r.vars["tag"])
	if d == nil {
		return nil, nil, notFound("Could not find metadata tag %s", r.vars["tag"])
	}
	return ns, d, nil
}

func showTag(r *request) (*response, error) {
	_, d, err := r.tag("")
	if err != nil {
		return nil, err
	}
	return ok(tagView(d))
}

func updateTag(r *request) (*response, error) {
	sent, err := r.definitionBody("tag", "created_at", "updated_at")
	if err != nil {
		return nil, err
	}
	ns, d, err := r.tag("modify_metadef_tag")
	if err != nil {
		return nil, err
	}
	name, _ := sent["name"].(string)
	if other := ns.tags.byName(name); other != nil && other != d {
		return nil, r.tagTaken(name, ns)
	}
	d.name = name
	view := tagView(d) // with the time of the last change but this one
	d.updatedAt = r.now()
	return ok(view)
}

func removeTag(r *request) (*response, error) {
	ns, d, err := r.tag("delete_metadef_tag")
	if err != nil {
		return nil, err
	}
	if ns.protected {
		return nil, forbidden("Metadata definition tag %s is protected and cannot be deleted.", d.name)
	}
	ns.tags.remove(d.name)
	return noContent()
}

func removeTags(r *request) (*response, error) {
	ns, err := r.unprotected()
	if err != nil {
		return nil, err
	}
	ns.tags = nil
	return noContent()
}
