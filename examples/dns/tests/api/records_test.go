//go:build tempest

package api

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/recordsets"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/testlib"
)

// Records of one zone.
func TestRecords(t *testing.T) {
	e := testlib.Start(t, testlib.ID("119781e9-db30-4ff8-a60b-3ff8dcf89fbe"), testlib.Services("dns"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectReader))
	member := dns.Client(e, testlib.ProjectMember)
	zone := dns.NewZone(e, member)
	kept := func(e *testlib.Env, kind, label string, records ...string) *recordsets.RecordSet {
		e.Helper()
		set := dns.NewRecords(e, member, zone,
			recordsets.CreateOpts{Name: label + "." + zone.Name, Type: kind, Records: records, TTL: 60})
		if diff := cmp.Diff(records, set.Records); diff != "" || set.TTL != 60 {
			e.Errorf("TTL %d, want 60; records (-want +got):\n%s", set.TTL, diff)
		}
		return set
	}

	e.Run("Addresses", func(e *testlib.Env) {
		kept(e, "A", "www", "192.0.2.1")
		kept(e, "AAAA", "www", "2001:db8::1")
	}, testlib.ID("74c0eaf1-b53c-4fc3-a1c3-b1ab7bdedd74"), testlib.Smoke)

	e.Run("Mail", func(e *testlib.Env) { kept(e, "MX", "mail", "10 mx.example.org.") },
		testlib.ID("0fd43dc8-eb89-44f6-82f2-97b561fc28c4"))

	e.Run("Text", func(e *testlib.Env) { kept(e, "TXT", "text", dns.Quote("two words")) },
		testlib.ID("407f9ef6-8f90-4e6e-b56c-2659eedfc15c"))

	e.Run("AreReplaced", func(e *testlib.Env) {
		set := kept(e, "A", "replaced", "192.0.2.2")
		want := []string{"192.0.2.3"}
		if _, err := recordsets.Update(e.Context(), member, zone.ID, set.ID,
			recordsets.UpdateOpts{Records: want}).Extract(); err != nil {
			e.Fatalf("updating the records: %v", err)
		}
		got, err := recordsets.Get(e.Context(), dns.Client(e, testlib.ProjectReader), zone.ID, set.ID).Extract()
		if err != nil {
			e.Fatalf("reading the records: %v", err)
		}
		if diff := cmp.Diff(want, got.Records); diff != "" {
			e.Errorf("records (-want +got):\n%s", diff)
		}
	}, testlib.ID("d4ac8952-17fe-440c-be21-0b04670538e1"))

	e.Run("AreChecked", func(e *testlib.Env) {
		outside := "www." + dns.ZoneName(e)
		for what, o := range map[string]recordsets.CreateOpts{
			"with no address":         {Name: "bad." + zone.Name, Type: "A", Records: []string{"192.0.2.256"}},
			"outside the zone":        {Name: outside, Type: "A", Records: []string{"192.0.2.1"}},
			"that are the service's":  {Name: zone.Name, Type: "SOA", Records: []string{"a. b. 1 2 3 4 5"}},
			"of a type there is none": {Name: "bad." + zone.Name, Type: "WORD", Records: []string{"x"}},
		} {
			_, err := recordsets.Create(e.Context(), member, zone.ID, o).Extract()
			e.WantStatus("creating records "+what, err, http.StatusBadRequest)
		}
	}, testlib.ID("35a8ebff-f1f8-45ae-85a1-4083a999678d"), testlib.Negative)
}
