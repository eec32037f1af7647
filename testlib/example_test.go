package testlib_test

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/flavors"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/wait"
)

func ExampleStart() {
	// func TestProjects(t *testing.T) {
	e := testlib.Start(t,
		testlib.ID("0c9c1e94-4a0c-4f0f-a1a7-9c1d0b5f7a54"),
		testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	member := e.Credential(testlib.ProjectMember)

	p, err := projects.Get(e.Context(), e.Identity(testlib.ProjectMember), member.ProjectID).Extract()
	if err != nil {
		e.Fatalf("reading the own project: %v", err)
	}
	if p.Name != member.ProjectName {
		e.Errorf("name = %q, want %q", p.Name, member.ProjectName)
	}
}

// A group makes its fixtures once. Its subtests share them, have options of their own, and
// can each be selected alone.
func ExampleEnv_Run() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	p, err := projects.Create(e.Context(), admin, projects.CreateOpts{Name: e.Name("project")}).Extract()
	if err != nil {
		e.Fatalf("making a project: %v", err)
	}
	e.Cleanup("project "+p.ID, func(ctx context.Context) error {
		return projects.Delete(ctx, admin, p.ID).ExtractErr()
	})

	e.Run("Read", func(e *testlib.Env) {
		got, err := projects.Get(e.Context(), admin, p.ID).Extract()
		if err != nil {
			e.Fatalf("reading the project: %v", err)
		}
		if got.Name != p.Name {
			e.Errorf("name = %q, want %q", got.Name, p.Name)
		}
	}, testlib.ID("5ab6a2a5-5a51-4bbb-8a30-6a4d8f8ba2f5"), testlib.Smoke)

	e.Run("IsRefusedToMembers", func(e *testlib.Env) {
		_, err := projects.Get(e.Context(), e.Identity(testlib.AltMember), p.ID).Extract()
		e.WantStatus("reading the project of others", err, http.StatusForbidden)
	}, testlib.ID("ee3d5b9e-5d83-4b62-a1d1-d3d4c3c5e6f7"), testlib.Negative, testlib.Credentials(testlib.AltMember))
}

// The removal is registered before anything can fail. It gets a context of its own.
func ExampleEnv_Cleanup() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)

	u, err := users.Create(e.Context(), admin, users.CreateOpts{Name: e.Name("user"), Password: data.Password()}).Extract()
	if err != nil {
		e.Fatalf("making a user: %v", err)
	}
	e.Cleanup("user "+u.ID, func(ctx context.Context) error {
		return users.Delete(ctx, admin, u.ID).ExtractErr()
	})
}

// A client of any service in the catalogue, for gophercloud's functions.
func ExampleEnv_Client() {
	e := testlib.Start(t, testlib.Services("load-balancer"), testlib.Credentials(testlib.ProjectMember))
	lb := e.Client(testlib.ProjectMember, "load-balancer")

	if _, err := flavors.List(lb, nil).AllPages(e.Context()); err != nil {
		e.Errorf("listing flavors: %v", err)
	}
}

// A server is built after the cloud has answered. Wait for it as long as the
// configuration says.
func ExampleEnv_Wait() {
	e := testlib.Start(t, testlib.Services("compute"), testlib.Microversion("compute", "2.37", "latest"),
		testlib.Credentials(testlib.ProjectMember))
	compute := e.Compute(testlib.ProjectMember)

	s, err := servers.Create(e.Context(), compute, servers.CreateOpts{
		Name: e.Name("server"), ImageRef: e.ImageID(), FlavorRef: e.FlavorID(), Networks: "none",
	}, nil).Extract()
	if err != nil {
		e.Fatalf("making a server: %v", err)
	}
	e.Cleanup("server "+s.ID, func(ctx context.Context) error {
		if err := servers.Delete(ctx, compute, s.ID).ExtractErr(); err != nil {
			return err
		}
		return wait.ServerGone(ctx, compute, s.ID, e.Wait("compute"))
	})

	if _, err := wait.Server(e.Context(), compute, s.ID, e.Wait("compute"), "ACTIVE"); err != nil {
		e.Fatal(err)
	}
}

// Random data follows from the seed of the run, so that a failure can be seen again.
func ExampleEnv_Rand() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	r := e.Rand()

	missing := data.UUID(r)
	_, err := projects.Get(e.Context(), admin, missing).Extract()
	e.WantStatus("reading a project that there is not", err, http.StatusNotFound)
}

// Calls that gophercloud does not know are made with a plain client.
func ExampleEnv_HTTP() {
	e := testlib.Start(t, testlib.Services("identity"))

	r, err := http.NewRequestWithContext(e.Context(), http.MethodGet, e.AuthURL(), http.NoBody)
	if err != nil {
		e.Fatal(err)
	}
	resp, err := e.HTTP().Do(r)
	if err != nil {
		e.Fatalf("reading the version without a token: %v", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		e.Errorf("status %d, want 200", resp.StatusCode)
	}
}
