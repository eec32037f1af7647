package glance

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// What Zed's default settings allow, see glance-api.conf.
const (
	maxProperties = 128 // of one image, without those of Glance itself
	maxTags       = 128 // of one image
	maxMembers    = 128 // of one image
	maxName       = 255 // characters in the name of a property

	maxInt32 = 1<<31 - 1 // of the database's columns
)

const (
	importMethods = "glance-direct,web-download,copy-image"
	storeName     = "file"
	allStores     = storeName + ",os_glance_staging_store,os_glance_tasks_store"

	reservedPrefix = "os_glance" // of properties that only Glance sets
)

// States of an image.
const (
	queued      = "queued"
	saving      = "saving"
	uploading   = "uploading"
	importing   = "importing"
	active      = "active"
	deactivated = "deactivated"
)

func (s *Service) imageRoutes(rt *router) {
	rt.add("/images", on(http.MethodGet, listImages), on(http.MethodPost, createImage))
	rt.add("/images/{image_id}", onBare(http.MethodGet, showImage), on(http.MethodPatch, patchImage),
		onBare(http.MethodDelete, deleteImage))
	rt.add("/images/{image_id}/file", onRaw(http.MethodGet, download), onRaw(http.MethodPut, upload))
	rt.add("/images/{image_id}/stage", onRaw(http.MethodPut, stage))
	rt.add("/images/{image_id}/import", onRaw(http.MethodPost, importImage))
	rt.add("/images/{image_id}/tasks", onBare(http.MethodGet, listImageTasks)).missing = true
	rt.add("/images/{image_id}/members", onBare(http.MethodGet, listMembers), on(http.MethodPost, addMember))
	rt.add("/images/{image_id}/members/{member_id}", onBare(http.MethodGet, showMember),
		on(http.MethodPut, updateMember), onBare(http.MethodDelete, deleteMember))
	rt.add("/images/{image_id}/tags/{tag}", onBare(http.MethodPut, addTag), onBare(http.MethodDelete, deleteTag))
	rt.add("/images/{image_id}/actions/deactivate", onBare(http.MethodPost, deactivate))
	rt.add("/images/{image_id}/actions/reactivate", onBare(http.MethodPost, reactivate))
	rt.add("/stores/{store_id}/{image_id}", onBare(http.MethodDelete, deleteFromStore))
}

// view is i as c sees it.
func (i *image) view(c caller) object {
	o := object{}
	for name, value := range i.properties {
		if name != stageHost {
			o[name] = value
		}
	}
	o["id"] = i.id
	o["name"] = orNull(i.name)
	o["owner"] = textOrNull(i.owner)
	o["status"] = i.status
	o["visibility"] = i.visibility
	o["disk_format"], o["container_format"] = orNull(i.diskFormat), orNull(i.containerFormat)
	o["min_disk"], o["min_ram"] = i.minDisk, i.minRAM
	o["protected"], o["os_hidden"] = i.protected, i.hidden
	o["checksum"], o["os_hash_value"] = textOrNull(i.checksum), textOrNull(i.hashValue)
	o["os_hash_algo"] = nil
	if i.hashValue != "" {
		o["os_hash_algo"] = "sha512"
	}
	o["size"], o["virtual_size"] = orNull(i.size), orNull(i.virtualSize)
	o["created_at"], o["updated_at"] = timestamp(i.createdAt), timestamp(i.updatedAt)
	o["tags"] = append([]string{}, i.tags...)
	o["self"], o["file"] = "/v2/images/"+i.id, "/v2/images/"+i.id+"/file"
	o["schema"] = "/v2/schemas/image"
	if i.stored && (i.status != deactivated || c.admin) {
		o["stores"] = storeName
	}
	return o
}

func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// readOnly names what clients see of an image and cannot set.
func readOnly() []string {
	return []string{
		"created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file",
		"schema", "id", "os_hash_algo", "os_hash_value",
	}
}

// reserved reports whether clients may not have a property of that name.
func reserved(name string) bool {
	return slices.Contains([]string{"location", "deleted", "deleted_at"}, name) ||
		strings.HasPrefix(name, reservedPrefix)
}

func createImage(r *request) (*response, error) {
	body, err := r.needJSON()
	if err != nil {
		return nil, err
	}
	o, ok := body.(object)
	if !ok {
		return nil, statusError(http.StatusInternalServerError) // Glance fails on a list
	}
	if err := r.checkNew(o); err != nil {
		return nil, err
	}
	i, err := r.newImage(o)
	if err != nil {
		return nil, err
	}
	r.images[i.id] = i
	return &response{status: http.StatusCreated, body: i.view(r.caller), header: map[string]string{
		"Location":                       r.BaseURL + "/v2/images/" + i.id,
		"Openstack-Image-Import-Methods": importMethods,
		"Openstack-Image-Store-Ids":      allStores,
	}}, nil
}

// checkNew checks what a client wants a new image to be.
func (r *request) checkNew(o object) error {
	for _, name := range []string{"direct_url", "self", "file", "schema", "stores"} {
		if _, ok := o[name]; ok {
			return forbidden("Attribute '%s' is read-only.", name)
		}
	}
	if err := r.schemas.check("image", o); err != nil {
		return err
	}
	for name := range o {
		if len([]rune(name)) > maxName {
			return badRequest("Custom property should not be greater than 255 characters.")
		}
		if reserved(name) {
			return refuseWith(http.StatusForbidden, "Attribute '%s' is reserved.", name)
		}
	}
	return nil
}

