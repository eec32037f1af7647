//go:build tempest

package identity_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"

	"github.com/gotempest/tempest/testlib"
)

func TestEndpointLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b4b20c50-4de3-4c84-8b79-7386a4ea140e"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	service := newService(e)
	region := newRegion(e, regions.CreateOpts{})

	made := newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, Region: region.ID, URL: "http://192.0.2.1/"})
	if made.ServiceID != service.ID || made.Region != region.ID || made.URL != "http://192.0.2.1/" ||
		made.Availability != gophercloud.AvailabilityPublic || !made.Enabled {
		e.Errorf("created %+v, want a public one of %s in %s, enabled", made, service.ID, region.ID)
	}

	read, err := present(endpoints.Get(e.Context(), admin, made.ID).Extract())
	wantOK(e, "reading the endpoint", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("endpoint mismatch (-created +read):\n%s", diff)
	}

	updated, err := present(endpoints.Update(e.Context(), admin, made.ID, endpoints.UpdateOpts{
		URL: "http://192.0.2.2/", Availability: gophercloud.AvailabilityInternal,
	}).Extract())
	wantOK(e, "updating the endpoint", err)
	if updated.URL != "http://192.0.2.2/" || updated.Availability != gophercloud.AvailabilityInternal ||
		updated.Region != region.ID {
		e.Errorf("updated to %+v, want an internal one with the new address in the old region", updated)
	}

	wantOK(e, "deleting the endpoint", endpoints.Delete(e.Context(), admin, made.ID).ExtractErr())
	_, err = endpoints.Get(e.Context(), admin, made.ID).Extract()
	e.WantStatus("reading a deleted endpoint", err, http.StatusNotFound)
}

func TestEndpointsAreListedByFilter(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7236461e-5ffa-4ea4-8427-309d7f9c0062"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	service := newService(e)
	region := newRegion(e, regions.CreateOpts{})
	public := newEndpoint(e, endpoints.CreateOpts{
		ServiceID: service.ID, URL: "http://192.0.2.1/", Region: region.ID,
	})
	internal := newEndpoint(e, endpoints.CreateOpts{
		ServiceID: service.ID, URL: "http://192.0.2.2/", Availability: gophercloud.AvailabilityInternal,
	})
	both := []string{public.ID, internal.ID}
	slices.Sort(both)

	for what, tt := range map[string]struct {
		opts endpoints.ListOpts
		want []string
	}{
		"service": {endpoints.ListOpts{ServiceID: service.ID}, both},
		"region":  {endpoints.ListOpts{RegionID: region.ID}, []string{public.ID}},
		"service and interface": {endpoints.ListOpts{
			ServiceID: service.ID, Availability: gophercloud.AvailabilityInternal,
		}, []string{internal.ID}},
	} {
		var got []string
		for _, ep := range list(e, endpoints.List(e.Identity(testlib.ProjectAdmin), tt.opts), endpoints.ExtractEndpoints) {
			got = append(got, ep.ID)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			e.Errorf("endpoints by %s mismatch (-want +got):\n%s", what, diff)
		}
	}
}

func TestEndpointIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7594edd8-89b3-4407-9ec4-20963b66569f"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("Creation", func(e *testlib.Env) {
		service := newService(e)
		const public = gophercloud.AvailabilityPublic
		for what, opts := range map[string]endpoints.CreateOpts{
			"unknown service":   {Availability: public, URL: "http://192.0.2.1/", ServiceID: "none"},
			"unknown interface": {Availability: "secret", URL: "http://192.0.2.1/", ServiceID: service.ID},
			"no address":        {Availability: public, URL: "nowhere", ServiceID: service.ID},
			"unknown variable":  {Availability: public, URL: "http://192.0.2.1/$(colour)s", ServiceID: service.ID},
		} {
			_, err := createEndpoint(e, opts)
			e.WantStatus("creating with "+what, err, http.StatusBadRequest)
		}
	}, testlib.ID("308e9a24-4899-4e3a-aef5-3598f6f6132c"), testlib.Negative)

	// gophercloud names the region in an older way, which makes a region that is missing.
	e.Run("UnknownRegion", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		_, err := admin.Post(e.Context(), admin.ServiceURL("endpoints"), map[string]any{"endpoint": map[string]any{
			"service_id": newService(e).ID, "region_id": "none", "interface": "public", "url": "http://192.0.2.1/",
		}}, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusCreated}})
		e.WantStatus("creating", err, http.StatusBadRequest)
	}, testlib.ID("fc976b84-004a-4736-8fb4-c9cc9b731ed0"), testlib.Negative)

	e.Run("Update", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		endpoint := newEndpoint(e, endpoints.CreateOpts{ServiceID: newService(e).ID, URL: "http://192.0.2.1/"})
		for what, opts := range map[string]endpoints.UpdateOpts{
			"unknown service":   {ServiceID: "none"},
			"unknown interface": {Availability: "secret"},
		} {
			_, err := endpoints.Update(e.Context(), admin, endpoint.ID, opts).Extract()
			e.WantStatus("updating with "+what, err, http.StatusBadRequest)
		}
	}, testlib.ID("33378d42-0ae4-4357-8b16-c3a2fa3670c4"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", endpoints.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating", endpoints.Update(e.Context(), admin, id,
			endpoints.UpdateOpts{URL: "http://192.0.2.1/"}).Err, http.StatusNotFound)
		e.WantStatus("deleting", endpoints.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("10f5a293-1216-4ca7-a18f-359cc0ce1ba2"), testlib.Negative)
}
