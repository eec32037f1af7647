package discover

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/gocmd"
)

// gotten is a main module in which go get was run for the plugin good: its
// go.sum lacks what only the tests of the plugin need.
func gotten(tb testing.TB) string {
	tb.Helper()
	dir := files(tb, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n")
	goRun(tb, dir, "get", "example.com/good@v1.0.0")
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil || strings.Contains(string(sums), "example.com/assert") {
		tb.Fatalf("go.sum has the sums of assert already, or none: %v\n%s", err, sums)
	}
	return dir
}

func TestGoGetAloneIsEnough(t *testing.T) {
	t.Parallel()
	dir := gotten(t)
	before := snapshot(t, dir)

	inv := mustFind(t, dir, Options{})

	checkGood(t, inv)
	if sum := inv.Plugin("good").Sum; !strings.HasPrefix(sum, "h1:") {
		t.Errorf("sum = %q", sum)
	}
	runTests(t, inv)
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestVendorFolderHidesNoTests(t *testing.T) {
	t.Parallel()
	dir := gotten(t)
	write(t, filepath.Join(dir, "tools.go"), "package m\n\nimport _ \"example.com/good/tempestplugin\"\n")
	goRun(t, dir, "mod", "tidy")
	goRun(t, dir, "mod", "vendor")
	if _, err := os.Stat(filepath.Join(dir, "vendor", "modules.txt")); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string][]string{
		"by default": nil,
		"asked for":  {"GOFLAGS=-modcacherw -mod=vendor"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := mustFind(t, dir, Options{Env: here.env(env...)})
			checkGood(t, inv)
			runTests(t, inv)
		})
	}
}

func TestVendorFolderOfWorkspaceHidesNoTests(t *testing.T) {
	t.Parallel()
	dir := files(t, workspace)
	goRun(t, dir, "work", "vendor")

	inv := mustFind(t, dir, Options{Env: here.env("GOFLAGS=-modcacherw -mod=vendor")})

	checkGood(t, inv)
	runTests(t, inv)
}

func TestLockedListsMissingSums(t *testing.T) {
	t.Parallel()
	dir := gotten(t)
	before := snapshot(t, dir)

	_, err := find(t, dir, Options{Locked: true})

	e, ok := errors.AsType[*Error](err)
	if !ok || e.Reason != MissingSums {
		t.Fatalf("Find error = %v, want one for missing sums", err)
	}
	if !strings.HasSuffix(e.Place, "go.sum") || !strings.Contains(e.Message, "missing: example.com/assert v1.0.0") {
		t.Errorf("Find error = %q, want one that lists assert", e)
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}

	_, remedy, ok := strings.Cut(e.Remedy, ": go ")
	if !ok {
		t.Fatalf("remedy = %q, want a go command", e.Remedy)
	}
	goRun(t, dir, strings.Fields(remedy)...)
	inv := mustFind(t, dir, Options{Locked: true})
	checkGood(t, inv)
	if !slices.Contains(inv.BuildFlags, "-mod=readonly") {
		t.Errorf("build flags = %v, want -mod=readonly among them", inv.BuildFlags)
	}
	runTests(t, inv)
}

func TestLockedListsMissingSumsOfWorkspace(t *testing.T) {
	t.Parallel()
	dir := files(t, workspace)
	goRun(t, filepath.Join(dir, "b"), "mod", "download", "example.com/good")

	_, err := find(t, dir, Options{Locked: true})

	e, ok := errors.AsType[*Error](err)
	if !ok || e.Reason != MissingSums || !strings.HasSuffix(e.Place, "go.work.sum") {
		t.Fatalf("Find error = %v, want one for sums missing from go.work.sum", err)
	}
	if !strings.Contains(e.Message, "example.com/assert v1.0.0") {
		t.Errorf("Find error = %q, want one that lists assert", e)
	}
}

func TestLockedListsMissingRequirements(t *testing.T) {
	t.Parallel()
	dir := files(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- x_test.go --\n"+
		"//go:build tempest\n\npackage m\n\nimport (\n\t\"testing\"\n\n\t_ \"example.com/assert\"\n)\n\n"+
		"func TestX(t *testing.T) {}\n")

	inv := mustFind(t, dir, Options{})
	runTests(t, inv) // without Locked, the overlay gets the requirement

	_, err := find(t, dir, Options{Locked: true})
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Reason != MissingSums || !strings.Contains(e.Message, "requirement for package example.com/assert") {
		t.Fatalf("Find error = %v, want one for the missing requirement", err)
	}
	if !strings.HasSuffix(e.Remedy, "go get example.com/assert") {
		t.Errorf("remedy = %q", e.Remedy)
	}
}

