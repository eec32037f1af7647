//go:build tempest

package image_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// tag adds a tag to an image, or removes it.
func tag(e *testlib.Env, client *gophercloud.ServiceClient, method, imageID, name string) error {
	_, err := client.Request(e.Context(), method, client.ServiceURL("images", imageID, "tags", name),
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	return err
}

func TestImageTags(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c2bd7e4d-f06b-4bfe-ba6b-b0632f7d12c5"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"visibility": "private"})

	e.Run("AddedAndRemoved", func(e *testlib.Env) {
		name := e.Name("tag")
		wantOK(e, "adding a tag", tag(e, client, http.MethodPut, image.ID, name))
		if got := show(e, client, image.ID).Tags; !slices.Contains(got, name) {
			e.Errorf("tags = %q, want %q among them", got, name)
		}
		wantOK(e, "removing the tag", tag(e, client, http.MethodDelete, image.ID, name))
		if got := show(e, client, image.ID).Tags; slices.Contains(got, name) {
			e.Errorf("tags = %q, want them without %q", got, name)
		}
	}, testlib.ID("10407036-6059-4f95-a2cd-cbbbee7ed329"))

	e.Run("UnknownIsNotFound", func(e *testlib.Env) {
		e.WantStatus("removing a tag that there is not",
			tag(e, client, http.MethodDelete, image.ID, e.Name("tag")), http.StatusNotFound)
	}, testlib.ID("39c023a2-325a-433a-9eea-649bf1414b19"), testlib.Negative)

	e.Run("UnknownImageIsNotFound", func(e *testlib.Env) {
		e.WantStatus("tagging an image that there is not",
			tag(e, client, http.MethodPut, data.UUID(e.Rand()), e.Name("tag")), http.StatusNotFound)
	}, testlib.ID("8cd30f82-6f9a-4c6e-8034-c1b51fba43d9"), testlib.Negative)

	e.Run("ReplacedByPatch", func(e *testlib.Env) {
		got := update(e, client, image.ID, replace("/tags", []string{"one", "two", "two"}))
		slices.Sort(got.Tags)
		if !slices.Equal(got.Tags, []string{"one", "two"}) {
			e.Errorf("tags = %q, want one and two", got.Tags)
		}
		wantOK(e, "adding a tag that is there", tag(e, client, http.MethodPut, image.ID, "two"))
		got = update(e, client, image.ID, replace("/tags", []string{}))
		if len(got.Tags) != 0 {
			e.Errorf("tags = %q, want none", got.Tags)
		}
	}, testlib.ID("b8384c92-e784-432b-822e-ce2b61301016"))

	e.Run("OfManyScripts", func(e *testlib.Env) {
		name := "émoji 漢字 & more " + e.Name("tag")
		if got := update(e, client, image.ID, replace("/tags", []string{name})).Tags; !slices.Equal(got, []string{name}) {
			e.Errorf("tags = %q, want %q", got, name)
		}
		if got := listed(e, client, query{"tag": name}); len(got) != 1 || got[0].ID != image.ID {
			e.Errorf("images with the tag = %v, want %s alone", ids(got), image.ID)
		}
	}, testlib.ID("3325b0cd-aec8-422d-ac21-c87213da4d41"))

	e.Run("TooLong", func(e *testlib.Env) {
		long := strings.Repeat("x", 256)
		e.WantStatus("adding a tag of 256 characters",
			tag(e, client, http.MethodPut, image.ID, long), http.StatusBadRequest)
		_, err := createImage(e, client, fields{"name": e.Name("image"), "tags": []string{long}})
		e.WantStatus("making an image with such a tag", err, http.StatusBadRequest)
	}, testlib.ID("903a51bc-e34d-4c19-8de9-2cfe1dbd2542"), testlib.Negative)

	e.Run("OfOthers", func(e *testlib.Env) {
		stranger := e.Image(testlib.AltMember)
		e.WantStatus("a stranger adding a tag",
			tag(e, stranger, http.MethodPut, image.ID, "mine"), http.StatusNotFound)
		update(e, client, image.ID, replace("/visibility", "community"))
		e.WantStatus("a stranger adding a tag to a community image",
			tag(e, stranger, http.MethodPut, image.ID, "mine"), http.StatusForbidden)
	}, testlib.ID("5123dded-1a35-4423-8951-70d005a7e726"), testlib.Negative, testlib.Credentials(testlib.AltMember))
}
