package discover

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
	"github.com/gotempest/tempest/internal/option"
)

// markerFolder is the package that makes a module a plugin.
const markerFolder = "tempestplugin"

// defaultTests are the patterns of a marker without the constant Tests.
const defaultTests = "./tests/..."

// marker is what a marker package says.
type marker struct {
	api      int
	name     string // as far as it can be read, even when there is a problem
	patterns []string
	tags     []string
	lists    []Collection
	groups   []option.Group
	problem  *problem // the first thing wrong; nil when the marker is good
}

// problem is a fault whose plugin is not yet known.
type problem struct {
	kind    Kind
	place   string
	message string
	remedy  string
}

func (p *problem) fault(name, module string) Fault {
	return Fault{
		Kind: p.kind, Plugin: name, Module: module, Message: p.message, Remedy: p.remedy, Place: p.place,
	}
}

var (
	pluginName = lazyregexp.New(`^[a-z][a-z0-9-]*$`)
	tagWord    = lazyregexp.New(`^[\pL_][\pL\pN_.]*$`)
)

// readMarker reads the marker package in dir. goVersion is the go directive of
// its module.
func readMarker(dir, goVersion string, bc *build.Context) marker {
	fset := token.NewFileSet()
	files, p := parseMarker(fset, dir, bc)
	if p != nil {
		m := marker{problem: p}
		m.name = syntacticName(files)
		return m
	}
	m := evaluate(fset, files, goVersion, dir)
	if p := foreignImport(fset, files); p != nil {
		m.problem = p
	}
	return m
}

// foreignImport is the problem of a marker that imports what is not read here:
// its constants and types could depend on code.
func foreignImport(fset *token.FileSet, files []*ast.File) *problem {
	for _, f := range files {
		for _, i := range f.Imports {
			if p, err := strconv.Unquote(i.Path.Value); err != nil || p != "time" {
				return &problem{
					kind: BadMarker, place: position(fset.Position(i.Pos())),
					message: "the marker imports " + i.Path.Value,
					remedy:  `a marker may import "time" and nothing else: move what needs more into another package`,
				}
			}
		}
	}
	return nil
}

// parseMarker parses the Go files of dir that bc selects.
func parseMarker(fset *token.FileSet, dir string, bc *build.Context) ([]*ast.File, *problem) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &problem{kind: BadMarker, place: dir, message: "reading the marker: " + cause(err)}
	}
	var files []*ast.File
	var first *problem
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := bc.MatchFile(dir, name); err == nil && !ok {
			continue
		}
		file, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil && first == nil {
			first = syntaxProblem(filepath.Join(dir, name), err)
		}
		if file != nil {
			files = append(files, file)
		}
	}
	if len(files) == 0 && first == nil {
		first = &problem{
			kind: BadMarker, place: dir, message: "the marker package holds no Go file",
			remedy: "declare the constants API and Name in it",
		}
	}
	return files, first
}

// syntaxProblem is the fault for a file that does not parse.
func syntaxProblem(file string, err error) *problem {
	p := &problem{kind: DoesNotCompile, place: file, message: err.Error()}
	list, isList := errors.AsType[scanner.ErrorList](err)
	pathErr, isPath := errors.AsType[*fs.PathError](err)
	switch {
	case isList && len(list) > 0:
		p.place, p.message = position(list[0].Pos), list[0].Msg
	case isPath:
		p.message = pathErr.Err.Error()
	}
	return p
}

func position(pos token.Position) string {
	return pos.Filename + ":" + strconv.Itoa(pos.Line)
}

// syntacticName looks for the constant Name in files that do not compile, so
// that the fault can carry it.
func syntacticName(files []*ast.File) string {
	for _, f := range files {
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.CONST {
				continue
			}
			for _, s := range gen.Specs {
				if name := nameIn(s); pluginName().MatchString(name) {
					return name
				}
			}
		}
	}
	return ""
}

// nameIn is the value of the constant Name when s declares it as a literal.
func nameIn(s ast.Spec) string {
	vs, ok := s.(*ast.ValueSpec)
	if !ok {
		return ""
	}
	for i, id := range vs.Names {
		if id.Name == "Name" && i < len(vs.Values) {
			name, _ := stringLiteral(vs.Values[i])
			return name
		}
	}
	return ""
}

// evaluate type-checks files and reads the constants and the Config type.
func evaluate(fset *token.FileSet, files []*ast.File, goVersion, dir string) marker {
	var first *problem
	conf := types.Config{
		Importer: markerImporter{},
		Error: func(err error) {
			if te, ok := errors.AsType[types.Error](err); ok && first == nil && !te.Soft {
				first = &problem{kind: DoesNotCompile, place: position(fset.Position(te.Pos)), message: te.Msg}
			}
		},
	}
	if goVersion != "" {
		conf.GoVersion = "go" + goVersion
	}
	pkg, _ := conf.Check(markerFolder, fset, files, nil) // errors went to conf.Error
	if pkg == nil {
		return marker{name: syntacticName(files), problem: first}
	}
	r := markerReader{fset: fset, files: files, scope: pkg.Scope(), dir: dir}
	m := r.read()
	if first != nil {
		m.problem = first
	}
	return m
}

// markerImporter knows the one import that a marker can have use for.
type markerImporter struct{}

