package discover

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/goproxytest"
	"golang.org/x/tools/txtar"

	"github.com/gotempest/tempest/internal/gocmd"
)

// place is where tests of this package have their modules: a proxy that serves
// testdata/mod, and a module cache that they share.
type place struct {
	proxy, cache string
}

var here place

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	srv, err := goproxytest.NewServer("testdata/mod", "")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer srv.Close()
	cache, err := os.MkdirTemp("", "modcache-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(cache)
	here = place{proxy: srv.URL, cache: cache}
	return m.Run()
}

// env is the environment of go commands: that of the process, but with no
// network and no settings of the user.
func (p place) env(more ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(s string) bool {
		name, _, _ := strings.Cut(s, "=")
		return strings.HasPrefix(name, "GO") && name != "GOROOT" && name != "GOPATH" && name != "GOCACHE"
	})
	env = append(env, "GOENV=off", "GOPROXY="+p.proxy, "GOMODCACHE="+p.cache, "GOSUMDB=off",
		"GOFLAGS=-modcacherw", "GOTOOLCHAIN=local")
	return append(env, more...)
}

// files writes a txtar archive into a new folder.
func files(tb testing.TB, archive string) string {
	tb.Helper()
	dir := tb.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// requiring is an archive of a main module that requires modules of
// example.com, as "name version".
func requiring(mods ...string) string {
	s := "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n\nrequire (\n"
	for _, m := range mods {
		if !strings.Contains(m, "/") {
			m = "example.com/" + m
		}
		if !strings.Contains(m, " ") {
			m += " v1.0.0"
		}
		s += "\t" + m + " // indirect\n"
	}
	return s + ")\n"
}

// find runs Find in dir; a zero field of o that tests need is filled in.
func find(tb testing.TB, dir string, o Options) (*Inventory, error) {
	tb.Helper()
	if o.Dir == "" {
		o.Dir = dir
	}
	if o.WorkDir == "" {
		o.WorkDir = tb.TempDir()
	}
	if o.Env == nil {
		o.Env = here.env()
	}
	return Find(tb.Context(), o)
}

func mustFind(tb testing.TB, dir string, o Options) *Inventory {
	tb.Helper()
	inv, err := find(tb, dir, o)
	if err != nil {
		tb.Fatalf("Find: %v", err)
	}
	return inv
}

// testIDs lists the tests of a plugin as "path.Name".
func testIDs(p *Plugin) []string {
	if p == nil {
		return nil
	}
	var ids []string
	for _, pkg := range p.Packages {
		for _, t := range pkg.Tests {
			ids = append(ids, strings.TrimPrefix(pkg.Path, p.Module+"/")+"."+t.Name)
		}
	}
	return ids
}

// goodTests are the tests of the module example.com/good.
var goodTests = []string{
	"extra.TestExtra",
	"tests/api.TestSecrets",
	"tests/api.TestSecrets/Read",
	"tests/api.TestSecrets/Read/deep_down",
	"tests/api.TestSecrets/Read#01",
}

func checkGood(tb testing.TB, inv *Inventory) {
	tb.Helper()
	i := slices.IndexFunc(inv.Plugins, func(p Plugin) bool { return p.Module == "example.com/good" })
	if i < 0 {
		tb.Fatal("the plugin good was not found")
	}
	if diff := cmp.Diff(goodTests, testIDs(&inv.Plugins[i])); diff != "" {
		tb.Errorf("tests of good (-want +got):\n%s", diff)
	}
	if f := inv.Plugins[i].Faults; len(f) > 0 {
		tb.Errorf("faults of good: %+v", f)
	}
}

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
		Groups: []Group{
			{Name: "key_manager", Help: "KeyManager describes the key manager.", Options: []Option{
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
			{Name: "service_available", Options: []Option{{
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

func names(inv *Inventory) []string {
	var s []string
	for _, p := range inv.Plugins {
		s = append(s, p.Name)
	}
	return s
}

func TestFindIsolatesGoThatCannotBeDownloaded(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("good", "newer")), Options{Env: here.env("GOTOOLCHAIN=auto")})

	checkGood(t, inv)
	if f := inv.Faults(); len(f) != 1 || f[0].Kind != NeedsNewerGo || f[0].Module != "example.com/newer" {
		t.Errorf("faults = %+v, want that newer needs a newer Go", f)
	}
}

func TestFindTakesClashingOptionFromDisabledPlugin(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("good", "optclash")), Options{Disable: []string{"good"}})

	if f := inv.Faults(); len(f) > 0 {
		t.Errorf("faults = %+v, want none", f)
	}
	for plugin, want := range map[string]int{"optclash": 1, "good": 5} {
		if got := len(inv.Plugin(plugin).Groups[0].Options); got != want {
			t.Errorf("%s has %d options in its first group, want %d", plugin, got, want)
		}
	}
}

func TestFindFaultsOptionThatTempestHas(t *testing.T) {
	t.Parallel()
	core := []Group{{Name: "key_manager", Options: []Option{{Name: "region", Type: "string", Default: "one"}}}}

	inv := mustFind(t, files(t, requiring("good")), Options{Core: core})

	f := inv.Faults()
	if len(f) != 1 || f[0].Kind != OptionClash || !strings.HasSuffix(f[0].Message,
		`option key_manager.region is string in example.com/good and string, default "one" in tempest`) {
		t.Errorf("faults = %+v, want a clash with tempest's own option", f)
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
			Attributes: []string{"smoke"}, Services: []string{"identity"}, Line: 11,
		},
		{Name: "TestTokens/Read", Attributes: []string{"multi-node"}, Line: 13},
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

func TestFindKeepsGoodPluginBesideBroken(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		require []string
		plugin  string // name in the fault
		kind    Kind
		text    string   // in the message or the remedy
		place   string   // end of the place, without the line
		tests   []string // what is left of the broken plugin
	}{
		"test file does not parse": {
			[]string{"broken"}, "broken", DoesNotCompile, "example.com/broken/tests/bad: ", "bad_test.go:6",
			[]string{"tests/api.TestOK"},
		},
		"marker does not type-check": {
			[]string{"mangled"}, "mangled", DoesNotCompile, "cannot use Name", "tempestplugin.go:9", nil,
		},
		"marker without a name": {
			[]string{"nameless"}, "example.com/nameless", BadMarker, "constant Name is missing", "tempestplugin", nil,
		},
		"unknown contract": {
			[]string{"future"}, "future", UnknownAPI, "API is 9, and this tempest knows 1", "tempestplugin.go:5", nil,
		},
		"no tests": {
			[]string{"empty"}, "empty", NoTests, "no tests in ./tests/...", "", nil,
		},
		"newer go": {
			[]string{"newer"}, "example.com/newer", NeedsNewerGo, "requires go >= 1.999", "go.mod:6", nil,
		},
		"requirement that nobody has": {
			[]string{"nowhere"}, "example.com/nowhere", Unresolvable, "404", "go.mod:6", nil,
		},
		"requirement of a requirement that nobody has": {
			[]string{"chained"}, "example.com/chained", Unresolvable, "example.com/nowhere@v1.2.3", "go.mod:6", nil,
		},
		"file of another package": {
			[]string{"mixed"}, "mixed", DoesNotCompile, "file of package b among those of package a", "b_test.go:3", nil,
		},
		"import that is gone": {
			[]string{"goneimport"}, "goneimport", MissingImport, "imports example.com/assert/gone: ", "bad_test.go:8",
			[]string{"tests/api.TestOK"},
		},
		"option declared twice": {
			[]string{"optclash"}, "optclash", OptionClash,
			"option key_manager.region is int in example.com/optclash and string in example.com/good",
			"tempestplugin.go:11", nil,
		},
		"one id twice": {
			[]string{"dupid"}, "dupid", DuplicateID,
			"example.com/dupid/tests/api.TestOne and example.com/dupid/tests/more.TestTwo have one id",
			"more_test.go:11", []string{"tests/api.TestOne", "tests/more.TestTwo"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := mustFind(t, files(t, requiring(append(tt.require, "good")...)), Options{})

			checkGood(t, inv)
			faults := inv.Faults()
			if len(faults) != 1 {
				t.Fatalf("faults = %+v, want one", faults)
			}
			f := faults[0]
			if f.Kind != tt.kind || f.Plugin != tt.plugin || !strings.Contains(f.Message, tt.text) {
				t.Errorf("fault = %+v\nwant kind %s of %s with %q", f, tt.kind, tt.plugin, tt.text)
			}
			if !strings.HasSuffix(f.Place, tt.place) || strings.ContainsRune(f.Message, '\n') {
				t.Errorf("fault at %q says %q, want one line at %q", f.Place, f.Message, tt.place)
			}
			if diff := cmp.Diff(tt.tests, testIDs(inv.Plugin(tt.plugin))); diff != "" {
				t.Errorf("tests of %s (-want +got):\n%s", tt.plugin, diff)
			}
		})
	}
}

func TestFindFaultsBothPluginsOfOneName(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "twin"))

	inv := mustFind(t, dir, Options{})
	faults := inv.Faults()
	if len(faults) != 2 {
		t.Fatalf("faults = %+v, want two", faults)
	}
	for i, order := range [][2]string{{"good", "twin"}, {"twin", "good"}} {
		want := fmt.Sprintf(`the name "good" is used by example.com/%s and by example.com/%s`, order[0], order[1])
		if faults[i].Kind != DuplicateName || faults[i].Message != want {
			t.Errorf("fault = %+v, want %q", faults[i], want)
		}
	}

	inv = mustFind(t, dir, Options{Disable: []string{"example.com/twin"}})
	checkGood(t, inv)
	if f := inv.Faults(); len(f) > 0 {
		t.Errorf("faults with twin disabled = %+v", f)
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

// snapshot is the content of every file below dir.
func snapshot(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		all[p] = string(data)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// workspace has two modules: a with a marker, b without; a relative replace in
// go.work, and one in b. The module good is required by b alone.
const workspace = `
-- go.work --
go 1.26

use ./a
use ./b

replace example.com/folder => ./c
-- a/go.mod --
module example.com/a

go 1.26

require example.com/folder v1.0.0
-- a/tempestplugin/m.go --
package tempestplugin

const (
	API   = 1
	Name  = "suite-a"
	Tests = "./..."
)
-- a/a_test.go --
//go:build tempest

package a

import "testing"

func TestA(t *testing.T) {}
-- b/go.mod --
module example.com/b

go 1.26

require example.com/good v1.0.0
-- b/b_test.go --
//go:build tempest

package b

import "testing"

func TestB(t *testing.T) {}
-- c/go.mod --
module example.com/folder

go 1.26
-- c/tempestplugin/m.go --
package tempestplugin

const API, Name, Tests = 1, "folder", "."
-- c/c_test.go --
//go:build tempest

package c

import "testing"

func TestC(t *testing.T) {}
`

func TestFindReadsWorkspace(t *testing.T) {
	t.Parallel()
	dir := files(t, workspace)

	inv := mustFind(t, filepath.Join(dir, "b"), Options{})

	if inv.Main.Path != "example.com/b" {
		t.Errorf("main module = %s, want the one around the folder", inv.Main.Path)
	}
	if diff := cmp.Diff([]string{"b", "suite-a", "folder", "good"}, names(inv)); diff != "" {
		t.Errorf("plugins (-want +got):\n%s", diff)
	}
	checkGood(t, inv)
	for plugin, want := range map[string]string{
		"b": "example.com/b.TestB", "suite-a": "example.com/a.TestA", "folder": "example.com/folder.TestC",
	} {
		if ids := testIDs(inv.Plugin(plugin)); !slices.Equal(ids, []string{want}) {
			t.Errorf("tests of %s = %v, want %s", plugin, ids, want)
		}
	}
	if got := inv.Plugin("folder").Replace; got != filepath.Join(dir, "c") {
		t.Errorf("replace = %q, want the folder c", got)
	}
	runTests(t, inv)
}

func TestFindInWorkspaceRootTakesFirstModule(t *testing.T) {
	t.Parallel()

	inv := mustFind(t, files(t, workspace), Options{})

	if inv.Main.Path != "example.com/a" {
		t.Errorf("main module = %s, want the first of go.work", inv.Main.Path)
	}
}

func TestFindIsolatesFaultInWorkspace(t *testing.T) {
	t.Parallel()
	archive := strings.Replace(workspace, "require example.com/good v1.0.0",
		"require (\n\texample.com/good v1.0.0\n\texample.com/newer v1.0.0\n)", 1)

	inv := mustFind(t, filepath.Join(files(t, archive), "a"), Options{})

	checkGood(t, inv)
	f := inv.Faults()
	if len(f) != 1 || f[0].Kind != NeedsNewerGo || !strings.Contains(f[0].Place, filepath.Join("b", "go.mod:")) {
		t.Errorf("faults = %+v, want that newer needs a newer Go, in b/go.mod", f)
	}
	runTests(t, inv)
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

// failure is a call of Find that ends in an error.
type failure struct {
	archive string
	o       Options
	env     []string
	reason  Reason
	text    string
}

func checkFailures(t *testing.T, tests map[string]failure) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.o.Env = here.env(tt.env...)

			_, err := find(t, files(t, tt.archive), tt.o)

			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != tt.reason {
				t.Fatalf("Find error = %v, want one for %s", err, tt.reason)
			}
			if s := e.Error(); !strings.Contains(s, tt.text) || strings.Contains(s, "\n") {
				t.Errorf("Find error = %q, want one line with %q", s, tt.text)
			}
		})
	}
}

func TestFindErrorsOfModule(t *testing.T) {
	t.Parallel()
	checkFailures(t, map[string]failure{
		"no go.mod": {
			archive: "-- x.txt --\n", reason: NoModule,
			text: "there is no go.mod here or in a parent folder; make one with: go mod init NAME",
		},
		"go.mod does not parse": {
			archive: "-- go.mod --\nmodule m\n\nrequire example.com/good\n", reason: BadModule, text: "go.mod:3: ",
		},
		"go.mod without module": {
			archive: "-- go.mod --\ngo 1.26\n", reason: BadModule, text: "no module line",
		},
		"go.work does not parse": {
			archive: "-- go.work --\ngo 1.26\n\nuse\n-- go.mod --\nmodule m\n", reason: BadModule, text: "go.work:3: ",
		},
		"go.work names a folder that is gone": {
			archive: "-- go.work --\ngo 1.26\n\nuse ./gone\n", reason: BadModule, text: filepath.Join("gone", "go.mod"),
		},
		"main module needs a newer go": {
			archive: "-- go.mod --\nmodule m\n\ngo 1.999\n", reason: BadModule, text: "requires go >= 1.999",
		},
		"settings that the go command refuses": {
			archive: requiring("good"), env: []string{"GOFLAGS=nonsense"}, reason: BadEnvironment, text: "GOFLAGS",
		},
		"no network and an empty cache": {
			archive: requiring("good", "assert"), env: []string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=http://127.0.0.1:1"},
			reason: NoNetwork, text: "check the network and GOPROXY, then try: go mod download",
		},
		"downloads switched off and an empty cache": {
			archive: requiring("good"), env: []string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=off"},
			reason: NoNetwork, text: "example.com/good@v1.0.0: module lookup disabled by GOPROXY=off",
		},
	})
}

func TestFindErrorsWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := find(t, files(t, requiring()), Options{})

	e, ok := errors.AsType[*Error](err)
	if !ok || e.Reason != BadEnvironment || !strings.Contains(e.Error(), "install Go") {
		t.Errorf("Find error = %v, want one that says to install Go", err)
	}
}

