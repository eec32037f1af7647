//go:build tempest

package schema_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/schema"
)

// rules are for the answers that these tests get.
func rules(t *testing.T) *schema.Set {
	t.Helper()
	const withID = `{"required": ["x-openstack-request-id"],
		"properties": {"x-openstack-request-id": {"pattern": "^req-[0-9a-f-]{36}$"}}}`
	s, err := schema.New(files,
		schema.Rule{Service: "identity", Method: "GET", Path: "/auth/tokens", Body: "testdata/token.json", Header: withID},
		schema.Rule{Service: "identity", Method: "GET", Path: "/projects/*", Body: "testdata/project.json", Header: withID},
		schema.Rule{Service: "image", Method: "GET", Path: "/images", Body: "testdata/images.json", Header: withID},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestIdentityAnswersFitTheirSchemas(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4f3c4e9a-63a4-49a7-8f44-0d7c5a0c3b52"),
		testlib.Services("identity"), testlib.Credentials(testlib.ProjectMember))
	c := e.Identity(testlib.ProjectMember)
	e.Validate(c, rules(t).Strict())

	if _, err := tokens.Get(e.Context(), c, c.Token()).ExtractToken(); err != nil {
		e.Error(err)
	}
	if _, err := projects.Get(e.Context(), c, e.Credential(testlib.ProjectMember).ProjectID).Extract(); err != nil {
		e.Error(err)
	}
}

func TestImageAnswersFitTheirSchemas(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a4a0b7a9-5b3a-4c44-9a4b-54a0ec1f4a6d"),
		testlib.Services("image"), testlib.Credentials(testlib.ProjectMember))
	c := e.Client(testlib.ProjectMember, "image")
	e.Validate(c, rules(t).Strict())

	pages, err := images.List(c, images.ListOpts{Limit: 5}).AllPages(e.Context())
	if err != nil {
		e.Fatal(err)
	}
	if _, err := images.ExtractImages(pages); err != nil {
		e.Error(err)
	}
}
