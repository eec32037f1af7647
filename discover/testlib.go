package discover

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// readProtocol is protocol.Version of the testlib in a copy of its module; 0
// when it cannot be read.
func readProtocol(dir string) int {
	version := 0
	eachConstIn(filepath.Join(dir, "internal", "protocol"), func(name string, _, value ast.Expr) {
		if lit, ok := value.(*ast.BasicLit); ok && name == "Version" && lit.Kind == token.INT {
			if n, err := strconv.Atoi(lit.Value); err == nil {
				version = n
			}
		}
	})
	return version
}

// readConstants returns the string constants of testlib, by name.
func readConstants(dir string) map[string]namedText {
	constants := make(map[string]namedText)
	eachConstIn(filepath.Join(dir, "testlib"), func(name string, typ, value ast.Expr) {
		if s, ok := stringLiteral(value); ok {
			of, _ := typ.(*ast.Ident)
			c := namedText{value: s}
			if of != nil {
				c.of = of.Name
			}
			constants[name] = c
		}
	})
	return constants
}

// eachConstIn calls visit for each constant that is declared with a value in the
// Go files of dir, with its type if that is written. What cannot be read is left
// out.
func eachConstIn(dir string, visit func(name string, typ, value ast.Expr)) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err == nil {
			eachConst(file, visit)
		}
	}
}

// eachConst does so for one file.
func eachConst(file *ast.File, visit func(name string, typ, value ast.Expr)) {
	for _, d := range file.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, s := range gen.Specs {
			vs, ok := s.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, id := range vs.Names {
				if i < len(vs.Values) {
					visit(id.Name, vs.Type, vs.Values[i])
				}
			}
		}
	}
}
