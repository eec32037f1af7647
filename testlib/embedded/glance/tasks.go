package glance

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// What a task can be.
const (
	taskPending    = "pending"
	taskProcessing = "processing"
	taskSuccess    = "success"
	taskFailure    = "failure"

	legacyImport = "import" // kind of a task that a client makes
)

// addTask keeps a new task of the caller, pending. The lock must be held for
// writing.
func (r *request) addTask(kind, imageID string, input object) *task {
	now := r.now()
	t := &task{
		id: uuid.NewString(), kind: kind, status: taskPending, owner: r.caller.project, user: r.caller.user,
		imageID: imageID, requestID: r.id, input: input, createdAt: now, updatedAt: now,
	}
	r.tasks = append(r.tasks, t)
	return t
}

// taskRoutes registers the paths of tasks.
func (s *Service) taskRoutes(rt *router) {
	rt.add("/tasks", on(http.MethodGet, listTasks), onRaw(http.MethodPost, createTask))
	rt.add("/tasks/{task_id}", on(http.MethodGet, failsWithBody(showTask)),
		on(http.MethodDelete, failsWithBody(deleteTask)))
}

// stub is what a list shows of t.
func (t *task) stub() object {
	o := object{
		"id": t.id, "type": t.kind, "status": t.status, "owner": t.owner,
		"created_at": timestamp(t.createdAt), "updated_at": timestamp(t.updatedAt),
		"self": "/v2/tasks/" + t.id, "schema": "/v2/schemas/task",
	}
	if !t.expiresAt.IsZero() {
		o["expires_at"] = timestamp(t.expiresAt)
	}
	return o
}

// view is all of t.
func (t *task) view() object {
	o := t.stub()
	o["input"], o["result"], o["message"] = t.input, t.result, t.message
	for key, value := range map[string]string{"image_id": t.imageID, "request_id": t.requestID, "user_id": t.user} {
		if value != "" {
			o[key] = value
		}
	}
	return o
}

// checkTasks refuses who may not use the tasks.
func (r *request) checkTasks() error {
	if r.caller.admin {
		return nil
	}
	return notAllowed("tasks_api_access")
}

// notAllowed is the 403 of a policy.
func notAllowed(action string) error {
	return forbidden("You are not authorized to complete %s action.", action)
}

func listTasks(r *request) (*response, error) {
	if err := r.checkTasks(); err != nil {
		return nil, err
	}
	p, err := r.taskPage()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(r.tasks)
	slices.Reverse(list) // the newest first; the sort below keeps that
	if err := p.sort(list); err != nil {
		return nil, err
	}
	if list, err = p.after(list); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(t *task) bool { return !p.wants(t) })
	list = list[:min(p.limit, len(list))]
	views := make([]object, len(list))
	for i, t := range list {
		views[i] = t.stub()
	}
	params := withoutMarker(r.URL.RawQuery)
	body := object{"tasks": views, "schema": "/v2/schemas/tasks", "first": withQuery("/v2/tasks", params)}
	if len(list) > 0 && len(list) == p.limit {
		marker := parameter{"marker", list[len(list)-1].id}
		body["next"] = withQuery("/v2/tasks", append(params, marker))
	}
	return ok(body)
}

// taskPage is what a list of tasks is asked for.
type taskPage struct {
	limit             int
	marker, sortKey   string
	ascending         bool
	status, kind, own string // filters; empty for all
}

const (
	defaultLimit = 25   // items of a page that does not say
	maxLimit     = 1000 // items of any page
)

