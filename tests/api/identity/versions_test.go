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

func TestVersion(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2ed06eb6-ce0e-4561-82dc-0e343e1e0d81"), testlib.Services("identity"))
	v := showVersion(e, e.AuthURL())

	e.Run("IsDescribed", func(e *testlib.Env) {
		if !strings.HasPrefix(v.ID, "v3") {
			e.Errorf("version id = %q, want v3 or v3.x", v.ID)
		}
		wantDescribed(e, v)
	}, testlib.ID("b9232f5e-d9e5-4d97-b96c-28d3db4de1bd"), testlib.Smoke)

	e.Run("HasMediaType", func(e *testlib.Env) {
		want := mediaType{Base: "application/json", Type: "application/vnd.openstack.identity-v3+json"}
		if !slices.Contains(v.MediaTypes, want) {
			e.Errorf("media types = %v, want %v among them", v.MediaTypes, want)
		}
	}, testlib.ID("657c1970-4722-4189-8831-7325f3bc4265"), testlib.Smoke)

	e.Run("HasKnownStatus", func(e *testlib.Env) {
		known := []string{"current", "stable", "experimental", "supported", "deprecated"}
		if !slices.Contains(known, strings.ToLower(v.Status)) {
			e.Errorf("status = %q, want one of %q", v.Status, known)
		}
	}, testlib.ID("8879a470-abfb-47bb-bb8d-5a7fd279ad1e"), testlib.Smoke)
}

// wantDescribed checks that a version is described in full.
func wantDescribed(e *testlib.Env, v version) {
	e.Helper()
	if v.ID == "" || v.Status == "" || v.Updated == "" || len(v.Links) == 0 || len(v.MediaTypes) == 0 {
		e.Errorf("version = %+v, want each field filled", v)
	}
}

func TestVersions(t *testing.T) {
	e := testlib.Start(t, testlib.ID("e65e47cb-b419-4f9a-94c0-a91213df1f31"), testlib.Services("identity"))
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
	listed := body.Versions.Values
	third := slices.IndexFunc(listed, func(v version) bool { return strings.Contains(v.ID, "v3") })

	e.Run("HaveTheThird", func(e *testlib.Env) {
		if third < 0 {
			e.Errorf("versions = %+v, want v3 among them", listed)
		}
	}, testlib.ID("79aec9ae-710f-4c54-a4fc-3aa25b4feac3"))

	e.Run("AreDescribed", func(e *testlib.Env) {
		for _, v := range listed {
			wantDescribed(e, v)
		}
	}, testlib.ID("721f480f-35b6-46c7-846e-047e6acea0dc"), testlib.Smoke)

	e.Run("HaveAddresses", func(e *testlib.Env) {
		if third < 0 {
			e.Fatal("there is no version 3")
		}
		v := listed[third]
		if got := resp.Header.Get("Location"); got != v.self() {
			e.Errorf("Location = %q, want the address of %s, %q", got, v.ID, v.self())
		}
		if shown := showVersion(e, v.self()); shown.ID != v.ID {
			e.Errorf("version at %s = %s, want %s", v.self(), shown.ID, v.ID)
		}
	}, testlib.ID("9aa48a99-7855-4bb3-a842-a1c9d2134481"))
}
