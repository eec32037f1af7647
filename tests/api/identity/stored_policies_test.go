//go:build tempest

package identity_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/policies"

	"github.com/gotempest/tempest/testlib"
)

// newPolicy stores a policy of a type that no other one has.
func newPolicy(e *testlib.Env) *policies.Policy {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	p, err := present(policies.Create(e.Context(), admin, policies.CreateOpts{
		Type: e.Name("type"), Blob: []byte(e.Name("blob")),
	}).Extract())
	if err != nil {
		e.Fatalf("storing a policy: %v", err)
	}
	e.Cleanup("policy "+p.ID, func(ctx context.Context) error {
		return policies.Delete(ctx, admin, p.ID).ExtractErr()
	})
	return p
}

// What a policy says is up to others: the service only stores it.
func TestStoredPolicies(t *testing.T) {
	e := testlib.Start(t, testlib.ID("41a4f2d1-c7b9-4f47-8255-ecdf55fa8849"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	first, second := newPolicy(e), newPolicy(e)

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, policies.List(admin, nil), policies.ExtractPolicies)
		for _, want := range []*policies.Policy{first, second} {
			if !slices.ContainsFunc(listed, func(p policies.Policy) bool { return p.ID == want.ID }) {
				e.Errorf("policies lack %s", want.ID)
			}
		}
	}, testlib.ID("1a0ad286-2d06-4123-ab0d-728893a76201"))

	e.Run("ListedByType", func(e *testlib.Env) {
		listed := list(e, policies.List(admin, policies.ListOpts{Type: second.Type}), policies.ExtractPolicies)
		if len(listed) != 1 || listed[0].ID != second.ID {
			e.Errorf("policies of type %s = %+v, want %s", second.Type, listed, second.ID)
		}
	}, testlib.ID("4d4748fd-2ba1-448a-b40f-013edc70a199"))

	e.Run("Updated", func(e *testlib.Env) {
		if !strings.Contains(first.Blob, "blob") || !strings.Contains(first.Type, "type") {
			e.Errorf("stored %+v, want blob and type as they were sent", first)
		}
		next := e.Name("changed")
		updated, err := present(policies.Update(e.Context(), admin, first.ID, policies.UpdateOpts{Type: next}).Extract())
		wantOK(e, "updating the policy", err)
		read, err := present(policies.Get(e.Context(), admin, first.ID).Extract())
		wantOK(e, "reading the policy", err)
		if diff := cmp.Diff(updated, read); diff != "" {
			e.Errorf("policy mismatch (-updated +read):\n%s", diff)
		}
		if read.ID != first.ID || read.Blob != first.Blob || read.Type != next {
			e.Errorf("read %+v, want %s with the old blob and type %s", read, first.ID, next)
		}
	}, testlib.ID("e544703a-2f03-4cf2-9b0f-350782fdb0d3"), testlib.Smoke)

	e.Run("IsRefusedToMembers", func(e *testlib.Env) {
		member := e.Identity(testlib.ProjectMember)
		e.WantStatus("reading a policy", policies.Get(e.Context(), member, first.ID).Err, http.StatusForbidden)
		e.WantStatus("deleting a policy",
			policies.Delete(e.Context(), member, first.ID).ExtractErr(), http.StatusForbidden)
	}, testlib.ID("f0ae39d8-6b04-4e12-97f4-08579cb857d4"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("Deleted", func(e *testlib.Env) {
		wantOK(e, "deleting the policy", policies.Delete(e.Context(), admin, second.ID).ExtractErr())
		e.WantStatus("reading a deleted policy",
			policies.Get(e.Context(), admin, second.ID).Err, http.StatusNotFound)
	}, testlib.ID("2b77bbb7-7f26-4268-abf6-dfa8a33a34f5"))
}
