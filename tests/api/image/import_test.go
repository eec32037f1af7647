//go:build tempest

package image_test

import (
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // what Glance calls the checksum
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imageimport"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/wait"
)

// importRequest is what to import, and where to.
//
// Source: https://docs.openstack.org/api-ref/image/v2/#interoperable-image-import
type importRequest struct {
	Method    importMethod `json:"method"`
	Stores    []string     `json:"stores,omitempty"`
	AllStores bool         `json:"all_stores,omitempty"`
	// AllMustSucceed says whether an import fails that fails in one store. Nil means yes.
	AllMustSucceed *bool `json:"all_stores_must_succeed,omitempty"`
}

type importMethod struct {
	Name          string `json:"name"`
	URI           string `json:"uri,omitempty"`
	GlanceImageID string `json:"glance_image_id,omitempty"`
	GlanceRegion  string `json:"glance_region,omitempty"`
	Interface     string `json:"glance_service_interface,omitempty"`
}

// The methods of import that tests know.
const (
	glanceDirect   = "glance-direct"
	webDownload    = "web-download"
	glanceDownload = "glance-download"
	copyImage      = "copy-image"
)

// startImport begins an import and returns the header of the answer.
func startImport(
	e *testlib.Env, client *gophercloud.ServiceClient, id string, r importRequest,
) (http.Header, error) {
	resp, err := client.Post(e.Context(), client.ServiceURL("images", id, "import"), r, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
	if err != nil {
		return nil, err
	}
	e.Cleanup("import of image "+id, func(ctx context.Context) error { return endImport(ctx, e, client, id) })
	return resp.Header, nil
}

// endImport waits until the service has done with an import, whatever came of it. An image that is deleted before can
// be a 500.
func endImport(ctx context.Context, e *testlib.Env, client *gophercloud.ServiceClient, id string) error {
	const idle = "idle"
	_, err := wait.For(ctx, wait.Poll[*images.Image, string]{
		What: "the end of the import of image " + id, Want: []string{idle}, NotFound: idle,
		Get: func(ctx context.Context) (*images.Image, error) { return images.Get(ctx, client, id).Extract() },
		State: func(i *images.Image) string {
			if task, _ := i.Properties["os_glance_import_task"].(string); task != "" {
				return "held by task " + task
			}
			return idle
		},
	}, e.Wait("image"))
	return err
}

// importMethods asks which methods of import there are.
func importMethods(e *testlib.Env, client *gophercloud.ServiceClient) []string {
	e.Helper()
	info, err := imageimport.Get(e.Context(), client).Extract()
	wantOK(e, "asking for the import methods", err)
	return info.ImportMethods.Value
}

// need skips the test unless the service has a method of import.
func need(e *testlib.Env, client *gophercloud.ServiceClient, names ...string) {
	e.Helper()
	have := importMethods(e, client)
	for _, name := range names {
		if !slices.Contains(have, name) {
			e.Skipf("needs the import method %s: the service has %q", name, have)
		}
	}
}

// task is one of those that are listed for an image.
type task struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
	ImageID   string `json:"image_id"`
	Input     struct {
		ImportReq importRequest `json:"import_req"`
	} `json:"input"`
}

// tasksOf lists the tasks of an image. Services before API version 2.12 have none.
func tasksOf(ctx context.Context, client *gophercloud.ServiceClient, id string) ([]task, error) {
	body, err := get[struct{ Tasks []task }](ctx, client, "images", id, "tasks")
	return body.Tasks, err
}

// waitTask waits until the only task of an image has a status. It skips the test where the service does not list the
// tasks of an image.
func waitTask(e *testlib.Env, client *gophercloud.ServiceClient, id, status string) task {
	e.Helper()
	got, err := wait.For(e.Context(), wait.Poll[task, string]{
		What: "the task of image " + id, Want: []string{status}, Bad: []string{"success", "failure"},
		Get: func(ctx context.Context) (task, error) {
			all, err := tasksOf(ctx, client, id)
			if err != nil || len(all) != 1 {
				return task{}, cmp.Or(err, fmt.Errorf("the image has tasks %+v, want one", all))
			}
			return all[0], nil
		},
		State: func(t task) string { return t.Status },
	}, e.Wait("image"))
	if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		e.Skip("the rest needs API version 2.12, which lists the tasks of an image")
	}
	wantOK(e, "waiting", err)
	return got
}

