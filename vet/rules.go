package vet

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gotempest/tempest/discover"
)

// tagRule wants test files to be switched on by the build tag.
func tagRule() Rule {
	return rule("tag", "files with tests of the service carry the build tag, so that go test ./... stays a unit run",
		"begin the file with the line //go:build tempest", checkTags)
}

func checkTags(p *analysis.Pass) {
	starts := map[*ast.File]bool{}
	for _, call := range startCalls(p) {
		starts[call.file] = true
	}
	for _, file := range p.Files {
		if isTest(p, file) && !discover.InSuite(file) && (starts[file] || usesTestlib(file) && declaresTest(p, file)) {
			p.Reportf(file.Package, "the file has tests that use testlib, and its build constraint does not name tempest: "+
				"its tests are not part of the suite")
		}
	}
}

// declaresTest reports whether a file has a test, or a TestMain.
func declaresTest(p *analysis.Pass, file *ast.File) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		decl, ok := d.(*ast.FuncDecl)
		return ok && (isTestFunc(p, decl) || decl.Recv == nil && decl.Name.Name == "TestMain")
	})
}

// importRule wants nothing but what docs/stability.md promises.
func importRule() Rule {
	return rule("import", "a plugin imports of tempest only what stays as it is",
		"use testlib and the packages below it that docs/stability.md names", checkImports)
}

// stable are the packages of tempest that plugins may import.
func stable() []string {
	return []string{"/testlib", "/testlib/config", "/testlib/data", "/testlib/embedded", "/testlib/remote",
		"/testlib/schema", "/testlib/wait"}
}

func checkImports(p *analysis.Pass) {
	if isOfTempest(p.Pkg.Path()) {
		return
	}
	for _, file := range p.Files {
		for _, i := range file.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err == nil && isOfTempest(path) && !slices.Contains(stable(), strings.TrimPrefix(path, tempestModule)) {
				p.Reportf(i.Pos(), "%s may change in every version of tempest", path)
			}
		}
	}
}

// isOfTempest reports whether a package is of tempest itself. Its examples are modules of their own, and plugins.
func isOfTempest(path string) bool {
	return strings.HasPrefix(path+"/", tempestModule+"/") && !strings.HasPrefix(path, tempestModule+"/examples/")
}
