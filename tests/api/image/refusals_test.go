//go:build tempest

package image_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestUnknownImageIsNotFound(t *testing.T) {
	e := testlib.Start(t, testlib.ID("24283ad0-8296-4ed8-9f65-6a184dce1ca3"), testlib.Services("image"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	get := func(id string) error { return images.Get(e.Context(), client, id).Err }
	remove := func(id string) error { return images.Delete(e.Context(), client, id).ExtractErr() }

	e.Run("Read", func(e *testlib.Env) {
		e.WantStatus("reading an image that there is not", get(data.UUID(e.Rand())), http.StatusNotFound)
	}, testlib.ID("668743d5-08ad-4480-b2b8-15da34f81d9f"), testlib.Negative)

	e.Run("ReadWithoutID", func(e *testlib.Env) {
		e.WantStatus("reading an image without an ID", get(""), http.StatusNotFound)
	}, testlib.ID("ef45000d-0a72-4781-866d-4cb7bf2562ad"), testlib.Negative)

	e.Run("Deleted", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		wantOK(e, "deleting the image", remove(image.ID))
		wantOK(e, "waiting", wait.ImageGone(e.Context(), client, image.ID, e.Wait("image")))
		e.WantStatus("reading a deleted image", get(image.ID), http.StatusNotFound)
		e.WantStatus("deleting a deleted image", remove(image.ID), http.StatusNotFound)
	}, testlib.ID("e57fc127-7ba0-4693-92d7-1d8a05ebcba9"), testlib.Negative)

	e.Run("Delete", func(e *testlib.Env) {
		e.WantStatus("deleting an image that there is not", remove(data.UUID(e.Rand())), http.StatusNotFound)
	}, testlib.ID("6fe40f1c-57bd-4918-89cc-8500f850f3de"), testlib.Negative)

	e.Run("DeleteWithoutID", func(e *testlib.Env) {
		e.WantStatus("deleting an image without an ID", remove(""), http.StatusNotFound)
	}, testlib.ID("32248db1-ab88-4821-9604-c7c369f1f88c"), testlib.Negative)
}

func TestImageIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a5968b6a-a3b4-4b37-9e4a-cd35413de3fd"), testlib.Services("image"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	refused := func(e *testlib.Env, what string, status int, f fields) {
		e.Helper()
		if f["name"] == nil {
			f["name"] = e.Name("image")
		}
		_, err := createImage(e, client, f)
		e.WantStatus(what, err, status)
	}

	e.Run("UnknownContainerFormat", func(e *testlib.Env) {
		refused(e, "making an image", http.StatusBadRequest, fields{"container_format": "wrong", "disk_format": "vhd"})
	}, testlib.ID("292bd310-369b-41c7-a7a3-10276ef76753"), testlib.Negative)

	e.Run("UnknownDiskFormat", func(e *testlib.Env) {
		refused(e, "making an image", http.StatusBadRequest, fields{"container_format": "bare", "disk_format": "wrong"})
	}, testlib.ID("70c6040c-5a97-4111-9e13-e73665264ce1"), testlib.Negative)

	e.Run("ReservedProperty", func(e *testlib.Env) {
		refused(e, "making an image with a property of Glance's own", http.StatusForbidden, fields{
			"container_format": containerFormat(e), "disk_format": diskFormat(e), "os_glance_foo": "bar"})
	}, testlib.ID("e3fb7df8-2742-4143-8976-f1b26870f0a0"), testlib.Negative)

	e.Run("ReservedPropertyLater", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		refuseUpdate(e, client, image.ID, "adding a property of Glance's own", http.StatusForbidden,
			add("/os_glance_foo", "bar"))
	}, testlib.ID("a0ae75d4-ce9c-4576-b823-aba04c8acabd"), testlib.Negative)
}

func TestProtectedImageIsKept(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ab980a34-8410-40eb-872b-f264752f46e5"), testlib.Services("image"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"protected": true})
	e.Cleanup("protection of image "+image.ID, func(ctx context.Context) error {
		return images.Update(ctx, client, image.ID, patch{replace("/protected", false)}).Err
	})

	err := images.Delete(e.Context(), client, image.ID).ExtractErr()

	e.WantStatus("deleting a protected image", err, http.StatusForbidden)
	if got := show(e, client, image.ID); !got.Protected {
		e.Errorf("image = %+v, want it protected", got)
	}
}

func TestTokenIsNeeded(t *testing.T) {
	e := testlib.Start(t, testlib.ID("48f6b9ef-b074-450a-a484-640501551b6a"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember))

	for what, token := range map[string]string{"none": "", "one that was made up": "gAAAAA-made-up"} {
		client := e.ClientWithToken(testlib.ProjectMember, "image", token)
		_, err := images.List(client, nil).AllPages(e.Context())
		e.WantStatus("listing images with a token that is "+what, err, http.StatusUnauthorized)
	}
}
