package runner_test

import (
	"os"
	"testing"

	"github.com/gotempest/tempest/runner/supervise"
)

// TestMain lets the test binary play the parts of tempest that a run starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "__exec":
			os.Exit(supervise.Exec(os.Args[2:]))
		case "__guard":
			os.Exit(supervise.Guard(os.Args[2:]))
		}
	}
	os.Exit(m.Run())
}
