// Package helpers is what tests of another package begin with.
package helpers

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

// Start has the ID of all tests that call it.
func Start(t *testing.T) *testlib.Env {
	return testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000001")) // want `tempest list does not see this ID`
}

// With is fine: tempest list reads what its callers say.
func With(t *testing.T, opts ...testlib.Option) *testlib.Env { return testlib.Start(t, opts...) }

type thing struct{ env *testlib.Env }

// Thing begins no test.
func Thing(t *testing.T, e *testlib.Env) *thing { return &thing{e} }

// Run begins subtests for its callers.
func Run(e *testlib.Env, name string, f func(*testlib.Env), opts ...testlib.Option) {
	e.Run(name, f, opts...)
}
