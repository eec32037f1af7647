//go:build tempest

package identity_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

func TestDomainLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d8efd522-1507-4e37-bcad-495cd6e58093"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	name := e.Name("domain")

	made, err := createDomain(e, domains.CreateOpts{Name: name, Description: "of a test"})
	if err != nil {
		e.Fatalf("creating the domain: %v", err)
	}
	if made.Name != name || made.Description != "of a test" || !made.Enabled {
		e.Errorf("created %+v, want %s, enabled, with its description", made, name)
	}

	read, err := present(domains.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the domain", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("domain mismatch (-created +read):\n%s", diff)
	}

	newName := e.Name("renamed")
	_, err = domains.Update(e.Context(), admin, made.ID, domains.UpdateOpts{
		Name: newName, Description: new(""), Enabled: new(false),
	}).Extract()
	wantOK(e, "updating the domain", err)
	listed := list(e, domains.List(admin, domains.ListOpts{Name: newName}), domains.ExtractDomains)
	if len(listed) != 1 || listed[0].ID != made.ID || listed[0].Description != "" || listed[0].Enabled {
		e.Errorf("listing domains named %s: got %+v, want domain %s, disabled, without description",
			newName, listed, made.ID)
	}

	wantOK(e, "deleting the domain", domains.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = domains.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted domain", err, http.StatusNotFound)
}

func TestDomainsAreListedByState(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6ffa25c5-6533-4840-afea-27a5520cc097"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	enabled := newDomain(e)
	disabled, err := createDomain(e, domains.CreateOpts{Enabled: new(false)})
	if err != nil {
		e.Fatalf("creating a disabled domain: %v", err)
	}

	listed := list(e, domains.List(admin, domains.ListOpts{Enabled: new(false)}), domains.ExtractDomains)

	has := map[string]bool{}
	for _, d := range listed {
		has[d.ID] = true
	}
	if !has[disabled.ID] || has[enabled.ID] {
		e.Errorf("listing disabled domains: got %+v, want %s and not %s", listed, disabled.ID, enabled.ID)
	}
}

func TestDomainIsProjectToo(t *testing.T) {
	e := testlib.Start(t, testlib.ID("560d0678-044c-4578-a068-5a9f7cfd7f28"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("DomainReadAsProject", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		domain := newDomain(e)
		project, err := present(projects.Get(e.Context(), admin, domain.ID).Extract())
		if err != nil {
			e.Fatalf("reading the domain as a project: %v", err)
		}
		if !project.IsDomain || project.Name != domain.Name || project.DomainID != "" || project.ParentID != "" {
			e.Errorf("project = %+v, want a root that acts as domain %s", project, domain.Name)
		}
	}, testlib.ID("6d644883-1a14-4e61-b3db-1c82fd531598"))

	e.Run("ProjectReadAsDomain", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		name := e.Name("domain")
		project, err := present(projects.Create(e.Context(), admin, projects.CreateOpts{
			Name: name, IsDomain: new(true),
		}).Extract())
		if err != nil {
			e.Fatalf("creating a project that acts as domain: %v", err)
		}
		removeDomain(e, project.ID)
		domain, err := present(domains.Get(e.Context(), admin, project.ID).Extract())
		if err != nil {
			e.Fatalf("reading it as a domain: %v", err)
		}
		if domain.Name != name || !domain.Enabled {
			e.Errorf("domain = %+v, want %s, enabled", domain, name)
		}
	}, testlib.ID("86c4d9b6-86e3-474b-b503-2b0d65265c0e"))

	e.Run("ListedOnlyOnRequest", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		domain := newDomain(e)
		plain := list(e, projects.List(admin, projects.ListOpts{Name: domain.Name}), projects.ExtractProjects)
		if len(plain) > 0 {
			e.Errorf("listing projects: got %+v, want none that acts as domain", plain)
		}
		acting := list(e, projects.List(admin, projects.ListOpts{Name: domain.Name, IsDomain: new(true)}),
			projects.ExtractProjects)
		if len(acting) != 1 || acting[0].ID != domain.ID {
			e.Errorf("listing projects that act as domains: got %+v, want %s", acting, domain.ID)
		}
	}, testlib.ID("2988c435-87ab-4193-ad31-5777f471fc49"))
}

func TestDomainTakesItsContentsAlong(t *testing.T) {
	e := testlib.Start(t, testlib.ID("75a0cc34-9181-44a3-aff4-4777e6949892"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: domain.ID})

	_, err := domains.Update(e.Context(), admin, domain.ID, domains.UpdateOpts{Enabled: new(false)}).Extract()
	wantOK(e, "disabling the domain", err)
	wantOK(e, "deleting the domain", domains.Delete(e.Context(), admin, domain.ID).ExtractErr())

	e.WantStatus("reading its project", projects.Get(e.Context(), admin, project.ID).Err, http.StatusNotFound)
	e.WantStatus("reading its user", users.Get(e.Context(), admin, user.ID).Err, http.StatusNotFound)
	e.WantStatus("reading its group", groups.Get(e.Context(), admin, group.ID).Err, http.StatusNotFound)
}

func TestDomainIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a4560d79-7adb-47a9-b6b1-46cfdae985fa"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("DeletionWhileEnabled", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		domain := newDomain(e)
		err := domains.Delete(e.Context(), admin, domain.ID).ExtractErr()
		e.WantStatus("deleting an enabled domain", err, http.StatusForbidden)
	}, testlib.ID("6e9037de-0fec-41d4-8656-9682ba3f81ee"), testlib.Negative)

	e.Run("NameInUse", func(e *testlib.Env) {
		_, err := createDomain(e, domains.CreateOpts{Name: newDomain(e).Name})
		e.WantStatus("creating a second domain of one name", err, http.StatusConflict)
	}, testlib.ID("2278264b-4ee4-41c6-b764-6e7852618aa9"), testlib.Negative)

	e.Run("NameTooLong", func(e *testlib.Env) {
		const longest = 64
		_, err := createDomain(e, domains.CreateOpts{Name: strings.Repeat("x", longest+1)})
		e.WantStatus("creating a domain", err, http.StatusBadRequest)
	}, testlib.ID("89cdae63-fc91-4042-8fdb-b5e71a5abb61"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", domains.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			domains.Update(e.Context(), admin, id, domains.UpdateOpts{Name: id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", domains.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("684595a9-78a6-4951-81d5-280111a78c0a"), testlib.Negative)
}
