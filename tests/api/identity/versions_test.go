//go:build tempest

package identity_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

// version is the description of one version of the API.
//
// Source: https://docs.openstack.org/api-ref/identity/v3/#api-versions
type version struct {
	ID         string              `json:"id"`
	Status     string              `json:"status"`
	Updated    string              `json:"updated"`
	Links      []map[string]string `json:"links"`
	MediaTypes []mediaType         `json:"media-types"`
}

type mediaType struct {
	Base string `json:"base"`
	Type string `json:"type"`
}

// self returns the address that the description gives for its version.
func (v version) self() string {
	for _, l := range v.Links {
		if l["rel"] == "self" {
			return l["href"]
		}
	}
	return ""
}

// showVersion asks url for its version. It sends no token: a client must be able
// to look before it logs in.
func showVersion(e *testlib.Env, url string) version {
	e.Helper()
	var body struct {
		Version version `json:"version"`
	}
	_, err := anonymous(e).Get(e.Context(), url, &body, nil)
	if err != nil {
		e.Fatalf("asking %s for its version: %v", url, err)
	}
	return body.Version
}

func TestVersionIsDescribed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b9232f5e-d9e5-4d97-b96c-28d3db4de1bd"), testlib.Services("identity"),
		testlib.Smoke)

	v := showVersion(e, e.AuthURL())

	if !strings.HasPrefix(v.ID, "v3") {
		e.Errorf("version id = %q, want v3 or v3.x", v.ID)
	}
	if v.Status == "" || v.Updated == "" || len(v.Links) == 0 || len(v.MediaTypes) == 0 {
		e.Errorf("version = %+v, want each field filled", v)
	}
}

func TestVersionHasMediaType(t *testing.T) {
	e := testlib.Start(t, testlib.ID("657c1970-4722-4189-8831-7325f3bc4265"), testlib.Services("identity"),
		testlib.Smoke)

	v := showVersion(e, e.AuthURL())

	want := mediaType{Base: "application/json", Type: "application/vnd.openstack.identity-v3+json"}
	if !slices.Contains(v.MediaTypes, want) {
		e.Errorf("media types = %v, want %v among them", v.MediaTypes, want)
	}
}

func TestVersionHasKnownStatus(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8879a470-abfb-47bb-bb8d-5a7fd279ad1e"), testlib.Services("identity"),
		testlib.Smoke)

	v := showVersion(e, e.AuthURL())

	known := []string{"current", "stable", "experimental", "supported", "deprecated"}
	if !slices.Contains(known, strings.ToLower(v.Status)) {
		e.Errorf("status = %q, want one of %q", v.Status, known)
	}
}

func TestVersionsAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9aa48a99-7855-4bb3-a842-a1c9d2134481"), testlib.Services("identity"),
		testlib.Smoke)
	root, _, _ := strings.Cut(e.AuthURL(), "/v3")
	var body struct {
		Versions struct {
			Values []version `json:"values"`
		} `json:"versions"`
	}

	resp, err := anonymous(e).Get(e.Context(), root+"/", &body, &gophercloud.RequestOpts{
		OkCodes: []int{http.StatusMultipleChoices},
	})

	if err != nil {
		e.Fatalf("listing versions: %v", err)
	}
	i := slices.IndexFunc(body.Versions.Values, func(v version) bool { return strings.HasPrefix(v.ID, "v3") })
	if i < 0 {
		e.Fatalf("versions = %+v, want v3 among them", body.Versions.Values)
	}
	listed := body.Versions.Values[i]
	if got := resp.Header.Get("Location"); got != listed.self() {
		e.Errorf("Location = %q, want the address of %s, %q", got, listed.ID, listed.self())
	}
	if shown := showVersion(e, listed.self()); shown.ID != listed.ID {
		e.Errorf("version at %s = %s, want %s", listed.self(), shown.ID, listed.ID)
	}
}
