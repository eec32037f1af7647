package remote

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// A KeyType is a kind of key pair.
type KeyType string

// Kinds of key pairs. Servers of the last ten years take all of them; older ones take RSA alone.
const (
	Ed25519 KeyType = "ed25519"
	ECDSA   KeyType = "ecdsa" // on the curve P-256
	RSA     KeyType = "rsa"   // of 3072 bits
)

const rsaBits = 3072

// A Key is a key pair to log in with. Printing it prints its public half.
type Key struct {
	signer  ssh.Signer
	private crypto.Signer
}

// NewKey makes a key pair. It does not come from the seed of the run, which is in the report.
func NewKey(t KeyType) (*Key, error) {
	var private crypto.Signer
	var err error
	switch t {
	case Ed25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case ECDSA:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RSA:
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return nil, fmt.Errorf("making a key: unknown type %q; there are %s, %s and %s", t, Ed25519, ECDSA, RSA)
	}
	if err != nil {
		return nil, fmt.Errorf("making a key of type %s: %w", t, err)
	}
	return newKey(private)
}

// ParseKey reads a private key without a passphrase, in PEM: what Nova returns when it makes the pair, or
// what ssh-keygen writes.
func ParseKey(private []byte) (*Key, error) {
	raw, err := ssh.ParseRawPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("reading a private key: %w", err)
	}
	switch k := raw.(type) {
	case *ed25519.PrivateKey:
		return newKey(*k)
	case crypto.Signer:
		return newKey(k)
	}
	return nil, fmt.Errorf("reading a private key: %T cannot sign", raw)
}

func newKey(private crypto.Signer) (*Key, error) {
	signer, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		return nil, fmt.Errorf("using a key: %w", err)
	}
	return &Key{signer: signer, private: private}, nil
}

// Public returns the public half as a line of authorized_keys, which is what Nova takes for a key pair.
func (k *Key) Public() string {
	return strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(k.signer.PublicKey())), "\n")
}

// Private returns the private half in OpenSSH's format, for a file of ssh.
func (k *Key) Private() ([]byte, error) {
	block, err := ssh.MarshalPrivateKey(k.private, "")
	if err != nil {
		return nil, fmt.Errorf("writing a private key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

// Fingerprint returns the SHA-256 fingerprint of the public half.
func (k *Key) Fingerprint() string { return ssh.FingerprintSHA256(k.signer.PublicKey()) }

// String returns the type and the fingerprint.
func (k *Key) String() string {
	if k == nil {
		return "no key"
	}
	return k.signer.PublicKey().Type() + " " + k.Fingerprint()
}

// GoString returns the same as String: %#v prints no private key.
func (k *Key) GoString() string { return k.String() }
