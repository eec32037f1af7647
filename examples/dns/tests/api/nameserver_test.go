//go:build tempest && nameserver

package api

import (
	"context"
	"net"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/recordsets"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/testlib"
)

// What is ACTIVE is what each nameserver says.
func TestRecordsAreServed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b9e66cf-ea72-45d1-88ba-6279d9668479"), testlib.Services("dns"),
		testlib.Credentials(testlib.ProjectMember))
	servers := dns.Config(e).DNS.Nameservers
	if len(servers) == 0 {
		e.TB().Skip("[dns] nameservers names none to ask")
	}
	member := dns.Client(e, testlib.ProjectMember)
	zone := dns.NewZone(e, member)
	set := dns.NewRecords(e, member, zone, recordsets.CreateOpts{
		Name: "text." + zone.Name, Type: "TXT", Records: []string{dns.Quote("two words")},
	})

	for _, server := range servers {
		resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server)
		}}
		got, err := resolver.LookupTXT(e.Context(), set.Name)
		if err != nil || !slices.Equal(got, []string{"two words"}) {
			e.Errorf("%s says %q (%v), want the text", server, got, err)
		}
	}
}
