package modgraph_test

import (
	"strings"
	"testing"

	"github.com/gotempest/tempest/internal/modgraph"
)

func TestChain(t *testing.T) {
	t.Parallel()
	g := modgraph.Parse([]byte(`main a@v1.0.0
main b@v1.0.0
main only@v1.0.0
a@v1.0.0 lib@v1.1.0
b@v1.0.0 c@v1.0.0
c@v1.0.0 lib@v1.2.0
c@v1.0.0 b@v1.0.0
main lib@v1.2.0
not a line of three
`))
	for to, want := range map[string]string{
		"lib@v1.1.0":  "main a@v1.0.0 lib@v1.1.0",
		"lib@v1.2.0":  "main b@v1.0.0 c@v1.0.0 lib@v1.2.0", // and not the requirement that go get noted
		"only@v1.0.0": "main only@v1.0.0",
		"none@v1.0.0": "",
	} {
		if got := strings.Join(g.Chain(to), " "); got != want {
			t.Errorf("Chain(%s) = %q, want %q", to, got, want)
		}
	}
}
