package discover

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// variable is what is known of a variable of a test function.
type variable struct {
	test    *node        // the test it runs subtests of
	guessed bool         // test is known through a helper only
	body    *ast.FuncLit // the function it holds
}

// scope maps names to what is known of them. A name that is declared again
// hides the outer one.
type scope struct {
	outer *scope
	vars  map[string]variable
}

func newScope(outer *scope) *scope { return &scope{outer, make(map[string]variable)} }

func (s *scope) define(name string, v variable) *scope {
	if name != "_" {
		s.vars[name] = v
	}
	return s
}

// assign changes the variable where it is declared.
func (s *scope) assign(name string, v variable) {
	for ; s != nil; s = s.outer {
		if _, ok := s.vars[name]; ok {
			s.vars[name] = v
			return
		}
	}
}

func (s *scope) lookup(name string) variable {
	for ; s != nil; s = s.outer {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return variable{}
}

// walker follows the statements of a test function and notes the subtests it
// runs. Each method takes the scope and whether what it looks at may be left
// out although the current test passes; those for statements tell whether the
// function may end there.
type walker struct {
	r       *testReader
	file    *parsedFile
	current *node      // whose body this is
	calls   []ast.Node // functions being walked as bodies, against recursion
}

func (w *walker) block(b *ast.BlockStmt, outer *scope, maybe bool) (leaves bool) {
	return w.list(b.List, newScope(outer), maybe)
}

// list walks statements. What comes after one that may leave is conditional.
func (w *walker) list(list []ast.Stmt, sc *scope, maybe bool) (leaves bool) {
	for _, s := range list {
		if w.stmt(s, sc, maybe || leaves) {
			leaves = true
		}
	}
	return leaves
}

func (w *walker) stmt(s ast.Stmt, sc *scope, maybe bool) (leaves bool) {
	switch s := s.(type) {
	case nil:
		return false
	case *ast.BlockStmt:
		return w.block(s, sc, maybe)
	case *ast.LabeledStmt:
		return w.stmt(s.Stmt, sc, maybe)
	case *ast.AssignStmt:
		w.assign(s, sc, maybe)
	case *ast.DeclStmt:
		w.declare(s, sc, maybe)
	case *ast.ReturnStmt:
		w.exprs(s.Results, sc, maybe)
		return true
	case *ast.BranchStmt:
		return s.Tok == token.GOTO
	case *ast.GoStmt:
		w.expr(s.Call, sc, true)
	case *ast.DeferStmt:
		w.expr(s.Call, sc, true)
	case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return w.compound(s, newScope(sc), maybe)
	default:
		w.expr(s, sc, maybe)
	}
	return false
}

// compound walks a statement with a body that may not run.
func (w *walker) compound(s ast.Stmt, sc *scope, maybe bool) (leaves bool) {
	switch s := s.(type) {
	case *ast.IfStmt:
		w.stmt(s.Init, sc, maybe)
		w.expr(s.Cond, sc, maybe)
		leaves = w.block(s.Body, sc, true)
		return w.stmt(s.Else, sc, true) || leaves
	case *ast.ForStmt:
		w.stmt(s.Init, sc, maybe)
		w.expr(s.Cond, sc, maybe)
		w.stmt(s.Post, sc, true)
		return w.block(s.Body, sc, true)
	case *ast.RangeStmt:
		w.expr(s.X, sc, maybe)
		w.hide(sc, s.Key, s.Value)
		return w.block(s.Body, sc, true)
	case *ast.SwitchStmt:
		w.stmt(s.Init, sc, maybe)
		w.expr(s.Tag, sc, maybe)
		return w.clauses(s.Body, sc)
	case *ast.TypeSwitchStmt:
		w.stmt(s.Init, sc, maybe)
		w.stmt(s.Assign, sc, maybe)
		return w.clauses(s.Body, sc)
	case *ast.SelectStmt:
		return w.clauses(s.Body, sc)
	}
	return false
}

func (w *walker) clauses(b *ast.BlockStmt, outer *scope) (leaves bool) {
	for _, c := range b.List {
		sc := newScope(outer)
		switch c := c.(type) {
		case *ast.CaseClause:
			w.exprs(c.List, sc, true)
			leaves = w.list(c.Body, sc, true) || leaves
		case *ast.CommClause:
			w.stmt(c.Comm, sc, true)
			leaves = w.list(c.Body, sc, true) || leaves
		}
	}
	return leaves
}

// hide declares names of which nothing is known.
func (w *walker) hide(sc *scope, names ...ast.Expr) {
	for _, e := range names {
		if id, ok := e.(*ast.Ident); ok {
			sc.define(id.Name, variable{})
		}
	}
}

func (w *walker) assign(s *ast.AssignStmt, sc *scope, maybe bool) {
	values := w.values(s.Rhs, sc, maybe)
	for i, l := range s.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			w.expr(l, sc, maybe)
			continue
		}
		var v variable
		if i < len(values) {
			v = values[i]
		}
		if s.Tok == token.DEFINE {
			sc.define(id.Name, v)
		} else {
			sc.assign(id.Name, v)
		}
	}
}

