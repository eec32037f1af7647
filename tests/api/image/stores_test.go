//go:build tempest

package image_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
)

// store is a place for data of images.
//
// Source: https://docs.openstack.org/api-ref/image/v2/#list-stores
type store struct {
	ID       string `json:"id"`
	Default  string `json:"default"`   // "true" or missing
	ReadOnly string `json:"read-only"` // "true" or missing
}

// stores lists the stores of the service. A service without named stores has none.
func stores(e *testlib.Env, client *gophercloud.ServiceClient) []store {
	e.Helper()
	body, err := get[struct{ Stores []store }](e.Context(), client, "info", "stores")
	if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		return nil
	}
	wantOK(e, "listing stores", err)
	return body.Stores
}

// storesOf returns the stores that have the data of an image.
func storesOf(image *images.Image) []string {
	in, _ := image.Properties["stores"].(string)
	return strings.FieldsFunc(in, func(r rune) bool { return r == ',' })
}

// wantStores wants the data of an image to be in just these stores.
func wantStores(e *testlib.Env, image *images.Image, want ...string) {
	e.Helper()
	got := storesOf(image)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		e.Errorf("the data is in the stores %q, want %q", got, want)
	}
}

func TestImageIsImportedToStores(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ae97c014-ede3-484e-b7af-0edf74f3dd2c"), testlib.Services("image"),
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	need(e, client, glanceDirect)
	all := stores(e, client)
	if len(all) < 2 {
		e.Skipf("needs several stores: the service has %+v", all)
	}
	var writable []string
	for _, s := range all {
		if s.ReadOnly != "true" {
			writable = append(writable, s.ID)
		}
	}
	direct := importMethod{Name: glanceDirect}

	e.Run("All", func(e *testlib.Env) {
		image := newStaged(e, client, sample(e))
		_, err := startImport(e, client, image.ID, importRequest{Method: direct, AllStores: true})
		wantOK(e, "importing to all stores", err)
		wantStores(e, waitActive(e, client, image.ID, writable...), writable...)
	}, testlib.ID("bf04ff00-3182-47cb-833a-f1c6767b47fd"))

	e.Run("Some", func(e *testlib.Env) {
		some := []string{writable[0]}
		if len(writable) > 1 {
			some = append(some, writable[len(writable)-1])
		}
		image := newStaged(e, client, sample(e))
		_, err := startImport(e, client, image.ID, importRequest{Method: direct, Stores: some})
		wantOK(e, "importing to some stores", err)
		wantStores(e, waitActive(e, client, image.ID, some...), some...)
	}, testlib.ID("82fb131a-dd2b-11ea-aec7-340286b6c574"))

	e.Run("OneIsRemoved", func(e *testlib.Env) {
		if len(writable) < 2 {
			e.Skip("needs two stores that can be written to")
		}
		image := newStaged(e, client, sample(e))
		_, err := startImport(e, client, image.ID, importRequest{Method: direct, Stores: writable[:2]})
		wantOK(e, "importing to two stores", err)
		waitActive(e, client, image.ID, writable[:2]...)
		admin := e.Image(testlib.ProjectAdmin)
		_, err = admin.Delete(e.Context(), admin.ServiceURL("stores", writable[0], image.ID), nil)
		wantOK(e, "removing the data from one store", err)
		wantStores(e, show(e, client, image.ID), writable[1])
	}, testlib.ID("25ef32f8-1be3-4776-8dcf-3d58724bb19f"), testlib.Credentials(testlib.ProjectAdmin))
}

func TestImageIsCopied(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9b3b644e-03d1-11eb-a036-fa163e2eaf49"), testlib.Services("image"),
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	client, admin := e.Image(testlib.ProjectMember), e.Image(testlib.ProjectAdmin)
	need(e, client, copyImage)
	all := stores(e, client)
	if len(all) == 0 {
		e.Skip("needs stores that have names")
	}
	content := sample(e)
	image := newActive(e, client, fields{"visibility": "private"}, content)
	if got := show(e, client, image.ID); got.SizeBytes != int64(len(content)) || got.Status != images.ImageStatusActive {
		e.Errorf("image = %+v, want it active with %d bytes", got, len(content))
	}

	_, err := startImport(e, admin, image.ID, importRequest{
		Method: importMethod{Name: copyImage}, AllStores: true, AllMustSucceed: new(false),
	})
	wantOK(e, "copying to all stores", err)

	var writable []string
	for _, s := range all {
		if s.ReadOnly != "true" {
			writable = append(writable, s.ID)
		}
	}
	wantStores(e, waitActive(e, client, image.ID, writable...), writable...)
}

func TestLastDataIsKept(t *testing.T) {
	e := testlib.Start(t, testlib.ID("544937d1-5e60-4430-9376-e5df78001e7b"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Image(testlib.ProjectAdmin)
	if len(stores(e, admin)) == 0 {
		e.Skip("needs stores that have names")
	}
	image := newActive(e, admin, nil, sample(e))
	in := storesOf(show(e, admin, image.ID))
	if len(in) != 1 {
		e.Fatalf("an uploaded image is in the stores %q, want one", in)
	}

	_, err := admin.Delete(e.Context(), admin.ServiceURL("stores", in[0], image.ID), nil)
	e.WantStatus("removing the data from its only store", err, http.StatusForbidden)
	_, err = admin.Delete(e.Context(), admin.ServiceURL("stores", "none", image.ID), nil)
	e.WantStatus("removing the data from a store that there is not", err, http.StatusConflict)
}
