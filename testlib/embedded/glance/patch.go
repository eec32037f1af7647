package glance

import (
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// Media types of changes to an image.
const (
	patchOld = "application/openstack-images-v2.0-json-patch" // JSON patch, draft 4
	patchNew = "application/openstack-images-v2.1-json-patch" // JSON patch, draft 10
)

// change is one change to an image.
type change struct {
	op    string // add, remove or replace
	path  []string
	value any
	old   bool // of draft 4, where a member is not added twice
}

func patchImage(r *request) (*response, error) {
	changes, err := r.changes()
	if err != nil {
		return nil, err
	}
	i, err := r.image(r.vars["image_id"])
	if err != nil {
		return nil, err
	}
	changed := *i
	changed.properties = maps.Clone(i.properties)
	for _, c := range changes {
		if err := r.apply(&changed, c); err != nil {
			return nil, err
		}
	}
	if len(changes) == 0 {
		return ok(i.view(r.caller))
	}
	added := false
	for name := range changed.properties {
		if _, had := i.properties[name]; !had {
			added = true
		}
	}
	if err := changed.check(added); err != nil {
		return nil, err
	}
	if !changed.visible(r.caller) {
		return nil, forbidden("Forbidding request, image %s not visible", i.id)
	}
	r.save(&changed)
	return ok(changed.view(r.caller))
}

// changes reads the changes that a client sends.
func (r *request) changes() ([]change, error) {
	media, _, _ := mime.ParseMediaType(contentType(r.Request)) // what cannot be read is no media type of a change
	if media != patchOld && media != patchNew {
		return nil, mediaRefused(r.Request, patchOld+", "+patchNew)
	}
	body, err := r.needJSON()
	if err != nil {
		return nil, err
	}
	list, ok := body.([]any)
	if !ok {
		return nil, badRequest("Request body must be a JSON array of operation objects.")
	}
	var changes []change
	for _, item := range list {
		raw, ok := item.(object)
		if !ok {
			return nil, badRequest("Operations must be JSON objects.")
		}
		c, err := r.readChange(raw, media == patchOld)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// operations are what can be done to a member.
func operations() []string { return []string{"add", "remove", "replace"} }

func (r *request) readChange(raw object, old bool) (change, error) {
	c := change{old: old}
	pointer, err := c.readOperation(raw)
	if err != nil {
		return c, err
	}
	if c.path, err = splitPointer(pointer); err != nil {
		return c, err
	}
	depth := 1
	if c.path[0] == "locations" && c.op != "replace" {
		depth = 2
	}
	if len(c.path) != depth {
		return c, badRequest("Invalid JSON pointer for this resource: '/%s'", strings.Join(c.path, "/"))
	}
	if c.op != "remove" {
		value, ok := raw["value"]
		if !ok {
			return c, badRequest(`Operation "%s" requires a member named "value".`, c.op)
		}
		c.value = value
	}
	return c, r.checkChange(c)
}

// readOperation reads the operation and the pointer of a change.
func (c *change) readOperation(raw object) (pointer any, err error) {
	if c.old {
		for _, op := range operations() {
			if _, ok := raw[op]; !ok {
				continue
			}
			if c.op != "" {
				return nil, badRequest(`Operation objects must contain only one member named "add", "remove",` +
					` or "replace".`)
			}
			c.op = op
		}
		if c.op == "" {
			return nil, badRequest(`Operation objects must contain exactly one member named "add", "remove",` +
				` or "replace".`)
		}
		return raw[c.op], nil
	}
	const known = "It must be one of the following: add, remove, replace."
	op, ok := raw["op"]
	if !ok || op == nil {
		return nil, badRequest("Unable to find `op` in JSON Schema change. " + known)
	}
	c.op, _ = op.(string)
	if !slices.Contains(operations(), c.op) {
		return nil, badRequest("Invalid operation: `%v`. "+known, op)
	}
	pointer, ok = raw["path"]
	if !ok {
		return nil, badRequest("Unable to find 'path' in JSON Schema change")
	}
	return pointer, nil
}

var (
	adjacent  = lazyregexp.New(`/\s*?/`)
	badEscape = lazyregexp.New(`~[^01]|~$`)
)

// splitPointer splits a JSON pointer.
func splitPointer(v any) ([]string, error) {
	pointer, ok := v.(string)
	if !ok {
		return nil, statusError(http.StatusInternalServerError) // Glance fails on what is no text
	}
	switch {
	case !strings.HasPrefix(pointer, "/"):
		return nil, badRequest("Pointer `%s` does not start with \"/\".", pointer)
	case adjacent().MatchString(pointer[1:]):
		return nil, badRequest("Pointer `%s` contains adjacent \"/\".", pointer)
	case len(pointer) > 1 && strings.HasSuffix(pointer, "/"):
		return nil, badRequest("Pointer `%s` end with \"/\".", pointer)
	case strings.TrimSpace(pointer[1:]) == "/":
		return nil, badRequest("Pointer `%s` does not contains valid token.", pointer)
	case badEscape().MatchString(pointer):
		return nil, badRequest("Pointer `%s` contains \"~\" not part of a recognized escape sequence.", pointer)
	}
	parts := strings.Split(strings.TrimLeft(pointer, "/"), "/")
	for i, part := range parts {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		parts[i] = strings.TrimSpace(part)
	}
	return parts, nil
}

// checkChange refuses changes of what clients do not change, and values that
// the schema does not accept.
func (r *request) checkChange(c change) error {
	root := c.path[0]
	switch {
	case slices.Contains(readOnly(), root):
		return forbidden("Attribute '%s' is read-only.", root)
	case reserved(root):
		return forbidden("Attribute '%s' is reserved.", root)
	case c.op == "remove":
		return nil
	case len(c.path) == 1:
		return r.schemas.check("image", object{root: c.value})
	}
	return r.schemas.check("image", object{root: []any{c.value}})
}

// attributes are the members of an image that are no properties.
func attributes() []string {
	return []string{
		"name", "visibility", "protected", "os_hidden", "disk_format", "container_format", "min_disk", "min_ram",
		"owner", "tags",
	}
}

// apply makes one change to i, which is a copy.
func (r *request) apply(i *image, c change) error {
	name := c.path[0]
	if name == "locations" {
		return r.refuseLocations(i, c)
	}
	if c.op == "replace" && name == "owner" && !r.caller.admin {
		return refuseWith(http.StatusForbidden, "Owner can't be updated by non admin.")
	}
	if name == "visibility" {
		if err := r.checkVisibility(c.value); err != nil {
			return err
		}
	}
	if !i.mutableBy(r.caller) {
		return forbidden("You do not own this image")
	}
	attribute := slices.Contains(attributes(), name)
	_, has := i.properties[name]
	switch {
	case c.op == "remove" && attribute:
		return refuseWith(http.StatusForbidden, "Property %s may not be removed.", name)
	case c.op != "add" && !attribute && !has:
		return refuseWith(http.StatusConflict, "Property %s does not exist.", name)
	case c.op == "add" && c.old && (attribute || has):
		return refuseWith(http.StatusConflict, "Property %s already present.", name)
	case c.op == "remove":
		delete(i.properties, name)
		return nil
	}
	return i.set(name, c.value)
}

// refuseLocations refuses changes of locations, which are not shown.
func (r *request) refuseLocations(i *image, c change) error {
	verb := map[string]string{"add": "add", "replace": "update", "remove": "remove"}[c.op]
	if list, _ := c.value.([]any); c.op == "replace" && len(list) == 0 {
		return refuseWith(http.StatusForbidden, "Cannot set locations to empty list.")
	}
	if c.op == "remove" && !i.mutableBy(r.caller) {
		return forbidden("You do not own this image")
	}
	return forbidden("It's not allowed to %s locations if locations are invisible.", verb)
}

// set sets one member of i, which is a copy, to a value that the schema
// accepts.
func (i *image) set(name string, value any) error {
	text, _ := value.(string)
	flag, _ := value.(bool)
	switch name {
	case "name":
		i.name = textPointer(value)
	case "owner":
		i.owner = text
	case "visibility":
		i.visibility = text
	case "protected":
		i.protected = flag
	case "os_hidden":
		i.hidden = flag
	case "disk_format":
		return i.setFormat(name, &i.diskFormat, value)
	case "container_format":
		return i.setFormat(name, &i.containerFormat, value)
	case "min_disk":
		return setMinimum(name, &i.minDisk, value)
	case "min_ram":
		return setMinimum(name, &i.minRAM, value)
	case "tags":
		i.tags = uniqueTags(value)
	default:
		i.properties[name] = text
	}
	return nil
}

func textPointer(value any) *string {
	if text, ok := value.(string); ok {
		return &text
	}
	return nil
}

func (i *image) setFormat(name string, format **string, value any) error {
	if i.status != queued && i.status != importing {
		return forbidden("Attribute %s can be only replaced for a queued image.", name)
	}
	*format = textPointer(value)
	return nil
}

func setMinimum(name string, minimum *int64, value any) error {
	number, _ := value.(float64)
	if number < 0 {
		return badRequest("Invalid value '%d' for parameter '%s': Cannot be a negative value", int64(number), name)
	}
	*minimum = int64(number)
	return nil
}

// uniqueTags are the texts in a list, each once.
func uniqueTags(value any) []string {
	list, _ := value.([]any)
	var tags []string
	for _, item := range list {
		if tag, ok := item.(string); ok && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}
