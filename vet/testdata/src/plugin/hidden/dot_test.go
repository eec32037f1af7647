//go:build tempest

package hidden

import (
	"testing"

	. "github.com/gotempest/tempest/testlib"
)

func TestDot(t *testing.T) {
	e := Start(t, ID("5cdb2cb0-0f3a-4d0a-8f86-000000000014"))
	e.Run("Fine", func(*Env) {}, ID("5cdb2cb0-0f3a-4d0a-8f86-000000000015"))
}
