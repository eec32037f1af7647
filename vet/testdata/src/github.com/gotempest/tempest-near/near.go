// Package near is of a plugin whose path begins as that of tempest does.
package near

import (
	r "github.com/gotempest/tempest/runner" // want `github.com/gotempest/tempest/runner may change`
)

func Run() { r.Run() }
