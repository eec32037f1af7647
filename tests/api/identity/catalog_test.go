//go:build tempest

package identity_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/catalog"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/testlib"
)

func TestCatalogUsesStandardTypes(t *testing.T) {
	e := testlib.Start(t, testlib.ID("56b57ced-22b8-4127-9b8a-565dfb0207e2"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))

	// Names and types of services that have gone under other types.
	//
	// Source: https://service-types.openstack.org/service-types.json
	standard := map[string]string{
		"keystone": "identity", "nova": "compute", "glance": "image", "swift": "object-store",
	}

	listed := list(e, catalog.List(e.Identity(testlib.ProjectMember)), catalog.ExtractServiceCatalog)

	if !slices.ContainsFunc(listed, func(s tokens.CatalogEntry) bool { return s.Type == "identity" }) {
		e.Errorf("catalogue = %+v, want a service of type identity", listed)
	}
	for _, s := range listed {
		if want, known := standard[s.Name]; known && s.Type != want {
			e.Errorf("service %s has type %q, want %q", s.Name, s.Type, want)
		}
	}
}

// entry returns what the catalogue of a new token says of a service, or nil.
func entry(e *testlib.Env, serviceID string) *tokens.CatalogEntry {
	e.Helper()
	me := e.Credential(testlib.ProjectAdmin)
	t := logIn(e, &tokens.AuthOptions{
		UserID: me.UserID, Password: me.Password, Scope: tokens.Scope{ProjectID: me.ProjectID},
	})
	i := slices.IndexFunc(t.Catalog, func(s tokens.CatalogEntry) bool { return s.ID == serviceID })
	if i < 0 {
		return nil
	}
	return &t.Catalog[i]
}

func TestCatalogShowsEndpoint(t *testing.T) {
	e := testlib.Start(t, testlib.ID("50115013-8202-4dee-b360-9235eb2d81af"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	region := newRegion(e, regions.CreateOpts{})
	service := newService(e)
	endpoint := newEndpoint(e, endpoints.CreateOpts{
		ServiceID: service.ID, Region: region.ID, URL: "http://192.0.2.1/$(project_id)s",
	})

	got := entry(e, service.ID)

	want := &tokens.CatalogEntry{ID: service.ID, Name: service.Name, Type: service.Type, Endpoints: []tokens.Endpoint{{
		ID: endpoint.ID, Region: region.ID, RegionID: region.ID, Interface: "public",
		URL: "http://192.0.2.1/" + e.Credential(testlib.ProjectAdmin).ProjectID,
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("entry mismatch (-want +got):\n%s", diff)
	}
}

func TestCatalogHidesTheDisabled(t *testing.T) {
	e := testlib.Start(t, testlib.ID("10594d03-9374-45f0-ab8b-b085c2dd2a86"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	e.Run("Service", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		service := newService(e)
		newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, URL: "http://192.0.2.1/"})

		_, err := services.Update(e.Context(), admin, service.ID, services.UpdateOpts{Enabled: new(false)}).Extract()

		wantOK(e, "disabling the service", err)
		if got := entry(e, service.ID); got != nil {
			e.Errorf("catalogue has %+v, want nothing of a disabled service", got)
		}
	}, testlib.ID("dd079739-7d1d-4f4d-a748-e5e3b9a3cd8f"))

	e.Run("Endpoint", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		service := newService(e)
		shown := newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, URL: "http://192.0.2.1/"})
		hidden := newEndpoint(e, endpoints.CreateOpts{
			ServiceID: service.ID, URL: "http://192.0.2.2/", Availability: gophercloud.AvailabilityInternal,
		})

		_, err := endpoints.Update(e.Context(), admin, hidden.ID, endpoints.UpdateOpts{Enabled: new(false)}).Extract()

		wantOK(e, "disabling the endpoint", err)
		got := entry(e, service.ID)
		if got == nil || len(got.Endpoints) != 1 || got.Endpoints[0].ID != shown.ID {
			e.Errorf("catalogue has %+v, want endpoint %s alone", got, shown.ID)
		}
	}, testlib.ID("d1783ab4-3a39-4d9b-ae92-a28b72f6c9ed"))
}

func TestCatalogCanBeLeftOut(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8b0d44c1-ca4d-4849-932e-e03aef1822bb"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	client := e.Identity(testlib.ProjectMember)
	scope := tokens.Scope{ProjectID: me.ProjectID}
	mine := logIn(e, &tokens.AuthOptions{UserID: me.UserID, Password: me.Password, Scope: scope})
	if len(mine.Catalog) == 0 {
		e.Fatal("the token has no catalogue, want one")
	}
	var body struct {
		Token map[string]any `json:"token"`
	}

	_, err := client.Get(e.Context(), client.ServiceURL("auth", "tokens")+"?nocatalog", &body, &gophercloud.RequestOpts{
		MoreHeaders: map[string]string{"X-Subject-Token": mine.ID},
	})

	if err != nil {
		e.Fatalf("validating the token: %v", err)
	}
	if c, has := body.Token["catalog"]; has {
		e.Errorf("catalogue = %v, want none", c)
	}
	if body.Token["project"] == nil {
		e.Errorf("token = %v, want all but the catalogue", body.Token)
	}
}

func TestCatalogNeedsScope(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fd1c8de8-653a-4790-bea7-87d0160d18fd"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	mine := logIn(e, &unscoped{tokens.AuthOptions{UserID: me.UserID, Password: me.Password}})

	_, err := catalog.List(as(e, mine.ID)).AllPages(e.Context())

	e.WantStatus("listing the catalogue", err, http.StatusForbidden)
}
