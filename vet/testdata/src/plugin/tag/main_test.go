//go:build linux

package tag // want `its build constraint does not name tempest`

import (
	"testing"

	. "github.com/gotempest/tempest/testlib"
)

func TestMain(m *testing.M) { Main(m) }
