//go:build tempest

package image_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

// cached is what the cache of the service holds, and what it is about to fetch.
//
// Source: https://docs.openstack.org/api-ref/image/v2/#cache-manage
type cached struct {
	Queued []string `json:"queued_images"`
	Cached []struct {
		ImageID string `json:"image_id"`
	} `json:"cached_images"`
}

// state says where in the cache an image is.
func (c cached) state(id string) string {
	for _, image := range c.Cached {
		if image.ImageID == id {
			return "cached"
		}
	}
	if slices.Contains(c.Queued, id) {
		return "queued"
	}
	return "none"
}

// cacheRequest asks the cache to do something with an image, or with all.
func cacheRequest(ctx context.Context, client *gophercloud.ServiceClient, method, target, id string) error {
	path := []string{"cache"}
	if id != "" {
		path = append(path, id)
	}
	opts := &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}}
	if target != "" {
		opts.MoreHeaders = map[string]string{"x-image-cache-clear-target": target}
	}
	_, err := client.Request(ctx, method, client.ServiceURL(path...), opts)
	return err
}

// The cache is one for all: the test empties it.
func TestImageIsCached(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4bf6adba-2f9f-47e9-a6d5-37f21ad4387c"), testlib.Services("image"),
		testlib.Feature("image", "image_caching"), testlib.Exclusive("image-cache"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	member, admin := e.Image(testlib.ProjectMember), e.Image(testlib.ProjectAdmin)
	read := func(ctx context.Context) (cached, error) {
		var c cached
		_, err := admin.Get(ctx, admin.ServiceURL("cache"), &c, nil)
		return c, err
	}
	_, err := get[cached](e.Context(), member, "cache")
	e.WantStatus("a member reading the cache", err, http.StatusForbidden)
	e.WantStatus("caching an image that there is not",
		cacheRequest(e.Context(), admin, http.MethodPut, "", "non-existing-image-id"), http.StatusNotFound)
	e.WantStatus("caching an image without data", cacheRequest(e.Context(), admin, http.MethodPut, "",
		newImage(e, member, nil).ID), http.StatusBadRequest)

	image := newActive(e, member, fields{"visibility": "private"}, sample(e))
	wantOK(e, "caching an image", cacheRequest(e.Context(), admin, http.MethodPut, "", image.ID))
	e.Cleanup("cached image "+image.ID, func(ctx context.Context) error {
		return cacheRequest(ctx, admin, http.MethodDelete, "", image.ID)
	})
	_, err = wait.For(e.Context(), wait.Poll[cached, string]{
		What: "image " + image.ID + " in the cache", Want: []string{"cached"}, Bad: []string{"none"},
		Get: read, State: func(c cached) string { return c.state(image.ID) },
	}, e.Wait("image"))
	wantOK(e, "waiting", err)

	wantOK(e, "emptying the cache", cacheRequest(e.Context(), admin, http.MethodDelete, "", ""))
	got, err := read(e.Context())
	wantOK(e, "reading the cache", err)
	if len(got.Queued) != 0 || len(got.Cached) != 0 {
		e.Errorf("cache = %+v, want it empty", got)
	}
	e.WantStatus("emptying a part that the cache does not have",
		cacheRequest(e.Context(), admin, http.MethodDelete, "invalid", ""), http.StatusBadRequest)
}