// newStaged makes an image whose data is staged.
func newStaged(e *testlib.Env, client *gophercloud.ServiceClient, content []byte) *images.Image {
	e.Helper()
	image := newImage(e, client, fields{"visibility": "private"})
	if image.Status != images.ImageStatusQueued {
		e.Errorf("status of a new image = %s, want queued", image.Status)
	}
	stage(e, client, image.ID, content)
	if got := show(e, client, image.ID); got.Status != images.ImageStatusUploading {
		e.Errorf("status of an image with staged data = %s, want uploading", got.Status)
	}
	return image
}

// waitActive waits until an image is active, in these stores.
func waitActive(e *testlib.Env, client *gophercloud.ServiceClient, id string, stores ...string) *images.Image {
	e.Helper()
	image, err := wait.ImageInStores(e.Context(), client, id, e.Wait("image"), stores...)
	wantOK(e, "waiting for the import", err)
	return image
}

func TestImageIsImported(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bae66ba3-c5fd-421c-847b-710087caed0e"), testlib.Services("image"),
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)

	e.Run("FromStage", func(e *testlib.Env) {
		need(e, client, glanceDirect)
		content := sample(e)
		image := newStaged(e, client, content)

		header, err := startImport(e, client, image.ID, importRequest{Method: importMethod{Name: glanceDirect}})
		wantOK(e, "importing", err)
		got := waitActive(e, client, image.ID)
		if got.SizeBytes != int64(len(content)) {
			e.Errorf("the image has %d bytes, want %d", got.SizeBytes, len(content))
		}

		wantData(e, client, image.ID, content)
		done := waitTask(e, client, image.ID, "success")
		if want := header.Get("X-Openstack-Request-Id"); done.RequestID != want ||
			done.Input.ImportReq.Method.Name != glanceDirect || done.ImageID != image.ID {
			e.Errorf("task = %+v, want the import by %s of request %s", done, glanceDirect, want)
		}
	}, testlib.ID("32ca0c20-e16f-44ac-8590-07869c9b4cc2"))

	e.Run("FromWeb", func(e *testlib.Env) {
		need(e, client, webDownload)
		uri, content := testlib.Config[config.Core](e).Image.HTTPImage, data.Blob{}
		if uri == "" {
			content = data.NewBlob(e.Rand(), 4<<10)
			uri = e.Serve().Add("image.raw", data.File{Data: content})
		}
		image := newImage(e, client, fields{"visibility": "private"})
		if got := show(e, client, image.ID); got.ID != image.ID || got.Status != images.ImageStatusQueued {
			e.Errorf("image = %+v, want %s, queued", got, image.ID)
		}

		_, err := startImport(e, client, image.ID, importRequest{Method: importMethod{Name: webDownload, URI: uri}})
		wantOK(e, "importing", err)
		got := waitActive(e, client, image.ID)
		sum := content.Sum(md5.New()) //nolint:gosec // it guards against accidents only
		if content.Size() > 0 && (got.SizeBytes != content.Size() || got.Checksum != sum) {
			e.Errorf("the image has %d bytes with checksum %s, want those of %s", got.SizeBytes, got.Checksum, uri)
		}
	}, testlib.ID("f6feb7a4-b04f-4706-a011-206129f83e62"))
}

