//go:build tempest

package image_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

func TestImageIsDescribed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("994b1df3-65ed-4431-80a0-f9a326f2882d"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	id := data.UUID(e.Rand())
	body := object{"id": id, "name": e.Name("image"), "tags": []string{"one"}, "colour": "red"}
	var made object
	resp, err := client.Post(e.Context(), client.ServiceURL("images"), body, &made, &gophercloud.RequestOpts{
		OkCodes: []int{http.StatusCreated},
	})
	wantOK(e, "making an image", err)
	removeImage(e, client, id)

	path := "/v2/images/" + id
	if got := resp.Header.Get("Location"); !strings.HasSuffix(got, path) {
		e.Errorf("Location = %q, want the address of the image, %s", got, path)
	}
	for field, want := range map[string]any{
		"id": id, "status": "queued", "visibility": "shared", "protected": false, "os_hidden": false, "colour": "red",
		"min_disk": 0, "min_ram": 0, "size": nil, "virtual_size": nil, "checksum": nil, "os_hash_algo": nil,
		"container_format": nil, "disk_format": nil,
		"owner": e.Credential(testlib.ProjectMember).ProjectID,
		"self":  path, "file": path + "/file", "schema": "/v2/schemas/image",
	} {
		if got, ok := made[field]; !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			e.Errorf("%s = %v, want %v", field, got, want)
		}
	}
}

func TestImageIsNotMade(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5d71c097-1e7b-4032-bafb-1922e6e40528"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)

	e.Run("SameIDTwice", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		_, err := createImage(e, client, fields{"name": e.Name("image"), "id": image.ID})
		e.WantStatus("making an image with the ID of another", err, http.StatusConflict)
	}, testlib.ID("761a61d6-9d77-4391-8ab0-1f5f911a2242"), testlib.Negative)

	e.Run("IDOfDeleted", func(e *testlib.Env) {
		id := newImage(e, client, nil).ID
		wantOK(e, "deleting the image", images.Delete(e.Context(), client, id).ExtractErr())
		_, err := createImage(e, client, fields{"name": e.Name("image"), "id": id})
		e.WantStatus("making an image with the ID of one that was deleted", err, http.StatusConflict)
	}, testlib.ID("a845d9b9-0ba6-4d51-9e7f-511ca12e6db8"), testlib.Negative)

	e.Run("AgainstItsSchema", func(e *testlib.Env) {
		for what, f := range map[string]fields{
			"an ID that is no UUID":     {"id": "none"},
			"a name that is too long":   {"name": strings.Repeat("x", 256)},
			"an unknown visibility":     {"visibility": "wrong"},
			"a property of two values":  {"colours": []string{"red", "green"}},
			"a property that is a flag": {"shiny": true},
			"negative memory":           {"min_ram": -1},
			"protection by a word":      {"protected": "yes"},
		} {
			if f["name"] == nil {
				f["name"] = e.Name("image")
			}
			_, err := createImage(e, client, f)
			e.WantStatus("making an image with "+what, err, http.StatusBadRequest)
		}
	}, testlib.ID("7b279f2e-3df9-4fc7-b78f-a40454f153a1"), testlib.Negative)

	e.Run("WithFieldsOfTheService", func(e *testlib.Env) {
		for field, value := range map[string]any{
			"status": "active", "checksum": "x", "size": 1, "virtual_size": 1, "created_at": "x", "file": "x", "self": "x",
		} {
			_, err := createImage(e, client, fields{"name": e.Name("image"), field: value})
			e.WantStatus("making an image with "+field, err, http.StatusForbidden)
		}
	}, testlib.ID("01e0e176-0d87-478a-8f71-69034144fe38"), testlib.Negative)

	e.Run("FromNoJSON", func(e *testlib.Env) {
		for _, text := range []string{`{"name": `, "<image/>", "name=x"} {
			_, err := client.Post(e.Context(), client.ServiceURL("images"), nil, nil, &gophercloud.RequestOpts{
				RawBody: strings.NewReader(text), MoreHeaders: map[string]string{"Content-Type": "application/json"},
			})
			e.WantStatus("making an image from "+text, err, http.StatusBadRequest)
		}
	}, testlib.ID("9e33aa80-503a-40aa-ae52-668dc66a1fce"), testlib.Negative)
}

func TestServiceIsDescribed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("64e65897-2c22-498a-a4cf-9245764db14a"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)

	e.Run("Stores", func(e *testlib.Env) {
		all := stores(e, client)
		if len(all) == 0 {
			e.Skip("needs stores that have names")
		}
		isDefault := func(s store) bool { return s.Default == "true" }
		i := slices.IndexFunc(all, isDefault)
		if i < 0 || slices.ContainsFunc(all[i+1:], isDefault) {
			e.Fatalf("stores = %+v, want one that is the default", all)
		}
		image := newActive(e, client, nil, sample(e))
		wantStores(e, show(e, client, image.ID), all[i].ID)
	}, testlib.ID("6212910c-8f10-4a8f-88c4-1c04073a2715"))

	e.Run("StoresInDetailAreForAdmins", func(e *testlib.Env) {
		if len(stores(e, client)) == 0 {
			e.Skip("needs stores that have names")
		}
		_, err := get[object](e.Context(), client, "info", "stores", "detail")
		e.WantStatus("a member reading the details of stores", err, http.StatusForbidden)
	}, testlib.ID("7def34e8-bc69-4719-b42b-abb6a1ae6a80"), testlib.Negative)

	e.Run("Import", func(e *testlib.Env) {
		methods := importMethods(e, client)
		if slices.Contains(methods, "") {
			e.Errorf("import methods = %q, want names", methods)
		}
	}, testlib.ID("e92da338-35fb-4183-b181-fcccf34b66c5"), testlib.Feature("image", "import_image"))
}
