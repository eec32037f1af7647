//go:build tempest

package several

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func start(t *testing.T) *testlib.Env { return testlib.Start(t) } // want `would be that of several`

func TestOne(t *testing.T) { look(start(t)) }

func TestTwo(t *testing.T) { look(start(t)) }

func look(e *testlib.Env) {
	e.Run("Sub", func(*testlib.Env) {}) // want `tempest list does not see this subtest`
}

func TestLoops(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-7e8f0b3d1c55"))
	for range 2 {
		e.Run("Range", func(*testlib.Env) {}) // want `would be that of several`
	}
	for i := 0; i < 2; i++ {
		e.Run("For", func(*testlib.Env) {}) // want `would be that of several`
	}
}
