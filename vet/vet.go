// Package vet checks tests of tempest plugins, as analyzers of golang.org/x/tools/go/analysis. `tempest plugin check`
// runs them; so do
//
//	go vet -tags tempest -vettool=$(which tempest-vet) ./...
//
// and golangci-lint with a module plugin that returns [Analyzers].
package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// testlibPath is the package that tests are written with.
const testlibPath = "github.com/gotempest/tempest/testlib"

// tempestModule is the module whose packages are looked at by the rule import.
const tempestModule = "github.com/gotempest/tempest"

// Rule is one analyzer with what a report says beside its findings.
type Rule struct {
	*analysis.Analyzer

	// Remedy says what to do, in one line.
	Remedy string
}

// Rules are all there are, by name.
func Rules() []Rule {
	return []Rule{cleanupRule(), hiddenRule(), idRule(), importRule(), literalRule(), markerRule(),
		setupRule(), tagRule(), writeRule()}
}

// Analyzers are those of [Rules].
func Analyzers() []*analysis.Analyzer {
	var all []*analysis.Analyzer
	for _, r := range Rules() {
		all = append(all, r.Analyzer)
	}
	return all
}

// rule makes a rule of a function that looks at one package.
func rule(name, doc, remedy string, run func(*analysis.Pass)) Rule {
	full := "tempest" + name
	return Rule{Remedy: remedy, Analyzer: &analysis.Analyzer{
		Name: full, Doc: doc, URL: "https://github.com/gotempest/tempest/blob/main/docs/checks.md#" + name,
		Run: func(p *analysis.Pass) (any, error) {
			if !isTestlibItself(p.Pkg.Path()) {
				accepted, done := accepting(p, full)
				run(accepted)
				done()
			}
			return nil, nil
		},
	}}
}

// isTestlibItself reports whether a package is testlib or one below it: their tests are of testlib, and not of a cloud.
func isTestlibItself(path string) bool {
	path = strings.TrimSuffix(path, "_test")
	return path == testlibPath || strings.HasPrefix(path, testlibPath+"/")
}

// callee is the function that a call calls by its name, nil when it has none.
func callee(p *analysis.Pass, call *ast.CallExpr) *types.Func {
	id := nameIn(call.Fun)
	if id == nil {
		return nil
	}
	fn, _ := p.TypesInfo.Uses[id].(*types.Func)
	return fn
}

// isTestlib reports whether fn is a function of testlib, or a method of a type of it.
func isTestlib(fn *types.Func, receiver, name string) bool {
	return fn != nil && fn.Name() == name && inTestlib(fn) && receiverName(fn) == receiver
}

// inTestlib reports whether obj is one of package testlib.
func inTestlib(obj types.Object) bool { return obj.Pkg() != nil && obj.Pkg().Path() == testlibPath }

// receiverName is the name of the type that fn is a method of, "" for none.
func receiverName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// isPackageFunc reports whether fn is one of the functions of a package.
func isPackageFunc(fn *types.Func, path string, names ...string) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == path && receiverName(fn) == "" &&
		slices.Contains(names, fn.Name())
}

// constantString returns the value of an expression that is a constant string.
func constantString(p *analysis.Pass, e ast.Expr) (string, bool) {
	v := p.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// isTest reports whether a file is one of tests.
func isTest(p *analysis.Pass, file *ast.File) bool {
	return strings.HasSuffix(fileName(p, file), "_test.go")
}

// fileName is the name of a file on disk, whatever its line directives say.
func fileName(p *analysis.Pass, file *ast.File) string {
	return p.Fset.PositionFor(file.FileStart, false).Filename
}

// usesTestlib reports whether a file imports testlib.
func usesTestlib(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"`+testlibPath+`"` })
}
