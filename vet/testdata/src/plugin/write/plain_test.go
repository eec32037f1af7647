//go:build tempest

package write

import "os"

// The file does not use testlib, but its tests are of the suite.
func dump() { os.WriteFile("dump.txt", nil, 0o600) } // want `os.WriteFile writes to "dump.txt"`
