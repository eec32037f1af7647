package discover

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"

	"github.com/gotempest/tempest/internal/gocmd"
)

func TestFindReadsPlugin(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("good", "assert")), Options{})

	checkGood(t, inv)
	p := *inv.Plugin("good")
	for _, g := range p.Groups {
		for i := range g.Options {
			if !strings.Contains(g.Options[i].Position, "tempestplugin.go:") {
				t.Errorf("position of %s = %q", g.Options[i].Name, g.Options[i].Position)
			}
			g.Options[i].Position = ""
		}
	}
	p.Packages, p.Dir, p.Sum = nil, "", ""
	want := Plugin{
		Name: "good", Module: "example.com/good", Version: "v1.0.0", API: 1,
		Patterns: []string{"./tests/...", "./extra"}, Tags: []string{"slow", "multinode"},
		Groups: []option.Group{
			{Name: "key_manager", Help: "KeyManager describes the key manager.", Options: []option.Option{
				{Name: "region", Type: "string", Help: "Region whose endpoint is tested. Empty means the region of\n[identity]."},
				{
					Name: "max_payload", Type: "int", Default: "10000", Min: "1", Max: "20000",
					Help: "MaxPayload is the largest payload, in bytes.",
				},
				{Name: "wait", Type: "duration", Default: "5s", Help: "Wait is for one secret."},
				{Name: "algorithms", Type: "[]string", Default: "aes,rsa", Choices: []string{"aes", "rsa", "des"}},
				{Name: "password", Type: "string", Required: true, Secret: true},
				{Name: "old", Type: "bool", Deprecated: "use region"},
			}},
			{Name: "service_available", Options: []option.Option{{
				Name: "key_manager", Type: "bool", Default: "true",
				Help: "KeyManager says whether the cloud has a key manager.",
			}}},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("plugin good (-want +got):\n%s", diff)
	}
	if len(inv.Plugins) != 1 {
		t.Errorf("plugins = %v, want good alone", names(inv))
	}
}

func TestFindUsesTagsAskedFor(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("good")), Options{Tags: []string{"slow", "tempest"}})

	if diff := cmp.Diff([]string{"tempest", "slow"}, inv.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if ids := testIDs(inv.Plugin("good")); !slices.Contains(ids, "tests/api.TestSlow") {
		t.Errorf("tests with tag slow = %v, want TestSlow among them", ids)
	}
}

