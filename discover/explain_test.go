package discover

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExplainNamesWhatWasRaised(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("oldlib", "newlib")), Options{})

	x, err := Explain(t.Context(), inv, "oldlib")
	if err != nil {
		t.Fatal(err)
	}

	want := &Explanation{Plugin: "oldlib", Module: "example.com/oldlib", Alone: true, Raised: []Raise{{
		Module: "example.com/lib", Required: "v1.0.0", Selected: "v1.1.0",
		Chain: []string{"example.com/m", "example.com/newlib@v1.0.0", "example.com/lib@v1.1.0"},
	}}}
	if diff := cmp.Diff(want, x); diff != "" {
		t.Errorf("Explain (-want +got):\n%s", diff)
	}
	f := x.Fault()
	const text = "it compiles alone, and not with example.com/lib v1.1.0 instead of v1.0.0 " +
		"(example.com/m requires example.com/newlib@v1.0.0 requires example.com/lib@v1.1.0)"
	if f.Kind != VersionClash || f.Message != text {
		t.Errorf("fault = %+v, want a version clash: %s", f, text)
	}
}

func TestExplainCompilesAlone(t *testing.T) {
	t.Parallel()
	dir := files(t, `
-- main/go.mod --
module example.com/m

go 1.26

require example.com/sick v1.0.0

replace example.com/sick => ../sick
-- sick/go.mod --
module example.com/sick

go 1.26
-- sick/tempestplugin/m.go --
package tempestplugin

const (
	API  = 1
	Name = "sick"
)
-- sick/tests/a_test.go --
//go:build tempest

package a

import "testing"

func TestSick(t *testing.T) { undeclared() }
`)
	inv := mustFind(t, dir, Options{Dir: dir + "/main"})

	x, err := Explain(t.Context(), inv, "sick")
	if err != nil {
		t.Fatal(err)
	}

	if x.Alone || !strings.Contains(x.AloneOutput, "undefined: undeclared") || len(x.Raised) > 0 {
		t.Errorf("Explain = %+v, want that it does not compile alone, and the compiler's words", x)
	}
	if f := x.Fault(); f.Kind != DoesNotCompile || !strings.HasSuffix(f.Message, "undefined: undeclared") {
		t.Errorf("fault = %+v, want one that does not compile", f)
	}
}

func TestFaultWithoutRaisedVersionsIsNoClash(t *testing.T) {
	t.Parallel()
	x := &Explanation{Plugin: "p", Module: "example.com/p", Alone: true}
	if f := x.Fault(); f.Kind != DoesNotCompile || f.Remedy != "" {
		t.Errorf("Fault() = %+v, want one of kind %s, without another version as its remedy", f, DoesNotCompile)
	}
}

func TestVetFault(t *testing.T) {
	t.Parallel()
	p := &Plugin{Name: "p", Module: "example.com/p"}
	for output, want := range map[string]string{
		"# example.com/p\n# [example.com/p]\nx_test.go:7:2: bad verb\n":     "go vet refuses it: x_test.go:7:2: bad verb",
		"# example.com/p\n# [example.com/p]\nvet: x_test.go:7: undefined\n": "",
		"# example.com/p [example.com/p.test]\nx_test.go:7: undefined\n":    "",
		"": "",
	} {
		f, ok := VetFault(p, output)
		if ok != (want != "") || ok && (f.Message != want || f.Plugin != "p") {
			t.Errorf("VetFault(%q) = %+v, %t, want message %q", output, f, ok, want)
		}
	}
}

func TestExplainUnknownPlugin(t *testing.T) {
	t.Parallel()
	_, err := Explain(t.Context(), &Inventory{}, "nobody")
	if err == nil || !strings.Contains(err.Error(), `no plugin "nobody"`) {
		t.Errorf("Explain error = %v", err)
	}
}

func TestExplainInWorkspace(t *testing.T) {
	t.Parallel()
	dir := files(t, `
-- go.work --
go 1.26

use (
	./a
	./b
)
-- a/go.mod --
module example.com/a

go 1.26

require example.com/oldlib v1.0.0
-- b/go.mod --
module example.com/b

go 1.26

require example.com/lib v1.1.0
`)
	inv := mustFind(t, dir, Options{})

	x, err := Explain(t.Context(), inv, "oldlib")
	if err != nil {
		t.Fatal(err)
	}

	want := []Raise{{
		Module: "example.com/lib", Required: "v1.0.0", Selected: "v1.1.0",
		Chain: []string{"example.com/b", "example.com/lib@v1.1.0"},
	}}
	if diff := cmp.Diff(want, x.Raised); diff != "" || !x.Alone {
		t.Errorf("alone %v, raised (-want +got):\n%s", x.Alone, diff)
	}
}

func TestExplainNamesReplacement(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("oldlib", "lib")+"\nreplace example.com/lib => example.com/lib v1.1.0\n")
	inv := mustFind(t, dir, Options{})

	x, err := Explain(t.Context(), inv, "oldlib")
	if err != nil {
		t.Fatal(err)
	}

	if f := x.Fault(); f.Kind != VersionClash || !strings.Contains(f.Message, "example.com/lib v1.1.0 instead of v1.0.0") {
		t.Errorf("fault = %+v, want a clash with the replacement", f)
	}
}
