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
	e := testlib.Start(t, testlib.ID("f2f5b44a-82e8-4dad-8084-0661ea3b18cf"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	name := e.Name("domain")

	made, err := createDomain(e, domains.CreateOpts{Name: name, Description: "of a test"})
	if err != nil {
		e.Fatalf("creating the domain: %v", err)
	}
	if made.Name != name || made.Description != "of a test" || !made.Enabled || made.Links["self"] == nil {
		e.Errorf("created %+v, want %s, enabled, with its description and a link", made, name)
	}

	newName := e.Name("renamed")
	updated, err := present(domains.Update(e.Context(), admin, made.ID, domains.UpdateOpts{
		Name: newName, Description: new("changed"), Enabled: new(false),
	}).Extract())
	wantOK(e, "updating the domain", err)
	if updated.ID != made.ID || updated.Name != newName || updated.Description != "changed" || updated.Enabled {
		e.Errorf("updated to %+v, want %s, disabled, with the new description", updated, newName)
	}
	read, err := present(domains.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the domain", err)
	if diff := cmp.Diff(updated, read); diff != "" {
		e.Errorf("domain mismatch (-updated +read):\n%s", diff)
	}

	wantOK(e, "deleting the domain", domains.Delete(e.Context(), admin, made.ID).ExtractErr())
	listed := list(e, domains.List(admin, domains.ListOpts{Name: newName}), domains.ExtractDomains)
	if len(listed) > 0 {
		e.Errorf("listing domains named %s: got %+v after the deletion, want none", newName, listed)
	}
}

func TestDomains(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f5e12f4e-4e5b-4499-b873-29af8951314b"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	enabled := newDomain(e)
	disabled, err := createDomain(e, domains.CreateOpts{Enabled: new(false), Description: "of a test"})
	if err != nil {
		e.Fatalf("creating a disabled domain: %v", err)
	}

	e.Run("CreatedWithoutDescription", func(e *testlib.Env) {
		if enabled.Name == "" || enabled.Description != "" || !enabled.Enabled {
			e.Errorf("created %+v, want one without description, enabled", enabled)
		}
	}, testlib.ID("2abf8764-309a-4fa9-bc58-201b799817ad"))

	e.Run("CreatedDisabled", func(e *testlib.Env) {
		if disabled.Name == "" || disabled.Description != "of a test" || disabled.Enabled {
			e.Errorf("created %+v, want one with its description, disabled", disabled)
		}
	}, testlib.ID("036df86e-bb5d-42c0-a7c2-66b9db3a6046"))

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, domains.List(admin, nil), domains.ExtractDomains)
		wantListed(e, "domain", domainIDs(listed), []string{enabled.ID, disabled.ID}, nil)
	}, testlib.ID("8cf516ef-2114-48f1-907b-d32726c734d4"))

	e.Run("ListedByName", func(e *testlib.Env) {
		listed := list(e, domains.List(admin, domains.ListOpts{Name: enabled.Name}), domains.ExtractDomains)
		if diff := cmp.Diff([]domains.Domain{*enabled}, listed); diff != "" {
			e.Errorf("domains named %s mismatch (-want +got):\n%s", enabled.Name, diff)
		}
	}, testlib.ID("c6aee07b-4981-440c-bb0b-eb598f58ffe9"))

	e.Run("ListedEnabled", func(e *testlib.Env) {
		listed := list(e, domains.List(admin, domains.ListOpts{Enabled: new(true)}), domains.ExtractDomains)
		wantListed(e, "enabled domain", domainIDs(listed), []string{enabled.ID}, []string{disabled.ID})
		for _, d := range listed {
			if !d.Enabled {
				e.Errorf("listing enabled domains shows %+v", d)
			}
		}
	}, testlib.ID("3fd19840-65c1-43f8-b48c-51bdd066dff9"))

	e.Run("ListedDisabled", func(e *testlib.Env) {
		listed := list(e, domains.List(admin, domains.ListOpts{Enabled: new(false)}), domains.ExtractDomains)
		wantListed(e, "disabled domain", domainIDs(listed), []string{disabled.ID}, []string{enabled.ID})
	}, testlib.ID("6ffa25c5-6533-4840-afea-27a5520cc097"))
}

