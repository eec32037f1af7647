package apicheck

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// Every exported identifier of the stable packages says what it is: functions,
// methods, types, fields, constants and variables.
func TestEveryIdentifierIsDocumented(t *testing.T) {
	for path, files := range stableSources(t) {
		fset := token.NewFileSet()
		pkg, err := doc.NewFromFiles(fset, parse(t, fset, files), path)
		if err != nil {
			t.Fatal(err)
		}
		if pkg.Doc == "" {
			t.Errorf("package %s has no doc comment", path)
		}
		u := &undocumented{pkg: path}
		u.values(pkg.Consts, pkg.Vars)
		u.funcs("", pkg.Funcs)
		for _, typ := range pkg.Types {
			if typ.Doc == "" {
				u.add(typ.Name)
			}
			u.values(typ.Consts, typ.Vars)
			u.funcs("", typ.Funcs)
			u.funcs(typ.Name+".", typ.Methods)
			u.fields(typ)
		}
		for _, name := range u.names {
			t.Errorf("%s has no doc comment", name)
		}
	}
}

// areas are what an author needs, and an example of it: one with an output, or
// one of testlib, whose tests run all of its examples.
var areas = map[string]string{
	"start":              "testlib.Start",
	"subtests":           "testlib.Env_Run",
	"users":              "testlib.Credentials",
	"roles":              "testlib.ProjectRoles",
	"clients":            "testlib.Env_Client",
	"plain HTTP":         "testlib.Env_HTTP",
	"cleaning up":        "testlib.Env_Cleanup",
	"odd resources":      "testlib.Resource",
	"services":           "testlib.Extension",
	"features":           "testlib.Feature",
	"microversions":      "testlib.Microversion",
	"running alone":      "testlib.Attribute",
	"not running beside": "testlib.Exclusive",
	"networks":           "testlib.Network",
	"known failures":     "testlib.Unstable",
	"skipping":           "testlib.SkipBecause",
	"options":            "testlib.Config",
	"random data":        "testlib.Env_Rand",
	"waiting in a test":  "testlib.Env_Wait",
	"faults":             "testlib.Env_Inject",
	"checks of answers":  "testlib.Env_Validate",
	"simulators":         "testlib.Fake",
	"waiting":            "testlib/wait.For",
	"configuration":      "testlib/config.Load",
	"JSON Schema":        "testlib/schema.Parse",
}

// Every area, and every stable package, has a running example.
func TestEveryAreaHasAnExample(t *testing.T) {
	running := map[string]bool{}
	for path, files := range stableSources(t) {
		short, some := strings.TrimPrefix(path, module+"/"), false
		for _, e := range doc.Examples(parse(t, token.NewFileSet(), files)...) {
			if e.Output != "" || short == "testlib" {
				running[short+"."+e.Name], some = true, true
			}
		}
		if !some {
			t.Errorf("package %s has no running example", path)
		}
	}
	for area, name := range areas {
		if !running[name] {
			t.Errorf("%s: there is no running example %s", area, name)
		}
	}
}

// undocumented collects identifiers without a comment.
type undocumented struct {
	pkg   string
	names []string
}

func (u *undocumented) add(name string) { u.names = append(u.names, u.pkg+"."+name) }

func (u *undocumented) values(lists ...[]*doc.Value) {
	for _, v := range slices.Concat(lists...) {
		for _, spec := range v.Decl.Specs {
			s := spec.(*ast.ValueSpec)
			if v.Doc != "" || s.Doc.Text() != "" || s.Comment.Text() != "" {
				continue
			}
			for _, name := range s.Names {
				if name.IsExported() {
					u.add(name.Name)
				}
			}
		}
	}
}

func (u *undocumented) funcs(prefix string, list []*doc.Func) {
	for _, f := range list {
		if f.Doc == "" && f.Level == 0 {
			u.add(prefix + f.Name)
		}
	}
}

// fields wants each field of a struct described: by a comment of its own, or by
// name in the comment of the type or of another field.
func (u *undocumented) fields(typ *doc.Type) {
	for _, spec := range typ.Decl.Specs {
		st, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		text := typ.Doc
		for _, f := range st.Fields.List {
			text += "\n" + f.Doc.Text() + "\n" + f.Comment.Text()
		}
		for _, f := range st.Fields.List {
			if f.Doc.Text() != "" || f.Comment.Text() != "" {
				continue
			}
			for _, name := range f.Names {
				if name.IsExported() && !slices.Contains(words(text), name.Name) {
					u.add(typ.Name + "." + name.Name)
				}
			}
		}
	}
}

// words are the identifiers in a text.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// stableSources returns the Go files of each stable package.
func stableSources(t *testing.T) map[string][]string {
	t.Helper()
	sources := map[string][]string{}
	err := filepath.WalkDir(filepath.Join(root, "testlib"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		relative, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := module + "/" + filepath.ToSlash(relative)
		if isStable(pkg) {
			sources[pkg] = append(sources[pkg], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func parse(t *testing.T, fset *token.FileSet, files []string) []*ast.File {
	t.Helper()
	var all []*ast.File
	for _, path := range files {
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file)
	}
	return all
}
