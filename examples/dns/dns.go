// Package dns is what the tests of this plugin share: the client, the fake,
// and zones that go when their test ends. Tests of other plugins may import it
// too.
//
// Each function takes the [testlib.Env] of the test that calls it and ends that
// test when something cannot be done.
package dns

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/recordsets"
	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/zones"

	"github.com/gotempest/tempest/examples/dns/fakedesignate"
	"github.com/gotempest/tempest/examples/dns/tempestplugin"
	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/embedded"
	"github.com/gotempest/tempest/testlib/wait"
)

// ServiceType is the official type of the service that Designate implements.
const ServiceType = "dns"

// Fake is for [testlib.Fake]: the DNS of the embedded cloud.
func Fake(cloud *embedded.Cloud) http.Handler {
	return fakedesignate.New(func(r *http.Request) (fakedesignate.Caller, error) {
		t, err := cloud.Authenticate(r)
		return fakedesignate.Caller{ProjectID: t.ProjectID, Roles: t.Roles}, err
	})
}

// Config returns the options of this plugin.
func Config(e *testlib.Env) tempestplugin.Config {
	e.Helper()
	return testlib.Config[tempestplugin.Config](e)
}

// Client returns a client of the DNS that acts as p.
func Client(e *testlib.Env, p testlib.Persona) *gophercloud.ServiceClient {
	e.Helper()
	return e.Client(p, ServiceType)
}

// AdminClient returns a client that acts as the administrator of the DNS, on
// behalf of all projects. The test must have the credentials of
// [testlib.ProjectAdmin] and [testlib.SystemAdmin].
func AdminClient(e *testlib.Env) *gophercloud.ServiceClient {
	e.Helper()
	p := testlib.ProjectAdmin
	if Config(e).DNS.AdminScope == "system" {
		p = testlib.SystemAdmin
	}
	c := *Client(e, p)
	c.MoreHeaders = map[string]string{"X-Auth-All-Projects": "true"}
	return &c
}

// ZoneName returns the name of a zone that no other test has.
func ZoneName(e *testlib.Env) string {
	e.Helper()
	return "tempest-" + uuid.NewString() + "." + Config(e).DNS.Domain
}

// NewZone creates a zone that is deleted when the test ends, and waits until
// the nameservers have it.
func NewZone(e *testlib.Env, c *gophercloud.ServiceClient) *zones.Zone {
	e.Helper()
	made, err := zones.Create(e.Context(), c, zones.CreateOpts{
		Name: ZoneName(e), Email: "hostmaster@example.org", Description: e.Name("zone"), TTL: 300,
	}).Extract()
	if err != nil {
		e.Fatalf("creating a zone: %v", err)
	}
	id := made.ID
	e.Cleanup("zone "+id, func(ctx context.Context) error {
		return DeleteZone(ctx, c, id, e.Wait(ServiceType))
	})
	zone, err := wait.For(e.Context(), wait.Poll[*zones.Zone, string]{
		What:  "zone " + id,
		Get:   func(ctx context.Context) (*zones.Zone, error) { return zones.Get(ctx, c, id).Extract() },
		State: func(z *zones.Zone) string { return z.Status },
		Want:  []string{"ACTIVE"},
		Bad:   []string{"ERROR"},
	}, e.Wait(ServiceType))
	if err != nil {
		e.Fatal(err)
	}
	return zone
}

// DeleteZone deletes a zone, and waits until it is gone.
func DeleteZone(ctx context.Context, c *gophercloud.ServiceClient, id string, o wait.Options) error {
	if _, err := zones.Delete(ctx, c, id).Extract(); err != nil {
		return err
	}
	return wait.Gone(ctx, "zone "+id, func(ctx context.Context) (*zones.Zone, error) {
		return zones.Get(ctx, c, id).Extract()
	}, o)
}

// NewRecords creates a set of records in a zone, and waits until the
// nameservers have it. It goes with its zone.
func NewRecords(
	e *testlib.Env, c *gophercloud.ServiceClient, zone *zones.Zone, o recordsets.CreateOpts,
) *recordsets.RecordSet {
	e.Helper()
	made, err := recordsets.Create(e.Context(), c, zone.ID, o).Extract()
	if err != nil {
		e.Fatalf("creating %s records of %s: %v", o.Type, o.Name, err)
	}
	set, err := wait.For(e.Context(), wait.Poll[*recordsets.RecordSet, string]{
		What: o.Type + " records of " + o.Name,
		Get: func(ctx context.Context) (*recordsets.RecordSet, error) {
			return recordsets.Get(ctx, c, zone.ID, made.ID).Extract()
		},
		State: func(s *recordsets.RecordSet) string { return s.Status },
		Want:  []string{"ACTIVE"},
		Bad:   []string{"ERROR"},
	}, e.Wait(ServiceType))
	if err != nil {
		e.Fatal(err)
	}
	return set
}

// Quote writes a text as a TXT record has it.
func Quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
