// Command tempest-vet checks tests of tempest plugins, as a tool of go vet:
//
//	go install github.com/gotempest/tempest/cmd/tempest-vet@latest
//	go vet -tags tempest -vettool=$(which tempest-vet) ./...
//
// docs/checks.md says what it checks; `tempest plugin check` checks more.
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/gotempest/tempest/vet"
)

func main() { unitchecker.Main(vet.Analyzers()...) }
