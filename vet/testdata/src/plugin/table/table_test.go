//go:build tempest

package table

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

var cases = []struct {
	name string
	id   testlib.ID
}{
	{"one", "5cdb2cb0-0f3a-4d0a-8f86-000000000101"},
	{"two", "5cdb2cb0-0f3a-4d0a-8f86-000000000102"},
}

func TestTable(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000103"))
	for _, c := range cases {
		e.Run(c.name, func(e *testlib.Env) { // want `the name of the subtest is computed`
			e.Run("Inner", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000104")) // want `each round of the loop begins a test with this UUID`
		}, c.id) // want `the value is computed`
	}
}

func TestPlainTable(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { // want `the name of the subtest is computed`
			e := testlib.Start(t, c.id)                          // want `the value is computed`
			e.Run("Inner", func(*testlib.Env) {}, testlib.Smoke) // want `would be that of several`
		})
	}
}

func TestAssertions(t *testing.T) {
	testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000105"))
	for _, c := range cases {
		t.Run(c.name, func(*testing.T) {}) // no test of the cloud
	}
}

func TestSameBody(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000106"))
	e.Run("A", body, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000107"))
	e.Run("B", body, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000108"))
}

func body(e *testlib.Env) {
	e.Run("Sub", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000109")) // want `TestSameBody/A/Sub and TestSameBody/B/Sub all have this UUID`
}

func TestLoop(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000110"))
	for range 2 {
		e.Run("Sub", func(*testlib.Env) {}, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000111")) // want `each round of the loop begins a test with this UUID`
	}
}
