package glance

import (
	"slices"
	"time"
)

// store is what the service keeps. The lock of the service guards it.
type store struct {
	images map[string]*image // by id
	gone   map[string]bool   // ids of deleted images: they are not given again
	tasks  []*task           // the oldest first
	definitionStore
}

func newStore() store {
	return store{images: map[string]*image{}, gone: map[string]bool{}}
}

// image is one image. It is never changed in place but by its members: a
// change makes a copy, so that one that is refused leaves nothing behind.
type image struct {
	id         string
	name       *string
	owner      string // empty: nobody
	status     string
	visibility string

	diskFormat, containerFormat *string
	minDisk, minRAM             int64
	protected, hidden           bool

	checksum, hashValue string
	size, virtualSize   *int64

	createdAt, updatedAt time.Time
	tags                 []string // in the order in which they came
	properties           map[string]string
	members              []*member // the oldest first

	data   []byte // of an image that is stored
	stored bool
	staged []byte // of an image that is to be imported
}

// member is a project with which an image is shared.
type member struct {
	project, status      string
	createdAt, updatedAt time.Time
}

// task is a piece of work that goes on without the client.
type task struct {
	id, kind, status     string
	owner, user          string // ids of a project and a user
	imageID, requestID   string
	input, result        object // result is nil until it succeeds
	message              string
	createdAt, updatedAt time.Time
	expiresAt            time.Time // zero until it ends
}

// taskLife is how long a task is kept after it ended.
const taskLife = 48 * time.Hour

// end ends t at a time.
func (t *task) end(now time.Time, status, message string, result object) {
	t.status, t.message, t.result = status, message, result
	t.updatedAt, t.expiresAt = now, now.Add(taskLife)
}

// member returns the membership of a project, or nil.
func (i *image) member(project string) *member {
	at := slices.IndexFunc(i.members, func(m *member) bool { return m.project == project })
	if at < 0 {
		return nil
	}
	return i.members[at]
}

// visible reports whether c may know about i.
func (i *image) visible(c caller) bool {
	switch {
	case c.admin, i.owner == "", i.visibility == "public", i.visibility == "community":
		return true
	case c.project == "":
		return false
	case c.project == i.owner:
		return true
	}
	return i.visibility == "shared" && i.member(c.project) != nil
}

// mutableBy reports whether c may change i.
func (i *image) mutableBy(c caller) bool {
	return c.admin || i.owner != "" && i.owner == c.project
}

// image returns the image called id, which the caller may see, or a 404.
func (r *request) image(id string) (*image, error) {
	i, ok := r.images[id]
	if !ok || !i.visible(r.caller) {
		return nil, notFound("No image found with ID %s", id)
	}
	return i, nil
}

// ownImage is [request.image] for a caller who changes the image, with a 403
// for one who may not.
func (r *request) ownImage(id string) (*image, error) {
	i, err := r.image(id)
	if err != nil {
		return nil, err
	}
	if !i.mutableBy(r.caller) {
		return nil, forbidden("You do not own this image")
	}
	return i, nil
}
