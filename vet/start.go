package vet

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// startCall is a call that begins a test or a subtest: of testlib.Start, of Run of an Env, or of a function that hands
// the options which it is given with a test on to testlib.Start.
type startCall struct {
	*ast.CallExpr
	sub     bool          // Run
	handed  *types.Func   // the function that hands on; nil for those of testlib
	options []ast.Expr    // without the other arguments
	file    *ast.File     // where it is
	decl    *ast.FuncDecl // the declared function that it is in, nil outside of functions
}

// startCalls are those in the files of a package, each before what is inside of it.
func startCalls(p *analysis.Pass) []startCall {
	var calls []startCall
	for _, file := range p.Files {
		for _, d := range file.Decls {
			decl, _ := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if c, ok := asStart(p, call); ok {
						c.file, c.decl = file, decl
						calls = append(calls, c)
					}
				}
				return true
			})
		}
	}
	return calls
}

// asStart says what a call begins.
func asStart(p *analysis.Pass, call *ast.CallExpr) (startCall, bool) {
	fn := callee(p, call)
	switch {
	case fn == nil || isMethodExpr(p, call.Fun):
	case isTestlib(fn, "", "Start"):
		if len(call.Args) > 0 {
			return startCall{CallExpr: call, options: call.Args[1:]}, true
		}
	case isTestlib(fn, "Env", "Run"):
		if len(call.Args) > 1 {
			return startCall{CallExpr: call, sub: true, options: call.Args[2:]}, true
		}
	case handsOn(fn):
		return startCall{CallExpr: call, handed: fn, options: optionArgs(fn.Signature(), call)}, true
	}
	return startCall{}, false
}

// isMethodExpr reports whether e is (*T).Method.
func isMethodExpr(p *analysis.Pass, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && p.TypesInfo.Selections[sel] != nil && p.TypesInfo.Selections[sel].Kind() == types.MethodExpr
}

// handsOn reports whether fn looks as if it began a test for its callers: its first parameter is a *testing.T, and it
// takes options or gives an Env, and it does not get one. Its callers are where tempest list reads the options.
func handsOn(fn *types.Func) bool {
	sig := fn.Signature()
	return !inTestlib(fn) && takesTest(sig) && !takesEnv(sig) && (givesEnv(sig) || takesOptions(sig))
}

func takesEnv(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if isEnv(v.Type()) {
			return true
		}
	}
	return false
}

func takesOptions(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		t := v.Type()
		if slice, ok := t.(*types.Slice); ok {
			t = slice.Elem()
		}
		if isOption(t) {
			return true
		}
	}
	return false
}

// takesTest reports whether the first parameter is a *testing.T.
func takesTest(sig *types.Signature) bool {
	return sig.Params().Len() > 0 && isPointerTo(sig.Params().At(0).Type(), "testing", "T")
}

// givesEnv reports whether one of the results is an Env, or a struct with an Env in it.
func givesEnv(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		if isEnv(v.Type()) {
			return true
		}
		t := v.Type()
		if ptr, ok := t.Underlying().(*types.Pointer); ok {
			t = ptr.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		for i := 0; ok && i < s.NumFields(); i++ {
			if isEnv(s.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

func isEnv(t types.Type) bool { return isPointerTo(t, testlibPath, "Env") }

func isPointerTo(t types.Type, path, name string) bool {
	ptr, ok := types.Unalias(t).(*types.Pointer)
	return ok && isNamed(ptr.Elem(), path, name)
}

func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}

// optionArgs are the arguments of a call that the function takes as options.
func optionArgs(sig *types.Signature, call *ast.CallExpr) []ast.Expr {
	var options []ast.Expr
	last := sig.Params().Len() - 1
	for i, arg := range call.Args {
		if i == 0 || sig.Params().Len() == 0 {
			continue
		}
		t := sig.Params().At(min(i, last)).Type()
		if slice, ok := t.(*types.Slice); ok && i >= last && sig.Variadic() {
			t = slice.Elem()
		}
		if isOption(t) {
			options = append(options, arg)
		}
	}
	return options
}

func isOption(t types.Type) bool {
	return slices.ContainsFunc([]string{"Option", "ID", "Attribute"}, func(name string) bool {
		return isNamed(t, testlibPath, name)
	})
}

// room reports whether an option may be added to a call.
func (c *startCall) room() bool {
	if c.handed == nil {
		return true
	}
	sig := c.handed.Signature()
	if !sig.Variadic() {
		return false
	}
	slice, ok := sig.Params().At(sig.Params().Len() - 1).Type().(*types.Slice)
	return ok && isNamed(slice.Elem(), testlibPath, "Option")
}

// before is the argument that the options stand behind.
func (c *startCall) before() ast.Expr {
	switch {
	case c.handed != nil:
		return c.Args[c.handed.Signature().Params().Len()-2]
	case c.sub:
		return c.Args[1]
	}
	return c.Args[0]
}

// fromCallers reports whether an option is a parameter of the function around a call of Start, and that function gets
// the test as its first argument: then tempest list reads what the callers of the function write.
func (c *startCall) fromCallers(p *analysis.Pass, option ast.Expr) bool {
	if c.sub || c.decl == nil {
		return false
	}
	fn, ok := p.TypesInfo.Defs[c.decl.Name].(*types.Func)
	if !ok || !handsOn(fn) || p.TypesInfo.Uses[identOf(c.Args[0])] != fn.Signature().Params().At(0) {
		return false
	}
	obj := p.TypesInfo.Uses[identOf(option)]
	for v := range fn.Signature().Params().Variables() {
		if v == obj {
			return !assigned(p, c.decl, obj)
		}
	}
	return false
}

// identOf is the identifier that an expression consists of, nil for any other.
func identOf(e ast.Expr) *ast.Ident {
	id, _ := ast.Unparen(e).(*ast.Ident)
	return id
}

// assigned reports whether a function gives obj another value.
func assigned(p *analysis.Pass, in *ast.FuncDecl, obj types.Object) bool {
	found := false
	ast.Inspect(in, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok {
			found = found || slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
				return identOf(e) != nil && p.TypesInfo.Uses[identOf(e)] == obj
			})
		}
		return !found
	})
	return found
}
