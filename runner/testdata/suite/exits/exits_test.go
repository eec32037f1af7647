//go:build tempest

package exits

import (
	"os"
	"testing"
)

func TestExit(t *testing.T) { os.Exit(0) }

func TestAfter(t *testing.T) {}