// Import returns a package time that has nothing but Duration and its units.
func (markerImporter) Import(path string) (*types.Package, error) {
	if path != "time" {
		return nil, fmt.Errorf("%s is not read", path)
	}
	pkg := types.NewPackage("time", "time")
	name := types.NewTypeName(token.NoPos, pkg, "Duration", nil)
	duration := types.NewNamed(name, types.Typ[types.Int64], nil)
	pkg.Scope().Insert(name)
	for unit, ns := range map[string]int64{
		"Nanosecond": 1, "Microsecond": 1e3, "Millisecond": 1e6,
		"Second": 1e9, "Minute": 60e9, "Hour": 3600e9,
	} {
		pkg.Scope().Insert(types.NewConst(token.NoPos, pkg, unit, duration, constant.MakeInt64(ns)))
	}
	pkg.MarkComplete()
	return pkg, nil
}

// markerReader reads a type-checked marker.
type markerReader struct {
	fset  *token.FileSet
	files []*ast.File
	scope *types.Scope
	dir   string
}

func (r markerReader) read() marker {
	var m marker
	note := func(p *problem) {
		if m.problem == nil {
			m.problem = p
		}
	}
	name, p := r.text("Name", "")
	m.name = name
	switch {
	case p != nil:
		note(p)
	case name == "":
		note(r.bad(nil, "the constant Name is missing", `declare it: const Name = "…"`))
	case !pluginName().MatchString(name):
		note(r.bad(r.scope.Lookup("Name"), fmt.Sprintf("Name is %q", name),
			"use lower-case letters, digits and dashes, a letter first"))
		m.name = ""
	}
	m.api, p = r.number("API")
	note(p)
	tests, p := r.text("Tests", defaultTests)
	note(p)
	m.patterns = strings.Fields(tests)
	note(r.checkPatterns(m.patterns))
	tags, p := r.text("Tags", "")
	note(p)
	m.tags = strings.FieldsFunc(tags, func(c rune) bool { return c == ' ' || c == ',' })
	if t, bad := badTag(m.tags); bad {
		note(r.bad(r.scope.Lookup("Tags"), fmt.Sprintf("%q in Tags is no build tag", t), ""))
	}
	m.lists, p = r.collections()
	note(p)
	if m.problem == nil && m.api != MarkerAPI {
		note(&problem{
			kind: UnknownAPI, place: r.place(r.scope.Lookup("API")),
			message: fmt.Sprintf("API is %d, and this tempest knows %d", m.api, MarkerAPI),
			remedy:  "use a tempest and a plugin of the same age",
		})
	}
	if m.problem == nil {
		m.groups, m.problem = r.config()
	}
	return m
}

// bad is a problem of kind BadMarker at the declaration of obj.
func (r markerReader) bad(obj types.Object, message, remedy string) *problem {
	return &problem{kind: BadMarker, place: r.place(obj), message: message, remedy: remedy}
}

// place is where obj is declared; the folder when it is not.
func (r markerReader) place(obj types.Object) string {
	if obj == nil {
		return r.dir
	}
	return position(r.fset.Position(obj.Pos()))
}

// constant returns the value of a constant, nil when there is none.
func (r markerReader) constant(name string, kind constant.Kind) (constant.Value, *problem) {
	obj := r.scope.Lookup(name)
	if obj == nil {
		return nil, nil
	}
	c, ok := obj.(*types.Const)
	word := map[constant.Kind]string{constant.String: "a string", constant.Int: "an integer"}[kind]
	if !ok || c.Val().Kind() != kind {
		return nil, r.bad(obj, fmt.Sprintf("%s is not %s constant", name, word), "")
	}
	return c.Val(), nil
}

func (r markerReader) text(name, otherwise string) (string, *problem) {
	v, p := r.constant(name, constant.String)
	if v == nil {
		return otherwise, p
	}
	return constant.StringVal(v), nil
}

func (r markerReader) number(name string) (int, *problem) {
	v, p := r.constant(name, constant.Int)
	if p != nil {
		return 0, p
	}
	if v == nil {
		return 0, r.bad(nil, "the constant "+name+" is missing", fmt.Sprintf("declare it: const %s = %d", name, MarkerAPI))
	}
	n, exact := constant.Int64Val(v)
	if !exact || int64(int(n)) != n {
		return 0, r.bad(r.scope.Lookup(name), name+" is out of range", "")
	}
	return int(n), nil
}

func (r markerReader) checkPatterns(patterns []string) *problem {
	obj := r.scope.Lookup("Tests")
	if len(patterns) == 0 {
		return r.bad(obj, "Tests is empty", "leave it out for "+defaultTests)
	}
	for _, p := range patterns {
		if !localPattern(p) {
			return r.bad(obj, fmt.Sprintf("%q in Tests is not below the module root", p), `write it as "./folder/..."`)
		}
	}
	return nil
}

// localPattern says whether p is a pattern below the folder it is relative to.
func localPattern(p string) bool {
	return (p == "." || strings.HasPrefix(p, "./")) && !slices.Contains(strings.Split(p, "/"), "..") &&
		!strings.ContainsAny(p, `\`) && path.Clean(p) != ""
}

// stringLiteral is the value of a string literal, or of several joined by +.
func stringLiteral(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return stringLiteral(e.X)
	case *ast.BinaryExpr:
		x, okX := stringLiteral(e.X)
		y, okY := stringLiteral(e.Y)
		return x + y, okX && okY && e.Op == token.ADD
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	}
	return "", false
}
