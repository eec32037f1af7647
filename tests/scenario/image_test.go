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

// An operator replaces a public image by a newer one: the old one is hidden first, so that nobody finds it who does
// not know it, then nobody can read it any more, and then it is deleted.
func TestPublicImageIsReplaced(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4cc02238-21a8-4249-b864-4cc09e860fd4"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.AltMember))
	operator, user := e.Image(testlib.ProjectAdmin), e.Image(testlib.AltMember)
	name := e.Name("release")
	publish := func(content []byte) string {
		image := uploadImage(e, operator, content)
		wantOK(e, "publishing the image", images.Update(e.Context(), operator, image.ID, images.UpdateOpts{
			images.ReplaceImageName{NewName: name}, images.UpdateVisibility{Visibility: images.ImageVisibilityPublic},
		}).Err)
		return image.ID
	}
	first, second := data.Bytes(e.Rand(), 2<<10), data.Bytes(e.Rand(), 3<<10)

	older := publish(first)
	wantListed(e, user, "releases", images.ListOpts{Name: name}, older)

	newer := publish(second)
	wantOK(e, "hiding the older image", images.Update(e.Context(), operator, older, images.UpdateOpts{
		images.ReplaceImageHidden{NewHidden: true}}).Err)
	wantListed(e, user, "releases", images.ListOpts{Name: name}, newer)
	got, err := readImage(e, user, older)
	wantOK(e, "reading the data of a hidden image", err)
	if !bytes.Equal(got, first) {
		e.Error("the data of the hidden image is not what was uploaded")
	}

	_, err = operator.Post(e.Context(), operator.ServiceURL("images", older, "actions", "deactivate"), nil, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	wantOK(e, "deactivating the older image", err)
	_, err = readImage(e, user, older)
	e.WantStatus("reading the data of a deactivated image", err, http.StatusForbidden)

	wantOK(e, "deleting the older image", images.Delete(e.Context(), operator, older).ExtractErr())
	e.WantStatus("reading a deleted image", images.Get(e.Context(), user, older).Err, http.StatusNotFound)
	wantListed(e, user, "releases", images.ListOpts{Name: name}, newer)
}
