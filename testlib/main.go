package testlib

import "testing"

// MainOption is an [Option] that may be said once for all tests of a package.
type MainOption interface {
	Option
	forAll()
}

// processWide marks options as [MainOption].
type processWide struct{}

func (processWide) forAll() {}

// Main runs the tests of a package with options that hold for all of them, as if each
// [Start] had them:
//
//	func TestMain(m *testing.M) {
//		testlib.Main(m, testlib.Fake("key-manager", keymanagerfake.New))
//	}
//
// A package that has no such options needs no TestMain.
func Main(m *testing.M, opts ...MainOption) {
	for _, o := range opts {
		process.options = append(process.options, o)
	}
	m.Run() // its result is the exit code, unless TestMain exits itself
}
