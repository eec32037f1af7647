package apicheck

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// docs/reference/testlib.md is what the packages say of themselves: each
// exported name with the first sentence of its comment.
func TestReferenceIsCurrent(t *testing.T) {
	page := filepath.Join(root, "docs", "reference", "testlib.md")
	text := reference(t)
	if *update {
		if err := os.WriteFile(page, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != text {
		t.Errorf("docs/reference/testlib.md is not what the comments say (%v); run: go generate ./internal/apicheck", err)
	}
}

func reference(t *testing.T) string {
	t.Helper()
	w := &referenceWriter{fset: token.NewFileSet()}
	w.WriteString(`# Reference of testlib

<!-- Written by: go generate ./internal/apicheck -->

Every name of the packages that [stability](../stability.md) is about, with the first sentence of its comment; ` +
		"`go doc`" + ` has
the rest. [Writing tests with testlib](../testlib.md) is the guide to them, [configuration](../configuration.md) has the
options.
`)
	sources := stableSources(t)
	for _, path := range slices.Sorted(maps.Keys(sources)) {
		if !strings.HasPrefix(path, module+"/testlib") {
			continue
		}
		pkg, err := doc.NewFromFiles(w.fset, parse(t, w.fset, sources[path]), path)
		if err != nil {
			t.Fatal(err)
		}
		w.writePackage(pkg)
	}
	return w.String()
}

// referenceWriter writes the tables of a page.
type referenceWriter struct {
	bytes.Buffer
	fset *token.FileSet
	pkg  *doc.Package
}

func (w *referenceWriter) writePackage(pkg *doc.Package) {
	w.pkg = pkg
	fmt.Fprintf(w, "\n## %s\n\n%s\n\n", strings.TrimPrefix(pkg.ImportPath, module+"/"), pkg.Synopsis(pkg.Doc))
	fmt.Fprintf(w, "```go\nimport %q\n```\n\n| name | what it is |\n|---|---|\n", pkg.ImportPath)
	w.funcs(pkg.Funcs)
	w.values(pkg.Consts, pkg.Vars)
	for _, typ := range pkg.Types {
		w.row("type "+typ.Name, typ.Doc)
		w.funcs(typ.Funcs)
		w.values(typ.Consts, typ.Vars)
		if pkg.Name != "config" { // its fields are the options
			w.fields(typ)
		}
		w.funcs(typ.Methods)
	}
}

// row writes a name and what it is.
func (w *referenceWriter) row(name, comment string) {
	text := strings.NewReplacer("|", `\|`, "<", "&lt;", "[", "", "]", "").Replace(w.pkg.Synopsis(comment))
	fmt.Fprintf(w, "| `%s` | %s |\n", strings.ReplaceAll(name, "|", `\|`), text)
}

func (w *referenceWriter) funcs(list []*doc.Func) {
	for _, f := range list {
		if f.Level > 0 {
			continue
		}
		decl := *f.Decl
		decl.Doc, decl.Body = nil, nil
		w.row(w.code(&decl), f.Doc)
	}
}

func (w *referenceWriter) values(lists ...[]*doc.Value) {
	for _, v := range slices.Concat(lists...) {
		for _, spec := range v.Decl.Specs {
			s := spec.(*ast.ValueSpec)
			comment := s.Doc.Text() + s.Comment.Text()
			if comment == "" {
				comment = v.Doc
			}
			for _, name := range s.Names {
				if name.IsExported() {
					w.row(v.Decl.Tok.String()+" "+name.Name, comment)
				}
			}
		}
	}
}

// fields writes the fields of a struct that have a comment or share that of the type.
func (w *referenceWriter) fields(typ *doc.Type) {
	for _, spec := range typ.Decl.Specs {
		st, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range st.Fields.List {
			for _, name := range f.Names {
				if name.IsExported() {
					w.row(typ.Name+"."+name.Name+" "+w.code(f.Type), f.Doc.Text()+f.Comment.Text())
				}
			}
		}
	}
}

// code is a node of the syntax on one line.
func (w *referenceWriter) code(node any) string {
	var b bytes.Buffer
	if err := format.Node(&b, w.fset, node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
