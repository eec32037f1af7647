package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// idRule wants a UUID of its own for each test.
func idRule() Rule {
	return rule("id", "each test and subtest has a UUID of its own, by which it is found when it is renamed",
		"give it a testlib.ID with a random UUID; tempest plugin check --fix does", checkIDs)
}

var uuidPattern = lazyregexp.New(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func checkIDs(p *analysis.Pass) {
	seen := map[string]ast.Expr{}
	for _, call := range startCalls(p) {
		option := findID(p, call.options)
		if option == nil {
			if !call.Ellipsis.IsValid() {
				reportNoID(p, call)
			}
			continue
		}
		id, constant := constantString(p, option)
		switch first := seen[id]; {
		case !constant: // the rule literal says it
		case !uuidPattern().MatchString(id):
			p.Reportf(option.Pos(), "%q is no UUID in small letters", id)
		case first != nil:
			p.Reportf(option.Pos(), "the test at %s has this UUID too", place(p, first))
		default:
			seen[id] = option
		}
	}
}

// place is file:line without the folder.
func place(p *analysis.Pass, n ast.Node) string {
	at := p.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", at.Filename[strings.LastIndexAny(at.Filename, `/\`)+1:], at.Line)
}

// findID returns the option that is a testlib.ID.
func findID(p *analysis.Pass, options []ast.Expr) ast.Expr {
	for _, o := range options {
		named, ok := p.TypesInfo.TypeOf(o).(*types.Named)
		if ok && named.Obj().Name() == "ID" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == testlibPath {
			return o
		}
	}
	return nil
}

// reportNoID offers an ID behind the arguments that stand before the options. A subtest with a computed name may be
// several, and so may what stands in a loop or in a function that several tests call: these would have one ID.
func reportNoID(p *analysis.Pass, call startCall) {
	if _, named := constantString(p, call.Args[0]); call.sub && !named {
		p.Reportf(call.Pos(), "the test has no UUID")
		return
	}
	if !once(p, call.Pos()) {
		p.Reportf(call.Pos(), "the test has no UUID, and one written here would be that of several: begin it in a test "+
			"function and outside of loops")
		return
	}
	before := call.Args[len(call.Args)-len(call.options)-1]
	text := fmt.Sprintf(", %sID(%q)", qualifier(p, call), uuid.NewString())
	p.Report(analysis.Diagnostic{
		Pos: call.Pos(), End: call.End(), Message: "the test has no UUID",
		SuggestedFixes: []analysis.SuggestedFix{{
			Message:   "add a random one",
			TextEdits: []analysis.TextEdit{{Pos: before.End(), End: before.End(), NewText: []byte(text)}},
		}},
	})
}

// once reports whether what stands at pos is run once by one test: it is in a test function, and in no loop there.
func once(p *analysis.Pass, pos token.Pos) bool {
	for _, file := range p.Files {
		if file.FileStart > pos || pos > file.FileEnd {
			continue
		}
		path, _ := astutil.PathEnclosingInterval(file, pos, pos)
		for _, n := range path {
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				return false
			case *ast.FuncDecl:
				return n.Recv == nil && strings.HasPrefix(n.Name.Name, "Test")
			}
		}
	}
	return false
}

// qualifier is how the file of a call names testlib, with a dot; empty for a dot import.
func qualifier(p *analysis.Pass, call startCall) string {
	for _, file := range p.Files {
		if file.FileStart > call.Pos() || call.Pos() > file.FileEnd {
			continue
		}
		for _, i := range file.Imports {
			switch {
			case i.Path.Value != `"`+testlibPath+`"`:
			case i.Name == nil:
				return "testlib."
			case i.Name.Name == ".":
				return ""
			default:
				return i.Name.Name + "."
			}
		}
	}
	return "testlib."
}
