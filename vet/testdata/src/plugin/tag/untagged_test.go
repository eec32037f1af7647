package tag // want `its build constraint does not name tempest`

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestUntagged(t *testing.T) { testlib.Start(t) }
