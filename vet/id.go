package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

// idRule wants a UUID of its own for each test.
func idRule() Rule {
	return rule("id", "each test and subtest has a UUID of its own, by which it is found when it is renamed",
		"give it a testlib.ID with a random UUID", checkIDs)
}

func checkIDs(p *analysis.Pass) {
	pattern := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	calls, listed := startCalls(p), readTests(p)
	hidden := listed.hidden(p, calls)
	seen, written := map[string]ast.Expr{}, countIDs(p, calls)
	for _, call := range calls {
		option := findID(p, call.options)
		if option == nil {
			if !call.Ellipsis.IsValid() && !hidden[call.CallExpr] {
				reportNoID(p, call)
			}
			continue
		}
		id, constant := constantString(p, option)
		switch first := seen[id]; {
		case !constant: // the rule literal says it
		case !pattern.MatchString(id):
			p.Reportf(option.Pos(), "%q is no UUID in small letters", id)
		case first != nil:
			p.Reportf(option.Pos(), "the test at %s has this UUID too", place(p, first))
		case written[id] == 1 && len(listed.byID[id]) > 1:
			p.Reportf(option.Pos(), "%s all have this UUID", strings.Join(listed.byID[id], " and "))
		case inLoop(call.file, call.Pos()):
			p.Reportf(option.Pos(), "each round of the loop begins a test with this UUID")
		}
		if seen[id] == nil {
			seen[id] = option
		}
	}
}

// countIDs says how often each ID is written.
func countIDs(p *analysis.Pass, calls []startCall) map[string]int {
	written := map[string]int{}
	for _, call := range calls {
		if option := findID(p, call.options); option != nil {
			id, _ := constantString(p, option)
			written[id]++
		}
	}
	return written
}

// place is file:line without the folder.
func place(p *analysis.Pass, n ast.Node) string {
	at := p.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", at.Filename[strings.LastIndexAny(at.Filename, `/\`)+1:], at.Line)
}

// findID returns the option that is a testlib.ID.
func findID(p *analysis.Pass, options []ast.Expr) ast.Expr {
	for _, o := range options {
		if isNamed(p.TypesInfo.TypeOf(o), testlibPath, "ID") {
			return o
		}
	}
	return nil
}

// reportNoID offers an ID behind the arguments that stand before the options. A subtest with a computed name may be
// several, and so may what stands in a loop or in a function that several tests call: these would have one ID.
func reportNoID(p *analysis.Pass, call startCall) {
	_, named := stringLiteral(call.Args[0])
	switch {
	case call.handed != nil && !call.room():
		if call.handed.Pkg() != p.Pkg { // otherwise it is told where the function calls Start
			p.Reportf(call.Pos(), "the test has no UUID, and %s.%s takes none", call.handed.Pkg().Name(), call.handed.Name())
		}
	case call.sub && !named:
		p.Reportf(call.Pos(), "the test has no UUID")
	case !isTestFunc(p, call.decl) || inLoop(call.file, call.Pos()):
		p.Reportf(call.Pos(), "the test has no UUID, and one written here would be that of several: begin it in a test "+
			"function and outside of loops")
	case ast.IsGenerated(call.file):
		p.Reportf(call.Pos(), "the test has no UUID, and the file is generated: change what generates it")
	default:
		p.Report(analysis.Diagnostic{
			Pos: call.Pos(), End: call.End(), Message: "the test has no UUID", SuggestedFixes: newID(&call),
		})
	}
}

// newID is a fix that adds a random UUID. There is none for a file that has no name for testlib.
func newID(call *startCall) []analysis.SuggestedFix {
	qualifier, ok := nameOfTestlib(call.file)
	if !ok {
		return nil
	}
	text := fmt.Sprintf(", %sID(%q)", qualifier, uuid.NewString())
	at := call.before().End()
	return []analysis.SuggestedFix{{
		Message: "add a random one", TextEdits: []analysis.TextEdit{{Pos: at, End: at, NewText: []byte(text)}},
	}}
}

// isTestFunc reports whether a declared function is a test for Go, and so runs once.
func isTestFunc(p *analysis.Pass, decl *ast.FuncDecl) bool {
	if decl == nil || decl.Recv != nil || !strings.HasPrefix(decl.Name.Name, "Test") {
		return false
	}
	fn, ok := p.TypesInfo.Defs[decl.Name].(*types.Func)
	return ok && takesTest(fn.Signature()) && fn.Signature().Params().Len() == 1
}

// inLoop reports whether what stands at pos is in a loop of its function.
func inLoop(file *ast.File, pos token.Pos) bool {
	path, _ := astutil.PathEnclosingInterval(file, pos, pos)
	for _, n := range path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		}
	}
	return false
}

// nameOfTestlib is how a file calls testlib, with a dot; empty for a dot import.
func nameOfTestlib(file *ast.File) (name string, ok bool) {
	for _, i := range file.Imports {
		switch {
		case i.Path.Value != `"`+testlibPath+`"`:
		case i.Name == nil:
			return "testlib.", true
		case i.Name.Name == ".":
			return "", true
		case i.Name.Name != "_":
			return i.Name.Name + ".", true
		}
	}
	return "", false
}