func (r *request) taskPage() (taskPage, error) {
	p := taskPage{
		limit: defaultLimit, marker: r.query.Get("marker"), sortKey: cmp.Or(r.query.Get("sort_key"), "created_at"),
		status: r.query.Get("status"), kind: r.query.Get("type"), own: r.query.Get("owner"),
	}
	var err error
	if p.ascending, err = r.ascending(); err != nil {
		return p, err
	}
	if p.status != "" && !slices.Contains([]string{taskPending, taskProcessing, taskSuccess, taskFailure}, p.status) {
		return p, badRequest("Invalid status value: %s", p.status)
	}
	if p.kind != "" && p.kind != legacyImport {
		return p, badRequest("Invalid type value: %s", p.kind)
	}
	if p.marker != "" && uuid.Validate(p.marker) != nil {
		return p, badRequest("Invalid marker format")
	}
	if r.query.Has("limit") {
		p.limit, err = parseLimit(r.query.Get("limit"), 0)
	}
	p.limit = min(p.limit, maxLimit)
	return p, err
}

// ascending reads the parameter sort_dir.
func (r *request) ascending() (bool, error) {
	switch direction := r.query.Get("sort_dir"); {
	case direction == "asc":
		return true, nil
	case direction == "desc" || !r.query.Has("sort_dir"):
		return false, nil
	default:
		return false, badRequest("Invalid sort direction: %s", direction)
	}
}

// parseLimit reads the number of items of a page, which must be at least least.
func parseLimit(text string, least int) (int, error) {
	limit, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, badRequest("limit param must be an integer")
	}
	if limit < least {
		return 0, badRequest("limit param must be positive")
	}
	return limit, nil
}

// sort orders list by the key of the page, and by time and id where that is
// the same.
func (p taskPage) sort(list []*task) error {
	keys := map[string]func(*task) string{
		"id": func(t *task) string { return t.id }, "type": func(t *task) string { return t.kind },
		"status":     func(t *task) string { return t.status },
		"created_at": func(t *task) string { return timestamp(t.createdAt) },
		"updated_at": func(t *task) string { return timestamp(t.updatedAt) },
		"expires_at": func(t *task) string { return timestamp(t.expiresAt) },
	}
	key := keys[p.sortKey]
	if key == nil {
		return badRequest("Sort key supplied was not valid.")
	}
	slices.SortStableFunc(list, func(a, b *task) int {
		order := cmp.Or(strings.Compare(key(a), key(b)),
			strings.Compare(timestamp(a.createdAt), timestamp(b.createdAt)), strings.Compare(a.id, b.id))
		if p.ascending {
			return order
		}
		return -order
	})
	return nil
}

// after returns what follows the marker in list.
func (p taskPage) after(list []*task) ([]*task, error) {
	if p.marker == "" {
		return list, nil
	}
	i := slices.IndexFunc(list, func(t *task) bool { return t.id == p.marker })
	if i < 0 {
		return nil, badRequest("Task with the given id %s was not found", p.marker)
	}
	return list[i+1:], nil
}

func (p taskPage) wants(t *task) bool {
	return (p.status == "" || p.status == t.status) && (p.kind == "" || p.kind == t.kind) &&
		(p.own == "" || p.own == t.owner)
}

func showTask(r *request) (*response, error) {
	if err := r.checkTasks(); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.tasks, func(t *task) bool { return t.id == r.vars["task_id"] })
	if i < 0 {
		return nil, notFound("Could not find task %s", r.vars["task_id"])
	}
	return ok(r.tasks[i].view())
}

func deleteTask(r *request) (*response, error) {
	if err := r.checkTasks(); err != nil {
		return nil, err
	}
	return nil, &httpError{
		status: http.StatusMethodNotAllowed,
		header: map[string]string{"Allow": http.MethodGet},
		template: "This operation is currently not permitted on Glance Tasks. They are auto deleted after reaching" +
			" the time based on their expires_at property.",
	}
}

