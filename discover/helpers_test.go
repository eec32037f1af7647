package discover

import (
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

func names(inv *Inventory) []string {
	var s []string
	for _, p := range inv.Plugins {
		s = append(s, p.Name)
	}
	return s
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

// goRun runs a go command as a user would, without any overlay.
func goRun(tb testing.TB, dir string, args ...string) {
	tb.Helper()
	goRunIn(tb, here.env(), dir, args...)
}

func goRunIn(tb testing.TB, env []string, dir string, args ...string) {
	tb.Helper()
	if _, err := (gocmd.Cmd{Args: args, Dir: dir, Env: env}).Output(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func write(tb testing.TB, name, text string) {
	tb.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}
