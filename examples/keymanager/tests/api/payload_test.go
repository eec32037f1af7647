//go:build tempest

package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// notText are bytes that no UTF-8 text has.
var notText = []byte{0, 0xff, 0xfe, '\n', 0}

// binary returns options for a secret with a payload that is not text.
func binary(payload, encoding string) secrets.CreateOpts {
	return secrets.CreateOpts{
		Payload: payload, PayloadContentType: "application/octet-stream", PayloadContentEncoding: encoding,
	}
}

// forget removes a secret that should not have come into being.
func forget(e *testlib.Env, c *gophercloud.ServiceClient, s *secrets.Secret, err error) {
	e.Helper()
	if err != nil || s == nil {
		return
	}
	e.Cleanup("secret "+s.SecretRef, func(ctx context.Context) error {
		return secrets.Delete(ctx, c, keymanager.ID(s.SecretRef)).ExtractErr()
	})
}

func TestPayloadBinary(t *testing.T) {
	e := testlib.Start(t, testlib.ID("45a1dfbe-6be6-48e1-8a87-e336937fc669"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, binary(base64.StdEncoding.EncodeToString(notText), "base64"))

	for _, accept := range []string{"application/octet-stream", "application/pkcs8", "*/*"} {
		if got := keymanager.Payload(e, c, id, accept); !bytes.Equal(got, notText) {
			e.Errorf("payload as %s = %q, want %q", accept, got, notText)
		}
	}
	err := secrets.GetPayload(e.Context(), c, id, secrets.GetPayloadOpts{PayloadContentType: "text/plain"}).Err
	e.WantStatus("reading binary data as text", err, http.StatusNotAcceptable)
}

func TestPayloadBinaryUpload(t *testing.T) {
	e := testlib.Start(t, testlib.ID("1992bb97-a617-4a5e-b3c8-c857fc9eebf6"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	for encoding, body := range map[string]string{
		"":       string(notText),
		"base64": base64.StdEncoding.EncodeToString(notText),
	} {
		id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("upload")})
		err := secrets.Update(e.Context(), c, id, secrets.UpdateOpts{
			ContentType: "application/octet-stream", ContentEncoding: encoding, Payload: body,
		}).ExtractErr()
		if err != nil {
			e.Errorf("adding a payload with encoding %q: %v", encoding, err)
			continue
		}
		if got := keymanager.Payload(e, c, id, "application/octet-stream"); !bytes.Equal(got, notText) {
			e.Errorf("payload added with encoding %q = %q, want %q", encoding, got, notText)
		}
	}
}

func TestPayloadInUnsupportedType(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f88b261b-8151-4bca-b455-b270163db568"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Payload: "x", PayloadContentType: "text/plain"})
	for _, accept := range []string{"application/json", "text/html", "text/*", "text/plain, */*"} {
		err := secrets.GetPayload(e.Context(), c, id, secrets.GetPayloadOpts{PayloadContentType: accept}).Err
		e.WantStatus("reading text as "+accept, err, http.StatusNotAcceptable)
	}
}

func TestPayloadIsFinal(t *testing.T) {
	e := testlib.Start(t, testlib.ID("eb1d4d20-8724-4330-84ad-43e942ec5823"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Payload: "first", PayloadContentType: "text/plain"})

	err := secrets.Update(e.Context(), c, id, secrets.UpdateOpts{ContentType: "text/plain", Payload: "second"}).Err
	e.WantStatus("replacing a payload", err, http.StatusConflict)

	if got := keymanager.Payload(e, c, id, "text/plain"); string(got) != "first" {
		e.Errorf("payload = %q, want %q", got, "first")
	}
}

func TestPayloadUploadRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a7f3742f-d155-4011-832c-270edc7ec1e3"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("upload-refused")})
	const unsupported = http.StatusUnsupportedMediaType
	for what, tt := range map[string]struct {
		contentType, encoding, payload string
		want                           int
	}{
		"JSON":             {"application/json", "", "{}", unsupported},
		"another type":     {"image/png", "", "x", unsupported},
		"nothing":          {"text/plain", "", "", http.StatusBadRequest},
		"another encoding": {"application/octet-stream", "gzip", "x", http.StatusBadRequest},
	} {
		o := secrets.UpdateOpts{ContentType: tt.contentType, ContentEncoding: tt.encoding, Payload: tt.payload}
		e.WantStatus("adding "+what, secrets.Update(e.Context(), c, id, o).Err, tt.want)
	}
	_, err := secrets.GetPayload(e.Context(), c, id, nil).Extract()
	e.WantStatus("reading the payload afterwards", err, http.StatusNotFound)
}

func TestPayloadLimit(t *testing.T) {
	e := testlib.Start(t, testlib.ID("be12c603-5510-47aa-b3b9-949f88d37268"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	largest := strings.Repeat("x", keymanager.Config(e).KeyManager.MaxPayload)

	e.Run("Create", func(e *testlib.Env) {
		c := keymanager.Client(e, testlib.ProjectMember)
		id := keymanager.NewSecret(e, c, secrets.CreateOpts{Payload: largest, PayloadContentType: "text/plain"})
		if got := keymanager.Payload(e, c, id, "text/plain"); string(got) != largest {
			e.Errorf("the payload read has %d bytes, or others than the %d stored", len(got), len(largest))
		}
		o := secrets.CreateOpts{Payload: largest + "x", PayloadContentType: "text/plain"}
		s, err := secrets.Create(e.Context(), c, o).Extract()
		e.WantStatus("a payload with a byte too many", err, http.StatusRequestEntityTooLarge)
		forget(e, c, s, err)
	}, testlib.ID("13bd467a-0494-47b1-8c1b-17ce32271d80"))

	e.Run("Upload", func(e *testlib.Env) {
		c := keymanager.Client(e, testlib.ProjectMember)
		id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("limit")})
		o := secrets.UpdateOpts{ContentType: "text/plain", Payload: largest + "x"}
		err := secrets.Update(e.Context(), c, id, o).Err
		e.WantStatus("a payload with a byte too many", err, http.StatusRequestEntityTooLarge)
		o.Payload = largest
		if err := secrets.Update(e.Context(), c, id, o).Err; err != nil {
			e.Errorf("adding a payload of %d bytes: %v", len(largest), err)
		}
	}, testlib.ID("0cb9e7f5-3abc-4fd5-96f9-53f5f8bd8b57"))
}