func (w *walker) declare(s *ast.DeclStmt, sc *scope, maybe bool) {
	gen, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range gen.Specs {
		vs, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		values := w.values(vs.Values, sc, maybe)
		for i, id := range vs.Names {
			var v variable
			if i < len(values) {
				v = values[i]
			}
			sc.define(id.Name, v)
		}
	}
}

// values walks the right side of an assignment and tells what it yields.
func (w *walker) values(list []ast.Expr, sc *scope, maybe bool) []variable {
	vals := make([]variable, len(list))
	for i, e := range list {
		w.expr(e, sc, maybe)
		switch e := e.(type) {
		case *ast.FuncLit:
			vals[i].body = e
		case *ast.Ident:
			vals[i] = sc.lookup(e.Name)
		case *ast.CallExpr:
			// What a call makes of a test, as testlib.Start does, runs
			// subtests of it; a helper may do the same.
			if len(e.Args) > 0 {
				vals[i].test = w.testOf(e.Args[0], sc).test
				vals[i].guessed = !w.isTestlib(e.Fun, "Start")
			}
		}
	}
	return vals
}

// testOf is the test that e stands for: t, or the t inside an Env.
func (w *walker) testOf(e ast.Expr, sc *scope) variable {
	switch e := e.(type) {
	case *ast.Ident:
		return sc.lookup(e.Name)
	case *ast.ParenExpr:
		return w.testOf(e.X, sc)
	case *ast.SelectorExpr:
		if e.Sel.Name == "T" {
			return w.testOf(e.X, sc)
		}
	case *ast.CallExpr: // testlib.Start(t).Run(…)
		if w.isTestlib(e.Fun, "Start") && len(e.Args) > 0 {
			return w.testOf(e.Args[0], sc)
		}
	}
	return variable{}
}

// startsFirst says whether the first thing that a test does is to call testlib.Start, which waits for its turn.
func (w *walker) startsFirst(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	var e ast.Expr
	switch s := body.List[0].(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	}
	call, ok := e.(*ast.CallExpr)
	return ok && w.isTestlib(call.Fun, "Start")
}

// isTestlib says whether e is testlib.name.
func (w *walker) isTestlib(e ast.Expr, name string) bool {
	got, ok := w.testlibName(e)
	return ok && got == name
}

func (w *walker) testlibName(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		pkg, ok := e.X.(*ast.Ident)
		return e.Sel.Name, ok && w.file.testlib != "" && pkg.Name == w.file.testlib
	case *ast.Ident:
		return e.Name, w.file.testlib == "."
	}
	return "", false
}

func (w *walker) exprs(list []ast.Expr, sc *scope, maybe bool) {
	for _, e := range list {
		w.expr(e, sc, maybe)
	}
}

// expr looks for calls and function literals in n.
func (w *walker) expr(n ast.Node, sc *scope, maybe bool) {
	if n == nil {
		return
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			w.call(n, sc, maybe)
		case *ast.FuncLit: // runs some time, or never
			w.literal(n, sc, true)
		case *ast.BinaryExpr:
			w.expr(n.X, sc, maybe)
			w.expr(n.Y, sc, maybe || n.Op == token.LAND || n.Op == token.LOR)
		default:
			return true
		}
		return false
	})
}

// literal walks the body of a function literal that is no subtest.
func (w *walker) literal(f *ast.FuncLit, outer *scope, maybe bool) {
	sc := newScope(outer)
	for _, p := range f.Type.Params.List {
		for _, id := range p.Names {
			sc.define(id.Name, variable{})
		}
	}
	w.block(f.Body, sc, maybe)
}

func (w *walker) call(c *ast.CallExpr, sc *scope, maybe bool) {
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Run" && len(c.Args) >= 2 {
		v := w.testOf(sel.X, sc)
		body, sure := w.isBody(c.Args[1])
		if v.test != nil && (!v.guessed || body) {
			w.expr(sel.X, sc, maybe)
			w.subtest(c, v.test, sc, maybe || v.test != w.current || v.guessed && !sure)
			return
		}
	}
	if lit, ok := c.Fun.(*ast.FuncLit); ok { // called on the spot
		w.literal(lit, sc, maybe)
	} else {
		w.expr(c.Fun, sc, maybe)
	}
	w.exprs(c.Args, sc, maybe)
	if len(c.Args) > 1 {
		if v := w.testOf(c.Args[0], sc); v.test != nil {
			w.options(c.Args[1:], v.test)
		}
	}
}

