//go:build tempest

package nobuild

import "testing"

func TestNever(t *testing.T) { undeclared() }
