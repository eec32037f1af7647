//go:build tempest

package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// unknown is an ID that no secret and no container has.
const unknown = "5d1c4f0a-6c5b-4f7e-9d0e-2f1f1d1b9a11"

func TestSecretInTwoSteps(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0217579d-8c8a-4c01-8e6d-55c2cf2beec2"), testlib.Smoke,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("two-steps")})

	_, err := secrets.GetPayload(ctx, c, id, nil).Extract()
	e.WantStatus("reading a payload that is not there yet", err, http.StatusNotFound)
	err = secrets.Update(ctx, c, id, secrets.UpdateOpts{ContentType: "text/plain", Payload: "later"}).ExtractErr()
	if err != nil {
		e.Fatalf("adding the payload: %v", err)
	}

	if got := keymanager.Payload(e, c, id, "text/plain"); string(got) != "later" {
		e.Errorf("payload = %q, want %q", got, "later")
	}
	s, err := secrets.Get(ctx, c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"default": "text/plain"}, s.ContentTypes); diff != "" {
		e.Errorf("content types (-want +got):\n%s", diff)
	}
}

func TestSecretInOneStep(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fa96747f-9c65-491e-a82c-4c3fbd241ef7"), testlib.Smoke,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	expiration := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	o := secrets.CreateOpts{
		Name: e.Name("one-step"), Algorithm: "aes", BitLength: 256, Mode: "cbc",
		SecretType: secrets.PassphraseSecret, Expiration: &expiration,
		Payload: "grüße", PayloadContentType: "text/plain;charset=utf-8",
	}
	id := keymanager.NewSecret(e, c, o)

	s, err := secrets.Get(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}

	want := secrets.Secret{
		Name: o.Name, Algorithm: "aes", BitLength: 256, Mode: "cbc", SecretType: "passphrase", Status: "ACTIVE",
		Expiration: expiration, ContentTypes: map[string]string{"default": "text/plain"},
		CreatorID: e.Credential(testlib.ProjectMember).UserID,
		SecretRef: s.SecretRef, Created: s.Created, Updated: s.Updated, // the service's own
	}
	if diff := cmp.Diff(want, *s); diff != "" {
		e.Errorf("secret (-want +got):\n%s", diff)
	}
	if keymanager.ID(s.SecretRef) != id || s.Created.IsZero() || s.Updated.Before(s.Created) {
		e.Errorf("secret %s has ref %s, created %v, updated %v", id, s.SecretRef, s.Created, s.Updated)
	}
	if got := keymanager.Payload(e, c, id, "text/plain"); string(got) != "grüße" {
		e.Errorf("payload = %q, want %q", got, "grüße")
	}
}

func TestSecretIsOpaqueByDefault(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f790022a-d5c0-451c-a573-ea1e145493ca"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{})

	s, err := secrets.Get(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if s.SecretType != string(secrets.OpaqueSecret) || s.Name != "" || len(s.ContentTypes) > 0 || !s.Expiration.IsZero() {
		e.Errorf("secret = %+v, want it opaque, without name, payload and expiration", *s)
	}
}

func TestSecretTypes(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ee96d3ff-1679-4ec6-a9a7-cba8f015aed9"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	for _, kind := range []secrets.SecretType{
		secrets.SymmetricSecret, secrets.PublicSecret, secrets.PrivateSecret,
		secrets.PassphraseSecret, secrets.CertificateSecret, secrets.OpaqueSecret,
	} {
		id := keymanager.NewSecret(e, c, secrets.CreateOpts{SecretType: kind})
		s, err := secrets.Get(e.Context(), c, id).Extract()
		if err != nil {
			e.Fatal(err)
		}
		if s.SecretType != string(kind) {
			e.Errorf("a secret created as %s is %s", kind, s.SecretType)
		}
	}
}

func TestSecretDelete(t *testing.T) {
	e := testlib.Start(t, testlib.ID("948b09b3-28f5-4e2b-a03d-0a201c8c0570"), testlib.Smoke,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{
		Name: e.Name("delete"), Payload: "x", PayloadContentType: "text/plain",
	})

	if err := secrets.Delete(ctx, c, id).ExtractErr(); err != nil {
		e.Fatalf("deleting the secret: %v", err)
	}

	for what, call := range map[string]func(context.Context) error{
		"describing": func(ctx context.Context) error { return secrets.Get(ctx, c, id).Err },
		"reading":    func(ctx context.Context) error { return secrets.GetPayload(ctx, c, id, nil).Err },
		"deleting":   func(ctx context.Context) error { return secrets.Delete(ctx, c, id).Err },
	} {
		e.WantStatus(what+" a deleted secret", call(ctx), http.StatusNotFound)
	}
}

func TestSecretUnknown(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9664559e-1e79-445c-a281-082e7d67d9ac"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	for _, id := range []string{unknown, "not-an-id"} {
		e.WantStatus("describing "+id, secrets.Get(ctx, c, id).Err, http.StatusNotFound)
		e.WantStatus("reading "+id, secrets.GetPayload(ctx, c, id, nil).Err, http.StatusNotFound)
		e.WantStatus("deleting "+id, secrets.Delete(ctx, c, id).Err, http.StatusNotFound)
		e.WantStatus("metadata of "+id, secrets.GetMetadata(ctx, c, id).Err, http.StatusNotFound)
		err := secrets.Update(ctx, c, id, secrets.UpdateOpts{ContentType: "text/plain", Payload: "x"}).Err
		e.WantStatus("adding a payload to "+id, err, http.StatusNotFound)
	}
}

func TestSecretRefusedWhenMalformed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("83c0c12a-9951-4cd1-8a8b-b6276316714b"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	past := time.Now().Add(-time.Hour)
	for what, o := range map[string]secrets.CreateOpts{
		"payload without a type":  {Payload: "x"},
		"type without a payload":  {PayloadContentType: "text/plain"},
		"unknown payload type":    {Payload: "x", PayloadContentType: "text/html"},
		"unknown charset":         {Payload: "x", PayloadContentType: "text/plain; charset=latin-1"},
		"blank payload":           {Payload: "  ", PayloadContentType: "text/plain"},
		"encoded text":            {Payload: "eA==", PayloadContentType: "text/plain", PayloadContentEncoding: "base64"},
		"binary without encoding": {Payload: "x", PayloadContentType: "application/octet-stream"},
		"unknown encoding":        binary("x", "gzip"),
		"wrong base64":            binary("x", "base64"),
		"unknown secret type":     {SecretType: "nonsense"},
		"negative bit length":     {BitLength: -1},
		"huge bit length":         {BitLength: 1 << 20},
		"expired":                 {Expiration: &past},
		"long name":               {Name: string(make([]byte, 256))},
	} {
		s, err := secrets.Create(e.Context(), c, o).Extract()
		e.WantStatus(what, err, http.StatusBadRequest)
		forget(e, c, s, err)
	}
}
