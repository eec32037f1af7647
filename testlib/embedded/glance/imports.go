package glance

import (
	"cmp"
	"maps"
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
	if err := r.readBody(); err != nil {
		return nil, err
	}
	order, err := r.importOrder()
	if err != nil {
		return nil, err
	}
	// It may take a while, and is told when nothing else is wrong.
	allowed := order.method != "web-download" || r.mayFetch(r.Context(), order.uri)
	r.mu.Lock()
	defer r.mu.Unlock()
	i, err := r.image(r.vars["image_id"])
	if err != nil {
		return nil, err
	}
	for _, check := range []func(importOrder, *image) error{checkState, r.mayImport, r.checkStores} {
		if err := check(order, i); err != nil {
			return nil, err
		}
	}
	switch {
	case order.method == "copy-image" && !order.allStores:
		return nil, badRequest("Image is already present at store '%s'", storeName)
	case !allowed:
		return nil, badRequest("URI for web-download does not pass filtering: %s", cmp.Or(order.uri, "None"))
	case order.method != "copy-image":
		r.startImport(order, i)
	}
	return &response{status: http.StatusAccepted, header: map[string]string{"Content-Type": emptyType}}, nil
}

// startImport makes the task that does what is ordered. Staged data is there
// at once. The lock must be held for writing.
func (r *request) startImport(order importOrder, i *image) {
	t := r.addTask("api_image_import", i.id, object{
		"image_id": i.id, "import_req": order.body, "backend": []string{storeName},
	})
	if order.method == "web-download" {
		r.startDownload(i, t, order.uri)
		return
	}
	r.finish(i, t, i.staged, nil)
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
func checkState(o importOrder, i *image) error {
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
func (r *request) checkStores(o importOrder, _ *image) error {
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

// importing is a copy of i for an import to go on with.
func (i *image) importing() *image {
	changed := *i
	changed.status = importing
	changed.properties = maps.Clone(i.properties)
	delete(changed.properties, importTask)
	delete(changed.properties, stageHost)
	changed.properties[importingTo], changed.properties[failedImport] = "", ""
	return &changed
}

// finish stores what was imported, unless err says that it failed, and ends
// the task. The lock must be held for writing.
func (s *Service) finish(i *image, t *task, data []byte, err error) {
	changed := i.importing()
	if err != nil {
		changed.status, changed.size, changed.virtualSize = queued, nil, nil
		changed.properties[failedImport] = storeName
		s.save(changed)
		t.end(s.now(), taskFailure, "Task failed due to Internal Error", nil)
		return
	}
	changed.fill(data)
	s.save(changed)
	t.end(s.now(), taskSuccess, "Copied 0 MiB", object{"image_id": i.id})
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
