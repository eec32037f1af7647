package discover

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parsedFile is a test file and the names it has for the packages that matter.
type parsedFile struct {
	syntax  *ast.File
	suite   bool
	testing string // name of the import "testing"
	testlib string // name of the import of testlib
}

func newParsedFile(syntax *ast.File, suite bool) *parsedFile {
	return &parsedFile{
		syntax: syntax, suite: suite,
		testing: importName(syntax, "testing", "testing"),
		testlib: importName(syntax, TestlibModule+"/testlib", "testlib"),
	}
}

// importName is what the file calls a package; empty when it does not import it.
func importName(f *ast.File, path, base string) string {
	for _, i := range f.Imports {
		if p, ok := stringLiteral(i.Path); !ok || p != path {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return base
	}
	return ""
}

// handle says whether t is a pointer to what tests are run with: *testing.T or
// *testlib.Env.
func (f *parsedFile) handle(t ast.Expr) bool {
	return isPointer(t, f.testing, "T") || f.isEnv(t)
}

// isEnv says whether t is *testlib.Env.
func (f *parsedFile) isEnv(t ast.Expr) bool { return isPointer(t, f.testlib, "Env") }

// isPointer says whether t is *pkg.name, with the name that the import of pkg
// has in the file; it may be "." or, when there is no import, empty.
func isPointer(t ast.Expr, pkg, name string) bool {
	star, ok := t.(*ast.StarExpr)
	if !ok {
		return false
	}
	switch x := star.X.(type) {
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && id.Name == pkg && x.Sel.Name == name
	case *ast.Ident:
		return pkg == "." && x.Name == name
	}
	return false
}

// param is the name of the only parameter of the body of a subtest, and whether
// ft is the type of one.
func (f *parsedFile) param(ft *ast.FuncType) (string, bool) { return onlyParam(ft, f.handle) }

// topParam is param for a top-level test. It takes what the go command takes,
// which looks at the last word of the type alone: *T and *x.T. That may be
// another name for testing.T.
func topParam(ft *ast.FuncType) (string, bool) {
	return onlyParam(ft, func(t ast.Expr) bool {
		star, ok := t.(*ast.StarExpr)
		if !ok {
			return false
		}
		switch x := star.X.(type) {
		case *ast.SelectorExpr:
			return x.Sel.Name == "T"
		case *ast.Ident:
			return x.Name == "T"
		}
		return false
	})
}

// onlyParam is the name of the only parameter of ft, if it has one that fits and
// no result.
func onlyParam(ft *ast.FuncType, fits func(ast.Expr) bool) (string, bool) {
	if ft.TypeParams != nil || ft.Results != nil && len(ft.Results.List) > 0 || len(ft.Params.List) != 1 {
		return "", false
	}
	p := ft.Params.List[0]
	if len(p.Names) > 1 || !fits(p.Type) {
		return "", false
	}
	if len(p.Names) == 0 {
		return "_", true
	}
	return p.Names[0].Name, true
}

// isTestName says whether the testing package takes name for a test.
func isTestName(name string) bool {
	rest, ok := strings.CutPrefix(name, "Test")
	if !ok || rest == "" {
		return ok
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLower(r)
}

// node is a test or subtest being read.
type node struct {
	raw      string // as in the source
	test     Test
	children []*node
}

// function is a declared function that can be the body of a subtest.
type function struct {
	file *parsedFile
	decl *ast.FuncDecl
}

// namedText is a string constant.
type namedText struct {
	of    string // type of testlib, as "Attribute"; empty for any other
	value string
}

// testlibType returns the name of a type of testlib, and "" for any other.
func (f *parsedFile) testlibType(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || f.testlib == "" {
		return ""
	}
	if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == f.testlib {
		return sel.Sel.Name
	}
	return ""
}

// testReader reads the tests of one package: the files of package x, or those
// of x_test.
type testReader struct {
	fset      *token.FileSet
	files     []*parsedFile
	testlib   map[string]namedText // constants of testlib: "Smoke" is "smoke", of type Attribute
	constants map[string]namedText // those of the package
	functions map[string]function
	left      int        // subtests that may still be noted for the current test
	ignored   []*problem // what looks like a test
}

// maxSubtests bounds the literal subtests of one test. Functions that run each
// other as subtests can amount to more than fits into memory.
const maxSubtests = 20_000

// read returns the tests in source order, each before its subtests.
func (r *testReader) read() []Test {
	r.functions, r.constants = make(map[string]function), make(map[string]namedText)
	for _, f := range r.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				r.functions[fn.Name.Name] = function{f, fn}
			}
		}
		eachConst(f.syntax, func(name string, typ, value ast.Expr) {
			if s, ok := stringLiteral(value); ok {
				r.constants[name] = namedText{f.testlibType(typ), s}
			}
		})
	}
	var tests []Test
	for _, f := range r.files {
		if !f.suite {
			continue
		}
		for _, d := range f.syntax.Decls {
			tests = append(tests, r.readFunc(f, d)...)
			if p := r.ignoredFunc(d); p != nil {
				r.ignored = append(r.ignored, p)
			}
		}
	}
	return tests
}

// readFunc returns the test that d declares, if any, and its subtests.
func (r *testReader) readFunc(f *parsedFile, d ast.Decl) []Test {
	fn, ok := d.(*ast.FuncDecl)
	if !ok || fn.Recv != nil || !isTestName(fn.Name.Name) {
		return nil
	}
	param, ok := topParam(fn.Type)
	if !ok {
		return nil
	}
	top := &node{raw: fn.Name.Name, test: r.newTest(fn.Pos())}
	top.test.Name = fn.Name.Name
	w := walker{r: r, file: f, current: top, calls: []ast.Node{fn}}
	r.left = maxSubtests
	if fn.Body != nil {
		top.test.TakesTurn = w.startsFirst(fn.Body)
		w.block(fn.Body, newScope(nil).define(param, variable{test: top}), false)
	}
	return flatten(top, newNamer())
}

func (r *testReader) newTest(pos token.Pos) Test {
	p := r.fset.Position(pos)
	return Test{File: p.Filename, Line: p.Line}
}

// flatten names the subtests of n and lists n and all below it.
func flatten(n *node, names namer) []Test {
	sortOut(&n.test.Attributes)
	sortOut(&n.test.Services)
	list := []Test{n.test}
	settle(n.children)
	for _, c := range n.children {
		c.test.Name = names.name(n.test.Name, c.raw)
		c.test.Services = append(c.test.Services, n.test.Services...) // as at run time
		list = append(list, flatten(c, names)...)
	}
	return list
}

func sortOut(words *[]string) {
	slices.Sort(*words)
	*words = slices.Compact(*words)
}

// settle decides which of several subtests with one name are conditional. The
// testing package numbers those that run: when u of them always run, the first
// u numbers are always seen, whichever they belong to.
func settle(siblings []*node) {
	always := make(map[string]int)
	for _, c := range siblings {
		if !c.test.Conditional {
			always[rewriteName(c.raw)]++
		}
	}
	for _, c := range siblings {
		name := rewriteName(c.raw)
		c.test.Conditional = always[name] <= 0
		always[name]--
	}
}
