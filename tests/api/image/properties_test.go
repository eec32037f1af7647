//go:build tempest

package image_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
)

func TestProperties(t *testing.T) {
	e := testlib.Start(t, testlib.ID("42029963-23a7-48ec-bb13-e53e48edf200"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"colour": "red", "min_disk": 2, "min_ram": 64})
	want := func(e *testlib.Env, got *images.Image, property string, value any) {
		e.Helper()
		if got.Properties[property] != value {
			e.Errorf("property %q = %v, want %v", property, got.Properties[property], value)
		}
	}

	e.Run("AreSetWithTheImage", func(e *testlib.Env) {
		got := show(e, client, image.ID)
		want(e, got, "colour", "red")
		if got.MinDiskGigabytes != 2 || got.MinRAMMegabytes != 64 {
			e.Errorf("image = %+v, want 2 GB of disk and 64 MB of memory", got)
		}
		if other := listed(e, client, query{"colour": "red", "name": image.Name}); !contains(other, image.ID) {
			e.Errorf("images by property = %v, want %s", ids(other), image.ID)
		}
		if other := listed(e, client, query{"colour": "blue", "name": image.Name}); len(other) != 0 {
			e.Errorf("images by another value of the property = %v, want none", ids(other))
		}
	}, testlib.ID("ea5cca0b-dcf9-4364-b707-03aa19990650"))

	e.Run("AreChanged", func(e *testlib.Env) {
		got := update(e, client, image.ID, add("/shape", "round"), add("/size_of_room", "big"))
		want(e, got, "shape", "round")
		got = update(e, client, image.ID, replace("/shape", "square"), remove("/size_of_room"))
		want(e, got, "shape", "square")
		want(e, got, "size_of_room", nil)
		want(e, show(e, client, image.ID), "shape", "square")
	}, testlib.ID("dfbf1c52-2be6-462f-bbca-34ec0454149e"))

	e.Run("AllOrNothing", func(e *testlib.Env) {
		refuseUpdate(e, client, image.ID, "a patch of which one change is wrong", http.StatusConflict,
			add("/weight", "light"), remove("/not_there"))
		want(e, show(e, client, image.ID), "weight", nil)
	}, testlib.ID("dbfc163d-36a5-4c7d-8cc8-3f724ee48345"), testlib.Negative)

	e.Run("OddNames", func(e *testlib.Env) {
		got := update(e, client, image.ID, add("/a~1b", "slash"), add("/c~0d", "tilde"), add("/e:f g", "others"))
		want(e, got, "a/b", "slash")
		want(e, got, "c~d", "tilde")
		want(e, got, "e:f g", "others")
		got = update(e, client, image.ID, remove("/a~1b"), replace("/c~0d", "ünïcödé 漢字"))
		want(e, got, "a/b", nil)
		want(e, got, "c~d", "ünïcödé 漢字")
	}, testlib.ID("a7f0faa0-0fb2-4eb4-a7c2-13a9cb407c72"))

	e.Run("FirstPatchFormat", func(e *testlib.Env) {
		var got images.Image
		_, err := client.Patch(e.Context(), client.ServiceURL("images", image.ID),
			[]object{{"add": "/taste", "value": "sweet"}, {"replace": "/taste", "value": "sour"}}, &got,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}, MoreHeaders: map[string]string{
				"Content-Type": "application/openstack-images-v2.0-json-patch"}})
		wantOK(e, "updating with the patch format of version 2.0", err)
		want(e, &got, "taste", "sour")
	}, testlib.ID("d5f7e267-13c2-4395-b0d8-8c3a765c096c"))

	e.Run("AreRefused", func(e *testlib.Env) {
		checkRefusedChanges(e, client, image.ID)
	}, testlib.ID("8c4753dd-86c7-494e-910d-74e1a57be1a4"), testlib.Negative)

	e.Run("NeedAPatch", func(e *testlib.Env) {
		_, err := client.Patch(e.Context(), client.ServiceURL("images", image.ID), object{"name": "x"}, nil, nil)
		e.WantStatus("an update that is no patch", err, http.StatusUnsupportedMediaType)
	}, testlib.ID("e2764a92-b246-4553-9830-c436c5995b96"), testlib.Negative)
}

// checkRefusedChanges asks for changes that no image may have.
func checkRefusedChanges(e *testlib.Env, client *gophercloud.ServiceClient, id string) {
	e.Helper()
	for what, tt := range map[string]struct {
		change any
		status int
	}{
		"replacing what is not there":    {replace("/not_there", "x"), http.StatusConflict},
		"removing what is not there":     {remove("/not_there"), http.StatusConflict},
		"removing a field of all images": {remove("/name"), http.StatusForbidden},
		"a property that is a number":    {add("/number", 1), http.StatusBadRequest},
		"a property that is a list":      {add("/list", []string{"x"}), http.StatusBadRequest},
		"a negative size of memory":      {replace("/min_ram", -1), http.StatusBadRequest},
		"a name that is too long":        {replace("/name", strings.Repeat("x", 256)), http.StatusBadRequest},
		"an unknown operation":           {object{"op": "copy", "path": "/name", "value": "x"}, http.StatusBadRequest},
		"a change without a value":       {object{"op": "add", "path": "/name"}, http.StatusBadRequest},
		"a path that is none":            {add("name", "x"), http.StatusBadRequest},
		"a path into a property":         {add("/a/b", "x"), http.StatusBadRequest},
		"the ID":                         {replace("/id", id), http.StatusForbidden},
		"the status":                     {replace("/status", "active"), http.StatusForbidden},
		"the checksum":                   {replace("/checksum", "x"), http.StatusForbidden},
		"the size":                       {replace("/size", 1), http.StatusForbidden},
		"the time of creation":           {replace("/created_at", "x"), http.StatusForbidden},
	} {
		refuseUpdate(e, client, id, what, tt.status, tt.change)
	}
}

func TestFormatsAreFixedByData(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a6ff7286-e039-4cc3-b771-a7b63053f6a2"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, nil)
	if got := update(e, client, image.ID, replace("/container_format", "ovf")); got.ContainerFormat != "ovf" {
		e.Errorf("container format = %s, want ovf", got.ContainerFormat)
	}
	update(e, client, image.ID, replace("/container_format", containerFormat(e)))

	upload(e, client, image.ID, sample(e))

	refuseUpdate(e, client, image.ID, "another container format for data", http.StatusForbidden,
		replace("/container_format", "ovf"))
	refuseUpdate(e, client, image.ID, "another disk format for data", http.StatusForbidden,
		replace("/disk_format", "iso"))
}
