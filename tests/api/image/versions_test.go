//go:build tempest

package image_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

// version describes one version of the API.
//
// Source: https://docs.openstack.org/api-ref/image/versions/
type version struct {
	ID     string              `json:"id"`
	Status string              `json:"status"`
	Links  []map[string]string `json:"links"`
}

// versions asks for the versions, at a path below the root of the service.
func versions(e *testlib.Env, client *gophercloud.ServiceClient, path string, status int) []version {
	e.Helper()
	var body struct{ Versions []version }
	_, err := client.Get(e.Context(), client.Endpoint+path, &body, &gophercloud.RequestOpts{OkCodes: []int{status}})
	wantOK(e, "listing versions", err)
	return body.Versions
}

func TestVersionsAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("659ea30a-a17c-4317-832c-0f68ed23c31d"), testlib.Services("image"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)

	found := versions(e, client, "versions", http.StatusOK)

	for _, v := range found {
		if v.ID == "" || v.Status == "" || len(v.Links) == 0 {
			e.Errorf("version = %+v, want id, status and links", v)
		}
	}
	if !slices.ContainsFunc(found, func(v version) bool { return strings.HasPrefix(v.ID, "v2.") }) {
		e.Errorf("versions = %+v, want v2 among them", found)
	}
	current := slices.DeleteFunc(found, func(v version) bool { return v.Status != "CURRENT" })
	if len(current) != 1 {
		e.Errorf("current versions = %+v, want one", current)
	}
}
