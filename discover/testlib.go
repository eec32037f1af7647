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
	eachConst(filepath.Join(dir, "internal", "protocol"), func(name, _ string, value ast.Expr) {
		if lit, ok := value.(*ast.BasicLit); ok && name == "Version" && lit.Kind == token.INT {
			if n, err := strconv.Atoi(lit.Value); err == nil {
				version = n
			}
		}
	})
	return version
}

// readAttributes maps the constants of type testlib.Attribute to their values.
func readAttributes(dir string) map[string]string {
	attributes := make(map[string]string)
	eachConst(filepath.Join(dir, "testlib"), func(name, typeName string, value ast.Expr) {
		if s, ok := stringLiteral(value); ok && typeName == "Attribute" {
			attributes[name] = s
		}
	})
	return attributes
}

// eachConst calls visit for each constant that is declared with a value in the
// Go files of dir, with the name of its type if it has one. What cannot be
// read is left out.
func eachConst(dir string, visit func(name, typeName string, value ast.Expr)) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range file.Decls {
			if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.CONST {
				visitSpecs(gen.Specs, visit)
			}
		}
	}
}

func visitSpecs(specs []ast.Spec, visit func(name, typeName string, value ast.Expr)) {
	for _, s := range specs {
		vs, ok := s.(*ast.ValueSpec)
		if !ok {
			continue
		}
		typeName := ""
		if id, ok := vs.Type.(*ast.Ident); ok {
			typeName = id.Name
		}
		for i, id := range vs.Names {
			if i < len(vs.Values) {
				visit(id.Name, typeName, vs.Values[i])
			}
		}
	}
}
