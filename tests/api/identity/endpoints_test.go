//go:build tempest

package identity_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"

	"github.com/gotempest/tempest/testlib"
)

func TestEndpoints(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7236461e-5ffa-4ea4-8427-309d7f9c0062"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	service, other := newService(e), newService(e)
	region, elsewhere := newRegion(e, regions.CreateOpts{}), newRegion(e, regions.CreateOpts{})
	public := newEndpoint(e, endpoints.CreateOpts{
		ServiceID: service.ID, URL: "http://192.0.2.1/", Region: region.ID,
	})
	internal := newEndpoint(e, endpoints.CreateOpts{
		ServiceID: other.ID, URL: "http://192.0.2.2/", Availability: gophercloud.AvailabilityInternal,
	})
	listed := func(e *testlib.Env, opts endpoints.ListOpts) []string {
		e.Helper()
		var ids []string
		for _, ep := range list(e, endpoints.List(admin, opts), endpoints.ExtractEndpoints) {
			ids = append(ids, ep.ID)
		}
		return ids
	}

	e.Run("Listed", func(e *testlib.Env) {
		const isPublic, isInternal = gophercloud.AvailabilityPublic, gophercloud.AvailabilityInternal
		both := []string{public.ID, internal.ID}
		wantListed(e, "endpoint", listed(e, endpoints.ListOpts{}), both, nil)
		for _, ep := range []*endpoints.Endpoint{public, internal} {
			if diff := cmp.Diff([]string{ep.ID}, listed(e, endpoints.ListOpts{ServiceID: ep.ServiceID})); diff != "" {
				e.Errorf("endpoints of service %s mismatch (-want +got):\n%s", ep.ServiceID, diff)
			}
		}
		wantListed(e, "public endpoint",
			listed(e, endpoints.ListOpts{Availability: isPublic}), both[:1], both[1:])
		wantListed(e, "internal endpoint",
			listed(e, endpoints.ListOpts{Availability: isInternal}), both[1:], both[:1])
	}, testlib.ID("c19ecf90-240e-4e23-9966-21cee3f6a618"))

	e.Run("ListedByRegion", func(e *testlib.Env) {
		if diff := cmp.Diff([]string{public.ID}, listed(e, endpoints.ListOpts{RegionID: region.ID})); diff != "" {
			e.Errorf("endpoints of region %s mismatch (-want +got):\n%s", region.ID, diff)
		}
	}, testlib.ID("b4b20c50-4de3-4c84-8b79-7386a4ea140e"))

	e.Run("Life", func(e *testlib.Env) {
		made := newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, Region: region.ID, URL: "http://192.0.2.3/"})
		if made.ServiceID != service.ID || made.Region != region.ID || made.URL != "http://192.0.2.3/" ||
			made.Availability != gophercloud.AvailabilityPublic || !made.Enabled {
			e.Errorf("created %+v, want a public one of %s in %s, enabled", made, service.ID, region.ID)
		}
		wantListed(e, "endpoint", listed(e, endpoints.ListOpts{}), []string{made.ID}, nil)
		read, err := present(endpoints.Get(e.Context(), admin, made.ID).Extract())
		wantOK(e, "reading the endpoint", err)
		if diff := cmp.Diff(made, read); diff != "" {
			e.Errorf("endpoint mismatch (-created +read):\n%s", diff)
		}

		wantOK(e, "deleting the endpoint", endpoints.Delete(e.Context(), admin, made.ID).ExtractErr())
		wantListed(e, "endpoint", listed(e, endpoints.ListOpts{}), nil, []string{made.ID})
	}, testlib.ID("0e2446d2-c1fd-461b-a729-b9e73e3e3b37"))

	e.Run("Updated", func(e *testlib.Env) {
		updated, err := present(endpoints.Update(e.Context(), admin, public.ID, endpoints.UpdateOpts{
			ServiceID: other.ID, URL: "http://192.0.2.4/", Availability: gophercloud.AvailabilityInternal,
			Region: elsewhere.ID, Enabled: new(false),
		}).Extract())
		wantOK(e, "updating the endpoint", err)
		if updated.ServiceID != other.ID || updated.URL != "http://192.0.2.4/" || updated.Region != elsewhere.ID ||
			updated.Availability != gophercloud.AvailabilityInternal || updated.Enabled {
			e.Errorf("updated to %+v, want an internal one of %s in %s with the new address, disabled",
				updated, other.ID, elsewhere.ID)
		}
	}, testlib.ID("37e8f15e-ee7c-4657-a1e7-f6b61e375eff"), testlib.Smoke)
}

func TestEndpointIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7594edd8-89b3-4407-9ec4-20963b66569f"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	service := newService(e)
	endpoint := newEndpoint(e, endpoints.CreateOpts{ServiceID: service.ID, URL: "http://192.0.2.1/"})
	wantRefused := func(e *testlib.Env, method, path string, change object) {
		e.Helper()
		body := object{"service_id": service.ID, "interface": "public", "url": "http://192.0.2.1/"}
		if method == "PATCH" {
			body = object{}
		}
		maps.Copy(body, change)
		err := ask(e, e.Identity(testlib.ProjectAdmin), method, path, object{"endpoint": body}, nil)
		e.WantStatus(fmt.Sprintf("%s with %v", method, change), err, http.StatusBadRequest)
	}

	e.Run("Creation", func(e *testlib.Env) {
		wantRefused(e, "POST", "endpoints", object{"service_id": "none"})
		wantRefused(e, "POST", "endpoints", object{"interface": "secret"})
		wantRefused(e, "POST", "endpoints", object{"url": "nowhere"})
		wantRefused(e, "POST", "endpoints", object{"url": "http://192.0.2.1/$(colour)s"})
	}, testlib.ID("308e9a24-4899-4e3a-aef5-3598f6f6132c"), testlib.Negative)

	e.Run("EnabledIsTextFalse", func(e *testlib.Env) {
		wantRefused(e, "POST", "endpoints", object{"enabled": "False"})
	}, testlib.ID("ac6c137e-4d3d-448f-8c83-4f13d0942651"), testlib.Negative)

	e.Run("EnabledIsTextTrue", func(e *testlib.Env) {
		wantRefused(e, "POST", "endpoints", object{"enabled": "True"})
	}, testlib.ID("9c43181e-0627-484a-8c79-923e8a59598b"), testlib.Negative)

	e.Run("UpdateToTextFalse", func(e *testlib.Env) {
		wantRefused(e, "PATCH", "endpoints/"+endpoint.ID, object{"enabled": "False"})
	}, testlib.ID("65e41f32-5eb7-498f-a92a-a6ccacf7439a"), testlib.Negative)

	e.Run("UpdateToTextTrue", func(e *testlib.Env) {
		wantRefused(e, "PATCH", "endpoints/"+endpoint.ID, object{"enabled": "True"})
	}, testlib.ID("faba3587-f066-4757-a48e-b4a3f01803bb"), testlib.Negative)

	// gophercloud names the region in an older way, which makes a region that is missing.
	e.Run("UnknownRegion", func(e *testlib.Env) {
		wantRefused(e, "POST", "endpoints", object{"region_id": "none"})
	}, testlib.ID("fc976b84-004a-4736-8fb4-c9cc9b731ed0"), testlib.Negative)

	e.Run("Update", func(e *testlib.Env) {
		wantRefused(e, "PATCH", "endpoints/"+endpoint.ID, object{"service_id": "none"})
		wantRefused(e, "PATCH", "endpoints/"+endpoint.ID, object{"interface": "secret"})
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
