//go:build tempest

package literal

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

const (
	read                       = "dns"
	joined                     = read + "-2"
	typed    testlib.Attribute = "ipv6"
	untyped                    = testlib.Attribute("ipv6")
	uuid                       = "0f6c3a52-3d4e-4f6b-8f0e-" + "2d3f0e9f8a13"
	repeated                   = iota
)

func TestConstants(t *testing.T) {
	const local = "dns"
	e := testlib.Start(t, testlib.ID(uuid), typed, testlib.Services(read, "dns"+"-2"), testlib.Number(repeated),
		testlib.Services(elsewhere), // want `the constant is read only when a test file of this package declares it with a literal`
		testlib.Services(joined),    // want `the constant is read only`
		testlib.Services(local),     // want `the constant is read only`
		untyped,                     // want `the constant is read only`
	)
	e.Run(read, func(*testlib.Env) {}) // want `the name of the subtest is a constant, which is not read`
	e.Run("a"+"b", func(*testlib.Env) {})
	e.Run(t.Name()+"b", func(*testlib.Env) {}) // want `the name of the subtest is computed`
}
