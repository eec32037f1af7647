package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// literalRule wants what the inventory is read from to stand in the source.
func literalRule() Rule {
	return rule("literal", "options of tests and names of subtests are literals, so that tests can be listed and selected",
		"write the value itself, or a constant", checkLiterals)
}

func checkLiterals(p *analysis.Pass) {
	for _, call := range startCalls(p) {
		if call.sub {
			if _, ok := constantString(p, call.Args[0]); !ok {
				p.Reportf(call.Args[0].Pos(), "the name of the subtest is computed: it cannot be listed or selected alone")
			}
		}
		if call.Ellipsis.IsValid() {
			p.Reportf(call.options[len(call.options)-1].Pos(), "options that are a slice cannot be read from the source")
			continue
		}
		for _, o := range call.options {
			if bad := computed(p, o); bad != nil {
				p.Reportf(bad.Pos(), "the value is computed: it cannot be read from the source")
			}
		}
	}
}

// computed returns the part of an option that is neither a constant nor made by testlib of constants, nil when there is
// none. Functions, conditions and type arguments are for the run, and not read.
func computed(p *analysis.Pass, e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	if p.TypesInfo.Types[e].Value != nil {
		return nil
	}
	if _, isFunc := p.TypesInfo.TypeOf(e).Underlying().(*types.Signature); isFunc {
		return nil
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		return computedCall(p, e)
	case *ast.SelectorExpr:
		if obj := p.TypesInfo.Uses[e.Sel]; obj != nil && ofTestlib(obj) {
			return nil
		}
	case *ast.CompositeLit: // a declaration, as testlib.Resource{…}
		return nil
	}
	return e
}

// ofTestlib reports whether obj is declared at the level of package testlib, and not a field.
func ofTestlib(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Pkg().Path() == testlibPath && obj.Parent() == obj.Pkg().Scope()
}

func computedCall(p *analysis.Pass, call *ast.CallExpr) ast.Expr {
	if p.TypesInfo.Types[call.Fun].IsType() { // a conversion, as testlib.ID(x)
		return computed(p, call.Args[0])
	}
	fn := callee(p, call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != testlibPath {
		return call
	}
	if receiver := receiverName(fn); receiver != "" { // When(condition) of an option
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Name() == "When" {
			return computed(p, sel.X)
		}
		return call
	}
	for _, arg := range call.Args {
		if bad := computed(p, arg); bad != nil {
			return bad
		}
	}
	return nil
}