func domainIDs(all []domains.Domain) []string {
	var ids []string
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestDomainOfTheCloud(t *testing.T) {
	e := testlib.Start(t, testlib.ID("17a5de24-e6a0-4e4a-a9ee-d85b6e5612b5"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectMember))
	id := e.Credential(testlib.ProjectMember).DomainID

	domain, err := present(domains.Get(e.Context(), e.Identity(testlib.ProjectMember), id).Extract())

	wantOK(e, "reading the own domain", err)
	if domain.ID != id || !domain.Enabled {
		e.Errorf("domain = %+v, want %s, enabled", domain, id)
	}
}

func TestDomainIsProjectToo(t *testing.T) {
	e := testlib.Start(t, testlib.ID("560d0678-044c-4578-a068-5a9f7cfd7f28"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	name := e.Name("domain")
	project, err := present(projects.Create(e.Context(), admin, projects.CreateOpts{
		Name: name, IsDomain: new(true),
	}).Extract())
	if err != nil {
		e.Fatalf("creating a project that acts as domain: %v", err)
	}
	removeDomain(e, project.ID)

	e.Run("Listed", func(e *testlib.Env) {
		acting := list(e, projects.List(admin, projects.ListOpts{IsDomain: new(true)}), projects.ExtractProjects)
		wantListed(e, "project that acts as domain", projectIDs(acting), []string{project.ID}, nil)
		wantListed(e, "domain", domainIDs(list(e, domains.List(admin, nil), domains.ExtractDomains)),
			[]string{project.ID}, nil)
	}, testlib.ID("a7eb9416-6f9b-4dbb-b71b-7f73aaef59d5"))

	e.Run("DomainReadAsProject", func(e *testlib.Env) {
		read, err := present(projects.Get(e.Context(), admin, newDomain(e).ID).Extract())
		wantOK(e, "reading a domain as a project", err)
		if !read.IsDomain || read.DomainID != "" || read.ParentID != "" {
			e.Errorf("project = %+v, want a root that acts as domain", read)
		}
	}, testlib.ID("6d644883-1a14-4e61-b3db-1c82fd531598"))

	e.Run("ProjectReadAsDomain", func(e *testlib.Env) {
		domain, err := present(domains.Get(e.Context(), admin, project.ID).Extract())
		wantOK(e, "reading it as a domain", err)
		if domain.Name != name || !domain.Enabled {
			e.Errorf("domain = %+v, want %s, enabled", domain, name)
		}
	}, testlib.ID("86c4d9b6-86e3-474b-b503-2b0d65265c0e"))

	e.Run("ListedOnlyOnRequest", func(e *testlib.Env) {
		plain := list(e, projects.List(admin, projects.ListOpts{Name: name}), projects.ExtractProjects)
		if len(plain) > 0 {
			e.Errorf("listing projects: got %+v, want none that acts as domain", plain)
		}
	}, testlib.ID("2988c435-87ab-4193-ad31-5777f471fc49"))
}

func TestDomainTakesItsContentsAlong(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d8d318b7-d1b3-4c37-94c5-3c5ba0b121ea"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	domain := newDomain(e)
	project := newProject(e, projects.CreateOpts{DomainID: domain.ID})
	user := newUser(e, users.CreateOpts{DomainID: domain.ID})
	group := newGroup(e, groups.CreateOpts{DomainID: domain.ID})

	_, err := domains.Update(e.Context(), admin, domain.ID, domains.UpdateOpts{Enabled: new(false)}).Extract()
	wantOK(e, "disabling the domain", err)
	wantOK(e, "deleting the domain", domains.Delete(e.Context(), admin, domain.ID).ExtractErr())

	e.WantStatus("reading the domain", domains.Get(e.Context(), admin, domain.ID).Err, http.StatusNotFound)
	e.WantStatus("reading its project", projects.Get(e.Context(), admin, project.ID).Err, http.StatusNotFound)
	e.WantStatus("reading its user", users.Get(e.Context(), admin, user.ID).Err, http.StatusNotFound)
	e.WantStatus("reading its group", groups.Get(e.Context(), admin, group.ID).Err, http.StatusNotFound)
}

func TestDomainIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a4560d79-7adb-47a9-b6b1-46cfdae985fa"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	domain := newDomain(e)

	e.Run("DeletionWhileEnabled", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		err := domains.Delete(e.Context(), admin, domain.ID).ExtractErr()
		e.WantStatus("deleting an enabled domain", err, http.StatusForbidden)
	}, testlib.ID("1f3fbff5-4e44-400d-9ca1-d953f05f609b"), testlib.Negative)

	e.Run("NameInUse", func(e *testlib.Env) {
		_, err := createDomain(e, domains.CreateOpts{Name: domain.Name})
		e.WantStatus("creating a second domain of one name", err, http.StatusConflict)
	}, testlib.ID("e6f9e4a2-4f36-4be8-bdbc-4e199ae29427"), testlib.Negative)

	e.Run("EmptyName", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		err := ask(e, admin, "POST", "domains", object{"domain": object{"name": ""}}, nil)
		e.WantStatus("creating a domain", err, http.StatusBadRequest)
	}, testlib.ID("9018461d-7d24-408d-b3fe-ae37e8cd5c9e"), testlib.Negative)

	e.Run("NameTooLong", func(e *testlib.Env) {
		const longest = 64
		_, err := createDomain(e, domains.CreateOpts{Name: strings.Repeat("x", longest+1)})
		e.WantStatus("creating a domain", err, http.StatusBadRequest)
	}, testlib.ID("37b1bbf2-d664-4785-9a11-333438586eae"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", domains.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			domains.Update(e.Context(), admin, id, domains.UpdateOpts{Name: id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", domains.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("43781c07-764f-4cf2-a405-953c1916f605"), testlib.Negative)
}
