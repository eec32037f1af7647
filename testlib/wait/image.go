package wait

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/tasks"
)

// Image waits until an image has one of the wanted statuses, as [images.ImageStatusActive].
//
// The wait ends at once in killed, deleted and pending_delete (Image service user guide, "Image
// Statuses"), and when an import has failed: the image is then what it was before, queued or uploading, with
// os_glance_failed_import set. The error holds what the task of the import says, and its request id.
func Image(ctx context.Context, image *gophercloud.ServiceClient, id string, o Options, want ...images.ImageStatus) (
	*images.Image, error) {
	return For(ctx, Poll[*images.Image, images.ImageStatus]{
		What: "image " + id, Get: getImage(image, id), State: imageState, Want: want,
		Bad: []images.ImageStatus{
			images.ImageStatusKilled, images.ImageStatusDeleted, images.ImageStatusPendingDelete, importFailed,
		},
		Explain: explainImage(image),
	}, o)
}

// ImageInStores waits until an image is active and its data in all the named stores, after an import
// to them or a copy, and until no import or copy is under way: at its end the service writes the image once more, over
// what others change in between. The wait ends at once when one of the stores has failed, or the image as in [Image].
func ImageInStores(ctx context.Context, image *gophercloud.ServiceClient, id string, o Options, stores ...string) (
	*images.Image, error) {
	const there images.ImageStatus = "in its stores"
	return For(ctx, Poll[*images.Image, images.ImageStatus]{
		What: "image " + id, Get: getImage(image, id), Want: []images.ImageStatus{there},
		Bad: []images.ImageStatus{
			images.ImageStatusKilled, images.ImageStatusDeleted, images.ImageStatusPendingDelete, importFailed,
		},
		State: func(i *images.Image) images.ImageStatus {
			if len(storesOf(i, propFailed)) > 0 {
				return importFailed
			}
			in := storesOf(i, propStores)
			inAll := !slices.ContainsFunc(stores, func(s string) bool { return !slices.Contains(in, s) })
			left := storesOf(i, propImporting)
			task, _ := i.Properties[propTask].(string)
			switch {
			case i.Status != images.ImageStatusActive:
				return i.Status
			case len(left) > 0:
				return images.ImageStatus("importing to " + strings.Join(left, ", "))
			case !inAll:
				return images.ImageStatus("in " + strings.Join(in, ", "))
			case task != "":
				return images.ImageStatus("held by task " + task)
			}
			return there
		},
		Explain: explainImage(image),
	}, o)
}

// ImageNotInStore waits until an image that was deleted from one store is no longer there.
func ImageNotInStore(ctx context.Context, image *gophercloud.ServiceClient, id, store string, o Options) error {
	_, err := For(ctx, Poll[*images.Image, string]{
		What: fmt.Sprintf("image %s in store %s", id, store), Get: getImage(image, id),
		Want: []string{stateGone}, NotFound: stateGone,
		State: func(i *images.Image) string {
			if slices.Contains(storesOf(i, propStores), store) {
				return stateThere
			}
			return stateGone
		},
	}, o)
	return err
}

// ImageGone waits until an image that was deleted is gone.
func ImageGone(ctx context.Context, image *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "image "+id, getImage(image, id), o)
}

// ImageTask waits until a task of the image service is a "success". The wait ends at once when it is a
// "failure" (Image service API v2, "Tasks"), with the message of the task. Tasks are for administrators.
func ImageTask(ctx context.Context, image *gophercloud.ServiceClient, id string, o Options) (*tasks.Task, error) {
	return For(ctx, Poll[*tasks.Task, string]{
		What: "image task " + id, Want: []string{string(tasks.TaskStatusSuccess)},
		Bad:     []string{string(tasks.TaskStatusFailure)},
		Get:     func(ctx context.Context) (*tasks.Task, error) { return tasks.Get(ctx, image, id).Extract() },
		State:   func(t *tasks.Task) string { return t.Status },
		Explain: func(_ context.Context, t *tasks.Task) Reason { return Reason{Message: t.Message} },
	}, o)
}

// Properties of images in which Glance says what becomes of an import.
const (
	propStores    = "stores"
	propImporting = "os_glance_importing_to_stores"
	propFailed    = "os_glance_failed_import"
	propTask      = "os_glance_import_task" // there until the end of the task
)

// importFailed is the state of an image whose import failed. Its status is then what it was before.
const importFailed images.ImageStatus = "import failed"

func getImage(image *gophercloud.ServiceClient, id string) func(context.Context) (*images.Image, error) {
	return func(ctx context.Context) (*images.Image, error) { return images.Get(ctx, image, id).Extract() }
}

func imageState(i *images.Image) images.ImageStatus {
	idle := i.Status == images.ImageStatusQueued || i.Status == images.ImageStatusUploading
	if idle && len(storesOf(i, propFailed)) > 0 {
		return importFailed
	}
	return i.Status
}

// storesOf returns the stores that a property of an image lists.
func storesOf(i *images.Image, property string) []string {
	list, _ := i.Properties[property].(string)
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// explainImage says in which stores an import failed, and what its task says.
func explainImage(image *gophercloud.ServiceClient) func(context.Context, *images.Image) Reason {
	return func(ctx context.Context, i *images.Image) Reason {
		var said []string
		if failed := storesOf(i, propFailed); len(failed) > 0 {
			said = append(said, "import failed in "+strings.Join(failed, ", "))
		}
		r := imageTask(ctx, image, i.ID)
		if r.Message != "" {
			said = append(said, r.Message)
		}
		r.Message = strings.Join(said, "; ")
		return r
	}
}

// imageTask is what the newest failed task of an image says. Glance lists the tasks of an image since API 2.12
// (Zed names it /v2/images/{id}/tasks), with the request id of each.
func imageTask(ctx context.Context, image *gophercloud.ServiceClient, id string) Reason {
	var answer struct {
		Tasks []struct {
			Status    string `json:"status"`
			Message   string `json:"message"`
			RequestID string `json:"request_id"`
		} `json:"tasks"`
	}
	if _, err := image.Get(ctx, image.ServiceURL("images", id, "tasks"), &answer, nil); err != nil {
		return Reason{}
	}
	for _, t := range answer.Tasks {
		if t.Status == string(tasks.TaskStatusFailure) {
			return Reason{Message: t.Message, RequestID: t.RequestID}
		}
	}
	return Reason{}
}
