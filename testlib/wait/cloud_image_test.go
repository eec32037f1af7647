//go:build tempest

package wait_test

import (
	"context"
	"crypto/sha512"
	"net"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imageimport"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/wait"
)

// emptyImage makes an image without data.
func emptyImage(e *testlib.Env) string {
	e.Helper()
	c := e.Client(member, "image")
	i, err := images.Create(e.Context(), c, images.CreateOpts{
		Name: e.Name("image"), DiskFormat: "raw", ContainerFormat: "bare",
	}).Extract()
	must(e, "making an image", err)
	e.Cleanup("image "+i.ID, func(ctx context.Context) error { return images.Delete(ctx, c, i.ID).ExtractErr() })
	return i.ID
}

func TestImageIsUploaded(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a1dd3c17-8c0a-4d1e-9d75-6a4df3c1a6f0"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	realCloud(e)
	c, o := e.Client(member, "image"), e.Wait("image")
	blob := data.NewBlob(e.Rand(), 3<<20)
	id := emptyImage(e)

	must(e, "uploading", imagedata.Upload(e.Context(), c, id, blob.Reader()).ExtractErr())

	i, err := wait.Image(e.Context(), c, id, o, images.ImageStatusActive)
	must(e, "image", err)
	want := blob.Sum(sha512.New())
	if got := i.Properties["os_hash_value"]; got != want || i.SizeBytes != blob.Size() {
		e.Errorf("image of %d bytes with SHA-512 %v, want %d bytes and %s", i.SizeBytes, got, blob.Size(), want)
	}
	must(e, "deleting it", images.Delete(e.Context(), c, id).ExtractErr())
	must(e, "image", wait.ImageGone(e.Context(), c, id, o))
}

// importAddress is one that Glance fetches from: by default those with port 80 and 443 that are not loopback
// ([import_filtering_opts] of its configuration).
func importAddress(e *testlib.Env) string {
	e.Helper()
	all, err := net.InterfaceAddrs()
	must(e, "listing the addresses of this machine", err)
	for _, a := range all {
		if ip, _, err := net.ParseCIDR(a.String()); err == nil && ip.IsGlobalUnicast() && ip.To4() != nil {
			return net.JoinHostPort(ip.String(), "80")
		}
	}
	e.Skip("this machine has no address but loopback")
	return ""
}

// serveData starts a server that the image service can fetch from.
func serveData(e *testlib.Env, f data.File) (*data.Server, string) {
	e.Helper()
	s, err := data.NewServer(e.Context(), data.ServerOptions{Address: importAddress(e), Log: e.Logf})
	if err != nil {
		e.Skipf("the image service takes data from port 80 or 443 alone: %v", err)
	}
	e.T.Cleanup(func() { s.Close() })
	return s, s.Add("image.raw", f)
}

// webDownload imports the data at a URL into a new image, and returns its ID.
func webDownload(e *testlib.Env, url string) string {
	e.Helper()
	id := emptyImage(e)
	err := imageimport.Create(e.Context(), e.Client(member, "image"), id, imageimport.CreateOpts{
		Name: imageimport.WebDownloadMethod, URI: url,
	}).ExtractErr()
	if gophercloud.ResponseCodeIs(err, http.StatusForbidden) || gophercloud.ResponseCodeIs(err, http.StatusBadRequest) {
		e.Skipf("the cloud does not import from this machine: %v", err)
	}
	must(e, "importing", err)
	return id
}

func TestImageIsImported(t *testing.T) {
	e := testlib.Start(t, testlib.ID("1a76dd2b-0f5b-45c6-a3d0-9a2c2f8f8f5e"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	realCloud(e)
	c, o := e.Client(member, "image"), e.Wait("image")
	blob := data.NewBlob(e.Rand(), 1<<20)
	s, url := serveData(e, data.File{Data: blob, Rate: 2 << 20})
	id := webDownload(e, url)

	i, err := wait.ImageInStores(e.Context(), c, id, o)
	must(e, "image", err)

	if got := i.Properties["os_hash_value"]; got != blob.Sum(sha512.New()) {
		e.Errorf("SHA-512 = %v, want %s; asked for: %+v", got, blob.Sum(sha512.New()), s.Requests())
	}
}

func TestImportFails(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c9a7d8bb-92b9-4a1d-a8a3-2d53b0a35c13"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	realCloud(e)
	_, url := serveData(e, data.File{Statuses: []int{http.StatusForbidden, http.StatusForbidden, http.StatusForbidden}})
	id := webDownload(e, url)

	_, err := wait.Image(e.Context(), e.Client(member, "image"), id, e.Wait("image"), images.ImageStatusActive)

	explained(e, err, "import failed in")
}
