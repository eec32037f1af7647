//go:build tempest

package image_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/wait"
)

// location is where data of an image is.
//
// Source: https://docs.openstack.org/api-ref/image/v2/#show-image
type location struct {
	URL      string         `json:"url"`
	Metadata map[string]any `json:"metadata"`
	// Validation is what the service shall take for the checksums of the data. It is never shown.
	Validation map[string]string `json:"validation_data,omitempty"`
}

// located is an image with what the service says of the places of its data.
type located struct {
	ID        string             `json:"id"`
	Status    images.ImageStatus `json:"status"`
	Checksum  string             `json:"checksum"`
	HashAlgo  string             `json:"os_hash_algo"`
	HashValue string             `json:"os_hash_value"`
	DirectURL *string            `json:"direct_url"`
	Locations []location         `json:"locations"`
}

// where reads an image and its locations. The direct URL, where there is one, must be that of the first.
func where(e *testlib.Env, client *gophercloud.ServiceClient, id string, locations int) located {
	e.Helper()
	image, err := get[located](e.Context(), client, "images", id)
	wantOK(e, "reading the image", err)
	if len(image.Locations) != locations {
		e.Fatalf("locations = %+v, want %d", image.Locations, locations)
	}
	if locations > 0 && image.DirectURL != nil && *image.DirectURL != image.Locations[0].URL {
		e.Errorf("direct URL = %s, want that of the first location, %s", *image.DirectURL, image.Locations[0].URL)
	}
	for _, l := range image.Locations {
		if l.Validation != nil {
			e.Errorf("location = %+v, want it without validation data", l)
		}
	}
	return image
}

// newLocated makes an image with one location, which is elsewhere.
func newLocated(e *testlib.Env, client *gophercloud.ServiceClient, url string) located {
	e.Helper()
	image := newImage(e, client, nil)
	where(e, client, image.ID, 0)
	update(e, client, image.ID, add("/locations/-", location{URL: url, Metadata: object{"foo": "bar"}}))

	got := where(e, client, image.ID, 1)
	if got.Status != images.ImageStatusActive || got.Locations[0].URL != url || got.Locations[0].Metadata["foo"] != "bar" {
		e.Errorf("image = %+v, want it active, at %s, with the metadata of its location", got, url)
	}
	return got
}

// newTwiceLocated makes an image with two locations.
func newTwiceLocated(e *testlib.Env, client *gophercloud.ServiceClient, url string) located {
	e.Helper()
	image := newLocated(e, client, url)
	update(e, client, image.ID, add("/locations/-", location{URL: url + "#new", Metadata: object{"speed": "88mph"}}))
	got := where(e, client, image.ID, 2)
	if got.Status != images.ImageStatusActive || got.Locations[1].URL != url+"#new" {
		e.Errorf("image = %+v, want it active, with %s#new last", got, url)
	}
	return got
}

// hashes are the checksums that a test says its data had.
func hashes() map[string]string {
	return map[string]string{
		"checksum": strings.Repeat("1", 32), "os_hash_value": strings.Repeat("deadbeef", 16), "os_hash_algo": "sha512",
	}
}

// newHashed makes an image with one location and the checksums that the test says.
func newHashed(e *testlib.Env, client *gophercloud.ServiceClient, url string) located {
	e.Helper()
	image := newImage(e, client, nil)
	update(e, client, image.ID, add("/locations/-", location{URL: url, Metadata: object{}, Validation: hashes()}))
	got := where(e, client, image.ID, 1)
	wantHashes(e, got)
	if got.Status != images.ImageStatusActive {
		e.Errorf("status = %s, want active", got.Status)
	}
	return got
}

func wantHashes(e *testlib.Env, image located) {
	e.Helper()
	got := map[string]string{
		"checksum": image.Checksum, "os_hash_value": image.HashValue, "os_hash_algo": image.HashAlgo,
	}
	if diff := cmp.Diff(hashes(), got); diff != "" {
		e.Errorf("checksums mismatch (-want +got):\n%s", diff)
	}
}

