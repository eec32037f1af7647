package discover

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/goproxytest"

	"github.com/gotempest/tempest/internal/gocmd"
)

// What discovery may take on two cores, with everything in the caches.
const (
	maxBeyondList = 500 * time.Millisecond // on top of one go list -m
	maxListing    = time.Second            // of 2,000 tests
)

const markerFile = "-- tempestplugin/tempestplugin.go --\npackage tempestplugin\n\n" +
	"const (\n\tAPI = 1\n\tName = %q\n)\n\n" +
	"type Config struct {\n\tG struct {\n\t\t// O is an option.\n\t\tO int `toml:\"o\" default:\"1\"`\n\t} `toml:%q`\n}\n"

// testFile is a test file with n tests, each with a subtest.
func testFile(pkg string, n int) string {
	var b strings.Builder
	b.WriteString("//go:build tempest\n\npackage " + pkg + "\n\nimport (\n\t\"context\"\n\t\"testing\"\n)\n")
	for i := range n {
		fmt.Fprintf(&b, "\nfunc Test%d(t *testing.T) {\n\tctx, cancel := context.WithCancel(t.Context())\n\tdefer cancel()\n"+
			"\tif err := ctx.Err(); err != nil {\n\t\tt.Fatal(err)\n\t}\n"+
			"\tt.Run(\"sub\", func(t *testing.T) {\n\t\tfor range 3 {\n\t\t\tt.Log(ctx)\n\t\t}\n\t})\n}\n", i)
	}
	return b.String()
}

// benchPlugins is how many of the modules of a benchmark are plugins.
const benchPlugins = 20

// manyModules makes a module cache and a main module that requires so many modules,
// of which benchPlugins are plugins with 5 packages each.
func manyModules(b *testing.B, modules int) (dir string, env []string) {
	b.Helper()
	const packages = 5
	archives := b.TempDir()
	main := "module example.com/main\n\ngo 1.26\n\nrequire (\n"
	for i := range modules {
		path := fmt.Sprintf("example.com/m%04d", i)
		mod := "module " + path + "\n\ngo 1.24\n"
		text := "-- .mod --\n" + mod + "-- .info --\n{\"Version\":\"v1.0.0\"}\n" +
			"-- go.mod --\n" + mod + "-- m.go --\npackage m\n"
		if i%(modules/benchPlugins) == 0 && i/(modules/benchPlugins) < benchPlugins {
			text += fmt.Sprintf(markerFile, fmt.Sprintf("m%04d", i), fmt.Sprintf("g%04d", i))
			for p := range packages {
				text += fmt.Sprintf("-- tests/p%d/p_test.go --\n%s", p, testFile("p", 4))
			}
		}
		write(b, filepath.Join(archives, fmt.Sprintf("example.com_m%04d_v1.0.0.txtar", i)), text)
		main += "\t" + path + " v1.0.0 // indirect\n"
	}
	srv, err := goproxytest.NewServer(archives, "")
	if err != nil {
		b.Fatal(err)
	}
	defer srv.Close()
	dir = b.TempDir()
	write(b, filepath.Join(dir, "go.mod"), main+")\n")
	env = here.env("GOPROXY="+srv.URL, "GOMODCACHE="+b.TempDir())
	goRunIn(b, env, dir, "mod", "download", "all")
	return dir, append(env, "GOPROXY=off")
}

// BenchmarkFindBesideGoList compares Find with one go list -m on the same
// overlay, both in each round. The making of 5,000 modules takes half a minute. Repeat it with
//
//	go test -run='^$' -bench=FindBesideGoList ./discover
func BenchmarkFindBesideGoList(b *testing.B) {
	for _, modules := range []int{50, 500, 5000} {
		b.Run(fmt.Sprintf("modules=%d", modules), func(b *testing.B) { findBesideGoList(b, modules) })
	}
}

func findBesideGoList(b *testing.B, modules int) {
	b.Helper()
	dir, env := manyModules(b, modules)
	var finding, listing time.Duration
	rounds := 0
	for b.Loop() {
		work := b.TempDir()
		start := time.Now()
		inv := mustFind(b, dir, Options{Env: env, WorkDir: work})
		finding += time.Since(start)
		if len(inv.Plugins) != benchPlugins || len(inv.Faults()) > 0 {
			b.Fatalf("%d plugins, faults %+v; want %d and none", len(inv.Plugins), inv.Faults(), benchPlugins)
		}

		args := append([]string{"list", "-m", "-json"}, inv.BuildFlags...)
		start = time.Now()
		if _, err := (gocmd.Cmd{Args: append(args, "all"), Dir: dir, Env: env}).Output(b.Context()); err != nil {
			b.Fatal(err)
		}
		listing += time.Since(start)
		rounds++
	}
	find, list := finding/time.Duration(rounds), listing/time.Duration(rounds)
	report(b, find, "find-ms")
	report(b, list, "golist-ms")
	report(b, find-list, "beyond-ms")
	b.ReportMetric(float64(find)/float64(list), "ratio")
	if find-list > maxBeyondList {
		b.Errorf("Find took %v, go list -m %v: the difference is above %v", find, list, maxBeyondList)
	}
}

func report(b *testing.B, d time.Duration, unit string) {
	b.Helper()
	b.ReportMetric(float64(d.Microseconds())/1000, unit)
}

// BenchmarkFind2000Tests reads 2,000 tests, with as many subtests, in 300
// packages of the main module.
func BenchmarkFind2000Tests(b *testing.B) {
	const packages, tests = 300, 2000
	dir := b.TempDir()
	write(b, filepath.Join(dir, "go.mod"), "module example.com/main\n\ngo 1.26\n")
	for i := range packages {
		name := fmt.Sprintf("p%03d", i)
		if err := os.MkdirAll(filepath.Join(dir, "tests", name), 0o755); err != nil {
			b.Fatal(err)
		}
		n := tests*(i+1)/packages - tests*i/packages
		write(b, filepath.Join(dir, "tests", name, "x_test.go"), testFile(name, n))
	}
	var total time.Duration
	rounds := 0
	for b.Loop() {
		work := b.TempDir()
		start := time.Now()
		inv := mustFind(b, dir, Options{WorkDir: work})
		total += time.Since(start)
		rounds++
		if n := len(testIDs(&inv.Plugins[0])); n != 2*tests || len(inv.Plugins[0].Packages) != packages {
			b.Fatalf("%d tests in %d packages, want %d in %d", n, len(inv.Plugins[0].Packages), 2*tests, packages)
		}
	}
	took := total / time.Duration(rounds)
	report(b, took, "find-ms")
	if took > maxListing {
		b.Errorf("Find took %v, want at most %v", took, maxListing)
	}
}
