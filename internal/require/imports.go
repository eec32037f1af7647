package require

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// Import is an import of a package in a file of the main module.
type Import struct {
	File  string // relative to the root of the module
	Line  int
	Path  string
	Blank bool // import _ "…"
}

// Place is file:line, for messages.
func (i Import) Place() string { return fmt.Sprintf("%s:%d", i.File, i.Line) }

// Imports are those of a module's packages in the files of the main module, without modules below it and folders that
// the go command leaves out.
func (e *Editor) Imports(module string) ([]Import, error) {
	var found []Import
	err := filepath.WalkDir(e.Dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return e.enter(path, d.Name())
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		name, err := filepath.Rel(e.Dir, path)
		if err != nil {
			return err
		}
		found = append(found, importsIn(path, name, module)...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for imports of %s: %w", module, err)
	}
	return found, nil
}

// enter says whether the go command would look into a folder of this module.
func (e *Editor) enter(path, name string) error {
	if path == e.Dir {
		return nil
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor" {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// importsIn reads one file. One that cannot be read by Go imports nothing.
func importsIn(path, name, module string) []Import {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	var found []Import
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil || imported != module && !strings.HasPrefix(imported, module+"/") {
			continue
		}
		found = append(found, Import{
			File: name, Line: set.Position(spec.Pos()).Line, Path: imported, Blank: spec.Name != nil && spec.Name.Name == "_",
		})
	}
	return found
}

// AddImport adds the blank import of a package to the source of a Go file.
func AddImport(name string, source []byte, path string) ([]byte, error) {
	return editImports(name, source, func(set *token.FileSet, file *ast.File) bool {
		return astutil.AddNamedImport(set, file, "_", path)
	})
}

// RemoveImport removes the blank import of a package from the source of a Go file.
func RemoveImport(name string, source []byte, path string) ([]byte, error) {
	return editImports(name, source, func(set *token.FileSet, file *ast.File) bool {
		return astutil.DeleteNamedImport(set, file, "_", path)
	})
}

func editImports(name string, source []byte, edit func(*token.FileSet, *ast.File) bool) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("reading the imports: %w", err)
	}
	if !edit(set, file) {
		return source, nil
	}
	var out bytes.Buffer
	if err := format.Node(&out, set, file); err != nil {
		return nil, fmt.Errorf("writing the imports of %s: %w", name, err)
	}
	return out.Bytes(), nil
}