func TestFindErrorsOfOptions(t *testing.T) {
	t.Parallel()
	checkFailures(t, map[string]failure{
		"unknown plugin in Only": {
			archive: requiring("good"), o: Options{Only: []string{"goood"}},
			reason: UnknownPlugin, text: `there is no plugin "goood"; known are m, good`,
		},
		"unknown plugin in Disable": {
			archive: requiring("good"), o: Options{Disable: []string{"bad"}},
			reason: UnknownPlugin, text: `there is no plugin "bad"`,
		},
		"folder pattern without tests": {
			archive: requiring("good"), o: Options{Patterns: []string{"./nothing/..."}},
			reason: NoMatch, text: `pattern "./nothing/..." matches no package with tests`,
		},
		"path pattern without tests": {
			archive: requiring("good"), o: Options{Patterns: []string{"example.com/good/...", "tests/api"}},
			reason: NoMatch, text: `pattern "tests/api" matches no package with tests; write ./tests/api for a folder`,
		},
		"adopted module that is not required": {
			archive: requiring("good"), o: Options{Adopt: []Adoption{{Module: "example.com/adoptme"}}},
			reason: BadAdoption, text: "go get example.com/adoptme",
		},
		"adopted plugin": {
			archive: requiring("good"), o: Options{Adopt: []Adoption{{Module: "example.com/good"}}},
			reason: BadAdoption, text: "is a plugin by itself",
		},
		"adopted pattern that leaves the module": {
			archive: requiring("adoptme"),
			o:       Options{Adopt: []Adoption{{Module: "example.com/adoptme", Tests: []string{"../x"}}}},
			reason:  BadAdoption, text: `"../x" is not below its root`,
		},
	})
}

