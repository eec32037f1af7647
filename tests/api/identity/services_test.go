//go:build tempest

package identity_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"

	"github.com/gotempest/tempest/testlib"
)

func TestServices(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0a26ce72-a759-4955-a424-bcd21df82c51"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	name, plainName := e.Name("service"), e.Name("service")
	described, err := createService(e, services.CreateOpts{Name: name, Type: name, Description: "of a test"})
	if err != nil {
		e.Fatalf("creating a service: %v", err)
	}
	plain, err := createService(e, services.CreateOpts{Name: plainName, Type: plainName})
	if err != nil {
		e.Fatalf("creating a service without description: %v", err)
	}

	e.Run("CreatedWithoutDescription", func(e *testlib.Env) {
		if plain.Name != plainName || plain.Type != plainName || plain.Description != "" || !plain.Enabled {
			e.Errorf("created %+v, want name and type %s, enabled, without description", plain, plainName)
		}
	}, testlib.ID("d1dcb1a1-2b6b-4da8-bbb8-5532ef6e8269"))

	e.Run("Listed", func(e *testlib.Env) {
		var ids []string
		for _, s := range list(e, services.List(admin, nil), services.ExtractServices) {
			ids = append(ids, s.ID)
		}
		wantListed(e, "service", ids, []string{described.ID, plain.ID}, nil)
		for _, want := range []*services.Service{described, plain} {
			listed := list(e, services.List(admin, services.ListOpts{ServiceType: want.Type}), services.ExtractServices)
			if len(listed) != 1 || listed[0].ID != want.ID || listed[0].Type != want.Type {
				e.Errorf("services of type %s = %+v, want %s", want.Type, listed, want.ID)
			}
		}
	}, testlib.ID("e55908e8-360e-439e-8719-c3230a3e179e"))

	e.Run("ListedByName", func(e *testlib.Env) {
		listed := list(e, services.List(admin, services.ListOpts{Name: plainName}), services.ExtractServices)
		if len(listed) != 1 || listed[0].ID != plain.ID {
			e.Errorf("services named %s = %+v, want %s", plainName, listed, plain.ID)
		}
	}, testlib.ID("0ec1aeb2-033b-4782-84a9-757917e1c478"))

	e.Run("Life", func(e *testlib.Env) { checkServiceLife(e, described, name) },
		testlib.ID("5193aad5-bcb7-411d-85b0-b3b61b96ef06"), testlib.Smoke)
}

// checkServiceLife updates a service of a name, and deletes it.
func checkServiceLife(e *testlib.Env, described *services.Service, name string) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	if described.Name != name || described.Type != name || described.Description != "of a test" || !described.Enabled {
		e.Errorf("created %+v, want name and type %s, enabled, with its description", described, name)
	}
	updated, err := present(services.Update(e.Context(), admin, described.ID,
		services.UpdateOpts{Description: new("changed")}).Extract())
	wantOK(e, "updating the service", err)
	if updated.Description != "changed" || updated.Name != name {
		e.Errorf("updated to %+v, want the new description and the old name", updated)
	}
	read, err := present(services.Get(e.Context(), admin, described.ID).Extract())
	wantOK(e, "reading the service", err)
	if diff := cmp.Diff(updated, read); diff != "" {
		e.Errorf("service mismatch (-updated +read):\n%s", diff)
	}

	wantOK(e, "deleting the service", services.Delete(e.Context(), admin, described.ID).ExtractErr())
	e.WantStatus("reading a deleted service",
		services.Get(e.Context(), admin, described.ID).Err, http.StatusNotFound)
}

func TestServiceTakesItsEndpointsAlong(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c1d7813a-2cef-47a7-9f79-87dc4d3717c5"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	service := newService(e)
	endpoint := newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, URL: "http://192.0.2.1/"})

	wantOK(e, "deleting the service", services.Delete(e.Context(), admin, service.ID).ExtractErr())

	_, err := endpoints.Get(e.Context(), admin, endpoint.ID).Extract()
	e.WantStatus("reading the endpoint of a deleted service", err, http.StatusNotFound)
}

func TestServiceIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a991f844-e83e-4a2b-a495-53e3ba7986cb"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("NoType", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		_, err := admin.Post(e.Context(), admin.ServiceURL("services"),
			map[string]any{"service": map[string]any{"name": e.Name("service")}}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusCreated}})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("ac40bfb8-0996-4d0a-8fb0-2ca3da67f580"), testlib.Negative)

	e.Run("EnabledNotBoolean", func(e *testlib.Env) {
		_, err := createService(e, services.CreateOpts{
			Type: e.Name("service"), Extra: map[string]any{"enabled": "perhaps"},
		})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("5a3c1f47-6620-4f84-be18-466cc717c1fa"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", services.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			services.Update(e.Context(), admin, id, services.UpdateOpts{Name: &id}).Err, http.StatusNotFound)
		e.WantStatus("deleting", services.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("0515f06f-2f82-480d-a0f2-082dc31b985a"), testlib.Negative)
}
