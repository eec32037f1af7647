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

func TestServiceLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0a26ce72-a759-4955-a424-bcd21df82c51"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	name := e.Name("service")

	made, err := createService(e, services.CreateOpts{Name: name, Type: name, Description: "of a test"})
	if err != nil {
		e.Fatalf("creating the service: %v", err)
	}
	if made.Name != name || made.Type != name || made.Description != "of a test" || !made.Enabled {
		e.Errorf("created %+v, want name and type %s, enabled, with its description", made, name)
	}

	read, err := present(services.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the service", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("service mismatch (-created +read):\n%s", diff)
	}

	newName := e.Name("renamed")
	_, err = services.Update(e.Context(), admin, made.ID, services.UpdateOpts{Name: &newName}).Extract()
	wantOK(e, "updating the service", err)
	for what, opts := range map[string]services.ListOpts{"name": {Name: newName}, "type": {ServiceType: name}} {
		listed := list(e, services.List(admin, opts), services.ExtractServices)
		if len(listed) != 1 || listed[0].ID != made.ID || listed[0].Name != newName {
			e.Errorf("services by %s = %+v, want %s named %s", what, listed, made.ID, newName)
		}
	}

	wantOK(e, "deleting the service", services.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = services.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted service", err, http.StatusNotFound)
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
