package checker

import (
	"context"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/gotempest/tempest/discover"
)

const tagRemedy = "begin the file with the line //go:build tempest"

// checkUnits points at unit tests in packages of the suite: they are not part of it, which may not be what was meant.
func (r *Report) checkUnits(sound []*packages.Package, o Options) {
	if o.Suite == nil {
		return
	}
	for _, pkg := range sound {
		if !o.Suite(strings.TrimSuffix(pkg.PkgPath, "_test")) {
			continue
		}
		for _, file := range pkg.Syntax {
			at := pkg.Fset.Position(file.Package)
			told := slices.ContainsFunc(r.Findings, func(f Finding) bool {
				return f.Rule == "tag" && f.At.Filename == at.Filename
			})
			if test := firstTest(file); test != "" && !told && !discover.InSuite(file) &&
				strings.HasSuffix(at.Filename, "_test.go") {
				r.add(Finding{
					Rule: "tag", At: at, Remedy: tagRemedy + "; a unit test stands outside of the folders of the suite",
					Message: test + " is among the tests of the suite and not one of them: " +
						"the build constraint of its file does not name tempest",
				})
			}
		}
	}
}

// firstTest is the name of the first test of a file, "" when it has none.
func firstTest(file *ast.File) string {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") && fn.Name.Name != "TestMain" &&
			fn.Type.Params.NumFields() == 1 {
			return fn.Name.Name
		}
	}
	return ""
}

// checkUnbuilt looks at the test files of a module that the tags leave out. Those that are built without tags of the
// plugin, as for !slow, are checked as well.
func (r *Report) checkUnbuilt(ctx context.Context, o Options) error {
	names, err := moduleFiles(o.Whole)
	if err != nil {
		return err
	}
	again := map[string]bool{} // folders
	for _, name := range testFiles(names) {
		file := filepath.Join(o.Whole, filepath.FromSlash(name))
		if !r.built[file] && r.checkFile(file, o) {
			again[filepath.Dir(file)] = true
		}
	}
	if len(again) == 0 {
		return nil
	}
	o.Tags, o.Patterns = []string{discover.Tag}, slices.Sorted(maps.Keys(again))
	return r.check(ctx, o)
}

// checkFile says what is wrong with the constraint of a file that is not built. It reports whether the file is built
// with the tag of the suite alone.
func (r *Report) checkFile(name string, o Options) (again bool) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
	expr, line := constraintOf(file)
	if err != nil || expr == nil || matches(name, o.Tags) { // passed over for another reason
		return false
	}
	at := set.Position(line)
	unknown := unknownTags(expr, o.Tags)
	switch {
	case !discover.InSuite(file):
		if usesTestlib(file) {
			r.add(Finding{Rule: "tag", At: at, Remedy: tagRemedy, Message: "the file uses testlib, and its build constraint " +
				"does not name tempest: it is not part of the suite"})
		}
	case !possible(expr):
		r.add(Finding{
			Rule: "tag", At: at, Remedy: tagRemedy, Message: "the file is never built with the tag tempest: its tests never run",
		})
	case len(unknown) > 0:
		r.add(Finding{
			Rule: "tag", At: at, Remedy: "name it in Tags of package tempestplugin, and check again",
			Message: "the file needs the build tag " + unknown[0] + ", which nobody can know of: the marker does not name it",
		})
	default:
		if again = matches(name, []string{discover.Tag}); !again {
			r.Unseen = append(r.Unseen, name)
		}
	}
	return again
}

// matches reports whether a file is built with these tags on this system.
func matches(name string, tags []string) bool {
	bc := build.Default
	bc.BuildTags = tags
	ok, err := bc.MatchFile(filepath.Dir(name), filepath.Base(name))
	return ok && err == nil
}

// constraintOf is the build constraint of a file and its place, nil when there is none.
func constraintOf(file *ast.File) (constraint.Expr, token.Pos) {
	if file == nil {
		return nil, token.NoPos
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() < file.Package && constraint.IsGoBuild(c.Text) {
				expr, err := constraint.Parse(c.Text)
				if err != nil {
					return nil, token.NoPos
				}
				return expr, c.Pos()
			}
		}
	}
	return nil, token.NoPos
}

func usesTestlib(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		path, err := strconv.Unquote(i.Path.Value)
		return err == nil && path == discover.TestlibModule+"/testlib"
	})
}

// tagsOf are the tags that an expression names, sorted.
func tagsOf(expr constraint.Expr) []string {
	tags := map[string]bool{}
	for _, answer := range []bool{true, false} { // Eval may pass over operands
		expr.Eval(func(tag string) bool { tags[tag] = true; return answer })
	}
	return slices.Sorted(maps.Keys(tags))
}

// unknownTags are those that neither the go command sets nor anybody has declared.
func unknownTags(expr constraint.Expr, known []string) []string {
	return slices.DeleteFunc(tagsOf(expr), func(tag string) bool {
		return slices.Contains(known, tag) || strings.HasPrefix(tag, "go1.") || slices.Contains(strings.Fields(goTags), tag)
	})
}

// goTags are the tags that the go command sets: systems, processors, and what it was called with.
const goTags = `unix aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris
	wasip1 windows zos 386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm
	cgo race msan asan gc gccgo`

// maxTags bounds the answers that possible tries.
const maxTags = 12

// possible reports whether an expression can be true when the tag of the suite is set.
func possible(expr constraint.Expr) bool {
	tags := tagsOf(expr)
	if len(tags) > maxTags {
		return true
	}
	for answers := range 1 << len(tags) {
		if expr.Eval(func(tag string) bool {
			return tag == discover.Tag || answers&(1<<slices.Index(tags, tag)) != 0
		}) {
			return true
		}
	}
	return false
}
