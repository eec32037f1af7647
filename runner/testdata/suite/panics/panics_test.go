//go:build tempest

package panics

import "testing"

func TestPanic(t *testing.T) { panic("on purpose") }

func TestAfter(t *testing.T) {}
