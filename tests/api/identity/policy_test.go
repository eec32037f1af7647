//go:build tempest

package identity_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

// object is the body of a request.
type object = map[string]any

// call is a request that a policy allows or refuses.
type call struct {
	method, path string
	body         object
}

// do makes the call and returns how it was refused.
func (c call) do(e *testlib.Env, client *gophercloud.ServiceClient) error {
	opts := &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusCreated, http.StatusNoContent}}
	if c.body != nil {
		opts.JSONBody = c.body
	}
	_, err := client.Request(e.Context(), c.method, client.ServiceURL(c.path), opts)
	return err
}

// targets are resources for calls that only an administrator may make.
type targets struct {
	domain, project, user, group, role, other, region, service, endpoint string
}

// newTargets makes them, because the service looks for most of them before it asks
// whether the caller may touch them.
func newTargets(e *testlib.Env) targets {
	e.Helper()
	var t targets
	t.domain = newDomain(e).ID
	t.project = newProject(e, projects.CreateOpts{DomainID: t.domain}).ID
	t.user = newUser(e, users.CreateOpts{DomainID: t.domain}).ID
	t.group = newGroup(e, groups.CreateOpts{DomainID: t.domain}).ID
	t.role, t.other = newRole(e).ID, newRole(e).ID
	t.region = newRegion(e, regions.CreateOpts{}).ID
	t.service = newService(e).ID
	t.endpoint = newEndpoint(e, endpoints.CreateOpts{ServiceID: t.service, URL: "http://192.0.2.1/"}).ID
	return t
}

// adminCalls are calls that only an administrator may make. Those that would make
// something lack what it needs, so that none does harm if it is allowed by mistake.
func adminCalls(t targets) map[string]call {
	calls := map[string]call{
		"creating a project":    creation("project"),
		"creating a user":       creation("user"),
		"creating a group":      creation("group"),
		"updating a project":    change("project", t.project),
		"updating a user":       change("user", t.user),
		"updating a group":      change("group", t.group),
		"deleting a group":      removal("group", t.group),
		"deleting a user":       removal("user", t.user),
		"deleting a project":    removal("project", t.project),
		"assigning a role":      put("projects", t.project, "users", t.user, "roles", t.role),
		"assigning on a domain": put("domains", t.domain, "users", t.user, "roles", t.role),
		"adding a group member": put("groups", t.group, "users", t.user),
		"tagging a project":     put("projects", t.project, "tags", "tag"),
	}
	maps.Copy(calls, cloudAdminCalls(t))
	return calls
}

// cloudAdminCalls are those that concern more than one domain.
func cloudAdminCalls(t targets) map[string]call {
	return map[string]call{
		"creating a domain":    creation("domain"),
		"creating a role":      creation("role"),
		"creating a service":   creation("service"),
		"creating an endpoint": creation("endpoint"),
		"updating a domain":    change("domain", t.domain),
		"updating a role":      change("role", t.role),
		"updating a region":    change("region", t.region),
		"updating a service":   change("service", t.service),
		"updating an endpoint": change("endpoint", t.endpoint),
		"deleting an endpoint": removal("endpoint", t.endpoint),
		"deleting a service":   removal("service", t.service),
		"deleting a region":    removal("region", t.region),
		"deleting a role":      removal("role", t.role),
		"deleting a domain":    removal("domain", t.domain),
		"assigning on all":     put("system", "users", t.user, "roles", t.role),
		"making a role imply":  put("roles", t.role, "implies", t.other),
	}
}

func creation(what string) call    { return call{"POST", what + "s", object{what: object{}}} }
func change(what, id string) call  { return call{"PATCH", what + "s/" + id, object{what: object{}}} }
func removal(what, id string) call { return call{"DELETE", what + "s/" + id, nil} }
func put(path ...string) call      { return call{"PUT", strings.Join(path, "/"), nil} }

// readerCalls are calls that read what concerns more than the caller. They find
// nothing, so that they cost little, whatever the cloud holds.
func readerCalls() map[string]call {
	return map[string]call{
		"listing projects":    {"GET", "projects?name=none", nil},
		"listing users":       {"GET", "users?name=none", nil},
		"listing groups":      {"GET", "groups?name=none", nil},
		"listing domains":     {"GET", "domains?name=none", nil},
		"listing roles":       {"GET", "roles?name=none", nil},
		"listing services":    {"GET", "services?name=none", nil},
		"listing endpoints":   {"GET", "endpoints?service_id=none", nil},
		"listing assignments": {"GET", "role_assignments?role.id=none", nil},
	}
}

