//go:build tempest

package image_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"

	"github.com/gotempest/tempest/testlib"
)

// Policies that do not know the roles of personas let a reader do what a member does.
func TestReaderOnlyReads(t *testing.T) {
	e := testlib.Start(t, testlib.ID("32dddf53-b319-4a4b-a1e3-2bc06f0013e2"), testlib.Services("image"),
		testlib.Feature("image", "enforce_scope"),
		testlib.Credentials(testlib.ProjectReader, testlib.ProjectMember, testlib.AltMember))
	reader, member := e.Image(testlib.ProjectReader), e.Image(testlib.ProjectMember)
	content := sample(e)
	image, other := newActive(e, member, nil, content), e.Credential(testlib.AltMember).ProjectID
	queued := newImage(e, member, nil)

	e.Run("Reads", func(e *testlib.Env) {
		show(e, reader, image.ID)
		if !lists(e, reader, image) {
			e.Error("the image is not in the list of a reader")
		}
	}, testlib.ID("1d2d4b1f-0be8-461e-85e0-f932e2e08c27"))

	e.Run("DoesNothingElse", func(e *testlib.Env) {
		_, making := createImage(e, reader, fields{"name": e.Name("image")})
		_, downloading := fetch(e, reader, image.ID, nil)
		for what, err := range map[string]error{
			"making an image":       making,
			"downloading data":      downloading,
			"renaming an image":     images.Update(e.Context(), reader, image.ID, patch{replace("/name", "mine")}).Err,
			"deleting an image":     images.Delete(e.Context(), reader, image.ID).ExtractErr(),
			"tagging an image":      tag(e, reader, http.MethodPut, image.ID, "mine"),
			"sharing an image":      members.Create(e.Context(), reader, image.ID, other).Err,
			"deactivating an image": act(e, reader, image.ID, "deactivate"),
			"uploading data": imagedata.Upload(
				e.Context(), reader, queued.ID, strings.NewReader("data")).ExtractErr(),
		} {
			e.WantStatus("a reader "+what, err, http.StatusForbidden)
		}
		wantData(e, member, image.ID, content)
	}, testlib.ID("59c8204b-d489-45b0-aad4-11664c968f48"), testlib.Negative)
}
