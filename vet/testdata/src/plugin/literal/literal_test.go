//go:build tempest

package literal

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

const service = "identity"

func option() testlib.Option { return nil }

func TestGood(t *testing.T) {
	e := testlib.Start(t, testlib.Smoke, testlib.Services("image", service), testlib.Slow.When(t.Failed()),
		testlib.Credentials(testlib.ProjectMember, testlib.Roles("creator")), (testlib.Services("dns")),
		testlib.Fake("dns", func() int { return 1 }), testlib.Options[int]())
	e.Run("A", func(*testlib.Env) {}, testlib.Slow)
}

func TestComputed(t *testing.T) {
	name := t.Name()
	all := []testlib.Option{testlib.Smoke}
	e := testlib.Start(t,
		testlib.ID(name),                         // want `the value is computed`
		testlib.Services(name),                   // want `the value is computed`
		option(),                                 // want `the value is computed`
		testlib.Credentials(testlib.Roles(name)), // want `the value is computed`
	)
	e.Run(name, func(*testlib.Env) {}, e.Field) // want `the name of the subtest is computed` `the value is computed`
	testlib.Start(t, all...)                    // want `options that are a slice cannot be read`
}
