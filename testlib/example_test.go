package testlib_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gotempest/tempest/testlib"
)

var t *testing.T // what go test gives a test function

func ExampleStart() {
	// func TestProjects(t *testing.T) {
	e := testlib.Start(t,
		testlib.ID("0c9c1e94-4a0c-4f0f-a1a7-9c1d0b5f7a54"),
		testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)

	p, err := projects.Create(e.Context(), admin, projects.CreateOpts{Name: e.Name("project")}).Extract()
	if err != nil {
		e.Fatalf("making a project: %v", err)
	}
	e.Cleanup("project "+p.ID, func(ctx context.Context) error {
		return projects.Delete(ctx, admin, p.ID).ExtractErr()
	})

	e.Run("Read", func(e *testlib.Env) {
		got, err := projects.Get(e.Context(), e.Identity(testlib.ProjectAdmin), p.ID).Extract()
		if err != nil {
			e.Fatalf("reading the project: %v", err)
		}
		if got.Name != p.Name {
			e.Errorf("name = %q, want %q", got.Name, p.Name)
		}
	}, testlib.ID("5ab6a2a5-5a51-4bbb-8a30-6a4d8f8ba2f5"), testlib.Smoke)

	e.Run("IsRefusedToMembers", func(e *testlib.Env) {
		_, err := projects.Get(e.Context(), e.Identity(testlib.AltMember), p.ID).Extract()
		if !gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
			e.Errorf("reading another project: %v, want status 403", err)
		}
	}, testlib.ID("ee3d5b9e-5d83-4b62-a1d1-d3d4c3c5e6f7"), testlib.Negative, testlib.Credentials(testlib.AltMember))
}
