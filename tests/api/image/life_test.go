//go:build tempest

package image_test

import (
	"context"
	"crypto/md5" //nolint:gosec // what Glance calls the checksum
	"crypto/sha512"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestUploadedDataIsDownloaded(t *testing.T) {
	e := testlib.Start(t, testlib.ID("139b765e-7f3d-4b3d-8b37-3ca3876ee318"), testlib.Services("image"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	const ramdisk = "00000000-1111-2222-3333-444455556666"
	name, content := e.Name("image"), sample(e)

	made := newImage(e, client, fields{"name": name, "visibility": "private", "ramdisk_id": ramdisk})
	if made.Name != name || made.Visibility != images.ImageVisibilityPrivate ||
		made.Status != images.ImageStatusQueued || made.Owner != e.Credential(testlib.ProjectMember).ProjectID {
		e.Errorf("created %+v, want %s, private, queued, of the own project", made, name)
	}
	empty, err := fetch(e, client, made.ID, nil)
	wantOK(e, "downloading from an image without data", err)
	if empty.status != http.StatusNoContent || len(empty.body) != 0 {
		e.Errorf("download without data: status %d, %d bytes; want 204 without any", empty.status, len(empty.body))
	}

	upload(e, client, made.ID, content)

	got := show(e, client, made.ID)
	if got.ID != made.ID || got.Name != name || got.Properties["ramdisk_id"] != ramdisk ||
		got.SizeBytes != int64(len(content)) || got.Status != images.ImageStatusActive {
		e.Errorf("uploaded %+v, want %s, active, with %d bytes and its ramdisk", got, name, len(content))
	}
	checksum := md5.Sum(content) //nolint:gosec // it guards against accidents only
	if got.Checksum != hex.EncodeToString(checksum[:]) {
		e.Errorf("checksum = %s, want that of the data, %x", got.Checksum, checksum)
	}
	hash := sha512.Sum512(content)
	if got.Properties["os_hash_algo"] == "sha512" && got.Properties["os_hash_value"] != hex.EncodeToString(hash[:]) {
		e.Errorf("os_hash_value = %s, want that of the data, %x", got.Properties["os_hash_value"], hash)
	}
	wantData(e, client, made.ID, content)
}

func TestImageIsDeleted(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f848bb94-1c6e-45a4-8726-39e3a5b23535"), testlib.Services("image"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"visibility": "private"})

	wantOK(e, "deleting the image", images.Delete(e.Context(), client, image.ID).ExtractErr())

	wantOK(e, "waiting", wait.ImageGone(e.Context(), client, image.ID, e.Wait("image")))
	if lists(e, client, image) {
		e.Errorf("image %s is listed after its removal", image.ID)
	}
}

func TestImageIsRenamed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f66891a7-a35c-41a8-b590-a065c2a1caa6"), testlib.Services("image"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"visibility": "private"})
	if image.Status != images.ImageStatusQueued {
		e.Errorf("status of an image without data = %s, want queued", image.Status)
	}
	name := e.Name("renamed")

	update(e, client, image.ID, replace("/name", name))

	if got := show(e, client, image.ID); got.ID != image.ID || got.Name != name {
		e.Errorf("image %s is called %q, want %s called %q", got.ID, got.Name, image.ID, name)
	}
}

func TestImageIsDeactivated(t *testing.T) {
	e := testlib.Start(t, testlib.ID("951ebe01-969f-4ea9-9898-8a3f1f442ab0"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	content := sample(e)
	image := newActive(e, client, fields{"visibility": "private"}, content)

	wantOK(e, "deactivating", act(e, client, image.ID, "deactivate"))
	if got := show(e, client, image.ID); got.Status != images.ImageStatusDeactivated {
		e.Errorf("status = %s, want deactivated", got.Status)
	}
	_, err := fetch(e, client, image.ID, nil)
	e.WantStatus("downloading a deactivated image", err, http.StatusForbidden)

	wantOK(e, "reactivating", act(e, client, image.ID, "reactivate"))
	if got := show(e, client, image.ID); got.Status != images.ImageStatusActive {
		e.Errorf("status = %s, want active", got.Status)
	}
	wantData(e, client, image.ID, content)
}

func TestChangeIsNoted(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ca2e693a-49e7-44e1-b4ae-655d901c0eff"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, nil)

	// The time is told in seconds: a change in the second of the first says nothing.
	changed, err := wait.For(e.Context(), wait.Poll[*images.Image, string]{
		What: "the change of image " + image.ID, Want: []string{"noted"},
		Get: func(ctx context.Context) (*images.Image, error) {
			return images.Update(ctx, client, image.ID, patch{replace("/name", e.Name("renamed"))}).Extract()
		},
		State: func(i *images.Image) string {
			if i.UpdatedAt.After(image.UpdatedAt) {
				return "noted"
			}
			return "not noted"
		},
	}, e.Wait("image"))
	wantOK(e, "changing the image", err)
	if !changed.CreatedAt.Equal(image.CreatedAt) {
		e.Errorf("created at %s after a change, before it at %s", changed.CreatedAt, image.CreatedAt)
	}
}
