package discover

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/gocmd"
)

// runTests runs all packages of inv as tempest does, and holds that the tests
// and literal subtests seen are those of the inventory: no more, no fewer, and
// none but unit tests beyond them.
func runTests(tb testing.TB, inv *Inventory) {
	tb.Helper()
	var want, paths []string
	for _, p := range inv.Plugins {
		for _, pkg := range p.Packages {
			paths = append(paths, pkg.Path)
			for _, t := range pkg.Tests {
				want = append(want, pkg.Path+"."+t.Name)
			}
		}
	}
	args := append([]string{"test", "-json", "-vet=off", "-tags=" + strings.Join(inv.Tags, ",")}, inv.BuildFlags...)
	c := gocmd.Cmd{Args: append(args, paths...), Dir: inv.Main.Dir, Env: inv.env, Extra: inv.Env}
	out, err := c.Output(tb.Context())
	if err != nil {
		tb.Fatalf("go test: %v\n%s", err, out)
	}
	var got []string
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var e struct{ Action, Package, Test string }
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			tb.Fatal(err)
		}
		if e.Action == "run" && !strings.HasPrefix(e.Test, "TestUnit") {
			got = append(got, e.Package+"."+e.Test)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("tests run (-inventory +go test):\n%s", diff)
	}
}