func TestFindReadsTestlibAndInTreeSuite(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("github.com/gotempest/tempest v0.1.0")), Options{})

	if inv.Testlib == nil || inv.Testlib.Protocol != 7 || inv.Testlib.Version != "v0.1.0" {
		t.Fatalf("testlib = %+v, want v0.1.0 with protocol 7", inv.Testlib)
	}
	p := inv.Plugin("tempest")
	if p == nil || !p.InTree || p.Main {
		t.Fatalf("in-tree suite = %+v", p)
	}
	want := []Package{{Path: TestlibModule + "/tests/identity", Tests: []Test{
		{
			Name: "TestTokens", UUID: "8b0d44c1-ca4d-4849-932e-e03aef1822bb",
			Attributes: []string{"smoke"}, Services: []string{"identity"}, Line: 11, TakesTurn: true,
		},
		{Name: "TestTokens/Read", Attributes: []string{"multi-node"}, Services: []string{"identity"}, Line: 13},
	}}}
	got := p.Packages
	for i := range got {
		got[i].Dir = ""
		for j := range got[i].Tests {
			got[i].Tests[j].File = ""
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestFindChangesNoFileOfTheUser(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ archive, dir string }{
		"module":              {requiring("good", "newer") + "-- go.sum --\n", "."},
		"module without sums": {requiring("good"), "."},
		"workspace":           {workspace, "a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, tt.archive)
			before := snapshot(t, dir)

			inv := mustFind(t, filepath.Join(dir, tt.dir), Options{})

			if len(inv.Plugins) == 0 {
				t.Error("no plugin found")
			}
			if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

func TestFindReadsReplacedFolder(t *testing.T) {
	t.Parallel()
	dir := files(t, `
-- main/go.mod --
module example.com/m

go 1.26

require example.com/good v1.0.0

replace example.com/good => ../good
-- good/go.mod --
module example.com/good

go 1.26
-- good/tempestplugin/m.go --
package tempestplugin

const (
	API  = 1
	Name = "good"
)
-- good/tests/a_test.go --
//go:build tempest

package a

import "testing"

func TestHere(t *testing.T) {}
`)

	inv := mustFind(t, filepath.Join(dir, "main"), Options{})

	p := inv.Plugin("good")
	if ids := testIDs(p); !slices.Equal(ids, []string{"tests.TestHere"}) {
		t.Fatalf("tests = %v, want those of the folder", ids)
	}
	if p.Replace != "../good" || p.Dir != filepath.Join(dir, "good") {
		t.Errorf("replace = %q, dir = %q", p.Replace, p.Dir)
	}
	runTests(t, inv)
}

func TestFindTakesMainModuleWithoutMarker(t *testing.T) {
	t.Parallel()
	dir := files(t, `
-- go.mod --
module example.com/Some_Suite/v2

go 1.26
-- unit_test.go --
package m

import "testing"

func TestUnit(t *testing.T) {}
-- deep/in/it_test.go --
// Copyright.

//go:build linux && tempest || tempest

// Package in is documented.
package in

import "testing"

func TestDeep(t *testing.T) {}
-- vendor/x/x_test.go --
//go:build tempest

package x

import "testing"

func TestVendored(t *testing.T) {}
-- testdata/x_test.go --
//go:build tempest

package x

import "testing"

func TestData(t *testing.T) {}
-- nested/go.mod --
module example.com/nested
-- nested/x_test.go --
//go:build tempest

package x

import "testing"

func TestNested(t *testing.T) {}
`)

	inv := mustFind(t, filepath.Join(dir, "deep"), Options{})

	if len(inv.Plugins) != 1 || inv.Plugins[0].Name != "some-suite" || !inv.Plugins[0].Main {
		t.Fatalf("plugins = %+v, want the main module's suite", inv.Plugins)
	}
	if ids := testIDs(&inv.Plugins[0]); !slices.Equal(ids, []string{"deep/in.TestDeep"}) {
		t.Errorf("tests = %v, want TestDeep alone", ids)
	}
	runTests(t, inv)
}

func TestFindIsQuietAboutMainModuleWithoutTests(t *testing.T) {
	t.Parallel()

	inv := mustFind(t, files(t, requiring()), Options{})

	if len(inv.Plugins) != 0 {
		t.Errorf("plugins = %+v, want none", inv.Plugins)
	}
}

func TestFindAdoptsModule(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("adoptme", "good"))

	inv := mustFind(t, dir, Options{Adopt: []Adoption{{
		Module: "example.com/adoptme", Name: "borrowed", Tests: []string{"./acceptance/..."}, Tags: []string{"acceptance"},
	}}})

	checkGood(t, inv)
	if diff := cmp.Diff([]string{"tempest", "acceptance"}, inv.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	p := inv.Plugin("borrowed")
	want := []string{
		"acceptance/v1.TestAccept", "acceptance/v1.TestAccept/x", "acceptance/v1.TestPlain",
	}
	if diff := cmp.Diff(want, testIDs(p)); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
	if !p.Adopted || len(p.Faults) > 0 {
		t.Errorf("plugin = %+v, want an adopted one without faults", p)
	}
	runTests(t, inv)
}

func TestFindNarrows(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "broken", "newer"))
	tests := map[string]struct {
		o      Options
		active []string
		faults int
	}{
		"everything":              {Options{}, []string{"broken", "example.com/newer", "good"}, 2},
		"only one":                {Options{Only: []string{"good"}}, []string{"good"}, 0},
		"without the broken one":  {Options{Disable: []string{"broken"}}, []string{"example.com/newer", "good"}, 1},
		"without the dropped one": {Options{Disable: []string{"example.com/newer"}}, []string{"broken", "good"}, 1},
		"disable wins": {
			Options{Only: []string{"good", "broken"}, Disable: []string{"broken"}}, []string{"good"}, 0,
		},
		"markers only": {
			Options{SkipTests: true}, []string{"broken", "example.com/m", "example.com/newer", "good"}, 1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := mustFind(t, dir, tt.o)

			var active []string
			for _, p := range inv.Plugins {
				if p.Module == "example.com/m" {
					p.Name = p.Module
				}
				if !p.Disabled {
					active = append(active, p.Name)
				}
			}
			slices.Sort(active)
			if diff := cmp.Diff(tt.active, active); diff != "" {
				t.Errorf("plugins (-want +got):\n%s", diff)
			}
			if f := inv.Faults(); len(f) != tt.faults {
				t.Errorf("faults = %+v, want %d", f, tt.faults)
			}
		})
	}
}

func TestFindRestrictsToPatterns(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "broken", "newer")+`-- suite/a/a_test.go --
//go:build tempest

package a

import "testing"

func TestA(t *testing.T) {}
-- suite/b/b_test.go --
//go:build tempest

package b

import "testing"

func TestB(t *testing.T) {}
`)
	tests := map[string]struct {
		from     string
		patterns []string
		want     []string // end of package paths
		faults   int
	}{
		"everything here": {".", []string{"./..."}, []string{"m/suite/a", "m/suite/b"}, 0},
		"folder":          {".", []string{"./suite/a"}, []string{"m/suite/a"}, 0},
		"from a folder":   {"suite", []string{"./..."}, []string{"m/suite/a", "m/suite/b"}, 0},
		"this folder":     {"suite/b", []string{"."}, []string{"m/suite/b"}, 0},
		"up and down":     {"suite/b", []string{"../a/..."}, []string{"m/suite/a"}, 0},
		"import path":     {".", []string{"example.com/good/..."}, []string{"good/extra", "good/tests/api"}, 0},
		"wildcard inside": {".", []string{"example.com/.../api"}, []string{"broken/tests/api", "good/tests/api"}, 2},
		"two": {
			".", []string{"./suite/b", "example.com/good/extra"}, []string{"m/suite/b", "good/extra"}, 0,
		},
		"broken package":          {".", []string{"example.com/broken/tests/bad"}, nil, 1},
		"plugin that was dropped": {".", []string{"example.com/newer/..."}, nil, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := mustFind(t, filepath.Join(dir, filepath.FromSlash(tt.from)), Options{Patterns: tt.patterns})

			var got []string
			for _, p := range inv.Plugins {
				for _, pkg := range p.Packages {
					got = append(got, strings.TrimPrefix(pkg.Path, "example.com/"))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
			if f := inv.Faults(); len(f) != tt.faults {
				t.Errorf("faults = %+v, want %d", f, tt.faults)
			}
		})
	}
}

