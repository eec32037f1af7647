package hidden

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

// The rule tag has the word.
func TestUntagged(t *testing.T) {
	testlib.Start(t, testlib.ID("5cdb2cb0-0f3a-4d0a-8f86-000000000017"))
}
