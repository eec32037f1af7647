// Package archtest holds the import table of the module. A folder that is
// missing here fails until someone adds a row, and says why in the commit.
package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gotempest/tempest"

// allowed lists, for each folder, the folders of this module that its non-test
// code may import.
var allowed = map[string][]string{
	"cmd/tempest": {
		"internal/accounts",
		"discover", "internal/calls", "internal/cleanup", "internal/cloud", "internal/cloudcheck", "internal/ledger",
		"internal/checker", "internal/gocmd", "internal/option", "internal/protocol", "internal/provision",
		"internal/require", "internal/resource", "internal/tempestconf", "runner",
		"runner/interop", "runner/linkcache", "runner/plan", "runner/report", "runner/result", "runner/screen",
		"runner/supervise", "runner/timings", "testlib", "testlib/config", "testlib/embedded",
	},
	"cmd/tempest-vet":           {"vet"},
	"internal/checker":          {"discover", "internal/gocmd", "internal/replace", "vet"},
	"vet":                       {"discover"},
	"discover":                  {"internal/gocmd", "internal/modgraph", "internal/option", "internal/protocol"},
	"internal/apicheck":         {"internal/option"},
	"internal/accounts":         {},
	"internal/archtest":         {},
	"internal/calls":            {},
	"internal/cleanup":          {"internal/cloud", "internal/ledger", "internal/resource"},
	"internal/cleanup/killtest": {"internal/cloud", "testlib/config"},
	"internal/cloud":            {"internal/accounts", "internal/secret", "testlib/config", "testlib/embedded"},
	"internal/cloudcheck":       {"internal/cloud", "internal/lookup", "internal/option", "testlib/config"},
	"internal/golden":           {},
	"internal/gocmd":            {},
	everywhere:                  {},
	"internal/ledger":           {},
	"internal/lookup":           {},
	"internal/modgraph":         {},
	"internal/replace":          {},
	"internal/require":          {"internal/gocmd", "internal/modgraph", "internal/replace"},
	"internal/netsetup":         {"internal/lookup", "testlib/config"},
	"internal/option":           {},
	"internal/turn":             {},
	"internal/urlpath":          {},
	"internal/proctest":         {},
	"internal/protocol":         {},
	"internal/provision":        {"internal/accounts", "internal/cloud", "internal/netsetup", "testlib/config"},
	"internal/resource":         {},
	"internal/secret":           {},
	"internal/tempestconf":      {"internal/option", "testlib/config"},
	"runner": {
		"internal/gocmd", "internal/protocol", "runner/linkcache", "runner/plan", "runner/result", "runner/supervise",
	},
	"runner/bench":      {"internal/gocmd", "runner/plan", "runner/report", "runner/result", "runner/screen"},
	"runner/linkcache":  {},
	"runner/plan":       {},
	"runner/report":     {"runner/plan", "runner/result"},
	"runner/result":     {"runner/plan"},
	"runner/screen":     {"internal/protocol", "runner/plan", "runner/result"},
	"runner/sidebyside": {},
	"runner/supervise":  {"internal/protocol", "runner/linkcache", "runner/plan"},
	"runner/interop":    {},
	"runner/timings":    {"runner/plan", "runner/report", "runner/result"},
	"tempestplugin":     {},
	"testlib": {
		"internal/accounts", "internal/calls", "internal/cloud", "internal/ledger", "internal/lookup",
		"internal/netsetup", "internal/protocol", "internal/resource", "internal/secret",
		"internal/turn", "internal/urlpath",
		"testlib/config", "testlib/data", "testlib/embedded", "testlib/wait",
	},
	"testlib/config": {"internal/option", "internal/protocol"},
	"testlib/data":   {},
	"testlib/embedded": {
		"internal/urlpath", "testlib/embedded/glance", "testlib/embedded/keystone", "testlib/embedded/swift",
	},
	"testlib/embedded/glance": {
		"testlib/embedded/jsonschema", "testlib/embedded/keystone", "testlib/embedded/oslopolicy",
	},
	"testlib/embedded/swift":      {"testlib/embedded/keystone"},
	"testlib/embedded/jsonschema": {},
	"testlib/embedded/keystone":   {"testlib/embedded/jsonschema", "testlib/embedded/oslopolicy"},
	"testlib/embedded/oslopolicy": {},
	"testlib/remote":              {"testlib/config", "testlib/wait"},
	"testlib/schema":              {"testlib"},
	"testlib/wait":                {},
	"tests/api/identity":          forPlugins,
	"tests/api/image":             forPlugins,
	"tests/scenario":              forPlugins,
	"tests/api/objectstore":       forPlugins,
}

