//go:build tempest

package image_test

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/data"
)

// object is the body of a request or of an answer.
type object = map[string]any

// fields are the fields of an image to make. Those that [images.CreateOpts] lacks
// can be among them.
type fields map[string]any

// ToImageCreateMap makes fields the options of [images.Create].
func (f fields) ToImageCreateMap() (map[string]any, error) { return f, nil }

// patch is a list of changes to an image, in JSON Patch (RFC 6902).
type patch []any

// ToImageUpdateMap makes a patch the options of [images.Update].
func (p patch) ToImageUpdateMap() ([]any, error) { return p, nil }

func add(path string, value any) any {
	return object{"op": "add", "path": path, "value": value}
}

func replace(path string, value any) any {
	return object{"op": "replace", "path": path, "value": value}
}

func remove(path string) any { return object{"op": "remove", "path": path} }

// containerFormat is the container format of images with data.
func containerFormat(e *testlib.Env) string {
	return first(testlib.Config[config.Core](e).Image.ContainerFormats, "bare")
}

// diskFormat is the disk format of images with data.
func diskFormat(e *testlib.Env) string {
	return first(testlib.Config[config.Core](e).Image.DiskFormats, "raw")
}

// first returns the first of a list, and something else when there is none.
func first(list []string, otherwise string) string {
	if len(list) == 0 {
		return otherwise
	}
	return cmp.Or(list[0], otherwise)
}

// createImage makes an image just as f says, and registers its removal.
func createImage(e *testlib.Env, client *gophercloud.ServiceClient, f fields) (*images.Image, error) {
	image, err := images.Create(e.Context(), client, f).Extract()
	if err != nil {
		return nil, err
	}
	removeImage(e, client, image.ID)
	return image, nil
}

// removeImage registers the removal of an image.
func removeImage(e *testlib.Env, client *gophercloud.ServiceClient, id string) {
	e.Cleanup("image "+id, func(ctx context.Context) error {
		return images.Delete(ctx, client, id).ExtractErr()
	})
}

// newImage makes an image without data. A name and formats that f leaves out are chosen; nil leaves all out.
func newImage(e *testlib.Env, client *gophercloud.ServiceClient, f fields) *images.Image {
	e.Helper()
	all := fields{"name": e.Name("image"), "container_format": containerFormat(e), "disk_format": diskFormat(e)}
	for key, value := range f {
		all[key] = value
	}
	image, err := createImage(e, client, all)
	wantOK(e, "making an image", err)
	return image
}

// newActive makes an image as [newImage] does and gives it data.
func newActive(e *testlib.Env, client *gophercloud.ServiceClient, f fields, content []byte) *images.Image {
	e.Helper()
	image := newImage(e, client, f)
	upload(e, client, image.ID, content)
	return image
}

// upload gives an image its data.
func upload(e *testlib.Env, client *gophercloud.ServiceClient, id string, content []byte) {
	e.Helper()
	wantOK(e, "uploading data", imagedata.Upload(e.Context(), client, id, bytes.NewReader(content)).ExtractErr())
}

// stage puts data aside for an import.
func stage(e *testlib.Env, client *gophercloud.ServiceClient, id string, content []byte) {
	e.Helper()
	wantOK(e, "staging data", imagedata.Stage(e.Context(), client, id, bytes.NewReader(content)).ExtractErr())
}

// sample returns as many bytes as most images of these tests have.
func sample(e *testlib.Env) []byte { return data.Bytes(e.Rand(), 1024) }

// show returns an image as the service describes it.
func show(e *testlib.Env, client *gophercloud.ServiceClient, id string) *images.Image {
	e.Helper()
	image, err := images.Get(e.Context(), client, id).Extract()
	wantOK(e, "reading the image", err)
	return image
}

// update changes an image and returns what the service says of it then.
func update(e *testlib.Env, client *gophercloud.ServiceClient, id string, changes ...any) *images.Image {
	e.Helper()
	image, err := images.Update(e.Context(), client, id, patch(changes)).Extract()
	wantOK(e, "updating the image", err)
	return image
}

