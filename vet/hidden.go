package vet

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"

	"github.com/gotempest/tempest/discover"
)

// hiddenRule wants tests to begin where discovery, which does not compile, reads them.
func hiddenRule() Rule {
	return rule("hidden", "tests and their IDs stand where tempest list reads them, which compiles nothing",
		"call testlib.Start in the test function, and Run on the Env there, or in a function that is given to Run by its "+
			"name; give the ID with that call", checkHidden)
}

func checkHidden(p *analysis.Pass) {
	calls := startCalls(p)
	hidden := readTests(p).hidden(p, calls)
	for _, call := range calls {
		switch {
		case !hidden[call.CallExpr]:
		case call.sub:
			p.Reportf(call.Pos(), "tempest list does not see this subtest: it cannot be selected by its name or ID")
		default:
			p.Reportf(findID(p, call.options).Pos(), "tempest list does not see this ID: the test cannot be selected by it")
		}
	}
	reportValues(p)
}

// reportValues finds Start and Run being used as values, and functions elsewhere that begin subtests for their callers.
func reportValues(p *analysis.Pass) {
	for _, file := range p.Files {
		called := map[*ast.Ident]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				fn := callee(p, n)
				if fn == nil || isMethodExpr(p, n.Fun) {
					break
				}
				called[nameIn(n.Fun)] = true
				if fn.Pkg() != nil && fn.Pkg() != p.Pkg && !inTestlib(fn) && takesSubtest(fn.Signature()) {
					p.Reportf(n.Pos(), "tempest list does not see subtests that %s.%s begins", fn.Pkg().Name(), fn.Name())
				}
			case *ast.Ident:
				fn := p.TypesInfo.Uses[n]
				if fn != nil && !called[n] && isStart(fn) {
					p.Reportf(n.Pos(), "tempest list does not see tests that are begun by a value of %s", n.Name)
				}
			}
			return true
		})
	}
}

// isStart reports whether obj is Start of testlib, or Run of its Env.
func isStart(obj types.Object) bool {
	fn, ok := obj.(*types.Func)
	return ok && (isTestlib(fn, "", "Start") || isTestlib(fn, "Env", "Run"))
}

// takesSubtest reports whether a function has a parameter that is the body of a subtest, and one that is an option of
// it.
func takesSubtest(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		body, ok := v.Type().Underlying().(*types.Signature)
		if ok && body.Params().Len() == 1 && isEnv(body.Params().At(0).Type()) {
			return takesOptions(sig)
		}
	}
	return false
}

// listing is what discovery reads in the test files of a package.
type listing struct {
	byID   map[string][]string // names of tests
	starts map[string]bool     // file:line of tests
}

// readTests is what tempest list would say of the files of a package.
func readTests(p *analysis.Pass) *listing {
	var files []*ast.File
	for _, file := range p.Files {
		if isTest(p, file) {
			files = append(files, file)
		}
	}
	l := &listing{byID: map[string][]string{}, starts: map[string]bool{}}
	for _, t := range discover.ReadTests(p.Fset, files) {
		if t.UUID != "" {
			l.byID[t.UUID] = append(l.byID[t.UUID], t.Name)
		}
		l.starts[at(t.File, t.Line)] = true
	}
	return l
}

func at(file string, line int) string { return filepath.Base(file) + ":" + strconv.Itoa(line) }

// hidden are the calls that begin a test where it is not read. Within a hidden subtest all others are, and not worth a
// word. Nor is what other rules speak of: names and IDs that are computed, files without the tag.
func (l *listing) hidden(p *analysis.Pass, calls []startCall) map[*ast.CallExpr]bool {
	hidden := map[*ast.CallExpr]bool{}
	for _, call := range calls {
		if isTest(p, call.file) && !discover.InSuite(call.file) {
			continue
		}
		outer := outerRuns(p, &call)
		inside := slices.ContainsFunc(outer, func(c *ast.CallExpr) bool {
			_, named := stringLiteral(c.Args[0])
			return !named || hidden[c]
		})
		hidden[call.CallExpr] = !inside && (call.sub && l.hidesSubtest(p, &call) || !call.sub && l.hidesID(p, &call))
	}
	return hidden
}

// outerRuns are the calls of Run, of an Env or a testing.T, whose function literals a call is in.
func outerRuns(p *analysis.Pass, call *startCall) []*ast.CallExpr {
	var runs []*ast.CallExpr
	path, _ := astutil.PathEnclosingInterval(call.file, call.Pos(), call.Pos())
	for _, n := range path {
		if c, ok := n.(*ast.CallExpr); ok && c != call.CallExpr && isRun(callee(p, c)) && len(c.Args) > 1 {
			runs = append(runs, c)
		}
	}
	return runs
}

// isRun reports whether fn is Run of an Env or of a testing.T.
func isRun(fn *types.Func) bool {
	return isTestlib(fn, "Env", "Run") ||
		fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "testing" && fn.Name() == "Run" && receiverName(fn) == "T"
}

func (l *listing) hidesSubtest(p *analysis.Pass, call *startCall) bool {
	_, named := stringLiteral(call.Args[0])
	pos := p.Fset.Position(call.Pos())
	return named && !l.starts[at(pos.Filename, pos.Line)]
}

func (l *listing) hidesID(p *analysis.Pass, call *startCall) bool {
	option := findID(p, call.options)
	if option == nil || computed(p, option) != nil {
		return false
	}
	id, constant := constantString(p, option)
	return constant && len(l.byID[id]) == 0
}

// nameIn is the identifier by which a call names its function.
func nameIn(fun ast.Expr) *ast.Ident {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr: // with type arguments
		return nameIn(f.X)
	case *ast.IndexListExpr:
		return nameIn(f.X)
	}
	return nil
}