func createTask(r *request) (*response, error) {
	if err := r.checkTasks(); err != nil {
		return nil, err
	}
	if err := r.readBody(); err != nil {
		return nil, err
	}
	body, err := r.needJSON()
	if err != nil {
		return nil, err
	}
	fields, _ := body.(object)
	for _, key := range []string{"type", "input"} {
		if _, ok := fields[key]; !ok {
			return nil, badRequest("Task '%s' is required", key)
		}
	}
	if err := r.schemas.check("task", body); err != nil {
		return nil, err
	}
	kind, _ := fields["type"].(string)
	input, _ := fields["input"].(object)
	if kind == legacyImport {
		if err := r.checkImportFrom(input["import_from"]); err != nil { // without the lock: it may take a while
			return nil, err
		}
	}
	if input == nil {
		return nil, statusError(http.StatusInternalServerError) // Glance fails so
	}
	image, _ := input["image_id"].(string)
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.addTask(kind, image, input)
	data, err := encode(t.view()) // as it is before it starts
	r.startTask(t)
	return &response{
		status: http.StatusCreated, body: input, data: data,
		header: map[string]string{"Location": r.BaseURL + "/v2/tasks/" + t.id},
	}, err
}

// checkImportFrom refuses an address from which nothing can be imported.
func (r *request) checkImportFrom(v any) error {
	from, isText := v.(string)
	switch {
	case v == nil:
		return badRequest("Invalid location: None")
	case v == "":
		return badRequest("Invalid location: ")
	case !isText:
		return statusError(http.StatusInternalServerError) // Glance fails so
	case strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://"):
		if !r.mayFetch(r.Context(), from) {
			return badRequest("URI for legacy import task does not pass filtering: %s", from)
		}
		return nil
	case strings.HasPrefix(from, "file:///") || strings.HasPrefix(from, "filesystem:///"):
		return badRequest("File based imports are not allowed. Please use a non-local source of image data.")
	}
	return badRequest("The given uri is not valid. Please specify a valid uri from the following list of" +
		" supported uri ['http']")
}

// startTask starts what a client asked for with t. The lock must be held for
// writing.
func (r *request) startTask(t *task) {
	missing := missingImportField(t.input)
	switch {
	case t.kind == legacyImport && missing != "":
		t.end(r.now(), taskFailure, "Input does not contain '"+missing+"' field", nil)
	case t.kind == legacyImport:
		r.startLegacyImport(t)
	case len(t.input) == 0:
		t.end(r.now(), taskFailure, "Input to "+t.kind+" task is empty.", nil)
	case t.input["image_id"] == nil:
		t.end(r.now(), taskFailure, "Missing required 'image_id' field", nil)
	default:
		t.status = taskProcessing // Glance never ends it: nobody has said how to import
	}
}

// startLegacyImport starts to fetch an image that belongs to nobody.
func (r *request) startLegacyImport(t *task) {
	t.status = taskProcessing
	if r.isClosed() {
		return
	}
	from, _ := t.input["import_from"].(string)
	r.inBackground(r.Context(), from, func(data []byte, err error) {
		var i *image
		if err == nil {
			i, err = r.legacyImage(t.input["image_properties"])
		}
		if err != nil {
			t.end(r.now(), taskFailure, "Task failed due to Internal Error", nil)
			return
		}
		i.fill(data)
		// What qemu-img says, which looks at whole sectors.
		size := (int64(len(data)) + sectorSize - 1) / sectorSize * sectorSize
		i.virtualSize = &size
		r.images[i.id] = i
		t.end(r.now(), taskSuccess, "", object{"image_id": i.id})
	})
}

// legacyImage makes the image that properties describe.
func (r *request) legacyImage(properties any) (*image, error) {
	o, _ := properties.(object)
	if err := r.checkNew(o); err != nil {
		return nil, err
	}
	i, err := r.newImage(o)
	if err != nil {
		return nil, err
	}
	if missing := i.missingFormats(); len(missing) > 0 {
		return nil, conflict("no %s", missing[0])
	}
	i.owner = ""
	return i, nil
}

// missingImportField returns the first field that a task for an import needs
// and does not have, or "".
func missingImportField(input object) string {
	for _, key := range []string{"import_from", "import_from_format", "image_properties"} {
		if _, ok := input[key]; !ok {
			return key
		}
	}
	return ""
}
