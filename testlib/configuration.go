package testlib

import (
	"testing"

	"github.com/gotempest/tempest/testlib/config"
)

// Config returns the options of T, a plugin's Config type. What is wrong with the
// configuration fails the test.
func Config[T any](e *Env) T {
	e.Helper()
	v, err := config.Decode[T](e.session.values)
	if err != nil {
		e.Fatal(err)
	}
	e.session.warn(e.T)
	return v
}

// warn writes what is deprecated in the configuration into the log of t. Each warning is in
// the log of one test of the process.
func (s *session) warn(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.values.Warnings()
	for _, w := range all[s.warned:] {
		t.Logf("configuration: %s", w)
	}
	s.warned = len(all)
}