func TestModuleThatCannotBeDownloadedIsFault(t *testing.T) {
	t.Parallel()
	dir := gotten(t)
	cache := t.TempDir()
	env := here.env("GOMODCACHE=" + cache)
	goRunIn(t, env, dir, "mod", "download")
	goRun(t, dir, "get", "example.com/twin@v1.0.0")
	// The go.mod of twin comes into the new cache, its content does not.
	goRunIn(t, env, dir, "list", "-m", "all")

	inv := mustFind(t, dir, Options{Env: append(env, "GOPROXY=off")})

	checkGood(t, inv)
	f := inv.Faults()
	if len(f) != 1 || f[0].Kind != Unresolvable || f[0].Plugin != "example.com/twin" ||
		!strings.HasPrefix(f[0].Message, "downloading: ") || !strings.HasSuffix(f[0].Place, "go.mod:7") {
		t.Errorf("faults = %+v, want that twin cannot be downloaded", f)
	}
}

func TestModuleThatNobodyLookedIntoIsNoFault(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	env := here.env("GOMODCACHE=" + cache)
	dir := gotten(t)
	goRunIn(t, env, dir, "mod", "download")
	goRun(t, dir, "mod", "edit", "-require=example.com/assert@v1.0.0")
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), strings.Replace(string(mod), "assert v1.0.0", "assert v1.0.0 // indirect", 1))
	// The go.mod of assert is known, its content was never needed.
	goRunIn(t, env, dir, "list", "-m", "-mod=mod", "all")

	inv := mustFind(t, dir, Options{Env: append(env, "GOPROXY=off")})

	checkGood(t, inv)
	if f := inv.Faults(); len(f) > 0 {
		t.Errorf("faults = %+v, want none", f)
	}
}

func TestTamperedModuleIsFault(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"content": "v1.0.0 h1:", "go.mod": "v1.0.0/go.mod h1:"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := gotten(t)
			goRun(t, dir, "get", "example.com/twin@v1.0.0")
			file := filepath.Join(dir, "go.sum")
			sums, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, after, ok := strings.Cut(string(sums), "example.com/twin "+kind)
			if !ok {
				t.Fatalf("go.sum lacks the line for twin:\n%s", sums)
			}
			wrong := "A"
			if strings.HasPrefix(after, wrong) {
				wrong = "B"
			}
			write(t, file, before+"example.com/twin "+kind+wrong+after[1:])

			inv := mustFind(t, dir, Options{})

			checkGood(t, inv)
			f := inv.Faults()
			if len(f) != 1 || f[0].Module != "example.com/twin" || !strings.Contains(f[0].Message, "checksum mismatch") ||
				strings.Contains(f[0].Message, "SECURITY") || !strings.Contains(f[0].Remedy, "module-auth") {
				t.Errorf("faults = %+v, want that the checksum of twin is wrong", f)
			}
			runTests(t, inv)
		})
	}
}

// TestFindWithoutNetwork uses a module cache as go mod download leaves it: the
// go.mod of what only other modules require is not there.
func TestFindWithoutNetwork(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "assert", "dupid"))
	cache := t.TempDir()
	online := here.env("GOMODCACHE=" + cache)
	goRunIn(t, online, dir, "mod", "download", "example.com/good", "example.com/assert")
	before := snapshot(t, dir)
	for name, proxy := range map[string]string{"switched off": "off", "dead proxy": "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			offline := here.env("GOMODCACHE="+cache, "GOPROXY="+proxy)

			inv := mustFind(t, dir, Options{Env: offline})

			checkGood(t, inv)
			f := inv.Faults()
			if len(f) != 1 || f[0].Module != "example.com/dupid" || f[0].Kind != Unresolvable ||
				!strings.Contains(f[0].Remedy, "network") {
				t.Errorf("faults = %+v, want that dupid cannot be had", f)
			}
			runTests(t, inv)
			if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

// TestFindWithoutNetworkAndWholeGraph uses a module cache that lacks the go.mod
// of a module that no package needs.
func TestFindWithoutNetworkAndWholeGraph(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "unpruned", "assert"))
	cache := t.TempDir()
	env := here.env("GOMODCACHE=" + cache)
	goRunIn(t, env, dir, "mod", "download", "example.com/good", "example.com/unpruned", "example.com/assert")
	if err := os.RemoveAll(filepath.Join(cache, "cache", "download", "example.com", "lib")); err != nil {
		t.Fatal(err)
	}
	env = append(env, "GOPROXY=off")
	list := gocmd.Cmd{Args: []string{"list", "-m", "-mod=mod", "all"}, Dir: dir, Env: env}
	if out, err := list.Output(t.Context()); err == nil {
		t.Fatalf("the whole graph is in the cache:\n%s", out)
	}

	inv := mustFind(t, dir, Options{Env: env})

	checkGood(t, inv)
	if f := inv.Faults(); len(f) > 0 {
		t.Errorf("faults = %+v, want none", f)
	}
	runTests(t, inv)
}
