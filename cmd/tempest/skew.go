package main

import (
	"fmt"
	"io"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/protocol"
)

// checkSkew compares this command with the testlib that the tests link, which
// the module graph decides. A difference that matters is an error; another
// version is only said.
func checkSkew(w io.Writer, lib *discover.Testlib) error {
	if lib == nil || lib.Main { // no testlib, or this very checkout
		return nil
	}
	mine := buildInfo().Version
	theirs := lib.Version
	if lib.Replace != "" {
		theirs = lib.Replace
	}
	if lib.Protocol != protocol.Version {
		return usagef("this tempest is %s, but go.mod selects %s %s, and the two cannot work together (protocol %d and %d); "+
			"run the one that go.mod selects: go get -tool %s/cmd/tempest && go tool tempest run",
			mine, tempestModule, theirs, protocol.Version, lib.Protocol, tempestModule)
	}
	if mine != theirs && lib.Replace == "" && mine != "(devel)" {
		fmt.Fprintf(w, "tempest: this tempest is %s, go.mod selects %s; 'go tool tempest' would be the same version\n",
			mine, theirs)
	}
	return nil
}
