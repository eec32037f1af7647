//nolint:thelper // the functions are tests, which another process runs
package testlib

import "testing"

// caseRecovered ends tests in the deferred call that recovers their panic, and starts another one.
func caseRecovered(t *testing.T) {
	t.Run("recovered", func(t *testing.T) {
		for name, end := range map[string]func(*Env){
			"skips": func(e *Env) { e.Skip("the cloud has no such thing") },
			"fails": func(e *Env) { e.Fatal("known") },
		} {
			t.Run(name, func(t *testing.T) {
				e := Start(t, Unstable("2012345"))
				defer func() {
					if recover() != nil {
						end(e)
					}
				}()
				panic("oh no")
			})
		}
	})
	t.Run("later", func(t *testing.T) { Start(t) })
}

func TestRecoveredPanicEndsNoOtherTest(t *testing.T) {
	t.Parallel()

	output, passed := runCase(t, "Recovered", "TEMPEST_PROTOCOL=1")

	if !passed {
		t.Error("the case failed")
	}
	want(t, output, "--- PASS: TestCase/Recovered/later", "--- SKIP: TestCase/Recovered/recovered/skips",
		"=== ATTR  TestCase/Recovered/recovered/fails known_failure https://", "!panicked")
}