// refuseUpdate wants changes to an image to be refused with a status.
func refuseUpdate(e *testlib.Env, client *gophercloud.ServiceClient, id, what string, status int, changes ...any) {
	e.Helper()
	_, err := images.Update(e.Context(), client, id, patch(changes)).Extract()
	e.WantStatus(what, err, status)
}

// answer is one to a request for data.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// fetch reads the data of an image. The header, if there is one, is "name: value" of the request.
func fetch(e *testlib.Env, client *gophercloud.ServiceClient, id string, header map[string]string) (*answer, error) {
	resp, err := client.Get(e.Context(), client.ServiceURL("images", id, "file"), nil, &gophercloud.RequestOpts{
		OkCodes:     []int{http.StatusOK, http.StatusNoContent, http.StatusPartialContent},
		MoreHeaders: header, KeepResponseBody: true,
	})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return &answer{resp.StatusCode, resp.Header, body}, err
}

// wantData wants an image to have just this data.
func wantData(e *testlib.Env, client *gophercloud.ServiceClient, id string, content []byte) *answer {
	e.Helper()
	got, err := fetch(e, client, id, nil)
	wantOK(e, "downloading the data", err)
	if got.status != http.StatusOK || !bytes.Equal(got.body, content) {
		e.Errorf("download: status %d with %d bytes, want 200 with the %d bytes of the image",
			got.status, len(got.body), len(content))
	}
	return got
}

// act does what an image has a path of its own for, such as deactivate.
func act(e *testlib.Env, client *gophercloud.ServiceClient, id, action string) error {
	_, err := client.Post(e.Context(), client.ServiceURL("images", id, "actions", action), nil, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	return err
}

// share makes a project a member of an image, until the test ends.
func share(e *testlib.Env, client *gophercloud.ServiceClient, imageID, projectID string) *members.Member {
	e.Helper()
	m, err := members.Create(e.Context(), client, imageID, projectID).Extract()
	wantOK(e, "sharing the image", err)
	e.Cleanup("member of image "+imageID, func(ctx context.Context) error {
		return members.Delete(ctx, client, imageID, projectID).ExtractErr()
	})
	return m
}

// answerShare says as a member whether an image is welcome.
func answerShare(e *testlib.Env, client *gophercloud.ServiceClient, imageID, projectID, status string) error {
	return members.Update(e.Context(), client, imageID, projectID, members.UpdateOpts{Status: status}).Err
}

// query are the parameters of a list of images.
type query map[string]string

// ToImageListQuery makes a query the options of [images.List].
func (q query) ToImageListQuery() (string, error) {
	values := make(url.Values, len(q))
	for key, value := range q {
		values.Set(key, value)
	}
	return "?" + values.Encode(), nil
}

// listed returns the images of a list, of all its pages.
func listed(e *testlib.Env, client *gophercloud.ServiceClient, q query) []images.Image {
	e.Helper()
	return list(e, images.List(client, q), images.ExtractImages)
}

// lists reports whether a list of the images of this name holds the image.
func lists(e *testlib.Env, client *gophercloud.ServiceClient, image *images.Image) bool {
	e.Helper()
	return contains(listed(e, client, query{"name": image.Name}), image.ID)
}

// contains reports whether an image is among others.
func contains(all []images.Image, id string) bool {
	for _, image := range all {
		if image.ID == id {
			return true
		}
	}
	return false
}

// ids returns the IDs of images, in their order.
func ids(all []images.Image) []string {
	found := make([]string, 0, len(all))
	for _, image := range all {
		found = append(found, image.ID)
	}
	return found
}

// list returns all pages of a list.
func list[T any](e *testlib.Env, p pagination.Pager, extract func(pagination.Page) ([]T, error)) []T {
	e.Helper()
	pages, err := p.AllPages(e.Context())
	wantOK(e, "listing", err)
	found, err := extract(pages)
	wantOK(e, "reading the list", err)
	return found
}

// get reads what has no package in gophercloud. The path is that behind /v2/.
func get[T any](ctx context.Context, client *gophercloud.ServiceClient, path ...string) (T, error) {
	var body T
	_, err := client.Get(ctx, client.ServiceURL(path...), &body, nil)
	return body, err
}

// wantOK stops the test unless a call succeeded. what names the call.
func wantOK(e *testlib.Env, what string, err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", what, err)
	}
}
