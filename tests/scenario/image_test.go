//go:build tempest

package scenario_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// One project publishes an image to another: it uploads it, offers it, and in the end takes it back. The other
// sees the offer, takes it and boots from the data, here: reads it; it may do nothing else with the image.
func TestImageIsLentToAnotherProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b4aceab6-79fc-487e-94b5-99e9b2d97e1c"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	owner, guest := e.Image(testlib.ProjectMember), e.Image(testlib.AltMember)
	guestProject := e.Credential(testlib.AltMember).ProjectID
	content := data.Bytes(e.Rand(), 64<<10)

	image := uploadImage(e, owner, content)
	_, err := readImage(e, guest, image.ID)
	e.WantStatus("reading the data of a stranger's image", err, http.StatusNotFound)

	wantOK(e, "offering the image", members.Create(e.Context(), owner, image.ID, guestProject).Err)
	wantListed(e, guest, "offers", images.ListOpts{
		Visibility: images.ImageVisibilityShared, MemberStatus: images.ImageMemberStatusPending,
	}, image.ID)
	wantListed(e, guest, "images before the offer is taken", images.ListOpts{Name: image.Name})

	wantOK(e, "taking the offer", members.Update(e.Context(), guest, image.ID, guestProject,
		members.UpdateOpts{Status: "accepted"}).Err)
	wantListed(e, guest, "images when the offer is taken", images.ListOpts{Name: image.Name}, image.ID)
	got, err := readImage(e, guest, image.ID)
	wantOK(e, "reading the data of a shared image", err)
	if !bytes.Equal(got, content) {
		e.Errorf("the guest reads %d bytes that are not the %d of the image", len(got), len(content))
	}
	e.WantStatus("a guest renaming the image", images.Update(e.Context(), guest, image.ID, images.UpdateOpts{
		images.ReplaceImageName{NewName: e.Name("mine")}}).Err, http.StatusForbidden)
	e.WantStatus("a guest deleting the image", images.Delete(e.Context(), guest, image.ID).ExtractErr(),
		http.StatusForbidden)

	wantOK(e, "taking the image back", members.Delete(e.Context(), owner, image.ID, guestProject).ExtractErr())
	wantListed(e, guest, "images when it was taken back", images.ListOpts{Name: image.Name})
	_, err = readImage(e, guest, image.ID)
	e.WantStatus("reading the data of an image that was taken back", err, http.StatusNotFound)
}

// uploadImage makes an image with data, which is gone when the test ends.
func uploadImage(e *testlib.Env, client *gophercloud.ServiceClient, content []byte) *images.Image {
	e.Helper()
	image, err := images.Create(e.Context(), client, images.CreateOpts{
		Name: e.Name("image"), ContainerFormat: "bare", DiskFormat: "raw",
	}).Extract()
	wantOK(e, "making an image", err)
	e.Cleanup("image "+image.ID, func(ctx context.Context) error {
		return images.Delete(ctx, client, image.ID).ExtractErr()
	})
	wantOK(e, "uploading its data",
		imagedata.Upload(e.Context(), client, image.ID, bytes.NewReader(content)).ExtractErr())
	return image
}

// readImage returns the data of an image.
func readImage(e *testlib.Env, client *gophercloud.ServiceClient, id string) ([]byte, error) {
	body, err := imagedata.Download(e.Context(), client, id).Extract()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// wantListed wants a list of images to have just these.
func wantListed(
	e *testlib.Env, client *gophercloud.ServiceClient, what string, opts images.ListOpts, want ...string,
) {
	e.Helper()
	pages, err := images.List(client, opts).AllPages(e.Context())
	wantOK(e, "listing "+what, err)
	found, err := images.ExtractImages(pages)
	wantOK(e, "reading the "+what, err)
	same := len(found) == len(want)
	for i := range want {
		same = same && found[i].ID == want[i]
	}
	if !same {
		e.Errorf("%s = %+v, want %v", what, found, want)
	}
}

// wantOK stops the test unless a call succeeded. what names the call.
func wantOK(e *testlib.Env, what string, err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", what, err)
	}
}