// everywhere is what all folders may import.
const everywhere = "internal/lazyregexp"

// kept lists what a test author's build must never pull in, even indirectly.
var kept = []string{
	"golang.org/x/exp", "golang.org/x/tools", "gotest.tools/gotestsum", "github.com/spf13/cobra",
	"github.com/rogpeppe/go-internal",
	module + "/cmd", module + "/discover", module + "/runner",
}

// pkg is what the test reads of `go list -json`.
type pkg struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	XTestImports []string
	TestImports  []string
	Deps         []string
}

func TestFoldersImportOnlyWhatTheTableAllows(t *testing.T) {
	for _, p := range list(t, "./...") {
		folder := strings.TrimPrefix(p.ImportPath, module+"/")
		may, ok := allowed[folder]
		if !ok {
			t.Errorf("%s has no row in the import table", folder)
			continue
		}
		for _, path := range p.Imports {
			to, ours := strings.CutPrefix(path, module+"/")
			if ours && to != everywhere && !slices.Contains(may, to) {
				t.Errorf("%s imports %s", folder, to)
			}
		}
	}
}

// forPlugins are the packages that test authors use.
var forPlugins = []string{
	"testlib", "testlib/config", "testlib/data", "testlib/remote", "testlib/schema", "testlib/wait",
}

// What a plugin cannot use, the in-tree tests may not use.
func TestInTreeTestsUseTestlibOnly(t *testing.T) {
	for _, p := range list(t, "./tests/...") {
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			to, ours := strings.CutPrefix(path, module+"/")
			if ours && !slices.Contains(forPlugins, to) && !strings.HasPrefix(to, "tests/") {
				t.Errorf("%s imports %s, which is not for plugins", p.ImportPath, to)
			}
		}
	}
}

func TestTestlibStaysLight(t *testing.T) {
	for _, p := range list(t, "./testlib/...") {
		for _, dep := range p.Deps {
			for _, heavy := range kept {
				if dep == heavy || strings.HasPrefix(dep, heavy+"/") {
					t.Errorf("%s depends on %s", p.ImportPath, dep)
				}
			}
		}
	}
}

// Each process of a run would pay for it at its start.
func TestNoRegularExpressionIsCompiledAtTheStart(t *testing.T) {
	started := map[string]bool{}
	all := list(t, "./...")
	for _, p := range all {
		if p.ImportPath == module+"/cmd/tempest" || p.ImportPath == module+"/testlib" {
			started[p.ImportPath] = true
			for _, dep := range p.Deps {
				started[dep] = true
			}
		}
	}
	for _, p := range all {
		if !started[p.ImportPath] {
			continue
		}
		for _, name := range p.GoFiles {
			for _, place := range compiledAtStart(t, filepath.Join(p.Dir, name)) {
				t.Errorf("%s: regexp.MustCompile at the start of every process: use internal/lazyregexp", place)
			}
		}
	}
}

// compiledAtStart returns where the variables of a file that belong to the package call regexp.MustCompile.
func compiledAtStart(t *testing.T, path string) (places []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.VAR {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if _, later := n.(*ast.FuncLit); later {
				return false
			}
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "MustCompile" {
				places = append(places, files.Position(s.Pos()).String())
			}
			return true
		})
	}
	return places
}

// list returns the packages of this module that pattern names.
func list(t *testing.T, pattern string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags", "tempest", "-json", pattern)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pattern, err)
	}
	var pkgs []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		if err != nil {
			t.Fatalf("go list %s: %v", pattern, err)
		}
		pkgs = append(pkgs, p)
	}
}
