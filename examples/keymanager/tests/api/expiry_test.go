//go:build tempest && slow

package api

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

const (
	lifetime = 5 * time.Second // of the secret
	patience = time.Minute     // clocks may differ a little
)

// An expired secret is gone for every caller; its row stays in Barbican's
// database until barbican-manage db clean.
func TestSecretExpires(t *testing.T) {
	e := testlib.Start(t, testlib.ID("95a7788a-100a-4f20-b464-6f5050e93a7b"), testlib.Slow,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	end := time.Now().Add(lifetime).UTC()
	name := e.Name("expires")
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{
		Name: name, Payload: "x", PayloadContentType: "text/plain", Expiration: &end,
	})
	if got := keymanager.Payload(e, c, id, "text/plain"); string(got) != "x" {
		e.Errorf("payload = %q, want %q", got, "x")
	}

	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	late := time.After(patience)
	for err := error(nil); err == nil; {
		select {
		case <-ctx.Done():
			e.Fatal(ctx.Err())
		case <-late:
			e.Fatalf("the secret is there %v after it should have expired", patience-lifetime)
		case <-tick.C:
		}
		err = secrets.Get(ctx, c, id).Err
		if err != nil && !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			e.Fatalf("waiting for the secret to expire: %v", err)
		}
	}
	if time.Now().Before(end.Truncate(time.Second)) {
		e.Errorf("the secret was gone before %v", end)
	}
	if slices.Contains(names(e, c, secrets.ListOpts{Name: name}), name) {
		e.Error("the list has an expired secret")
	}
	e.WantStatus("reading an expired secret", secrets.GetPayload(ctx, c, id, nil).Err, http.StatusNotFound)
}
