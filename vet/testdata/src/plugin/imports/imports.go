package imports

import (
	_ "os"

	_ "github.com/gotempest/tempest/runner" // want `github.com/gotempest/tempest/runner may change in every version of tempest`
	_ "github.com/gotempest/tempest/testlib"
)
