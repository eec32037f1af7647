//go:build tempest

package identity_test

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/gotempest/tempest/testlib"
)

// The functions of this file make resources as the project admin and register
// their removal. Each comes twice. createX returns the error, for tests in which
// the cloud may refuse: if it does not, what it made is removed all the same. newX
// stops the test. Names that are left out are chosen.

func createDomain(e *testlib.Env, opts domains.CreateOpts) (*domains.Domain, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	if opts.Name == "" {
		opts.Name = e.Name("domain")
	}
	d, err := present(domains.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	removeDomain(e, d.ID)
	return d, nil
}

// removeDomain registers the removal of a domain and of all that is in it.
func removeDomain(e *testlib.Env, id string) {
	admin := e.Identity(testlib.ProjectAdmin)
	e.Cleanup("domain "+id, func(ctx context.Context) error {
		_, err := domains.Update(ctx, admin, id, domains.UpdateOpts{Enabled: new(false)}).Extract()
		if err != nil {
			return err
		}
		return domains.Delete(ctx, admin, id).ExtractErr()
	})
}

func newDomain(e *testlib.Env) *domains.Domain {
	e.Helper()
	d, err := createDomain(e, domains.CreateOpts{})
	return made(e, "domain", d, err)
}

func createProject(e *testlib.Env, opts projects.CreateOpts) (*projects.Project, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	if opts.Name == "" {
		opts.Name = e.Name("project")
	}
	p, err := present(projects.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	id := p.ID
	e.Cleanup("project "+id, func(ctx context.Context) error {
		return projects.Delete(ctx, admin, id).ExtractErr()
	})
	return p, nil
}

func newProject(e *testlib.Env, opts projects.CreateOpts) *projects.Project {
	e.Helper()
	p, err := createProject(e, opts)
	return made(e, "project", p, err)
}

// account is a user whose password the test knows.
type account struct {
	*users.User
	Password string
}

func createUser(e *testlib.Env, opts users.CreateOpts) (*account, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	if opts.Name == "" {
		opts.Name = e.Name("user")
	}
	if opts.Password == "" {
		opts.Password = rand.Text()
	}
	u, err := present(users.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	removeUser(e, u.ID)
	return &account{User: u, Password: opts.Password}, nil
}

// removeUser registers the removal of a user.
func removeUser(e *testlib.Env, id string) {
	admin := e.Identity(testlib.ProjectAdmin)
	e.Cleanup("user "+id, func(ctx context.Context) error {
		return users.Delete(ctx, admin, id).ExtractErr()
	})
}

func newUser(e *testlib.Env, opts users.CreateOpts) *account {
	e.Helper()
	u, err := createUser(e, opts)
	return made(e, "user", u, err)
}

func createGroup(e *testlib.Env, opts groups.CreateOpts) (*groups.Group, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	if opts.Name == "" {
		opts.Name = e.Name("group")
	}
	g, err := present(groups.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	id := g.ID
	e.Cleanup("group "+id, func(ctx context.Context) error {
		return groups.Delete(ctx, admin, id).ExtractErr()
	})
	return g, nil
}

func newGroup(e *testlib.Env, opts groups.CreateOpts) *groups.Group {
	e.Helper()
	g, err := createGroup(e, opts)
	return made(e, "group", g, err)
}

func createRole(e *testlib.Env, opts roles.CreateOpts) (*roles.Role, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	if opts.Name == "" {
		opts.Name = e.Name("role")
	}
	r, err := present(roles.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	id := r.ID
	e.Cleanup("role "+id, func(ctx context.Context) error {
		return roles.Delete(ctx, admin, id).ExtractErr()
	})
	return r, nil
}

func newRole(e *testlib.Env) *roles.Role {
	e.Helper()
	r, err := createRole(e, roles.CreateOpts{})
	return made(e, "role", r, err)
}

func createRegion(e *testlib.Env, opts regions.CreateOpts) (*regions.Region, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	r, err := present(regions.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	removeRegion(e, r.ID)
	return r, nil
}

// removeRegion registers the removal of a region.
func removeRegion(e *testlib.Env, id string) {
	admin := e.Identity(testlib.ProjectAdmin)
	e.Cleanup("region "+id, func(ctx context.Context) error {
		return regions.Delete(ctx, admin, id).ExtractErr()
	})
}

func newRegion(e *testlib.Env, opts regions.CreateOpts) *regions.Region {
	e.Helper()
	if opts.ID == "" {
		opts.ID = e.Name("region")
	}
	r, err := createRegion(e, opts)
	return made(e, "region", r, err)
}

func createService(e *testlib.Env, opts services.CreateOpts) (*services.Service, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	s, err := present(services.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	id := s.ID
	e.Cleanup("service "+id, func(ctx context.Context) error {
		return services.Delete(ctx, admin, id).ExtractErr()
	})
	return s, nil
}

// newService makes a service of a type that no other service has.
func newService(e *testlib.Env) *services.Service {
	e.Helper()
	name := e.Name("service")
	s, err := createService(e, services.CreateOpts{Name: name, Type: name})
	return made(e, "service", s, err)
}

func createEndpoint(e *testlib.Env, opts endpoints.CreateOpts) (*endpoints.Endpoint, error) {
	admin := e.Identity(testlib.ProjectAdmin)
	ep, err := present(endpoints.Create(e.Context(), admin, opts).Extract())
	if err != nil {
		return nil, err
	}
	id := ep.ID
	e.Cleanup("endpoint "+id, func(ctx context.Context) error {
		return endpoints.Delete(ctx, admin, id).ExtractErr()
	})
	return ep, nil
}

func newEndpoint(e *testlib.Env, opts endpoints.CreateOpts) *endpoints.Endpoint {
	e.Helper()
	if opts.Availability == "" {
		opts.Availability = gophercloud.AvailabilityPublic
	}
	ep, err := createEndpoint(e, opts)
	return made(e, "endpoint", ep, err)
}

// grant assigns a role. The assignment goes with the user or group it is made to.
func grant(e *testlib.Env, roleID string, to roles.AssignOpts) {
	e.Helper()
	if err := roles.Assign(e.Context(), e.Identity(testlib.ProjectAdmin), roleID, to).ExtractErr(); err != nil {
		e.Fatalf("granting role %s: %v", roleID, err)
	}
}

// roleID returns the ID of a role that every cloud has: reader, member or admin.
func roleID(e *testlib.Env, name string) string {
	e.Helper()
	found := list(e, roles.List(e.Identity(testlib.ProjectAdmin), roles.ListOpts{Name: name}), roles.ExtractRoles)
	if len(found) != 1 {
		e.Fatalf("listing roles named %s: got %d, want 1", name, len(found))
	}
	return found[0].ID
}

// made returns what was made, or stops the test.
func made[T any](e *testlib.Env, what string, v T, err error) T {
	e.Helper()
	if err != nil {
		e.Fatalf("creating %s: %v", what, err)
	}
	return v
}

// list returns all pages of a list.
func list[T any](e *testlib.Env, p pagination.Pager, extract func(pagination.Page) ([]T, error)) []T {
	e.Helper()
	pages, err := p.AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing: %v", err)
	}
	found, err := extract(pages)
	if err != nil {
		e.Fatalf("reading the list: %v", err)
	}
	return found
}

// wantListed checks that a list has some IDs and lacks others. There may be more:
// other tests are at work.
func wantListed(e *testlib.Env, what string, got, want, lacking []string) {
	e.Helper()
	for _, id := range want {
		if !slices.Contains(got, id) {
			e.Errorf("the list lacks %s %s", what, id)
		}
	}
	for _, id := range lacking {
		if slices.Contains(got, id) {
			e.Errorf("the list has %s, which is no %s", id, what)
		}
	}
}
