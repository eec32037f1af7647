package remote

import (
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A host with several keys must show the one that is known, or it seems to be another.
func TestKnownKindOfHostKeyIsAskedForFirst(t *testing.T) {
	t.Parallel()
	kinds := ssh.SupportedAlgorithms().HostKeys
	tests := map[KeyType][]string{
		RSA:     {ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
		ECDSA:   {ssh.KeyAlgoECDSA256},
		Ed25519: {ssh.KeyAlgoED25519},
	}
	for kind, want := range tests {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			key, err := NewKey(kind)
			if err != nil {
				t.Fatal(err)
			}
			h := &HostKeys{}
			if got := h.prefer("host:22", kinds); !slices.Equal(got, kinds) {
				t.Errorf("of an unknown host: %v", got)
			}
			if err := h.check("host:22", nil, key.signer.PublicKey()); err != nil {
				t.Fatal(err)
			}
			got := h.prefer("host:22", kinds)
			if !slices.Equal(got[:len(want)], want) {
				t.Errorf("first are %v, want %v", got[:len(want)], want)
			}
			slices.Sort(got)
			sorted := slices.Sorted(slices.Values(kinds))
			if !slices.Equal(got, sorted) {
				t.Errorf("all together: %v, want %v", got, sorted)
			}
			h.Forget("host")
			if got := h.prefer("host:22", kinds); !slices.Equal(got, kinds) {
				t.Errorf("of a forgotten host: %v", got)
			}
		})
	}
}
