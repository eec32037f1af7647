package discover

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// What looks like a test and is none for Go is silent: go test does not run it, and says nothing. go vet tells,
// but a run does not call it.

// ignoredFile says why a test file that is not of the suite looks as if it should be, nil when it does not.
func ignoredFile(f sourceFile) *problem {
	if !f.test || f.suite || !bytes.Contains(f.data, []byte("build")) {
		return nil
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, f.name, f.data, parser.ParseComments|parser.PackageClauseOnly)
	if err == nil && mayHideConstraint(f.data) {
		syntax, err = parser.ParseFile(fset, f.name, f.data, parser.ParseComments|parser.SkipObjectResolution)
	}
	if err != nil {
		return nil // it is told if the package is built
	}
	for _, group := range syntax.Comments {
		for _, c := range group.List {
			if why := ignoredComment(syntax, c); why != "" {
				return &problem{
					kind: IgnoredTest, place: position(fset.Position(c.Pos())), message: "its tests are not of the suite: " + why,
					remedy: "begin the file with //go:build " + Tag,
				}
			}
		}
	}
	return nil
}

// mayHideConstraint reports whether a line that looks like a constraint stands behind the package clause, maybe in a
// string.
func mayHideConstraint(data []byte) bool {
	_, rest, ok := bytes.Cut(data, []byte("\npackage "))
	return ok && bytes.Contains(rest, []byte("\n//go:build "))
}

// ignoredComment says why a comment that names the tag is no constraint, "" for any other comment.
func ignoredComment(f *ast.File, c *ast.Comment) string {
	text := strings.TrimSpace(c.Text)
	isNew, isOld := constraint.IsGoBuild(text), constraint.IsPlusBuild(text)
	if !isNew && !isOld || !slices.Contains(words(text), Tag) {
		return ""
	}
	_, err := constraint.Parse(text)
	switch {
	case isOld && c.Pos() > f.Package:
		return ""
	case isOld:
		return "Go ignores +build lines since version 1.21"
	case c.Pos() > f.Package:
		return "its //go:build line stands behind the package clause, where it means nothing"
	case err != nil:
		return fmt.Sprintf("its //go:build line cannot be read: %v", err)
	}
	return ""
}

// words splits a constraint into its words.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t()&|!,", r) })
}

// ignoredFunc says what is wrong with a function that looks like a test but has a name that is none, nil for any
// other declaration.
func (r *testReader) ignoredFunc(d ast.Decl) *problem {
	fn, ok := d.(*ast.FuncDecl)
	if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") || isTestName(fn.Name.Name) {
		return nil
	}
	if _, ok := topParam(fn.Type); !ok {
		return nil
	}
	return &problem{
		kind: IgnoredTest, place: position(r.fset.Position(fn.Name.Pos())),
		message: fn.Name.Name + " is no test for Go: a lower-case letter follows Test in its name",
		remedy:  "rename it",
	}
}