func TestLocations(t *testing.T) {
	e := testlib.Start(t, testlib.ID("eb816d14-2ef3-45c0-832b-12986a6fe509"), testlib.Services("image"),
		testlib.Feature("image", "manage_locations"), testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	// elsewhere is an address that locations may have. The service looks only that there is something.
	elsewhere := func(e *testlib.Env) string {
		url := testlib.Config[config.Core](e).Image.HTTPImage
		if url == "" {
			e.Skip("needs [image] http_image")
		}
		return url
	}

	e.Run("OfUploadedData", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		if got := where(e, client, image.ID, 0); got.Status != images.ImageStatusQueued {
			e.Errorf("status = %s, want queued", got.Status)
		}
		upload(e, client, image.ID, sample(e))
		_, err := wait.Image(e.Context(), client, image.ID, e.Wait("image"), images.ImageStatusActive)
		wantOK(e, "waiting", err)
		where(e, client, image.ID, 1)
	}, testlib.ID("58b0fadc-219d-40e1-b159-1c902cec323a"))

	e.Run("Added", func(e *testlib.Env) {
		newLocated(e, client, elsewhere(e))
	}, testlib.ID("37599b8a-d5c0-4590-aee5-73878502be15"))

	e.Run("Replaced", func(e *testlib.Env) {
		checkReplaced(e, client, elsewhere(e))
	}, testlib.ID("bf6e0009-c039-4884-b498-db074caadb10"))

	e.Run("Removed", func(e *testlib.Env) {
		image := newTwiceLocated(e, client, elsewhere(e))
		update(e, client, image.ID, remove("/locations/0"))
		if got := where(e, client, image.ID, 1); got.Locations[0].URL != image.Locations[1].URL {
			e.Errorf("location = %s, want %s, which was not removed", got.Locations[0].URL, image.Locations[1].URL)
		}
		refuseUpdate(e, client, image.ID, "removing the last location", http.StatusForbidden, remove("/locations/0"))
	}, testlib.ID("8a648de4-b745-4c28-a7b5-20de1c3da4d2"))

	e.Run("UnknownScheme", func(e *testlib.Env) {
		image := newImage(e, client, nil)
		if got := where(e, client, image.ID, 0); got.Status != images.ImageStatusQueued {
			e.Errorf("status = %s, want queued", got.Status)
		}
		refuseUpdate(e, client, image.ID, "adding a location of an unknown scheme", http.StatusBadRequest,
			add("/locations/-", location{URL: "gopher://info.cern.ch", Metadata: object{"foo": "bar"}}))
	}, testlib.ID("a9a20396-8399-4b36-909d-564949be098f"))

	e.Run("WithHash", func(e *testlib.Env) {
		newHashed(e, client, elsewhere(e))
	}, testlib.ID("42d6f7db-c9f5-4bae-9e15-a90262fe445a"))

	e.Run("WithTheSameHash", func(e *testlib.Env) {
		url := elsewhere(e)
		image := newHashed(e, client, url)
		update(e, client, image.ID,
			add("/locations/-", location{URL: url + "#new", Metadata: object{}, Validation: hashes()}))
		wantHashes(e, where(e, client, image.ID, 2))
	}, testlib.ID("304c8a19-aa86-47dd-a022-ec4c7f433f1b"))

	e.Run("WithAnotherHash", func(e *testlib.Env) {
		checkOtherHash(e, client, elsewhere(e))
	}, testlib.ID("f3ce99c2-9ffb-4b9f-b2cb-876929382553"))
}

// checkReplaced replaces the locations of an image: their metadata may change, they themselves may not.
func checkReplaced(e *testlib.Env, client *gophercloud.ServiceClient, url string) {
	e.Helper()
	image := newTwiceLocated(e, client, url)
	want := image.Locations
	update(e, client, image.ID, replace("/locations", want))
	want[0].Metadata["date"] = "2015-10-15"
	update(e, client, image.ID, replace("/locations", want))

	refuseUpdate(e, client, image.ID, "leaving out a location", http.StatusBadRequest, replace("/locations", want[:1]))
	other := location{URL: url + "#new3", Metadata: want[1].Metadata}
	refuseUpdate(e, client, image.ID, "exchanging a location", http.StatusBadRequest,
		replace("/locations", []location{want[0], other}))

	if diff := cmp.Diff(want, where(e, client, image.ID, 2).Locations); diff != "" {
		e.Errorf("locations mismatch (-want +got):\n%s", diff)
	}
}

// checkOtherHash adds locations whose checksums are not those of the image.
func checkOtherHash(e *testlib.Env, client *gophercloud.ServiceClient, url string) {
	e.Helper()
	image := newHashed(e, client, url)
	wrong := map[string]string{
		"checksum": strings.Repeat("2", 32), "os_hash_value": strings.Repeat("beefdead", 16), "os_hash_algo": "sha256",
	}
	refused := func(what string, values map[string]string) {
		refuseUpdate(e, client, image.ID, "adding a location with "+what, http.StatusConflict,
			add("/locations/-", location{URL: url + "#new", Metadata: object{}, Validation: values}))
	}
	for key, value := range wrong {
		values := hashes()
		values[key] = value
		refused("another "+key, values)
	}
	refused("other checksums", maps.Clone(wrong))
	wantHashes(e, where(e, client, image.ID, 1))
}
