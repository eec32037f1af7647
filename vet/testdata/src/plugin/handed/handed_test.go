//go:build tempest

package handed

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
	"plugin/hidden/helpers"
)

func start(t *testing.T, opts ...testlib.Option) *testlib.Env { return testlib.Start(t, opts...) }

func startWith(t *testing.T, id testlib.ID, opts ...testlib.Option) *testlib.Env {
	return testlib.Start(t, id, testlib.Smoke)
}

func startMore(t *testing.T, opts ...testlib.Option) *testlib.Env {
	return testlib.Start(t, append(opts, testlib.Smoke)...) // want `options that are a slice cannot be read`
}

func startChanged(t *testing.T, opts ...testlib.Option) *testlib.Env {
	opts = append(opts, testlib.Smoke)
	return testlib.Start(t, opts...) // want `options that are a slice cannot be read`
}

func startText(t *testing.T, id string) *testlib.Env {
	return testlib.Start(t, testlib.ID(id)) // want `the value is computed`
}

func startNone(t *testing.T) *testlib.Env {
	return testlib.Start(t, testlib.Smoke) // want `would be that of several`
}

func TestHanded(t *testing.T) {
	start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000201"))
	startNone(t)
	helpers.Thing(t, start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000204")))
	startText(t, "5cdb2cb0-0f3a-4d0a-8f86-000000000202")
}

func TestWith(t *testing.T) {
	e := startWith(t, "5cdb2cb0-0f3a-4d0a-8f86-000000000203", testlib.Services(t.Name())) // want `the value is computed`
	_ = e
}

func TestNone(t *testing.T) { start(t, testlib.Smoke) } // want `the test has no UUID`

func TestMore(t *testing.T) { startMore(t) } // want `the test has no UUID`

func TestChanged(t *testing.T) { startChanged(t) } // want `the test has no UUID`

func TestHelpers(t *testing.T) { helpers.With(t) } // want `the test has no UUID`

func TestNoRoom(t *testing.T) { helpers.Start(t) } // want `the test has no UUID, and helpers.Start takes none`
