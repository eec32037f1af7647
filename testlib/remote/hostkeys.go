package remote

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
)

// HostKeys remembers the key of each host at the first login, and refuses another one from then on. Two hosts that use
// one address one after the other need two HostKeys. The zero value is ready, and may be shared by
// clients and goroutines.
type HostKeys struct {
	mu    sync.Mutex
	known map[string][]byte
}

// A HostKeyError says that a host has another key than before: it is another host, or was rebuilt.
type HostKeyError struct {
	Address string // with the port
	Was, Is string // fingerprints
}

// Error says which host, and both fingerprints.
func (e *HostKeyError) Error() string {
	return fmt.Sprintf("the key of host %s is %s, and was %s before", e.Address, e.Is, e.Was)
}

// Forget forgets the key of a host that was rebuilt on purpose. The address is as in [Options].
func (h *HostKeys) Forget(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.known, withPort(address))
}

// check is an [ssh.HostKeyCallback].
func (h *HostKeys) check(address string, _ net.Addr, key ssh.PublicKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	is := key.Marshal()
	was, ok := h.known[address]
	if !ok {
		if h.known == nil {
			h.known = map[string][]byte{}
		}
		h.known[address] = is
		return nil
	}
	if bytes.Equal(was, is) {
		return nil
	}
	e := &HostKeyError{Address: address, Is: ssh.FingerprintSHA256(key), Was: "one that cannot be read"}
	if k, err := ssh.ParsePublicKey(was); err == nil {
		e.Was = ssh.FingerprintSHA256(k)
	}
	return e
}

// prefer returns kinds of host keys with the one that is known first, so that a host with several does not seem to have
// changed.
func (h *HostKeys) prefer(address string, kinds []string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	k, err := ssh.ParsePublicKey(h.known[address])
	if err != nil {
		return kinds
	}
	first := []string{k.Type()}
	if k.Type() == ssh.KeyAlgoRSA {
		first = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	is := func(kind string) bool { return slices.Contains(first, kind) }
	var known []string
	for _, kind := range first {
		if slices.Contains(kinds, kind) {
			known = append(known, kind)
		}
	}
	return append(known, slices.DeleteFunc(slices.Clone(kinds), is)...)
}
