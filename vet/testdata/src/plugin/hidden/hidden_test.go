//go:build tempest

package hidden

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
	"plugin/hidden/helpers"
)

func TestShared(t *testing.T) {
	e := shared(t)
	look(e)
	e.Run("Fine", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000002"))
	e.Run("Named", follow, testlib.Smoke)                       // want `tempest list does not see this subtest`
	helpers.Run(e, "Sub", func(*testlib.Env) {}, testlib.Smoke) // want `tempest list does not see subtests that helpers.Run begins`
}

func shared(t *testing.T) *testlib.Env {
	return testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000003")) // want `tempest list does not see this ID`
}

func look(e *testlib.Env) {
	e.Run("Sub", func(e *testlib.Env) { // want `tempest list does not see this subtest`
		e.Run("Inner", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000004"))
	}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000005"))
}

func TestFollows(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000018"))
	e.Run("Fine", follow, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000019"))
}

func follow(e *testlib.Env) {
	e.Run("Fine", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000006"))
}

func TestHandsOn(t *testing.T) {
	e := helpers.With(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000007"))
	other := e
	other.Run("Fine", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000008"))
}

func TestValues(t *testing.T) {
	start := testlib.Start // want `tests that are begun by a value of Start`
	e := start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000009"))
	run := e.Run // want `tests that are begun by a value of Run`
	run("Sub", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000010"))
	(*testlib.Env).Run(e, "Sub", func(*testlib.Env) {}) // want `tests that are begun by a value of Run`
}

type suite struct{ *testlib.Env }

func TestEmbedded(t *testing.T) {
	s := suite{testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000011"))}
	s.Run("Sub", func(*testlib.Env) {}) // want `tempest list does not see this subtest`
	s.Env.Run("Other", s.method)        // want `tempest list does not see this subtest`
}

func (suite) method(e *testlib.Env) {
	e.Run("Deep", func(*testlib.Env) {}) // want `tempest list does not see this subtest`
}

func generic[T any](t *testing.T, _ T, opts ...testlib.Option) *testlib.Env {
	return testlib.Start(t, opts...)
}

func TestGeneric(t *testing.T) {
	generic[int](t, 1, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000012"))
}

func TestPlain(t *testing.T) {
	t.Run("Fine", func(t *testing.T) {
		testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000013"))
	})
}
