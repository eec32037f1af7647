//go:build tempest

package ignored

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestBehind(t *testing.T) {
	e := testlib.Start(t)             //lint:ignore tempestid it is of another tool
	e.Run("A", func(*testlib.Env) {}) // want `the test has no UUID`
}

func TestAbove(t *testing.T) {
	names := []string{"a", "b"}
	//lint:ignore tempestid,tempestliteral so many as the cloud has
	// and one comment more
	e := testlib.Start(t, testlib.Services(names...))
	for _, name := range names {
		//lint:ignore tempestliteral so many as the cloud has
		e.Run(name, func(*testlib.Env) {}) // want `the test has no UUID`
	}
	_ = names                         /* want `nothing of tempestid to ignore` */ //lint:ignore tempestid the next line is another
	e.Run("A", func(*testlib.Env) {}) // want `the test has no UUID`
	//lint:ignore SA1000 of another tool
	e.Run("B", func(*testlib.Env) {}) // want `the test has no UUID`
	// lint:ignore tempestid no directive
	e.Run("C", func(*testlib.Env) {}) // want `the test has no UUID`
}

func TestWithoutReason(t *testing.T) {
	testlib.Start(t) /* want `the test has no UUID` `does not say why tempestid does not matter` */ //lint:ignore tempestid
}

func TestNothingToIgnore(t *testing.T) {
	testlib.Start(t, testlib.ID("5ad5a1a6-8b3c-4a0c-9a77-6a4a3c6d1e0f")) /* want `nothing of tempestid to ignore` */ //lint:ignore tempestid by mistake
}
