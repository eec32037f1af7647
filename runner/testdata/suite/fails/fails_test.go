//go:build tempest

package fails

import "testing"

func TestFail(t *testing.T) { t.Error("as it should") }

func TestAfter(t *testing.T) {}
