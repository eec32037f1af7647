//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"

	"github.com/gotempest/tempest/testlib"
)

// endpointGroup is a group of endpoints: those that its filters find.
//
// Source: https://docs.openstack.org/api-ref/identity/v3-ext/#os-ep-filter-api
type endpointGroup struct {
	ID          string            `json:"id,omitempty"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Filters     map[string]string `json:"filters"`
}

const endpointGroups = "OS-EP-FILTER/endpoint_groups"

// askGroup makes a call about one group.
func askGroup(e *testlib.Env, method, path string, send *endpointGroup) (*endpointGroup, error) {
	var body struct {
		Group *endpointGroup `json:"endpoint_group"`
	}
	var sent any
	if send != nil {
		sent = object{"endpoint_group": send}
	}
	err := ask(e, e.Identity(testlib.ProjectAdmin), method, endpointGroups+path, sent, &body)
	return present(body.Group, err)
}

// newEndpointGroup makes a group of the endpoints of a service.
func newEndpointGroup(e *testlib.Env, serviceID string) *endpointGroup {
	e.Helper()
	want := &endpointGroup{
		Name: e.Name("group"), Description: "of a test", Filters: map[string]string{"service_id": serviceID},
	}
	got, err := askGroup(e, "POST", "", want)
	if err != nil {
		e.Fatalf("creating an endpoint group: %v", err)
	}
	admin := e.Identity(testlib.ProjectAdmin)
	e.Cleanup("endpoint group "+got.ID, func(ctx context.Context) error {
		_, err := admin.Delete(ctx, admin.ServiceURL(endpointGroups, got.ID), nil)
		return err
	})
	want.ID = got.ID
	if diff := cmp.Diff(want, got); diff != "" || got.ID == "" {
		e.Errorf("endpoint group mismatch (-sent +answered):\n%s", diff)
	}
	return got
}

// listEndpointGroups lists those of the cloud.
func listEndpointGroups(e *testlib.Env, path string) []endpointGroup {
	e.Helper()
	var body struct {
		Groups []endpointGroup `json:"endpoint_groups"`
	}
	wantOK(e, "listing endpoint groups", ask(e, e.Identity(testlib.ProjectAdmin), "GET", path, nil, &body))
	return body.Groups
}

func TestEndpointGroups(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a60cca52-e291-48fe-8ccc-a3eb52aa288a"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	service, other := newService(e), newService(e)
	first := newEndpointGroup(e, service.ID)

	e.Run("Life", func(e *testlib.Env) {
		group := newEndpointGroup(e, other.ID)
		listed := listEndpointGroups(e, endpointGroups)
		for _, want := range []*endpointGroup{first, group} {
			if !slices.ContainsFunc(listed, func(g endpointGroup) bool { return cmp.Equal(g, *want) }) {
				e.Errorf("endpoint groups = %+v, want %+v among them", listed, want)
			}
		}
		read, err := askGroup(e, "GET", "/"+group.ID, nil)
		wantOK(e, "reading the endpoint group", err)
		if diff := cmp.Diff(group, read); diff != "" {
			e.Errorf("endpoint group mismatch (-created +read):\n%s", diff)
		}
		wantOK(e, "asking for the endpoint group", ask(e, admin, "HEAD", endpointGroups+"/"+group.ID, nil, nil))

		wantOK(e, "deleting the endpoint group", ask(e, admin, "DELETE", endpointGroups+"/"+group.ID, nil, nil))
		listed = listEndpointGroups(e, endpointGroups)
		if slices.ContainsFunc(listed, func(g endpointGroup) bool { return g.ID == group.ID }) {
			e.Errorf("endpoint group %s is listed after its deletion", group.ID)
		}
	}, testlib.ID("7c69e7a1-f865-402d-a2ea-44493017315a"))

	e.Run("OfProject", func(e *testlib.Env) { checkGroupOfProject(e, first, service) },
		testlib.Credentials(testlib.AltMember),
		testlib.ID("1dc9e22b-1e70-47fe-b719-f3ad8d4da125"))

	e.Run("IsRefused", func(e *testlib.Env) {
		for what, group := range map[string]*endpointGroup{
			"without filters":        {Name: e.Name("group"), Filters: map[string]string{}},
			"with an unknown filter": {Name: e.Name("group"), Filters: map[string]string{"colour": "green"}},
		} {
			_, err := askGroup(e, "POST", "", group)
			e.WantStatus("creating an endpoint group "+what, err, http.StatusBadRequest)
		}
		unknown := endpointGroups + "/" + e.Name("none")
		e.WantStatus("reading an unknown endpoint group",
			ask(e, admin, "GET", unknown, nil, nil), http.StatusNotFound)
		e.WantStatus("deleting an unknown endpoint group",
			ask(e, admin, "DELETE", unknown, nil, nil), http.StatusNotFound)
	}, testlib.ID("bd036984-8674-4a5d-b1aa-f54ad5ecac43"), testlib.Negative)

	e.Run("IsRefusedToMembers", func(e *testlib.Env) {
		member := e.Identity(testlib.ProjectMember)
		e.WantStatus("listing endpoint groups", ask(e, member, "GET", endpointGroups, nil, nil), http.StatusForbidden)
		e.WantStatus("deleting an endpoint group",
			ask(e, member, "DELETE", endpointGroups+"/"+first.ID, nil, nil), http.StatusForbidden)
	}, testlib.ID("8a17fd1c-4d40-49b5-b164-749bace5b529"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("Updated", func(e *testlib.Env) {
		want := &endpointGroup{
			Name: e.Name("renamed"), Description: "changed", Filters: map[string]string{"service_id": other.ID},
		}
		got, err := askGroup(e, "PATCH", "/"+first.ID, want)
		wantOK(e, "updating the endpoint group", err)
		want.ID = first.ID
		if diff := cmp.Diff(want, got); diff != "" {
			e.Errorf("endpoint group mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("51c8fc38-fa84-4e76-b5b6-6fc37770fb26"))
}

// checkGroupOfProject gives a project a group of endpoints, and takes it away.
func checkGroupOfProject(e *testlib.Env, group *endpointGroup, service *services.Service) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	project := e.Credential(testlib.AltMember).ProjectID
	endpoint := newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, URL: "http://192.0.2.1/"})
	var found struct {
		Endpoints []named `json:"endpoints"`
		Projects  []named `json:"projects"`
	}
	wantOK(e, "listing the endpoints of the group",
		ask(e, admin, "GET", endpointGroups+"/"+group.ID+"/endpoints", nil, &found))
	if len(found.Endpoints) != 1 || found.Endpoints[0].ID != endpoint.ID {
		e.Errorf("endpoints of the group = %+v, want %s", found.Endpoints, endpoint.ID)
	}

	link := endpointGroups + "/" + group.ID + "/projects/" + project
	e.WantStatus("asking for the group of the project", ask(e, admin, "GET", link, nil, nil), http.StatusNotFound)
	wantOK(e, "giving the project the group", ask(e, admin, "PUT", link, nil, nil))
	wantOK(e, "asking for the group of the project", ask(e, admin, "HEAD", link, nil, nil))
	groups := listEndpointGroups(e, "OS-EP-FILTER/projects/"+project+"/endpoint_groups")
	if len(groups) != 1 || groups[0].ID != group.ID {
		e.Errorf("groups of the project = %+v, want %s", groups, group.ID)
	}
	wantOK(e, "listing the projects of the group",
		ask(e, admin, "GET", endpointGroups+"/"+group.ID+"/projects", nil, &found))
	if len(found.Projects) != 1 || found.Projects[0].ID != project {
		e.Errorf("projects of the group = %+v, want %s", found.Projects, project)
	}
	wantOK(e, "taking the group away", ask(e, admin, "DELETE", link, nil, nil))
	e.WantStatus("asking for the group of the project", ask(e, admin, "GET", link, nil, nil), http.StatusNotFound)
}
