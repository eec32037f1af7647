//go:build tempest

package id

import (
	"testing"

	tl "github.com/gotempest/tempest/testlib"
)

func TestRenamed(t *testing.T) { tl.Start(t) } // want `the test has no UUID`