func TestImageIsFetchedFromAnotherService(t *testing.T) {
	e := testlib.Start(t, testlib.ID("eaa1d2f1-48fb-4ad4-b753-63c34966d3b0"), testlib.Services("image"),
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	need(e, client, glanceDownload)
	from := func(id string) importRequest {
		return importRequest{Method: importMethod{
			Name: glanceDownload, GlanceImageID: id, GlanceRegion: imageRegion(e), Interface: "public",
		}}
	}

	e.Run("WithItsProperties", func(e *testlib.Env) {
		need(e, client, glanceDirect)
		checkFetched(e, client, from)
	}, testlib.ID("8876c818-c40e-4b90-9742-31d231616305"))

	e.Run("BadID", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		_, err := startImport(e, client, image.ID, from("foo"))
		e.WantStatus("importing an image without a UUID", err, http.StatusBadRequest)
		if err != nil && !strings.Contains(err.Error(), "image id does not look like a UUID") {
			e.Errorf("error = %v, want it to name the image ID", err)
		}
	}, testlib.ID("36d4b546-64a2-4bb9-bdd0-ba676aa48f2c"), testlib.Negative)

	e.Run("UnknownRegion", func(e *testlib.Env) {
		image := newImage(e, client, fields{"hw_cpu_cores": "1", "os_distro": "windows"})
		bad := from(data.UUID(e.Rand()))
		bad.Method.GlanceRegion, bad.Method.Interface = "not a region", "not an interface"
		_, err := startImport(e, client, image.ID, bad)
		wantOK(e, "importing", err)
		waitTask(e, client, image.ID, "failure")

		got := show(e, client, image.ID)
		if got.Status != images.ImageStatusQueued || got.Properties["hw_cpu_cores"] != "1" ||
			got.Properties["os_distro"] != "windows" {
			e.Errorf("image = %+v, want it queued, with its properties", got)
		}
	}, testlib.ID("77644240-dbbe-4744-ae28-09b2ac12e218"), testlib.Negative)

	e.Run("UnknownImage", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		_, err := startImport(e, client, image.ID, from(data.UUID(e.Rand())))
		wantOK(e, "importing", err)
		waitTask(e, client, image.ID, "failure")
		if got := show(e, client, image.ID); got.Status != images.ImageStatusQueued {
			e.Errorf("status = %s, want queued", got.Status)
		}
	}, testlib.ID("c7edec8e-24b5-416a-9d42-b3e773bab62c"), testlib.Negative)
}

// checkFetched imports an image of the service itself, and wants its data, its formats, and the properties that go
// with data.
func checkFetched(e *testlib.Env, client *gophercloud.ServiceClient, from func(id string) importRequest) {
	e.Helper()
	content := sample(e)
	source := newStaged(e, client, content)
	_, err := startImport(e, client, source.ID, importRequest{Method: importMethod{Name: glanceDirect}})
	wantOK(e, "importing the source", err)
	waitActive(e, client, source.ID)
	update(e, client, source.ID, add("/hw_cpu_cores", "5"), add("/trait:STORAGE_DISK_SSD", "required"),
		add("/os_distro", "rhel"), add("/speed", "88mph"))
	target := newImage(e, client, fields{
		"container_format": "ovf", "disk_format": "iso", "hw_cpu_cores": "1", "os_distro": "windows",
	})

	_, err = startImport(e, client, target.ID, from(source.ID))
	wantOK(e, "importing", err)
	waitTask(e, client, target.ID, "success")

	got := show(e, client, target.ID)
	if got.ContainerFormat != source.ContainerFormat || got.DiskFormat != source.DiskFormat {
		e.Errorf("formats = %s and %s, want those of the source, %s and %s",
			got.ContainerFormat, got.DiskFormat, source.ContainerFormat, source.DiskFormat)
	}
	for property, want := range map[string]any{
		"hw_cpu_cores": "5", "trait:STORAGE_DISK_SSD": "required", "os_distro": "rhel", "speed": nil,
	} {
		if got.Properties[property] != want {
			e.Errorf("property %s = %v, want %v", property, got.Properties[property], want)
		}
	}
	wantData(e, client, target.ID, content)
}

