//go:build tempest

package odd

import "testing"

func TestOdd(t *testing.T) {
	for _, name := range []string{"a b", "a|b", "(c)", "[d", `\d`, "é/ü", "", "a b", "^$", "x"} {
		t.Run(name, func(t *testing.T) {})
	}
}
