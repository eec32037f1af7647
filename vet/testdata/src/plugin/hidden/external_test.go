//go:build tempest

package hidden_test

import (
	"testing"

	tl "github.com/gotempest/tempest/testlib"
)

func TestExternal(t *testing.T) { begin(t, "5cdb2cb0-0f3a-4d0a-8f86-000000000016") }

func begin(t *testing.T, id tl.ID) { tl.Start(t, id) }
