package discover

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// InSuite says whether the tests of a file belong to the suite: its build constraint names [Tag]. The file must have
// been parsed with its comments.
func InSuite(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() < file.Package && namesTag([]byte(c.Text)) {
				return true
			}
		}
	}
	return false
}

// ReadTests returns the tests of the suite that the test files of one package hold, as [Find] reads them: what is not
// among them can be neither listed nor selected. The files must have been parsed with their comments.
func ReadTests(set *token.FileSet, files []*ast.File) []Test {
	r := testReader{fset: set}
	for _, file := range files {
		r.files = append(r.files, newParsedFile(file, InSuite(file)))
	}
	return r.read()
}

// Matches says whether the patterns of the plugin name the package with an import path.
func (p *Plugin) Matches(path string) bool {
	rel := "."
	if path != p.Module {
		below, ok := strings.CutPrefix(path, p.Module+"/")
		if !ok {
			return false
		}
		rel = below
	}
	return slices.ContainsFunc(p.Patterns, func(pattern string) bool { return matcher(pattern)(rel) })
}
