package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// literalRule wants what the inventory is read from to stand in the source.
func literalRule() Rule {
	return rule("literal", "options of tests and names of subtests are literals, so that tests can be listed and selected",
		"write the value itself; in an option it may be a constant that a test file of the package declares with a literal",
		checkLiterals)
}

func checkLiterals(p *analysis.Pass) {
	calls := startCalls(p)
	told := map[*ast.CallExpr]bool{}
	for _, call := range calls {
		for _, run := range outerRuns(p, &call) { // of a testing.T: it matters when a test of the cloud is inside
			reportName(p, run, told)
		}
		if call.sub {
			reportName(p, call.CallExpr, told)
		}
		if call.Ellipsis.IsValid() {
			if last := call.Args[len(call.Args)-1]; !call.fromCallers(p, last) {
				p.Reportf(last.Pos(), "options that are a slice cannot be read from the source")
			}
			continue
		}
		for _, o := range call.options {
			if bad := computed(p, o); bad != nil && !call.fromCallers(p, o) {
				reportComputed(p, bad)
			}
		}
	}
}

// reportName wants the name of a subtest to be a literal.
func reportName(p *analysis.Pass, run *ast.CallExpr, told map[*ast.CallExpr]bool) {
	name := run.Args[0]
	if _, ok := stringLiteral(name); ok || told[run] {
		return
	}
	told[run] = true
	what := "computed"
	if p.TypesInfo.Types[name].Value != nil {
		what = "a constant, which is not read"
	}
	p.Reportf(name.Pos(), "the name of the subtest is %s: it cannot be listed or selected alone", what)
}

func reportComputed(p *analysis.Pass, e ast.Expr) {
	if p.TypesInfo.Types[e].Value == nil {
		p.Reportf(e.Pos(), "the value is computed: it cannot be read from the source")
		return
	}
	p.Reportf(e.Pos(), "the constant is read only when a test file of this package declares it with a literal")
}

// computed returns the part of an option that is not read: neither a constant nor made by testlib of constants. It is
// nil when there is none. Functions, conditions and type arguments are for the run, and not read.
func computed(p *analysis.Pass, e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	if _, ok := stringLiteral(e); ok {
		return nil
	}
	if v := p.TypesInfo.Types[e].Value; v != nil && v.Kind() != constant.String {
		return nil // a number
	}
	if _, isFunc := p.TypesInfo.TypeOf(e).Underlying().(*types.Signature); isFunc {
		return nil
	}
	switch x := e.(type) {
	case *ast.CallExpr:
		return computedCall(p, x)
	case *ast.SelectorExpr, *ast.Ident:
		obj := p.TypesInfo.Uses[nameIn(x)]
		if obj != nil && (ofTestlib(obj) || isReadConstant(p, obj)) {
			return nil
		}
	case *ast.CompositeLit: // a declaration, as testlib.Resource{…}
		return nil
	}
	return e
}

// isReadConstant reports whether tempest list reads a constant: a test file of the package declares it, with a literal,
// and as an option of a type of testlib that it names.
func isReadConstant(p *analysis.Pass, obj types.Object) bool {
	c, ok := obj.(*types.Const)
	if !ok || c.Pkg() != p.Pkg || c.Parent() != p.Pkg.Scope() {
		return false
	}
	for _, file := range p.Files {
		if file.FileStart <= c.Pos() && c.Pos() <= file.FileEnd {
			return isTest(p, file) && declaresLiteral(file, c)
		}
	}
	return false
}

func declaresLiteral(file *ast.File, c *types.Const) bool {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			s := spec.(*ast.ValueSpec)
			i := slices.IndexFunc(s.Names, func(id *ast.Ident) bool { return id.Pos() == c.Pos() })
			if i < 0 || i >= len(s.Values) {
				continue
			}
			_, literal := stringLiteral(s.Values[i])
			_, qualified := s.Type.(*ast.SelectorExpr)
			return literal && (qualified || !isOption(c.Type()))
		}
	}
	return false
}

// stringLiteral returns the text of a literal, or of several with + between them.
func stringLiteral(e ast.Expr) (string, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, okX := stringLiteral(e.X)
		y, okY := stringLiteral(e.Y)
		return x + y, okX && okY && e.Op == token.ADD
	}
	return "", false
}

// ofTestlib reports whether obj is declared at the level of package testlib, and not a field.
func ofTestlib(obj types.Object) bool { return inTestlib(obj) && obj.Parent() == obj.Pkg().Scope() }

// computedCall is [computed] for a call: of a function of testlib, or a conversion, as testlib.ID("…").
func computedCall(p *analysis.Pass, call *ast.CallExpr) ast.Expr {
	if p.TypesInfo.Types[call.Fun].IsType() {
		if !strings.HasPrefix(types.TypeString(p.TypesInfo.TypeOf(call), nil), testlibPath+".") {
			return call
		}
		return computed(p, call.Args[0])
	}
	fn := callee(p, call)
	if fn == nil || !inTestlib(fn) {
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
