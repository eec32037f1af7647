//go:build tempest

package image_test

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what Glance calls the checksum
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

func TestDataIsReadInParts(t *testing.T) {
	e := testlib.Start(t, testlib.ID("60bf0c2b-4b39-41e6-a30e-e65ad2e8dc03"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	content := sample(e)
	image := newActive(e, client, nil, content)
	size := len(content)

	e.Run("Ranges", func(e *testlib.Env) {
		for asked, want := range map[string]struct{ from, to int }{
			"bytes=0-99":   {0, 99},
			"bytes=100-":   {100, size - 1},
			"bytes=-10":    {size - 10, size - 1},
			"bytes=0-9999": {0, size - 1},
			"bytes=7-7":    {7, 7},
		} {
			got, err := fetch(e, client, image.ID, map[string]string{"Range": asked})
			wantOK(e, "reading "+asked, err)
			if !bytes.Equal(got.body, content[want.from:want.to+1]) || got.status != http.StatusPartialContent {
				e.Errorf("%s: status %d with %d bytes, want 206 with those from %d to %d",
					asked, got.status, len(got.body), want.from, want.to)
			}
			in := "bytes " + strconv.Itoa(want.from) + "-" + strconv.Itoa(want.to) + "/" + strconv.Itoa(size)
			if r := got.header.Get("Content-Range"); r != in {
				e.Errorf("%s: Content-Range = %q, want %q", asked, r, in)
			}
		}
	}, testlib.ID("facf56e0-b7b9-49d0-ab75-49f939cd04e3"))

	e.Run("WrongRanges", func(e *testlib.Env) {
		for asked, status := range map[string]int{
			"bytes=" + strconv.Itoa(size) + "-": http.StatusRequestedRangeNotSatisfiable,
			"bytes=9-8":                         http.StatusRequestedRangeNotSatisfiable,
			"lines=1-2":                         http.StatusRequestedRangeNotSatisfiable,
			"bytes=0-1,3-4":                     http.StatusBadRequest,
		} {
			_, err := fetch(e, client, image.ID, map[string]string{"Range": asked})
			e.WantStatus("reading "+asked, err, status)
		}
	}, testlib.ID("a7a59682-389f-4f5e-bdcf-0027d2d0abfe"), testlib.Negative)

	e.Run("Headers", func(e *testlib.Env) {
		got := wantData(e, client, image.ID, content)
		sum := md5.Sum(content) //nolint:gosec // it guards against accidents only
		for name, want := range map[string]string{
			"Content-Type": "application/octet-stream", "Content-Md5": hex.EncodeToString(sum[:]),
		} {
			if have := got.header.Get(name); have != want {
				e.Errorf("%s = %q, want %q", name, have, want)
			}
		}
	}, testlib.ID("4dcd988d-8d8e-467f-b86b-6506e4113fe5"))
}

func TestLargeDataIsStreamed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ba6cb849-7e7d-45cc-ae10-2d474b306cf8"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	content := data.NewBlob(e.Rand(), 5<<20+3)
	image := newImage(e, client, nil)

	// A reader without a length is sent in chunks, as a pipe would be.
	stream := io.MultiReader(content.Reader())
	wantOK(e, "uploading", imagedata.Upload(e.Context(), client, image.ID, stream).ExtractErr())

	got := show(e, client, image.ID)
	sum := content.Sum(md5.New()) //nolint:gosec // it guards against accidents only
	if got.SizeBytes != content.Size() || got.Checksum != sum {
		e.Errorf("the image has %d bytes with checksum %s, want %d with %s",
			got.SizeBytes, got.Checksum, content.Size(), sum)
	}
	body, err := imagedata.Download(e.Context(), client, image.ID).Extract()
	wantOK(e, "downloading", err)
	defer body.Close()
	back := md5.New() //nolint:gosec // it guards against accidents only
	_, err = io.Copy(back, body)
	wantOK(e, "downloading", err)
	if got := hex.EncodeToString(back.Sum(nil)); got != sum {
		e.Errorf("checksum of what was read = %s, want %s", got, sum)
	}
}

func TestNoDataIsDataToo(t *testing.T) {
	e := testlib.Start(t, testlib.ID("80285800-e8ec-4a21-80c3-5f051eb8a583"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)

	image := newActive(e, client, nil, nil)

	got := show(e, client, image.ID)
	if got.Status != images.ImageStatusActive || got.SizeBytes != 0 ||
		got.Checksum != "d41d8cd98f00b204e9800998ecf8427e" {
		e.Errorf("image = %+v, want it active, with the checksum of nothing", got)
	}
}

func TestDataIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d886f28c-acfe-4298-ac0e-031802acc689"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	client := e.Image(testlib.ProjectMember)
	put := func(e *testlib.Env, c *gophercloud.ServiceClient, id string) error {
		return imagedata.Upload(e.Context(), c, id, strings.NewReader("data")).ExtractErr()
	}

	e.Run("Twice", func(e *testlib.Env) {
		content := sample(e)
		image := newActive(e, client, nil, content)
		e.WantStatus("uploading a second time", put(e, client, image.ID), http.StatusConflict)
		e.WantStatus("staging after an upload", imagedata.Stage(e.Context(), client, image.ID,
			strings.NewReader("data")).ExtractErr(), http.StatusConflict)
		wantData(e, client, image.ID, content)
	}, testlib.ID("33df72b9-7f09-4b1e-be87-8b17eca23ac2"), testlib.Negative)

	e.Run("WithoutFormats", func(e *testlib.Env) {
		image, err := createImage(e, client, fields{"name": e.Name("image")})
		wantOK(e, "making an image without formats", err)
		e.WantStatus("uploading without formats", put(e, client, image.ID), http.StatusBadRequest)
		if got := show(e, client, image.ID); got.Status != images.ImageStatusQueued {
			e.Errorf("status = %s, want queued", got.Status)
		}
	}, testlib.ID("c6458382-fd63-4a42-a56f-94507e0b29cf"), testlib.Negative)

	e.Run("OfAnotherMediaType", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		for _, action := range []string{"file", "stage"} {
			_, err := client.Put(e.Context(), client.ServiceURL("images", image.ID, action), object{}, nil, nil)
			e.WantStatus("JSON for the "+action, err, http.StatusUnsupportedMediaType)
		}
	}, testlib.ID("90b77bcf-e412-43db-8e31-6f85d1102f87"), testlib.Negative)

	e.Run("ByOthers", func(e *testlib.Env) {
		image, other := newImage(e, client, nil), e.Image(testlib.AltMember)
		e.WantStatus("a stranger uploading", put(e, other, image.ID), http.StatusNotFound)
		share(e, client, image.ID, e.Credential(testlib.AltMember).ProjectID)
		e.WantStatus("a guest uploading", put(e, other, image.ID), http.StatusForbidden)
	}, testlib.ID("a08c15cd-d0eb-423a-8d3a-5c2c95d2f187"), testlib.Negative)

	e.Run("ForNoImage", func(e *testlib.Env) {
		unknown := data.UUID(e.Rand())
		e.WantStatus("uploading to an image that there is not", put(e, client, unknown), http.StatusNotFound)
		_, err := fetch(e, client, unknown, nil)
		e.WantStatus("reading the data of an image that there is not", err, http.StatusNotFound)
	}, testlib.ID("3aef6cc7-104b-4a64-9107-79c0a9fee22b"), testlib.Negative)
}

func TestDeactivationIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9b341b3d-18ca-4711-a8d1-2edbcf8e4aa3"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin, testlib.AltMember))
	client := e.Image(testlib.ProjectMember)

	e.Run("WithoutData", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		e.WantStatus("deactivating an image without data", act(e, client, image.ID, "deactivate"), http.StatusForbidden)
		e.WantStatus("reactivating an image without data", act(e, client, image.ID, "reactivate"), http.StatusForbidden)
	}, testlib.ID("994efcb7-fd23-4a89-9078-4c15abb1ae7d"), testlib.Negative)

	e.Run("ByStrangers", func(e *testlib.Env) {
		image := newActive(e, client, fields{"visibility": "community"}, sample(e))
		stranger := e.Image(testlib.AltMember)
		e.WantStatus("a stranger deactivating", act(e, stranger, image.ID, "deactivate"), http.StatusForbidden)
		if got := show(e, client, image.ID); got.Status != images.ImageStatusActive {
			e.Errorf("status = %s, want active", got.Status)
		}
	}, testlib.ID("53b0c7ff-5356-46dc-a865-185a052e59f5"), testlib.Negative)

	e.Run("AdminsStillRead", func(e *testlib.Env) {
		content := sample(e)
		image := newActive(e, client, nil, content)
		wantOK(e, "deactivating", act(e, client, image.ID, "deactivate"))
		wantOK(e, "deactivating again", act(e, client, image.ID, "deactivate"))
		wantData(e, e.Image(testlib.ProjectAdmin), image.ID, content)
	}, testlib.ID("eafaad28-19bc-434c-a677-81c72d44102b"))
}
