//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/oauth1"

	"github.com/gotempest/tempest/testlib"
)

// newConsumer makes a consumer of OAuth 1.0a.
func newConsumer(e *testlib.Env) *oauth1.Consumer {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	c, err := present(oauth1.CreateConsumer(e.Context(), admin,
		oauth1.CreateConsumerOpts{Description: e.Name("consumer")}).Extract())
	if err != nil {
		e.Fatalf("creating a consumer: %v", err)
	}
	e.Cleanup("consumer "+c.ID, func(ctx context.Context) error {
		return oauth1.DeleteConsumer(ctx, admin, c.ID).ExtractErr()
	})
	return c
}

func TestConsumers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("e75453d3-0e8f-494b-8070-3377aa0f4a71"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	first, second := newConsumer(e), newConsumer(e)

	e.Run("Read", func(e *testlib.Env) {
		if first.Secret == "" {
			e.Error("creation does not show the secret")
		}
		read, err := present(oauth1.GetConsumer(e.Context(), admin, first.ID).Extract())
		wantOK(e, "reading the consumer", err)
		if read.Secret != "" {
			e.Error("reading shows the secret, want it shown at creation only")
		}
		if diff := cmp.Diff(first, read, cmpopts.IgnoreFields(oauth1.Consumer{}, "Secret")); diff != "" {
			e.Errorf("consumer mismatch (-created +read):\n%s", diff)
		}
	}, testlib.ID("c8307ea6-a86c-47fd-ae7b-5b3b2caca76d"))

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, oauth1.ListConsumers(admin), oauth1.ExtractConsumers)
		for _, want := range []*oauth1.Consumer{first, second} {
			if !slices.ContainsFunc(listed, func(c oauth1.Consumer) bool { return c.ID == want.ID }) {
				e.Errorf("consumers lack %s", want.ID)
			}
		}
	}, testlib.ID("09ca50de-78f2-4ffb-ac71-f2254036b2b8"))

	e.Run("Updated", func(e *testlib.Env) {
		description := e.Name("changed")
		err := oauth1.UpdateConsumer(e.Context(), admin, first.ID,
			oauth1.UpdateConsumerOpts{Description: description}).Err
		wantOK(e, "updating the consumer", err)
		read, err := present(oauth1.GetConsumer(e.Context(), admin, first.ID).Extract())
		wantOK(e, "reading the consumer", err)
		if read.Description != description {
			e.Errorf("description = %q, want %q", read.Description, description)
		}
	}, testlib.ID("080a9b1a-c009-47c0-9979-5305bf72e3dc"))

	e.Run("IsRefusedToMembers", func(e *testlib.Env) {
		err := oauth1.GetConsumer(e.Context(), e.Identity(testlib.ProjectMember), first.ID).Err
		e.WantStatus("reading a consumer", err, http.StatusForbidden)
	}, testlib.ID("7814e0d7-d694-42ba-ab9b-35b611efa0ea"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("Deleted", func(e *testlib.Env) {
		wantOK(e, "reading the consumer", oauth1.GetConsumer(e.Context(), admin, second.ID).Err)
		wantOK(e, "deleting the consumer", oauth1.DeleteConsumer(e.Context(), admin, second.ID).ExtractErr())
		e.WantStatus("reading a deleted consumer",
			oauth1.GetConsumer(e.Context(), admin, second.ID).Err, http.StatusNotFound)
	}, testlib.ID("fdfa1b7f-2a31-4354-b2c7-f6ae20554f93"))
}
