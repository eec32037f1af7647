//go:build linux

package tag // want `its build constraint does not name tempest`

import "github.com/gotempest/tempest/testlib"

var _ testlib.ID