// imageRegion returns the region of the image service: that of the configuration, or else that of the catalogue.
func imageRegion(e *testlib.Env) string {
	e.Helper()
	core := testlib.Config[config.Core](e)
	if region := cmp.Or(core.Image.Region, core.Identity.Region); region != "" {
		return region
	}
	identity := e.Identity(testlib.ProjectMember)
	var body struct {
		Catalog []tokens.CatalogEntry
	}
	_, err := identity.Get(e.Context(), identity.ServiceURL("auth", "catalog"), &body, nil)
	wantOK(e, "reading the catalogue", err)
	for _, entry := range body.Catalog {
		if entry.Type == "image" && len(entry.Endpoints) > 0 {
			return entry.Endpoints[0].Region
		}
	}
	e.Fatal("the catalogue has no image service")
	return ""
}

func TestAnotherWorkerGoesOn(t *testing.T) {
	e := testlib.Start(t, testlib.ID("de756ddd-e92e-4070-a0c8-5a7b4e27032c"), testlib.Services("image"),
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	serviceType := testlib.Config[config.Core](e).Image.AlternateImageEndpoint
	if serviceType == "" {
		e.Skip("needs [image] alternate_image_endpoint, a second worker")
	}
	need(e, client, glanceDirect)
	other := e.Client(testlib.ProjectMember, serviceType)
	if base := other.ServiceURL(); !strings.HasSuffix(base, "/v2/") {
		other.ResourceBase = base + "v2/"
	}

	e.Run("WithAnImport", func(e *testlib.Env) {
		content := sample(e)
		image := newStaged(e, client, content)
		_, err := startImport(e, other, image.ID, importRequest{Method: importMethod{Name: glanceDirect}})
		wantOK(e, "importing what another worker has staged", err)
		waitActive(e, client, image.ID)
		wantData(e, client, image.ID, content)
	}, testlib.ID("e04761a1-22af-42c2-b8bc-a34a3f12b585"))

	e.Run("WithARemoval", func(e *testlib.Env) {
		image := newStaged(e, client, sample(e))
		wantOK(e, "deleting what another worker has staged",
			images.Delete(e.Context(), other, image.ID).ExtractErr())
		wantOK(e, "waiting", wait.ImageGone(e.Context(), client, image.ID, e.Wait("image")))
	}, testlib.ID("44d60544-1524-42f7-8899-315301105dd8"))
}

func TestImportIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("141a54fc-c0c2-45ac-8aa3-07f3557b83da"), testlib.Services("image"), testlib.Negative,
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	client := e.Image(testlib.ProjectMember)
	refused := func(e *testlib.Env, id, what string, status int, r importRequest) {
		e.Helper()
		_, err := startImport(e, client, id, r)
		e.WantStatus(what, err, status)
	}
	direct := importRequest{Method: importMethod{Name: glanceDirect}}
	web := importRequest{Method: importMethod{Name: webDownload, URI: "http://192.0.2.1/image"}}

	e.Run("UnreachableAddress", func(e *testlib.Env) {
		need(e, client, webDownload)
		all := stores(e, client)
		if len(all) == 0 {
			e.Skip("needs stores that have names")
		}
		image := newImage(e, client, nil)
		missing := importMethod{Name: webDownload, URI: "http://does-not.exist/no/possible/way"}
		_, err := startImport(e, client, image.ID, importRequest{Method: missing, Stores: []string{all[0].ID}})
		if gophercloud.ResponseCodeIs(err, http.StatusBadRequest) {
			e.Log("the service looks the address up, and refuses at once")
			return
		}
		wantOK(e, "importing", err)
		waitFailedImport(e, client, image.ID, all[0].ID)
	}, testlib.ID("c52f6a77-f522-4411-8dbe-9d14f2b1ba6b"), testlib.Negative)

	e.Run("WrongRequest", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		refused(e, image.ID, "importing with an unknown method", http.StatusBadRequest,
			importRequest{Method: importMethod{Name: "none"}})
		need(e, client, webDownload)
		refused(e, image.ID, "importing from nowhere", http.StatusBadRequest,
			importRequest{Method: importMethod{Name: webDownload}})
		refused(e, image.ID, "importing by an unknown protocol", http.StatusBadRequest,
			importRequest{Method: importMethod{Name: webDownload, URI: "ftp://192.0.2.1/image"}})
		both := web
		both.Stores, both.AllStores = []string{"one"}, true
		refused(e, image.ID, "importing to one store and to all", http.StatusBadRequest, both)
	}, testlib.ID("91a28d0f-7a2d-4e7d-a471-6bd84c042404"), testlib.Negative)

	e.Run("WrongStatus", func(e *testlib.Env) {
		need(e, client, glanceDirect, webDownload)
		image := newImage(e, client, nil)
		refused(e, image.ID, "importing what is not staged", http.StatusConflict, direct)
		refused(e, image.ID, "copying what has no data", http.StatusConflict,
			importRequest{Method: importMethod{Name: copyImage}, AllStores: true})
		stage(e, client, image.ID, sample(e))
		refused(e, image.ID, "fetching what is staged", http.StatusConflict, web)
		e.WantStatus("staging twice", imagedata.Stage(e.Context(), client, image.ID,
			strings.NewReader("again")).ExtractErr(), http.StatusConflict)
		e.WantStatus("uploading what is staged", imagedata.Upload(e.Context(), client, image.ID,
			strings.NewReader("again")).ExtractErr(), http.StatusConflict)
		active := newActive(e, client, nil, sample(e))
		refused(e, active.ID, "fetching what has data", http.StatusConflict, web)
	}, testlib.ID("460bcf28-699e-4c6f-aaa6-29ce3865785d"), testlib.Negative)

	e.Run("WithoutFormats", func(e *testlib.Env) {
		need(e, client, glanceDirect)
		image, err := createImage(e, client, fields{"name": e.Name("image")})
		wantOK(e, "making an image without formats", err)
		stage(e, client, image.ID, sample(e))
		refused(e, image.ID, "importing without formats", http.StatusConflict, direct)
	}, testlib.ID("6a53f324-a3aa-4ecc-b3d6-22527e120647"), testlib.Negative)

	e.Run("ByStrangers", func(e *testlib.Env) {
		need(e, client, webDownload)
		image, stranger := newImage(e, client, nil), e.Image(testlib.AltMember)
		_, err := startImport(e, stranger, image.ID, web)
		e.WantStatus("a stranger importing", err, http.StatusNotFound)
		_, err = tasksOf(e.Context(), stranger, image.ID)
		e.WantStatus("a stranger listing the tasks", err, http.StatusNotFound)
		share(e, client, image.ID, e.Credential(testlib.AltMember).ProjectID)
		_, err = startImport(e, stranger, image.ID, web)
		e.WantStatus("a member of the image importing", err, http.StatusForbidden)
	}, testlib.ID("835c52af-2bfe-471d-8f66-d6a701be6966"), testlib.Negative)
}

// waitFailedImport waits until the service says that an import to a store has failed, and wants the image to be as
// it was.
func waitFailedImport(e *testlib.Env, client *gophercloud.ServiceClient, id, store string) {
	e.Helper()
	const failed = "os_glance_failed_import"
	image, err := wait.For(e.Context(), wait.Poll[*images.Image, string]{
		What: "the import of image " + id, Want: []string{store}, Bad: []string{"active"},
		Get: func(ctx context.Context) (*images.Image, error) {
			return images.Get(ctx, client, id).Extract()
		},
		State: func(i *images.Image) string {
			in, _ := i.Properties[failed].(string)
			return cmp.Or(in, string(i.Status))
		},
	}, e.Wait("image"))
	wantOK(e, "waiting", err)
	if image.Status != images.ImageStatusQueued {
		e.Errorf("status after an import that failed = %s, want queued", image.Status)
	}
}
