package vet

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// tagRule wants test files to be switched on by the build tag.
func tagRule() Rule {
	return rule("tag", "files with tests of the service carry the build tag, so that go test ./... stays a unit run",
		"begin the file with the line //go:build tempest", checkTags)
}

func checkTags(p *analysis.Pass) {
	for _, file := range p.Files {
		if isTest(p, file) && usesTestlib(file) && !namesTag(file) {
			p.Reportf(file.Package, "the file uses testlib, and its build constraint does not name tempest: "+
				"its tests are not part of the suite")
		}
	}
}

// namesTag reports whether the build constraint of a file names tempest.
func namesTag(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if expr, err := constraint.Parse(c.Text); err == nil && constraint.IsGoBuild(c.Text) && names(expr) {
				return true
			}
		}
	}
	return false
}

func names(e constraint.Expr) bool {
	switch e := e.(type) {
	case *constraint.TagExpr:
		return e.Tag == "tempest"
	case *constraint.AndExpr:
		return names(e.X) || names(e.Y)
	case *constraint.OrExpr:
		return names(e.X) || names(e.Y)
	case *constraint.NotExpr:
		return names(e.X)
	}
	return false
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
	for _, file := range p.Files {
		for _, i := range file.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			below, ours := strings.CutPrefix(path, tempestModule+"/")
			if err != nil || !ours || strings.HasPrefix(below, "examples/") || strings.HasPrefix(p.Pkg.Path(), path) {
				continue
			}
			if !slices.Contains(stable(), "/"+below) && !strings.HasPrefix(p.Pkg.Path(), tempestModule) {
				p.Reportf(i.Pos(), "%s may change in every version of tempest", path)
			}
		}
	}
}

// writeRule wants tests to leave their folder alone.
func writeRule() Rule {
	return rule("write", "tests write into no folder of their own source: in a plugin it is the read-only module cache",
		"write below t.TempDir(), and name files by their whole path", checkWrites)
}

// writers are functions of os whose first argument is what they make.
func writers() []string {
	return []string{
		"WriteFile", "Create", "Mkdir", "MkdirAll", "OpenFile", "Truncate", "Remove", "RemoveAll", "Symlink", "Link",
	}
}

func checkWrites(p *analysis.Pass) {
	inTests(p, func(call *ast.CallExpr, fn *types.Func) {
		switch {
		case isPackageFunc(fn, "os", "Chdir"):
			p.Reportf(call.Pos(), "os.Chdir is for the whole process, and for all tests that run beside this one")
		case isPackageFunc(fn, "os", writers()...) && len(call.Args) > 0:
			path, ok := constantString(p, call.Args[0])
			if ok && !filepath.IsAbs(path) && (fn.Name() != "OpenFile" || !readsOnly(p, call)) {
				p.Reportf(call.Pos(), "os.%s writes to %q in the folder of the test", fn.Name(), path)
			}
		}
	})
}

// readsOnly reports whether os.OpenFile opens for reading: O_RDONLY is 0.
func readsOnly(p *analysis.Pass, call *ast.CallExpr) bool {
	v := p.TypesInfo.Types[call.Args[1]].Value
	return v != nil && v.ExactString() == "0"
}

// inTests calls f for the calls in files that use testlib.
func inTests(p *analysis.Pass, f func(*ast.CallExpr, *types.Func)) {
	for _, file := range p.Files {
		if !isTest(p, file) || !usesTestlib(file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if fn := callee(p, call); fn != nil {
					f(call, fn)
				}
			}
			return true
		})
	}
}

// setupRule wants no work before the tests.
func setupRule() Rule {
	return rule("setup", "nothing is set up before the tests: it would run when tests are listed, and cannot fail a test",
		"set up in the test, or in TestMain with testlib.Main", checkSetup)
}

func checkSetup(p *analysis.Pass) {
	for _, file := range p.Files {
		if !isTest(p, file) || !usesTestlib(file) {
			continue
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					p.Reportf(d.Pos(), "init runs before every test, also when the test is not selected")
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					checkGlobals(p, d)
				}
			}
		}
	}
}

// checkGlobals reports variables that are made by calls into the world: of os, of net, of a client.
func checkGlobals(p *analysis.Pass, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		for _, value := range spec.(*ast.ValueSpec).Values {
			ast.Inspect(value, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					return false // it runs when it is called
				case *ast.CallExpr:
					if fn := callee(p, n); fn != nil && fn.Pkg() != nil && touches(fn.Pkg().Path()) {
						p.Reportf(n.Pos(), "%s.%s is called before every test, also when the test is not selected",
							fn.Pkg().Name(), fn.Name())
					}
				}
				return true
			})
		}
	}
}

// touches reports whether functions of a package read or change something outside the process.
func touches(path string) bool {
	switch path {
	case "os", "os/exec", "net", "net/http", "io/ioutil":
		return true
	}
	return strings.HasPrefix(path, "github.com/gophercloud/gophercloud/v2")
}

// cleanupRule wants things to be removed by testlib.
func cleanupRule() Rule {
	return rule("cleanup", "what a test makes is removed by e.Cleanup, which runs also after Ctrl-C, "+
		"and fails the test when it cannot",
		"register e.Cleanup right after the creation", checkCleanup)
}

func checkCleanup(p *analysis.Pass) {
	for _, file := range p.Files {
		if !isTest(p, file) || !usesTestlib(file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if d, ok := n.(*ast.DeferStmt); ok {
				if name := deletes(p, d.Call); name != "" {
					p.Reportf(d.Pos(), "a deferred %s does not run when the process is interrupted, "+
						"and its context is that of the test, which has ended", name)
				}
			}
			return true
		})
	}
}

// deletes returns the name of what a deferred call deletes with, "" when it does not.
func deletes(p *analysis.Pass, call *ast.CallExpr) string {
	found := ""
	ast.Inspect(call, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || found != "" {
			return found == ""
		}
		if fn := callee(p, c); fn != nil && deletesInCloud(fn) {
			found = fn.Pkg().Name() + "." + fn.Name()
		}
		return true
	})
	return found
}

// deletesInCloud reports whether a function has the name of one that deletes, and takes a client of a service.
func deletesInCloud(fn *types.Func) bool {
	if fn.Pkg() == nil || !strings.HasPrefix(fn.Name(), "Delete") && !strings.HasPrefix(fn.Name(), "Remove") {
		return false
	}
	for v := range fn.Signature().Params().Variables() {
		if strings.HasSuffix(types.TypeString(v.Type(), nil), "gophercloud/v2.ServiceClient") {
			return true
		}
	}
	return false
}