// wantRefused makes calls and checks that each is refused with a status.
func wantRefused(e *testlib.Env, client *gophercloud.ServiceClient, calls map[string]call, status int) {
	e.Helper()
	for what, c := range calls {
		e.WantStatus(what, c.do(e, client), status)
	}
}

func TestAnonymousMayDoNothing(t *testing.T) {
	e := testlib.Start(t, testlib.ID("999a3133-35c2-42a7-bf2a-1584ec537cb8"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	wantRefused(e, anonymous(e), adminCalls(newTargets(e)), http.StatusUnauthorized)
	wantRefused(e, anonymous(e), readerCalls(), http.StatusUnauthorized)
}

func TestForgedTokenMayDoNothing(t *testing.T) {
	e := testlib.Start(t, testlib.ID("948a41d0-5ff7-49aa-9804-21135ec472eb"), testlib.Services("identity"),
		testlib.Negative)

	wantRefused(e, as(e, "no-token-of-any-cloud"), readerCalls(), http.StatusUnauthorized)
}

func TestProjectReaderMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("cef2294c-aa37-41b3-9bfe-40fec646e391"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectReader))
	me := e.Credential(testlib.ProjectReader)

	e.Run("ReadWhatConcernsItself", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectReader)
		wantOK(e, "reading its user", users.Get(e.Context(), client, me.UserID).Err)
		wantOK(e, "reading its project", projects.Get(e.Context(), client, me.ProjectID).Err)
		wantOK(e, "reading its domain", domains.Get(e.Context(), client, me.DomainID).Err)
		wantOK(e, "reading the tags of its project", projects.ListTags(e.Context(), client, me.ProjectID).Err)
		_, err := users.ListGroups(client, me.UserID).AllPages(e.Context())
		wantOK(e, "listing its groups", err)
		_, err = regions.List(client, nil).AllPages(e.Context())
		wantOK(e, "listing regions", err)
	}, testlib.ID("8a1c9bf7-f16d-451a-98cf-f6ff40d7dcdf"))

	e.Run("NotReadMore", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectReader)
		wantRefused(e, client, readerCalls(), http.StatusForbidden)
	}, testlib.ID("02252460-98ac-4120-9753-18d343ed3e29"), testlib.Negative)

	e.Run("NotChangeAnything", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectReader)
		wantRefused(e, client, adminCalls(newTargets(e)), http.StatusForbidden)
	}, testlib.ID("b02861c6-793b-4588-90b3-20345c4fa544"), testlib.Negative)
}

func TestProjectMemberMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f1298747-15c6-453d-9a6b-7b90c49a21e9"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember))

	e.Run("NotReadMoreThanReader", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		wantRefused(e, client, readerCalls(), http.StatusForbidden)
	}, testlib.ID("89d8a557-1207-442b-88de-1c056e43b78a"), testlib.Negative)

	e.Run("NotChangeAnything", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		wantRefused(e, client, adminCalls(newTargets(e)), http.StatusForbidden)
	}, testlib.ID("245535eb-729e-4c24-95ea-24bb9cfcdeb4"), testlib.Negative)

	e.Run("NotReadOthers", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		e.WantStatus("reading the user of others",
			users.Get(e.Context(), client, newUser(e, users.CreateOpts{}).ID).Err, http.StatusForbidden)
		e.WantStatus("reading the project of others",
			projects.Get(e.Context(), client, newProject(e, projects.CreateOpts{}).ID).Err, http.StatusForbidden)
		e.WantStatus("reading the domain of others",
			domains.Get(e.Context(), client, newDomain(e).ID).Err, http.StatusForbidden)
	}, testlib.ID("f9db48c3-83f3-4327-9671-6a1e990b0003"), testlib.Negative)

	e.Run("NotLearnWhatExists", func(e *testlib.Env) {
		client := e.Identity(testlib.ProjectMember)
		e.WantStatus("reading a user that does not exist",
			users.Get(e.Context(), client, e.Name("none")).Err, http.StatusForbidden)
	}, testlib.ID("5174e650-7b5d-4a3f-b35e-20802917afd2"), testlib.Negative)
}

func TestSystemReaderMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5213771a-57d1-42a5-97fa-4b3df13b3350"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	grant(e, roleID(e, "reader"), roles.AssignOpts{UserID: user.ID, System: true})
	token := logIn(e, &tokens.AuthOptions{
		UserID: user.ID, Password: user.Password, Scope: tokens.Scope{System: true},
	}).ID

	e.Run("ReadAll", func(e *testlib.Env) {
		client := as(e, token)
		for what, c := range readerCalls() {
			if err := c.do(e, client); err != nil {
				e.Errorf("%s: %v", what, err)
			}
		}
		domain := newDomain(e)
		wantOK(e, "reading any domain", domains.Get(e.Context(), client, domain.ID).Err)
		wantOK(e, "reading any group",
			groups.Get(e.Context(), client, newGroup(e, groups.CreateOpts{DomainID: domain.ID}).ID).Err)
		wantOK(e, "reading any service", services.Get(e.Context(), client, newService(e).ID).Err)
	}, testlib.ID("a46ee3c2-803e-4ea9-91c8-6ec063bc8605"))

	e.Run("NotChangeAnything", func(e *testlib.Env) {
		client := as(e, token)
		wantRefused(e, client, adminCalls(newTargets(e)), http.StatusForbidden)
	}, testlib.ID("adecdd79-6bf9-423a-8d79-e6e694af6b39"), testlib.Negative)
}

func TestDomainReaderMay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("81b38ca7-dd4c-47ff-8ca7-84bde5b10571"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	own, other := newDomain(e), newDomain(e)
	user := newUser(e, users.CreateOpts{DomainID: own.ID})
	neighbour := newUser(e, users.CreateOpts{DomainID: own.ID})
	stranger := newUser(e, users.CreateOpts{DomainID: other.ID})
	grant(e, roleID(e, "reader"), roles.AssignOpts{UserID: user.ID, DomainID: own.ID})
	token := logIn(e, &tokens.AuthOptions{
		UserID: user.ID, Password: user.Password, Scope: tokens.Scope{DomainID: own.ID},
	}).ID

	e.Run("ReadItsDomain", func(e *testlib.Env) {
		client := as(e, token)
		wantOK(e, "reading its domain", domains.Get(e.Context(), client, own.ID).Err)
		wantOK(e, "reading a user of its domain", users.Get(e.Context(), client, neighbour.ID).Err)
		found := list(e, users.List(client, nil), users.ExtractUsers)
		ids := map[string]bool{}
		for _, u := range found {
			ids[u.ID] = true
		}
		if !ids[user.ID] || !ids[neighbour.ID] || ids[stranger.ID] {
			e.Errorf("users = %+v, want those of its domain alone", found)
		}
	}, testlib.ID("8fbe711b-3537-419f-862a-83ef90c0d924"))

	e.Run("NotReadOthers", func(e *testlib.Env) {
		client := as(e, token)
		e.WantStatus("reading another domain", domains.Get(e.Context(), client, other.ID).Err, http.StatusForbidden)
		e.WantStatus("reading a user of another domain",
			users.Get(e.Context(), client, stranger.ID).Err, http.StatusForbidden)
		_, err := domains.List(client, nil).AllPages(e.Context())
		e.WantStatus("listing domains", err, http.StatusForbidden)
	}, testlib.ID("3be5e457-75d7-4301-b9b6-d715a55d13c7"), testlib.Negative)

	e.Run("NotChangeItsDomain", func(e *testlib.Env) {
		client := as(e, token)
		_, err := users.Update(e.Context(), client, neighbour.ID, users.UpdateOpts{Name: e.Name("renamed")}).Extract()
		e.WantStatus("renaming a user of its domain", err, http.StatusForbidden)
		e.WantStatus("deleting a user of its domain",
			users.Delete(e.Context(), client, neighbour.ID).ExtractErr(), http.StatusForbidden)
	}, testlib.ID("f94633c9-a08d-42ed-9e8d-61c68d26c4f9"), testlib.Negative)
}
