// Package helpers is what tests use.
package helpers

import (
	"os"

	"github.com/gotempest/tempest/testlib"
)

// Dump is called by tests.
func Dump(*testlib.Env) { os.WriteFile("dump.txt", nil, 0o600) } // want `os.WriteFile writes to "dump.txt"`
