package discover

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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

// A module that go.work uses is refused as a required one is; only the one around the folder is its user's own.
func TestAllowHoldsInWorkspace(t *testing.T) {
	t.Parallel()
	dir := files(t, workspace)
	tests := map[string]struct {
		folder string
		allow  []string
		runs   []string
	}{
		"own module":              {"b", []string{"example.com/none"}, []string{"b"}},
		"own module, and another": {"b", []string{"example.com/a"}, []string{"b", "suite-a"}},
		"in none of the modules":  {"", []string{"example.com/none"}, nil},
		"a pattern for all":       {"", []string{"example.com"}, []string{"suite-a", "b", "folder", "good"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := mustFind(t, filepath.Join(dir, tt.folder), Options{Allow: tt.allow})
			var runs []string
			for _, p := range inv.Plugins {
				if len(p.Packages) > 0 {
					runs = append(runs, p.Name)
				}
				if p.Refused != (len(p.Packages) == 0) {
					t.Errorf("%s: refused %t with %d packages", p.Name, p.Refused, len(p.Packages))
				}
			}
			if diff := cmp.Diff(tt.runs, runs); diff != "" {
				t.Errorf("plugins that run (-want +got):\n%s", diff)
			}
		})
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
