//go:build tempest

package scenario

import (
	"testing"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// TestMain puts the fake into the embedded cloud, for all tests.
func TestMain(m *testing.M) {
	testlib.Main(m, testlib.Fake("key-manager", keymanager.Fake))
}
