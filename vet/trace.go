package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/gotempest/tempest/discover"
)

// tracer follows calls through the functions of a package, to those that a rule means.
type tracer struct {
	p     *analysis.Pass
	meant func(*types.Func) bool

	// enters reports whether a function literal that is an argument of a call is looked into: whether it may run then.
	enters func(*ast.CallExpr) bool

	decls map[*types.Func]*ast.FuncDecl
	known map[*types.Func]string // the function that is meant and that this one calls
}

func newTracer(p *analysis.Pass, meant func(*types.Func) bool, enters func(*ast.CallExpr) bool) *tracer {
	t := &tracer{p: p, meant: meant, enters: enters, known: map[*types.Func]string{}, decls: declarations(p)}
	return t
}

// declarations are the functions of a package that have a body.
func declarations(p *analysis.Pass) map[*types.Func]*ast.FuncDecl {
	decls := map[*types.Func]*ast.FuncDecl{}
	for _, file := range p.Files {
		for _, d := range file.Decls {
			if decl, ok := d.(*ast.FuncDecl); ok && decl.Body != nil {
				if fn, ok := p.TypesInfo.Defs[decl.Name].(*types.Func); ok {
					decls[fn] = decl
				}
			}
		}
	}
	return decls
}

// first returns the name of the first function that is meant among those that n calls, itself or through functions of
// the package; "" when there is none.
func (t *tracer) first(n ast.Node) string {
	found := ""
	ast.Inspect(n, func(n ast.Node) bool {
		if found != "" {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // it runs when it is called
		case *ast.CallExpr:
			found = t.call(n)
		}
		return found == ""
	})
	return found
}

// call is first for a call without its arguments, but for the functions among them.
func (t *tracer) call(call *ast.CallExpr) string {
	if fn := callee(t.p, call); fn != nil {
		if found := t.function(fn); found != "" {
			return found
		}
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return t.first(lit.Body)
	}
	if !t.enters(call) {
		return ""
	}
	for _, arg := range call.Args {
		if found := t.argument(arg); found != "" {
			return found
		}
	}
	return ""
}

// argument is first for a function that is given to another.
func (t *tracer) argument(arg ast.Expr) string {
	if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
		return t.first(lit.Body)
	}
	if id := nameIn(arg); id != nil {
		if fn, ok := t.p.TypesInfo.Uses[id].(*types.Func); ok {
			return t.function(fn)
		}
	}
	return ""
}

func (t *tracer) function(fn *types.Func) string {
	fn = fn.Origin()
	if fn.Pkg() != nil && t.meant(fn) {
		return fn.Pkg().Name() + "." + fn.Name()
	}
	decl := t.decls[fn]
	if _, ok := t.known[fn]; !ok && decl != nil {
		t.known[fn] = "" // while it is looked into: it may call itself
		t.known[fn] = t.first(decl.Body)
	}
	return t.known[fn]
}

// ofSuite reports whether a file is for tests of the suite: one of them, or of a package that they use.
func ofSuite(p *analysis.Pass, file *ast.File) bool {
	if isTest(p, file) {
		return discover.InSuite(file)
	}
	return usesTestlib(file)
}

// definition is the value of a local variable that is set once, and e itself for anything else.
func definition(p *analysis.Pass, file *ast.File, e ast.Expr) ast.Expr {
	obj, ok := p.TypesInfo.Uses[identOf(e)].(*types.Var)
	if !ok || obj.Pkg() != p.Pkg || obj.Parent() == p.Pkg.Scope() {
		return e
	}
	var value ast.Expr
	set := 0
	note := func(names, values []ast.Expr, declares bool) {
		for i, name := range names {
			id := identOf(name)
			if id == nil || p.TypesInfo.ObjectOf(id) != obj {
				continue
			}
			set++
			if declares && len(values) == len(names) {
				value = values[i]
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			note(n.Lhs, n.Rhs, n.Tok == token.DEFINE)
		case *ast.ValueSpec:
			note(asExprs(n.Names), n.Values, true)
		case *ast.UnaryExpr: // whoever has its address may set it
			if n.Op == token.AND {
				note([]ast.Expr{n.X}, nil, false)
			}
		}
		return true
	})
	if set != 1 || value == nil {
		return e
	}
	return value
}

func asExprs(names []*ast.Ident) []ast.Expr {
	var list []ast.Expr
	for _, n := range names {
		list = append(list, n)
	}
	return list
}