// isBody says whether e is a function literal that takes a test, and whether
// that is an Env, which nothing but Env.Run gives.
func (w *walker) isBody(e ast.Expr) (body, env bool) {
	f, ok := e.(*ast.FuncLit)
	if !ok {
		return false, false
	}
	if _, body = w.file.param(f.Type); !body {
		return false, false
	}
	return true, w.file.isEnv(f.Type.Params.List[0].Type)
}

// subtest notes the subtest that a call of Run on parent starts. One whose
// name is no literal is walked, for the subtests that it runs on others.
func (w *walker) subtest(c *ast.CallExpr, parent *node, sc *scope, maybe bool) {
	if w.r.left--; w.r.left < 0 {
		return
	}
	raw, known := stringLiteral(c.Args[0])
	child := &node{raw: raw, test: w.r.newTest(c.Pos())}
	child.test.Conditional = maybe
	if known {
		parent.children = append(parent.children, child)
	}
	w.exprs(c.Args[:1], sc, maybe)
	w.options(c.Args[2:], child)
	switch f := c.Args[1].(type) {
	case *ast.FuncLit:
		w.body(f, child, sc)
	case *ast.Ident:
		if v := sc.lookup(f.Name); v.body != nil {
			w.body(v.body, child, sc)
		} else {
			w.follow(f.Name, child)
		}
	default:
		w.expr(f, sc, maybe)
	}
}

// body walks a function literal as the body of test n.
func (w *walker) body(f *ast.FuncLit, n *node, outer *scope) {
	if slices.Contains(w.calls, ast.Node(f)) {
		return
	}
	sc := newScope(outer)
	if name, ok := firstParam(f.Type); ok {
		sc.define(name, variable{test: n})
	}
	in := walker{r: w.r, file: w.file, current: n, calls: append(slices.Clone(w.calls), f)}
	in.block(f.Body, sc, false)
}

// follow walks a declared function as the body of test n.
func (w *walker) follow(name string, n *node) {
	fn, ok := w.r.functions[name]
	if !ok || fn.decl.Body == nil || slices.Contains(w.calls, ast.Node(fn.decl)) {
		return
	}
	param, ok := fn.file.param(fn.decl.Type)
	if !ok {
		return
	}
	in := walker{r: w.r, file: fn.file, current: n, calls: append(slices.Clone(w.calls), fn.decl)}
	in.block(fn.decl.Body, newScope(nil).define(param, variable{test: n}), false)
}

func firstParam(ft *ast.FuncType) (string, bool) {
	if len(ft.Params.List) != 1 || len(ft.Params.List[0].Names) != 1 {
		return "", false
	}
	return ft.Params.List[0].Names[0].Name, true
}

// options notes what the options of Start or Run say of n.
func (w *walker) options(list []ast.Expr, n *node) {
	for _, e := range list {
		w.option(e, n)
	}
}

// option notes one option. A condition that stands behind it, as in Slow.When(…), is taken for true: it is
// known only when the test runs.
func (w *walker) option(e ast.Expr, n *node) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		w.option(e.X, n)
		return
	case *ast.CallExpr:
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "When" {
			w.option(sel.X, n)
		} else if name, ok := w.testlibName(e.Fun); ok {
			n.test.note(name, w.words(e.Args))
		}
		return
	}
	if name, ok := w.testlibName(e); ok {
		if c := w.r.testlib[name]; c.of == "Attribute" {
			n.test.note(c.of, []string{c.value})
		}
	} else if id, ok := e.(*ast.Ident); ok { // const tier1 testlib.Attribute = "tier1"
		if c := w.r.constants[id.Name]; c.of != "" {
			n.test.note(c.of, []string{c.value})
		}
	}
}

// words are those arguments of an option that are text, or constants of the package or of testlib.
func (w *walker) words(args []ast.Expr) []string {
	var words []string
	for _, a := range args {
		if s, ok := stringLiteral(a); ok {
			words = append(words, s)
		} else if name, ok := w.testlibName(a); ok {
			if c, ok := w.r.testlib[name]; ok {
				words = append(words, c.value)
			}
		} else if id, ok := a.(*ast.Ident); ok {
			if c, ok := w.r.constants[id.Name]; ok {
				words = append(words, c.value)
			}
		}
	}
	return words
}

// note adds what an option says.
func (t *Test) note(option string, words []string) {
	if len(words) == 0 {
		return
	}
	switch option {
	case "ID":
		t.UUID = words[0]
		return
	case "Attribute":
		t.Attributes = append(t.Attributes, words[0])
		return
	case "Services":
		for _, w := range words {
			t.Services = append(t.Services, strings.ReplaceAll(w, "_", "-")) // as testlib does
		}
		return
	case "Unstable":
		t.Attributes = append(t.Attributes, "unstable") // as testlib does
	}
	if t.Options == nil {
		t.Options = make(map[string][]string)
	}
	t.Options[option] = append(t.Options[option], strings.Join(words, " "))
}
