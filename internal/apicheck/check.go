package apicheck

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// checker type-checks the packages of an API.
type checker struct {
	fset    *token.FileSet
	files   map[string]*ast.File
	done    map[string]*types.Package
	outside types.Importer
}

// check returns the packages of the API.
func (a API) check(outside types.Importer) (map[string]*types.Package, error) {
	c := &checker{
		fset: token.NewFileSet(), files: map[string]*ast.File{}, done: map[string]*types.Package{}, outside: outside,
	}
	for path, source := range a {
		file, err := parser.ParseFile(c.fset, path, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err // it names the place
		}
		c.files[path] = file
	}
	for _, path := range slices.Sorted(maps.Keys(a)) {
		if _, err := c.Import(path); err != nil {
			return nil, err
		}
	}
	return c.done, nil
}

// Import returns a package of the API, or one outside of it.
func (c *checker) Import(path string) (*types.Package, error) {
	file, ours := c.files[path]
	if !ours {
		return c.outside.Import(path)
	}
	if pkg := c.done[path]; pkg != nil {
		return pkg, nil
	}
	config := types.Config{Importer: c, IgnoreFuncBodies: true}
	pkg, err := config.Check(path, c.fset, []*ast.File{file}, nil)
	if err != nil {
		return nil, err // it names the place
	}
	c.done[path] = pkg
	return pkg, nil
}

// Imports returns the import paths that the API needs and does not hold.
func (a API) Imports() ([]string, error) {
	paths := map[string]bool{}
	for name, source := range a {
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			return nil, fmt.Errorf("reading imports: %w", err)
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, fmt.Errorf("reading imports of %s: %w", name, err)
			}
			if _, ours := a[path]; !ours {
				paths[path] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(paths)), nil
}

// declarations returns the source of each declaration of a package of an API,
// as this version of Go writes it.
func declarations(pkg *types.Package) ([]string, error) {
	api, err := Reduce(pkg.Path(), []*types.Package{pkg})
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, pkg.Path(), api[pkg.Path()], parser.SkipObjectResolution)
	if err != nil {
		return nil, err // it names the place
	}
	var all []string
	for _, d := range file.Decls {
		var text strings.Builder
		if err := format.Node(&text, fset, d); err != nil {
			return nil, fmt.Errorf("writing a declaration of %s: %w", pkg.Path(), err)
		}
		all = append(all, text.String())
	}
	return all, nil
}
