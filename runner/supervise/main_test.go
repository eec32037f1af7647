package supervise_test

import (
	"os"
	"testing"
)

// TestMain lets the test binary play tempest and the test binaries it runs.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "__match" {
		os.Exit(matchMain(m))
	}
	if code, played := role(); played {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
