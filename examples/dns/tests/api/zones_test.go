//go:build tempest

package api

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/zones"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/testlib"
)

// A zone, and who may do what with it.
func TestZone(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fc0ab7d7-da35-492c-b0d2-94e2c38116a4"), testlib.Services("dns"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectReader, testlib.AltMember))
	member := dns.Client(e, testlib.ProjectMember)
	zone := dns.NewZone(e, member)

	e.Run("HasWhatItWasMadeWith", func(e *testlib.Env) {
		if zone.TTL != 300 || zone.Email != "hostmaster@example.org" || zone.Type != "PRIMARY" {
			e.Errorf("the zone is %+v", zone)
		}
		if want := e.Credential(testlib.ProjectMember).ProjectID; zone.ProjectID != want {
			e.Errorf("it belongs to project %s, want %s", zone.ProjectID, want)
		}
	}, testlib.ID("2fd4ff5b-5ab5-431c-a39d-65e789b8c5f1"), testlib.Smoke)

	e.Run("IsListedForReaders", func(e *testlib.Env) {
		got := called(e, dns.Client(e, testlib.ProjectReader), zones.ListOpts{Name: zone.Name})
		if !slices.Contains(got, zone.ID) {
			e.Errorf("the zones are %v, want %s in them", got, zone.ID)
		}
	}, testlib.ID("e072c2ab-d420-470d-ae06-dc74a4612851"), testlib.Smoke)

	e.Run("IsUpdated", func(e *testlib.Env) {
		note := e.Name("note")
		if _, err := zones.Update(e.Context(), member, zone.ID,
			zones.UpdateOpts{Description: &note, TTL: 600}).Extract(); err != nil {
			e.Fatalf("updating the zone: %v", err)
		}
		got, err := zones.Get(e.Context(), member, zone.ID).Extract()
		if err != nil {
			e.Fatalf("reading the zone: %v", err)
		}
		if got.Description != note || got.TTL != 600 || got.Serial < zone.Serial {
			e.Errorf("the zone is %+v after the update", got)
		}
	}, testlib.ID("b0f0373b-abae-4c71-a233-921fa2822a1b"))

	e.Run("NameIsTaken", func(e *testlib.Env) {
		_, err := zones.Create(e.Context(), member, zones.CreateOpts{Name: zone.Name, Email: zone.Email}).Extract()
		e.WantStatus("creating a second zone of the name", err, http.StatusConflict)
	}, testlib.ID("0ee9652c-2ab0-4a87-9012-eab0712ede53"), testlib.Negative)

	e.Run("IsHiddenFromOtherProjects", func(e *testlib.Env) {
		other := dns.Client(e, testlib.AltMember)
		_, err := zones.Get(e.Context(), other, zone.ID).Extract()
		e.WantStatus("reading it from another project", err, http.StatusNotFound)
		if got := called(e, other, zones.ListOpts{}); slices.Contains(got, zone.ID) {
			e.Errorf("another project lists it")
		}
	}, testlib.ID("6e2eb8c2-2639-4555-96fe-8e44bfd1274b"), testlib.Negative)

	e.Run("ReadersDoNotWrite", func(e *testlib.Env) {
		reader := dns.Client(e, testlib.ProjectReader)
		_, err := zones.Delete(e.Context(), reader, zone.ID).Extract()
		e.WantStatus("a reader deleting it", err, http.StatusForbidden)
		_, err = zones.Create(e.Context(), reader, zones.CreateOpts{Name: dns.ZoneName(e), Email: zone.Email}).Extract()
		e.WantStatus("a reader creating another", err, http.StatusForbidden)
	}, testlib.ID("279c2bc5-622f-4b27-ba1b-a7b8e296f5c6"), testlib.Negative)
}

// A zone that is deleted is gone, and its name is free again.
func TestZoneIsDeleted(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7e13dfac-0622-4cf7-9e04-0b14ee9c4a82"), testlib.Services("dns"),
		testlib.Credentials(testlib.ProjectMember))
	member := dns.Client(e, testlib.ProjectMember)
	name := dns.ZoneName(e)
	for range 2 {
		zone, err := zones.Create(e.Context(), member, zones.CreateOpts{Name: name, Email: "a@example.org"}).Extract()
		if err != nil {
			e.Fatalf("creating zone %s: %v", name, err)
		}
		remove := func(ctx context.Context) error { return dns.DeleteZone(ctx, member, zone.ID, e.Wait("dns")) }
		e.Cleanup("zone "+zone.ID, func(ctx context.Context) error {
			if _, err := zones.Get(ctx, member, zone.ID).Extract(); gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
				return nil
			}
			return remove(ctx)
		})
		if err := remove(e.Context()); err != nil {
			e.Fatalf("deleting zone %s: %v", name, err)
		}
	}
}

// What is no zone is refused.
func TestZoneIsInvalid(t *testing.T) {
	e := testlib.Start(t, testlib.ID("551b88d7-c80c-4438-8af4-ee568358d243"), testlib.Services("dns"),
		testlib.Credentials(testlib.ProjectMember), testlib.Negative)
	member := dns.Client(e, testlib.ProjectMember)
	for what, o := range map[string]zones.CreateOpts{
		"without the final dot": {Name: "tempest.example.org", Email: "a@example.org"},
		"with two dots in line": {Name: "tempest..example.org.", Email: "a@example.org"},
		"with no address":       {Name: dns.ZoneName(e), Email: "nobody"},
		"of an unknown type":    {Name: dns.ZoneName(e), Email: "a@example.org", Type: "TERTIARY"},
	} {
		_, err := zones.Create(e.Context(), member, o).Extract()
		e.WantStatus("creating a zone "+what, err, http.StatusBadRequest)
	}
}

// called returns the IDs of zones in a list.
func called(e *testlib.Env, c *gophercloud.ServiceClient, o zones.ListOpts) []string {
	e.Helper()
	pages, err := zones.List(c, o).AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing zones: %v", err)
	}
	list, err := zones.ExtractZones(pages)
	if err != nil {
		e.Fatalf("reading the list of zones: %v", err)
	}
	var ids []string
	for _, z := range list {
		ids = append(ids, z.ID)
	}
	return ids
}
