//go:build tempest

package identity_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/credentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/ec2credentials"

	"github.com/gotempest/tempest/testlib"
)

// keyPair is what a credential of the type ec2 holds.
type keyPair struct {
	Access string `json:"access"`
	Secret string `json:"secret"`
}

func (p keyPair) blob() string {
	text, _ := json.Marshal(p) // strings always encode
	return string(text)
}

// newCredential makes a credential of the project member, as the administrator.
func newCredential(e *testlib.Env) (*credentials.Credential, keyPair) {
	e.Helper()
	admin, owner := e.Identity(testlib.ProjectAdmin), e.Credential(testlib.ProjectMember)
	pair := keyPair{Access: e.Name("access"), Secret: e.Name("secret")}
	c, err := present(credentials.Create(e.Context(), admin, credentials.CreateOpts{
		Type: "ec2", UserID: owner.UserID, ProjectID: owner.ProjectID, Blob: pair.blob(),
	}).Extract())
	if err != nil {
		e.Fatalf("creating a credential: %v", err)
	}
	e.Cleanup("credential "+c.ID, func(ctx context.Context) error {
		return credentials.Delete(ctx, admin, c.ID).ExtractErr()
	})
	return c, pair
}

// wantKeys checks what a credential holds.
func wantKeys(e *testlib.Env, c *credentials.Credential, want keyPair) {
	e.Helper()
	var got keyPair
	if err := json.Unmarshal([]byte(c.Blob), &got); err != nil {
		e.Fatalf("blob = %q: %v", c.Blob, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("blob mismatch (-want +got):\n%s", diff)
	}
}

func TestCredentials(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4d4f961a-ccfa-4031-b31d-770c8335757a"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember))
	admin := e.Identity(testlib.ProjectAdmin)
	first, pair := newCredential(e)
	second, _ := newCredential(e)

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, credentials.List(admin, nil), credentials.ExtractCredentials)
		for _, want := range []*credentials.Credential{first, second} {
			if !slices.ContainsFunc(listed, func(c credentials.Credential) bool { return c.ID == want.ID }) {
				e.Errorf("credentials lack %s", want.ID)
			}
		}
	}, testlib.ID("13202c00-0021-42a1-88d4-81b44d448aab"))

	e.Run("ListedByOwner", func(e *testlib.Env) {
		me := e.Credential(testlib.ProjectMember)
		own := list(e, credentials.List(e.Identity(testlib.ProjectMember), nil), credentials.ExtractCredentials)
		for _, c := range own {
			if c.UserID != me.UserID {
				e.Errorf("a user sees credential %s of user %s", c.ID, c.UserID)
			}
		}
		if len(own) != 2 {
			e.Errorf("a user sees %d credentials, want the 2 of its own", len(own))
		}
	}, testlib.ID("ea210cb9-7347-4c2c-8fa5-01c9e81a1991"))

	// Where a credential belongs stays: some releases refuse a change of it.
	e.Run("Life", func(e *testlib.Env) {
		owner := e.Credential(testlib.ProjectMember)
		if first.Type != "ec2" || first.UserID != owner.UserID || first.ProjectID != owner.ProjectID {
			e.Errorf("created %+v, want one of user %s and project %s", first, owner.UserID, owner.ProjectID)
		}
		wantKeys(e, first, pair)

		next := keyPair{Access: e.Name("access"), Secret: e.Name("secret")}
		updated, err := present(credentials.Update(e.Context(), admin, first.ID,
			credentials.UpdateOpts{Blob: next.blob()}).Extract())
		wantOK(e, "updating the credential", err)
		wantKeys(e, updated, next)

		read, err := present(credentials.Get(e.Context(), admin, first.ID).Extract())
		wantOK(e, "reading the credential", err)
		wantKeys(e, read, next) // the text of the blob may be another
		if read.ID != first.ID || read.Type != "ec2" || read.UserID != owner.UserID ||
			read.ProjectID != owner.ProjectID {
			e.Errorf("read %+v, want %s with its owner", read, first.ID)
		}
	}, testlib.ID("7cd59bf9-bda4-4c72-9467-d21cab278355"), testlib.Smoke)

	e.Run("IsRefusedToOthers", func(e *testlib.Env) {
		stranger := e.Identity(testlib.AltMember)
		e.WantStatus("reading the credential of others",
			credentials.Get(e.Context(), stranger, second.ID).Err, http.StatusForbidden)
		e.WantStatus("deleting the credential of others",
			credentials.Delete(e.Context(), stranger, second.ID).ExtractErr(), http.StatusForbidden)
	}, testlib.ID("81a02149-60de-44bc-b091-2e78daa32843"), testlib.Negative, testlib.Credentials(testlib.AltMember))

	e.Run("IsRefused", func(e *testlib.Env) {
		owner := e.Credential(testlib.ProjectMember)
		for what, opts := range map[string]credentials.CreateOpts{
			"without project": {Type: "ec2", UserID: owner.UserID, Blob: pair.blob()},
			"without JSON":    {Type: "ec2", UserID: owner.UserID, ProjectID: owner.ProjectID, Blob: "no object"},
		} {
			err := credentials.Create(e.Context(), admin, opts).Err
			e.WantStatus("creating one of the type ec2 "+what, err, http.StatusBadRequest)
		}
	}, testlib.ID("ac29d69d-63d9-4544-b3a5-c11508ebaf06"), testlib.Negative)
}