func TestFindCopesWithOddFolderNames(t *testing.T) {
	t.Parallel()
	for name, archive := range map[string]string{"module": requiring("good", "newer"), "workspace": workspace} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := filepath.Join(root, "a folder, with 'quotes' and ünïcode")
			if err := os.Rename(files(t, archive), dir); err != nil {
				t.Fatal(err)
			}
			work := filepath.Join(root, "work folder")
			if err := os.Mkdir(work, 0o755); err != nil {
				t.Fatal(err)
			}

			inv := mustFind(t, dir, Options{WorkDir: work})

			checkGood(t, inv)
			runTests(t, inv)
		})
	}
}

func TestFindPassesOverIgnoredFolders(t *testing.T) {
	t.Parallel()
	const test = "//go:build tempest\n\npackage x\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n"
	archive := "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n\nignore (\n\t./top\n\tanywhere\n)\n"
	for _, dir := range []string{"kept", "top", "kept/top", "anywhere", "kept/anywhere", "_x", ".x", "kept/testdata"} {
		archive += "-- " + dir + "/x_test.go --\n" + test
	}
	dir := files(t, archive)

	inv := mustFind(t, dir, Options{})

	if diff := cmp.Diff([]string{"kept.TestX", "kept/top.TestX"}, testIDs(&inv.Plugins[0])); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
	out, err := gocmd.Cmd{Args: []string{"list", "-tags=tempest", "./..."}, Dir: dir, Env: here.env()}.Output(t.Context())
	if err != nil || string(out) != "example.com/m/kept\nexample.com/m/kept/top\n" {
		t.Errorf("go list = %s, %v; which does not agree", out, err)
	}
}

func TestFindThroughSymbolicLink(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good")+"-- a/a_test.go --\n//go:build tempest\n\npackage a\n\nimport \"testing\"\n\n"+
		"func TestA(t *testing.T) {}\n")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skipf("needs symbolic links: %v", err)
	}

	inv := mustFind(t, link, Options{Patterns: []string{"./a", "example.com/good/..."}})

	if inv.Main.Dir != link || inv.Plugins[0].Packages[0].Dir != filepath.Join(link, "a") {
		t.Errorf("main module = %+v, want the link as its folder", inv.Main)
	}
	checkGood(t, inv)
	runTests(t, inv)
}

func TestFindStopsWithContext(t *testing.T) {
	t.Parallel()
	why := errors.New("changed our mind")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)

	_, err := Find(ctx, Options{Dir: files(t, requiring("good")), WorkDir: t.TempDir(), Env: here.env()})

	if !errors.Is(err, why) {
		t.Errorf("Find error = %v, want the cause of the context", err)
	}
}

func TestFindIsQuietAboutTestsThatNeedOtherTags(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("sleepy")+"\nreplace example.com/sleepy => ./sleepy\n"+`-- sleepy/go.mod --
module example.com/sleepy

go 1.26
-- sleepy/tempestplugin/m.go --
package tempestplugin

const API, Name, Tags = 1, "sleepy", "slow"
-- sleepy/tests/s_test.go --
//go:build tempest && slow

package s

import "testing"

func TestSlow(t *testing.T) {}
`)

	inv := mustFind(t, dir, Options{})
	if f := inv.Faults(); len(f) > 0 || len(inv.Plugin("sleepy").Packages) > 0 {
		t.Errorf("faults = %+v, packages %+v; want neither", f, inv.Plugin("sleepy").Packages)
	}

	inv = mustFind(t, dir, Options{Tags: []string{"slow"}})
	if ids := testIDs(inv.Plugin("sleepy")); !slices.Equal(ids, []string{"tests.TestSlow"}) {
		t.Errorf("tests with tag slow = %v", ids)
	}
}
