//go:build tempest

package image_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// tag adds a tag to an image, or removes it.
func tag(e *testlib.Env, client *gophercloud.ServiceClient, method, imageID, name string) error {
	_, err := client.Request(e.Context(), method, client.ServiceURL("images", imageID, "tags", name),
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	return err
}

func TestImageTags(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c2bd7e4d-f06b-4bfe-ba6b-b0632f7d12c5"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"visibility": "private"})

	e.Run("AddedAndRemoved", func(e *testlib.Env) {
		name := e.Name("tag")
		wantOK(e, "adding a tag", tag(e, client, http.MethodPut, image.ID, name))
		if got := show(e, client, image.ID).Tags; !slices.Contains(got, name) {
			e.Errorf("tags = %q, want %q among them", got, name)
		}
		wantOK(e, "removing the tag", tag(e, client, http.MethodDelete, image.ID, name))
		if got := show(e, client, image.ID).Tags; slices.Contains(got, name) {
			e.Errorf("tags = %q, want them without %q", got, name)
		}
	}, testlib.ID("10407036-6059-4f95-a2cd-cbbbee7ed329"))

	e.Run("UnknownIsNotFound", func(e *testlib.Env) {
		e.WantStatus("removing a tag that there is not",
			tag(e, client, http.MethodDelete, image.ID, e.Name("tag")), http.StatusNotFound)
	}, testlib.ID("39c023a2-325a-433a-9eea-649bf1414b19"), testlib.Negative)

	e.Run("UnknownImageIsNotFound", func(e *testlib.Env) {
		e.WantStatus("tagging an image that there is not",
			tag(e, client, http.MethodPut, data.UUID(e.Rand()), e.Name("tag")), http.StatusNotFound)
	}, testlib.ID("8cd30f82-6f9a-4c6e-8034-c1b51fba43d9"), testlib.Negative)
}
