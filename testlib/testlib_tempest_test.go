//go:build tempest

package testlib_test

import (
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
)

func TestPersonasShareAProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6ee8b8a1-6c11-4cb4-8a37-54b6b2f2c9d7"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectReader), testlib.Smoke)
	member, reader := e.Credential(testlib.ProjectMember), e.Credential(testlib.ProjectReader)
	if member.ProjectID == "" || member.ProjectID != reader.ProjectID {
		t.Errorf("projects of the personas: %q and %q, want one", member.ProjectID, reader.ProjectID)
	}

	e.Run("reads itself", func(e *testlib.Env) {
		u, err := users.Get(e.Context(), e.Identity(testlib.ProjectMember), member.UserID).Extract()
		if err != nil {
			e.Fatalf("reading the member's own user: %v", err)
		}
		if u.Name != member.UserName {
			e.Errorf("name = %q, want %q", u.Name, member.UserName)
		}
	})

	e.Run("admin reads the project", func(e *testlib.Env) {
		p, err := projects.Get(e.Context(), e.Client(testlib.ProjectAdmin, "identity"), member.ProjectID).Extract()
		if err != nil {
			e.Fatalf("reading the project: %v", err)
		}
		if p.Name != member.ProjectName {
			e.Errorf("name = %q, want %q", p.Name, member.ProjectName)
		}
	}, testlib.Credentials(testlib.ProjectAdmin))
}

func TestPreflightSeesTheCloudOfTheTests(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0f6ee9a4-2e23-4b9d-a53b-c1e0b1c9a0c3"), testlib.Services("identity"))

	info, err := cloud.Preflight(e.Context(), testlib.Config[config.Core](e))
	if err != nil {
		e.Fatal(err)
	}

	if info.Embedded != e.Embedded() {
		e.Errorf("embedded = %v, want %v", info.Embedded, e.Embedded())
	}
	if !info.Embedded && (info.AuthURL != e.AuthURL() || info.User == "" || !slices.Contains(info.Services, "identity")) {
		e.Errorf("Preflight = %+v", info)
	}
}
