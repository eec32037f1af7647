//go:build linux

package tag

import "github.com/gotempest/tempest/testlib"

// helper is for tests in other files.
func helper(e *testlib.Env) { e.Cleanup("x", nil) }
