//go:build tempest

package scenario

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/dns/v2/recordsets"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// A TXT record says where a secret is. Who reads the record finds the secret by it, when the key manager lets them; the
// key manager's client is another plugin's.
func TestSecretIsFoundByRecord(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a6db89b6-6991-4ba8-b881-647805130a1d"), testlib.Services("dns", "key-manager"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectReader))
	member := dns.Client(e, testlib.ProjectMember)
	keys := keymanager.Client(e, testlib.ProjectMember)
	secret := keymanager.NewSecret(e, keys, secrets.CreateOpts{
		Name: e.Name("key"), Payload: "the key", PayloadContentType: "text/plain",
	})
	zone := dns.NewZone(e, member)
	set := dns.NewRecords(e, member, zone, recordsets.CreateOpts{
		Name: "_key." + zone.Name, Type: "TXT",
		Records: []string{dns.Quote("secret=" + keys.ServiceURL("secrets", secret))},
	})

	read, err := recordsets.Get(e.Context(), dns.Client(e, testlib.ProjectReader), zone.ID, set.ID).Extract()
	if err != nil || len(read.Records) != 1 {
		e.Fatalf("a reader reads %+v (%v), want one record", read, err)
	}
	_, ref, ok := strings.Cut(strings.Trim(read.Records[0], `"`), "secret=")
	if !ok {
		e.Fatalf("the record is %s, want a reference in it", read.Records[0])
	}
	id := keymanager.ID(ref)
	if got := keymanager.Payload(e, keys, id, "text/plain"); string(got) != "the key" {
		e.Errorf("the secret that the record names is %q", got)
	}
	_, err = secrets.GetPayload(e.Context(), keymanager.Client(e, testlib.ProjectReader), id,
		secrets.GetPayloadOpts{PayloadContentType: "text/plain"}).Extract()
	e.WantStatus("a reader of the record reading the secret", err, http.StatusForbidden)
}
