package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// snippetImports are the packages that the code of a page of the documentation may use
// without an import of its own: a page shows imports once.
var snippetImports = map[string]string{
	"config":      "github.com/gotempest/tempest/testlib/config",
	"context":     "context",
	"data":        "github.com/gotempest/tempest/testlib/data",
	"embedded":    "github.com/gotempest/tempest/testlib/embedded",
	"fmt":         "fmt",
	"gophercloud": "github.com/gophercloud/gophercloud/v2",
	"http":        "net/http",
	"imageimport": "github.com/gophercloud/gophercloud/v2/openstack/image/v2/imageimport",
	"images":      "github.com/gophercloud/gophercloud/v2/openstack/image/v2/images",
	"projects":    "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects",
	"remote":      "github.com/gotempest/tempest/testlib/remote",
	"schema":      "github.com/gotempest/tempest/testlib/schema",
	"servers":     "github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers",
	"testing":     "testing",
	"testlib":     "github.com/gotempest/tempest/testlib",
	"time":        "time",
	"wait":        "github.com/gotempest/tempest/testlib/wait",
}

// shellBlocks writes every block of commands of a page into one script, in their order: shblocks PAGE FILE.
func shellBlocks(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shblocks PAGE FILE")
	}
	page, err := os.ReadFile(filepath.Join(ts.Getenv("ROOT"), args[0]))
	ts.Check(err)
	var script strings.Builder
	for _, block := range strings.Split(string(page), "\n```sh\n")[1:] {
		code, _, _ := strings.Cut(block, "\n```")
		script.WriteString(code + "\n")
	}
	if script.Len() == 0 {
		ts.Fatalf("%s has no commands", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(script.String()), 0o600))
}

// snippets writes every block of Go code of a page as a file of one test
// package in the current folder: snippets PAGE. A block that is a whole file
// keeps what it says of itself; one that declares a marker goes to its folder.
func snippets(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: snippets PAGE")
	}
	page, err := os.ReadFile(filepath.Join(ts.Getenv("ROOT"), args[0]))
	ts.Check(err)
	blocks := strings.Split(string(page), "\n```go\n")[1:]
	if len(blocks) == 0 {
		ts.Fatalf("%s has no Go code", args[0])
	}
	for i, block := range blocks {
		code, _, _ := strings.Cut(block, "\n```")
		name := fmt.Sprintf("tests/api/block%02d_test.go", i+1)
		if strings.Contains(code, "\npackage tempestplugin\n") {
			name = "tempestplugin/tempestplugin.go"
		}
		source, err := snippet(code)
		if err != nil {
			ts.Fatalf("%s: block %d of Go code: %v", args[0], i+1, err)
		}
		file := ts.MkAbs(name)
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
		ts.Check(os.WriteFile(file, source, 0o666))
	}
}

// snippet makes a whole file of declarations: with the build tag, a package
// clause, and the imports that they need.
func snippet(code string) ([]byte, error) {
	if _, err := parser.ParseFile(token.NewFileSet(), "", code, parser.PackageClauseOnly); err == nil {
		return []byte(code), nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", "package api\n"+code, 0)
	if err != nil {
		return nil, err
	}
	imports := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && snippetImports[x.Name] != "" {
				imports[x.Name] = true
			}
		}
		return true
	})
	var out bytes.Buffer
	fmt.Fprint(&out, "//go:build tempest\n\npackage api\n\n")
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&out, "import %s %q\n", name, snippetImports[name])
	}
	fmt.Fprint(&out, "\n", code, "\n")
	return format.Source(out.Bytes())
}
