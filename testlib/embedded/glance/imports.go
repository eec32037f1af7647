package glance

import (
	"net/http"
	"slices"
	"strings"
)

// Properties that tell how an import goes.
const (
	importTask   = reservedPrefix + "_import_task"
	importingTo  = reservedPrefix + "_importing_to_stores"
	failedImport = reservedPrefix + "_failed_import"
)

// importOrder is what a client wants to be imported.
type importOrder struct {
	method, uri string
	allStores   bool
	body        object
}

func importImage(r *request) (*response, error) {
	order, err := r.importOrder()
	if err != nil {
		return nil, err
	}
	i, err := r.image(r.vars["image_id"])
	if err != nil {
		return nil, err
	}
	if err := order.checkState(i); err != nil {
		return nil, err
	}
	if err := r.mayImport(order, i); err != nil {
		return nil, err
	}
	if err := r.checkStores(order); err != nil {
		return nil, err
	}
	accepted := &response{status: http.StatusAccepted, header: map[string]string{"Content-Type": emptyType}}
	if order.method == "copy-image" {
		if order.allStores {
			return accepted, nil // it is there already
		}
		return nil, badRequest("Image is already present at store '%s'", storeName)
	}
	if order.method == "web-download" && !r.mayFetch(order.uri) {
		uri := order.uri
		if uri == "" {
			uri = "None"
		}
		return nil, badRequest("URI for web-download does not pass filtering: %s", uri)
	}
	t := r.addTask("api_image_import", i.id, object{
		"image_id": i.id, "import_req": order.body, "backend": []string{storeName},
	})
	if order.method == "web-download" {
		r.startDownload(i, t, order.uri)
		return accepted, nil
	}
	r.finish(i, t, i.staged)
	return accepted, nil
}

// importOrder reads what a client sends.
func (r *request) importOrder() (importOrder, error) {
	var order importOrder
	body, err := r.needJSON()
	if err != nil {
		return order, err
	}
	o, isObject := body.(object)
	if !isObject {
		return order, statusError(http.StatusInternalServerError) // Glance fails on it
	}
	order.body = o
	method, given := o["method"]
	if !given {
		return order, badRequest("Import request requires a 'method' field.")
	}
	fields, isObject := method.(object)
	if !isObject {
		return order, statusError(http.StatusInternalServerError) // Glance fails on it
	}
	name, given := fields["name"]
	if !given {
		return order, badRequest("Import request requires a 'name' field.")
	}
	order.method, _ = name.(string)
	if !slices.Contains(strings.Split(importMethods, ","), order.method) {
		return order, badRequest("Unknown import method name '%v'.", name)
	}
	order.uri, _ = fields["uri"].(string)
	for _, key := range []string{"all_stores_must_succeed", "all_stores"} {
		value, given := o[key]
		if _, isFlag := value.(bool); given && !isFlag {
			return order, badRequest("'%s' must be boolean value only", key)
		}
	}
	order.allStores, _ = o["all_stores"].(bool)
	return order, nil
}

// checkState refuses an order for an image that is not ready for it.
func (o importOrder) checkState(i *image) error {
	switch {
	case i.status == active && o.method != "copy-image":
		return conflict("Image with status active cannot be target for import")
	case i.status != active && o.method == "copy-image":
		return conflict("Only images with status active can be targeted for copying")
	case i.status != queued && o.method == "web-download":
		return conflict("Image needs to be in 'queued' state to use '%s' method", o.method)
	case i.status != uploading && o.method == "glance-direct":
		return conflict("Image needs to be staged before 'glance-direct' method can be used")
	}
	missing := i.missingFormats()
	for _, name := range []string{"container_format", "disk_format"} {
		if slices.Contains(missing, name) {
			return conflict("'%s' needs to be set before import", name)
		}
	}
	return nil
}

// mayImport refuses who may not give the order, and an image of which an
// import goes on.
func (r *request) mayImport(o importOrder, i *image) error {
	if o.method == "copy-image" {
		if !r.caller.admin {
			return notAllowed("copy_image")
		}
	} else if !i.mutableBy(r.caller) {
		return forbidden("You do not own this image")
	}
	if i.properties[importTask] != "" {
		return conflict("Image has active task")
	}
	return nil
}

// checkStores refuses stores that are not there.
func (r *request) checkStores(o importOrder) error {
	header := r.Header.Get("X-Image-Meta-Store")
	list, given := o.body["stores"].([]any)
	if o.allStores {
		if given || header != "" {
			return badRequest("All_stores parameter can't be used with x-image-meta-store header or stores parameter")
		}
		return nil
	}
	if given && header != "" {
		return badRequest("Stores parameter and x-image-meta-store header can't be both specified")
	}
	if header != "" {
		list = []any{header}
	}
	for _, store := range list {
		if store != storeName {
			return conflict("Store for identifier %v not found", store)
		}
	}
	return nil
}

// finish stores what was imported, and ends the task. The lock must be held
// for writing.
func (r *request) finish(i *image, t *task, data []byte) {
	changed := *i
	changed.properties = map[string]string{}
	for name, value := range i.properties {
		if name != importTask && name != stageHost {
			changed.properties[name] = value
		}
	}
	changed.properties[importingTo], changed.properties[failedImport] = "", ""
	changed.fill(data)
	r.save(&changed)
	t.end(r.now(), taskSuccess, "Copied 0 MiB", object{"image_id": i.id})
}

func listImageTasks(r *request) (*response, error) {
	i, err := r.image(r.vars["image_id"])
	if err != nil {
		return nil, statusError(http.StatusNotFound)
	}
	list := []object{}
	for _, t := range r.tasks {
		if t.imageID == i.id && (r.caller.admin || t.owner == r.caller.project) {
			list = append(list, t.record())
		}
	}
	return ok(object{"tasks": list})
}

// record is t as the database has it.
func (t *task) record() object {
	const layout = "2006-01-02T15:04:05.000000"
	o := object{
		"id": t.id, "type": t.kind, "status": t.status, "owner": t.owner, "expires_at": nil,
		"created_at": t.createdAt.Format(layout), "updated_at": t.updatedAt.Format(layout),
		"deleted_at": nil, "deleted": false, "image_id": t.imageID, "request_id": t.requestID, "user_id": t.user,
		"input": t.input, "result": nil, "message": t.message,
	}
	if !t.expiresAt.IsZero() {
		o["expires_at"] = t.expiresAt.Format(layout)
	}
	if t.result != nil {
		o["result"] = t.result
	}
	return o
}
