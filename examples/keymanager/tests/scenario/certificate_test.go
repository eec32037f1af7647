//go:build tempest

package scenario

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/acls"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// TestCertificateForAnotherProject does what users of a load balancer do: a
// certificate and its key are stored, bundled, and shared with the balancer's
// user, who belongs to another project and builds a TLS certificate of them.
func TestCertificateForAnotherProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("02ac7591-b594-477c-b06c-125d0acce463"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	owner, balancer := keymanager.Client(e, testlib.ProjectMember), keymanager.Client(e, testlib.AltMember)
	certificate, key := newCertificate(e)

	bundle := keymanager.NewContainer(e, owner, containers.CreateOpts{
		Type: containers.CertificateContainer, Name: e.Name("certificate"),
		SecretRefs: []containers.SecretRef{
			{Name: "certificate", SecretRef: store(e, owner, secrets.CertificateSecret, certificate)},
			{Name: "private_key", SecretRef: store(e, owner, secrets.PrivateSecret, key)},
		},
	})
	err := containers.Get(e.Context(), balancer, bundle).Err
	e.WantStatus("the balancer reading the bundle before it is shared", err, http.StatusForbidden)
	share(e, owner, bundle, e.Credential(testlib.AltMember).UserID)

	got := fetch(e, balancer, bundle)
	if _, err := tls.X509KeyPair(got["certificate"], got["private_key"]); err != nil {
		e.Errorf("the certificate and key that the balancer read: %v", err)
	}
}

// newCertificate makes a certificate and its key, both in PEM.
func newCertificate(e *testlib.Env) (certificate, key []byte) {
	e.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		e.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"www.example.com"},
		NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		e.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		e.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// store keeps data in two steps, as binary, and returns the reference.
func store(e *testlib.Env, c *gophercloud.ServiceClient, kind secrets.SecretType, data []byte) string {
	e.Helper()
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name(string(kind)), SecretType: kind})
	o := secrets.UpdateOpts{ContentType: "application/octet-stream", Payload: string(data)}
	if err := secrets.Update(e.Context(), c, id, o).ExtractErr(); err != nil {
		e.Fatalf("storing the %s: %v", kind, err)
	}
	s, err := secrets.Get(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	return s.SecretRef
}

// share lets a user read a container and the secrets in it.
func share(e *testlib.Env, c *gophercloud.ServiceClient, container, user string) {
	e.Helper()
	box, err := containers.Get(e.Context(), c, container).Extract()
	if err != nil {
		e.Fatal(err)
	}
	o := acls.SetOpts{{Type: "read", Users: &[]string{user}}}
	if err := acls.SetContainerACL(e.Context(), c, container, o).Err; err != nil {
		e.Fatalf("sharing the container: %v", err)
	}
	for _, ref := range box.SecretRefs {
		if err := acls.SetSecretACL(e.Context(), c, keymanager.ID(ref.SecretRef), o).Err; err != nil {
			e.Fatalf("sharing the secret %s: %v", ref.Name, err)
		}
	}
}

// fetch reads the secrets of a container, by their names in it.
func fetch(e *testlib.Env, c *gophercloud.ServiceClient, container string) map[string][]byte {
	e.Helper()
	box, err := containers.Get(e.Context(), c, container).Extract()
	if err != nil {
		e.Fatalf("reading the container: %v", err)
	}
	payloads := map[string][]byte{}
	for _, ref := range box.SecretRefs {
		payloads[ref.Name] = keymanager.Payload(e, c, keymanager.ID(ref.SecretRef), "application/octet-stream")
	}
	return payloads
}
