package imports

import . "github.com/gotempest/tempest/runner" // want `github.com/gotempest/tempest/runner may change`

func run() { Run() }
