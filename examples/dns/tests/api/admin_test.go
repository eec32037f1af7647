//go:build tempest

package api

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/quotas"
	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/zones"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/testlib"
)

// An administrator sees the zones of all projects, and nobody else does.
func TestZonesOfAllProjects(t *testing.T) {
	e := testlib.Start(t, testlib.ID("50da9eaf-fd54-48c9-9a2d-05bb607f2838"), testlib.Services("dns"),
		testlib.Feature("dns", "admin"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.SystemAdmin, testlib.AltMember))
	other := dns.Client(e, testlib.AltMember)
	zone := dns.NewZone(e, other)
	all := zones.ListOpts{AllProjects: true, Name: zone.Name}

	if got := called(e, dns.AdminClient(e), all); !slices.Contains(got, zone.ID) {
		e.Errorf("the administrator sees %v, want %s in it", got, zone.ID)
	}
	_, err := zones.List(other, all).AllPages(e.Context())
	e.WantStatus("a member listing the zones of all projects", err, http.StatusForbidden)
}

// An administrator sets how many zones a project may have.
func TestQuotaOfZones(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9ad80633-9910-4d32-a95d-e2cc8eb19343"), testlib.Services("dns"), testlib.Isolated(),
		testlib.Feature("dns", "admin"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.SystemAdmin, testlib.ProjectMember))
	admin, member := dns.AdminClient(e), dns.Client(e, testlib.ProjectMember)
	project := e.Credential(testlib.ProjectMember).ProjectID
	before, err := quotas.Get(e.Context(), admin, project).Extract()
	if err != nil {
		e.Fatalf("reading the quotas: %v", err)
	}
	set := func(ctx context.Context, n int) error {
		_, err := quotas.Update(ctx, admin, project, quotas.UpdateOpts{Zones: &n}).Extract()
		return err
	}
	e.Cleanup("quota of zones of project "+project, func(ctx context.Context) error { return set(ctx, before.Zones) })

	if err := set(e.Context(), 1); err != nil {
		e.Fatalf("setting the quota: %v", err)
	}
	dns.NewZone(e, member)
	_, err = zones.Create(e.Context(), member, zones.CreateOpts{Name: dns.ZoneName(e), Email: "a@example.org"}).Extract()
	e.WantStatus("creating a zone beyond the quota", err, http.StatusRequestEntityTooLarge)

	two := 2
	_, err = quotas.Update(e.Context(), member, project, quotas.UpdateOpts{Zones: &two}).Extract()
	e.WantStatus("a member setting the quota", err, http.StatusForbidden)
}
