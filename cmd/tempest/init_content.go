package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	gobuild "go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gotempest/tempest/testlib/config"
)

// goDirective is the go line of a new workspace: that of tempest's own go.mod,
// which the workspace requires.
const goDirective = "1.26.0"

// ciFiles are the files for CI systems.
var ciFiles = map[string]string{
	"github": ".github/workflows/tempest.yml",
	"gitlab": ".gitlab-ci.yml",
	"none":   "",
}

// workspaceContent is what the templates of a workspace say.
type workspaceContent struct {
	Module  string // path of the workspace's module
	Package string // name of its root package
	Go      string // go directive
	Image   string // language version of Go
	Tempest string // module path of tempest
	Version string // of tempest
	Replace string // folder of tempest; empty for a published version
	Tool    string // package path of the command
}

// contentOf fills the templates for a workspace at the absolute path at.
// existing is the module that is there already.
func contentOf(at string, f initFlags, source tempestSource, existing string) (*workspaceContent, error) {
	if _, ok := ciFiles[f.ci]; !ok {
		return nil, usagef("--ci %s: want github, gitlab or none", f.ci)
	}
	path, err := modulePath(at, f.module, existing)
	if err != nil {
		return nil, err
	}
	name, err := packageName(at, path)
	if err != nil {
		return nil, err
	}
	return &workspaceContent{
		Module: path, Package: name, Go: goDirective, Image: goDirective[:strings.LastIndex(goDirective, ".")],
		Tempest: tempestModule, Version: source.version, Replace: source.replace, Tool: toolPackage,
	}, nil
}

//go:embed workspace
var templates embed.FS

// render returns the files of a workspace, go.mod last.
func (c *workspaceContent) render(ci string) ([]newFile, error) {
	groups, err := config.CoreGroups()
	if err != nil {
		return nil, err
	}
	names := map[string]string{"plugins.go": "plugins.go", ".gitignore": "gitignore", "go.mod": "go.mod"}
	order := []string{"plugins.go", ".gitignore"}
	if file := ciFiles[ci]; file != "" {
		names[file] = ci + ".yml"
		order = append(order, file)
	}
	files := []newFile{{name: config.FileName, data: config.Sample(groups)}}
	for _, file := range append(order, "go.mod") {
		data, err := c.file(names[file])
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", file, err)
		}
		files = append(files, newFile{name: file, data: data})
	}
	return files, nil
}

// file fills one template.
func (c *workspaceContent) file(name string) ([]byte, error) {
	all, err := template.New("").Delims("[[", "]]").Funcs(template.FuncMap{"quote": modfile.AutoQuote}).
		ParseFS(templates, "workspace/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading the templates of a workspace: %w", err)
	}
	var text bytes.Buffer
	if err := all.ExecuteTemplate(&text, name+".tmpl", c); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// readModule returns the path of the module in folder at, and "" when there is
// none. dir is the folder as the user calls it.
func readModule(at, dir string) (string, error) {
	file := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(filepath.Join(at, "go.mod"))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", usagef("reading %s: %w", file, errors.Unwrap(err))
	}
	path := modfile.ModulePath(data)
	if path == "" {
		return "", usagef("%s names no module; mend it or remove it", file)
	}
	return path, nil
}

// modulePath is the path of the workspace's module.
func modulePath(at, asked, existing string) (string, error) {
	if existing != "" {
		if asked != "" && asked != existing {
			return "", usagef("--module %s: the folder holds the module %s already", asked, existing)
		}
		return existing, nil
	}
	path, remedy := asked, ""
	if path == "" {
		path = filepath.Base(at)
		remedy = "; choose a name with --module"
	}
	if err := module.CheckImportPath(path); err != nil {
		return "", usagef("%q cannot be the name of a module: %s%s", path, reason(err), remedy)
	}
	if _, _, ok := module.SplitPathVersion(path); !ok {
		return "", usagef("%q cannot be the name of a module: the version at its end is malformed%s", path, remedy)
	}
	if path == tempestModule || strings.HasPrefix(path, tempestModule+"/") {
		return "", usagef("%q cannot be the name of a module: it is tempest's own%s", path, remedy)
	}
	if p, err := gobuild.Import(path, "", gobuild.FindOnly); path == "cmd" || path == "std" || err == nil && p.Goroot {
		return "", usagef("%q cannot be the name of a module: it is a package of Go's library%s", path, remedy)
	}
	return path, nil
}

// reason is what is wrong with an import path, without the path.
func reason(err error) string {
	if invalid, ok := errors.AsType[*module.InvalidPathError](err); ok {
		return invalid.Err.Error()
	}
	return err.Error()
}

// packageName is the name of the package at the root of a module: that of the
// Go files there, or one made of the module's path.
func packageName(at, path string) (string, error) {
	files, err := os.ReadDir(at)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("looking for Go files: %w", err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		path := filepath.Join(at, file.Name())
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly)
		if err == nil && parsed.Name.Name != "documentation" {
			return parsed.Name.Name, nil
		}
	}
	prefix, _, _ := module.SplitPathVersion(path)
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, prefix[strings.LastIndex(prefix, "/")+1:])
	name = strings.TrimLeft(name, "0123456789")
	if !token.IsIdentifier(name) || slices.Contains([]string{"main", "documentation", "init"}, name) {
		name = "cloudtests"
	}
	return name, nil
}