// newKeys makes an EC2 credential of the project member.
func newKeys(e *testlib.Env) *ec2credentials.Credential {
	e.Helper()
	me, client := e.Credential(testlib.ProjectMember), e.Identity(testlib.ProjectMember)
	c, err := present(ec2credentials.Create(e.Context(), client, me.UserID,
		ec2credentials.CreateOpts{TenantID: me.ProjectID}).Extract())
	if err != nil {
		e.Fatalf("creating an EC2 credential: %v", err)
	}
	e.Cleanup("EC2 credential "+c.Access, func(ctx context.Context) error {
		return ec2credentials.Delete(ctx, client, me.UserID, c.Access).ExtractErr()
	})
	return c
}

func TestEC2Credentials(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5fae504d-234a-449e-9429-6d336d243fe8"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	client := e.Identity(testlib.ProjectMember)
	first, second := newKeys(e), newKeys(e)

	e.Run("Created", func(e *testlib.Env) {
		if first.Access == "" || first.Secret == "" || first.UserID != me.UserID || first.TenantID != me.ProjectID {
			e.Errorf("created one of user %s and project %s, want %s and %s, with access and secret",
				first.UserID, first.TenantID, me.UserID, me.ProjectID)
		}
	}, testlib.ID("b0f55a29-54e5-4166-999d-712347e0c920"))

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, ec2credentials.List(client, me.UserID), ec2credentials.ExtractCredentials)
		for _, want := range []*ec2credentials.Credential{first, second} {
			if !slices.ContainsFunc(listed, func(c ec2credentials.Credential) bool { return c.Access == want.Access }) {
				e.Errorf("EC2 credentials lack %s", want.Access)
			}
		}
	}, testlib.ID("897813f0-160c-4fdc-aabc-24ee635ce4a9"))

	e.Run("Read", func(e *testlib.Env) {
		read, err := present(ec2credentials.Get(e.Context(), client, me.UserID, first.Access).Extract())
		wantOK(e, "reading the EC2 credential", err)
		if diff := cmp.Diff(first, read); diff != "" {
			e.Errorf("EC2 credential mismatch (-created +read):\n%s", diff)
		}
	}, testlib.ID("8b8d1010-5958-48df-a6cd-5e3df72e6bcf"))

	e.Run("IsRefusedToOthers", func(e *testlib.Env) {
		stranger := e.Identity(testlib.AltMember)
		e.WantStatus("reading the EC2 credential of others",
			ec2credentials.Get(e.Context(), stranger, me.UserID, first.Access).Err, http.StatusForbidden)
	}, testlib.ID("c82ddfe7-f16d-4bb4-9104-282e1fde81ce"), testlib.Negative, testlib.Credentials(testlib.AltMember))

	e.Run("Deleted", func(e *testlib.Env) {
		wantOK(e, "deleting the EC2 credential",
			ec2credentials.Delete(e.Context(), client, me.UserID, second.Access).ExtractErr())
		e.WantStatus("reading a deleted EC2 credential",
			ec2credentials.Get(e.Context(), client, me.UserID, second.Access).Err, http.StatusNotFound)
	}, testlib.ID("9408d61b-8be0-4a8d-9b85-14f61edb456b"))
}