// local is a plugin in a folder that requires what nobody has.
const local = `-- local/go.mod --
module example.com/local

go 1.26

require example.com/nowhere v1.2.3
-- local/tempestplugin/m.go --
package tempestplugin

const API, Name = 1, "local"
`

func TestFindIsolatesRequirementOfReplacedFolder(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"module": "-- main/go.mod --\nmodule example.com/m\n\ngo 1.26\n\nrequire (\n\texample.com/good v1.0.0\n" +
			"\texample.com/local v1.0.0\n)\n\nreplace example.com/local v1.0.0 => ../local\n\n" +
			"exclude example.com/good v1.9.0\n",
		"workspace": "-- go.work --\ngo 1.26\n\nuse ./main\n\nreplace example.com/local => ./local\n" +
			"-- main/go.mod --\nmodule example.com/m\n\ngo 1.26\n\nrequire (\n\texample.com/good v1.0.0\n" +
			"\texample.com/local v1.0.0\n)\n",
	}
	for name, archive := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, archive+local)

			inv := mustFind(t, filepath.Join(dir, "main"), Options{})

			checkGood(t, inv)
			f := inv.Faults()
			if len(f) != 1 || f[0].Module != "example.com/local" || !strings.Contains(f[0].Message, "example.com/nowhere") {
				t.Errorf("faults = %+v, want that local requires nowhere", f)
			}
			if p := inv.Plugin("example.com/local"); p.Replace != filepath.Join(dir, "local") {
				t.Errorf("replace = %q, want the folder", p.Replace)
			}
			runTests(t, inv)
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

func TestLockedKeepsGoodPluginBesideDropped(t *testing.T) {
	t.Parallel()
	dir := gotten(t)
	goRun(t, dir, "mod", "download", "example.com/assert")
	goRun(t, dir, "mod", "edit", "-require=example.com/newer@v1.0.0")

	inv := mustFind(t, dir, Options{Locked: true})

	checkGood(t, inv)
	if f := inv.Faults(); len(f) != 1 || f[0].Module != "example.com/newer" {
		t.Errorf("faults = %+v, want one of newer", f)
	}
	runTests(t, inv)
}