// newImage makes the image that o describes, which the schema accepts.
func (r *request) newImage(o object) (*image, error) {
	now := r.now()
	i := &image{
		id: uuid.NewString(), owner: r.caller.project, status: queued, visibility: "shared",
		createdAt: now, updatedAt: now, properties: map[string]string{},
	}
	if id, ok := o["id"].(string); ok {
		i.id = id
	}
	if owner, ok := o["owner"]; ok {
		i.owner, _ = owner.(string)
	}
	if err := r.checkVisibility(o["visibility"]); err != nil {
		return nil, err
	}
	if _, ok := o["owner"]; ok && !r.caller.admin && i.owner != r.caller.project {
		return nil, forbidden("You are not permitted to create images owned by '%s'.", ownerText(o["owner"]))
	}
	for _, name := range []string{"created_at", "updated_at", "status", "checksum", "size", "virtual_size"} {
		if _, ok := o[name]; ok {
			return nil, forbidden("Attribute '%s' is read-only.", name)
		}
	}
	if _, ok := o["locations"]; ok {
		return nil, forbidden("Attribute 'locations' is reserved.")
	}
	for name, value := range o {
		if name == "id" || name == "owner" {
			continue
		}
		if err := i.set(name, value); err != nil {
			return nil, err
		}
	}
	if err := i.check(true); err != nil {
		return nil, err
	}
	if r.images[i.id] != nil || r.gone[i.id] {
		return nil, conflict("Image ID %s already exists!", i.id)
	}
	return i, nil
}

// ownerText is the owner that a client asked for, as messages show it.
func ownerText(owner any) string {
	if text, ok := owner.(string); ok {
		return text
	}
	return "None"
}

// checkVisibility refuses a visibility that the caller may not give.
func (r *request) checkVisibility(visibility any) error {
	if visibility == "public" && !r.caller.admin {
		return forbidden("You are not authorized to complete publicize_image action.")
	}
	return nil
}

// check refuses what the quotas and the database do not take. added says
// whether properties were added.
func (i *image) check(added bool) error {
	if len(i.tags) > maxTags {
		return tooLarge("The limit has been exceeded on the number of allowed image tags."+
			" Attempted: %d, Maximum: %d", len(i.tags), maxTags)
	}
	count := 0
	for name := range i.properties {
		if !strings.HasPrefix(name, reservedPrefix) {
			count++
		}
	}
	if added && count > maxProperties {
		return tooLarge("The limit has been exceeded on the number of allowed image properties."+
			" Attempted: %d, Maximum: %d", count, maxProperties)
	}
	if i.name != nil && beyondBMP(*i.name) {
		return badRequest("Name can't contain 4 byte unicode characters.")
	}
	for name, value := range i.properties {
		switch {
		case beyondBMP(name):
			return badRequest("Property names can't contain 4 byte unicode.")
		case beyondBMP(value):
			return badRequest("%s can't contain 4 byte unicode characters.", titled(name))
		}
	}
	for name, value := range map[string]int64{"min_disk": i.minDisk, "min_ram": i.minRAM} {
		if value > maxInt32 {
			return badRequest("'%s' value out of range, must not exceed %d.", name, maxInt32)
		}
	}
	if slices.ContainsFunc(i.tags, beyondBMP) {
		return badRequest("Param values can't contain 4 byte unicode.")
	}
	return nil
}

// beyondBMP reports whether text has a character that the database does not
// take: one of four bytes.
func beyondBMP(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > 0xffff })
}

// titled is Python's title() of a name.
func titled(name string) string {
	start := true
	return strings.Map(func(r rune) rune {
		letter := strings.ToLower(string(r)) != strings.ToUpper(string(r))
		first := start
		start = !letter
		switch {
		case letter && first:
			return []rune(strings.ToUpper(string(r)))[0]
		case letter:
			return []rune(strings.ToLower(string(r)))[0]
		}
		return r
	}, name)
}

func showImage(r *request) (*response, error) {
	i, err := r.image(r.vars["image_id"])
	if err != nil {
		return nil, err
	}
	return ok(i.view(r.caller))
}

func deleteImage(r *request) (*response, error) {
	id := r.vars["image_id"]
	i, err := r.ownImage(id)
	switch {
	case err != nil && statusOf(err) == http.StatusNotFound:
		return nil, notFound("Failed to find image %s to delete", id)
	case err != nil:
		return nil, err
	case i.protected:
		return nil, forbidden("Image %s is protected and cannot be deleted.", id)
	}
	delete(r.images, id)
	r.gone[id] = true
	return noContent()
}

func deleteFromStore(r *request) (*response, error) {
	store, id := r.vars["store_id"], r.vars["image_id"]
	if !slices.Contains(strings.Split(allStores, ","), store) {
		return nil, conflict("The selected store %s is not available on this node.", store)
	}
	i, err := r.image(id)
	switch {
	case err != nil:
		return nil, notFound("Failed to find image %s", id)
	case !i.mutableBy(r.caller):
		return nil, forbidden("You do not own this image")
	case i.status != active:
		return nil, conflict("It's not allowed to remove image data from store if image status is not 'active'")
	}
	return nil, forbidden("Cannot delete image data from the only store containing it." +
		" Consider deleting the image instead.")
}

func deactivate(r *request) (*response, error) { return r.activate("deactivate", active, deactivated) }

func reactivate(r *request) (*response, error) { return r.activate("reactivate", deactivated, active) }

// activate brings an image from one of two states to the other. One that is
// there already stays.
func (r *request) activate(action, from, to string) (*response, error) {
	i, err := r.ownImage(r.vars["image_id"])
	if err != nil {
		return nil, err
	}
	switch i.status {
	case to:
	case from:
		changed := *i
		changed.status = to
		r.save(&changed)
	default:
		return nil, forbidden("Not allowed to %s image in status '%s'", action, i.status)
	}
	return noContent()
}

// save replaces the image of that id by a changed one.
func (s *Service) save(i *image) {
	i.updatedAt = s.now()
	s.images[i.id] = i
}
