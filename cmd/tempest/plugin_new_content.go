package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gotempest/tempest/internal/lazyregexp"
	"github.com/gotempest/tempest/runner"
)

// pluginPlan is what `plugin new` is going to do.
type pluginPlan struct {
	workspacePlan
	goCommands [][]string // arguments of the go commands that complete go.mod
	tidySteps  int        // how many of next are these
}

// pluginContent is what the templates of a plugin say.
type pluginContent struct {
	Module, Name, ServiceType string
	Package                   string // Go name of the client's package
	Group, Field              string // of the options, in tempest.toml and in Go
	Below                     string // folder of everything but the marker, with a slash; empty for the root
	Root                      string // import path of that folder, with a slash
	Year                      int
	Author                    string
	Go, Image                 string
	Tempest, Version, Replace string
	TestPackage               string // of the file that is written
}

//go:embed pluginfiles
var pluginTemplates embed.FS

// planPlugin decides everything that can be decided without writing.
func planPlugin(dir, path string, f newPluginFlags) (*pluginPlan, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", dir, err)
	}
	if info, err := os.Stat(at); err == nil && !info.IsDir() {
		return nil, usagef("%s is a file; name another folder with --dir", dir)
	}
	source, err := findTempest(at, f.tempest)
	if err != nil {
		return nil, err
	}
	c, err := newPluginContent(path, f)
	if err != nil {
		return nil, err
	}
	c.Version, c.Replace = source.version, source.replace
	if err := checkLayout(at, dir, path, f.layout); err != nil {
		return nil, err
	}
	files, err := c.render(f)
	if err != nil {
		return nil, err
	}
	p := &pluginPlan{workspacePlan: workspacePlan{what: "the plugin"}}
	if err := p.place(files, dir, f.layout); err != nil {
		return nil, err
	}
	p.goCommands = [][]string{{"mod", "tidy"}}
	if f.layout == insideModule {
		p.goCommands = append(requireCommands(source), p.goCommands...)
	}
	for _, args := range p.goCommands {
		p.next = append(p.next, runner.Shell(nil, append([]string{"go"}, args...)))
	}
	p.tidySteps = len(p.next)
	if exists(filepath.Join(at, "vendor", "modules.txt")) {
		p.next = append(p.next, "go mod vendor") // which the go command would call inconsistent
	}
	if f.layout == ownModule {
		p.next = append(p.next, joinWorkspace(at)...)
	}
	p.next = append(p.next, "go test ./...", "go test -count=1 -tags tempest ./...")
	if source.replace != "" {
		p.notes = append(p.notes, fmt.Sprintf("go.mod uses the checkout of tempest in %s, not a published version: "+
			"others can require the plugin when that is left", source.replace))
	}
	return p, nil
}

// requireCommands add tempest to a module that is there.
func requireCommands(s tempestSource) [][]string {
	if s.replace == "" {
		return [][]string{{"get", tempestModule + "@" + s.version}}
	}
	return [][]string{{
		"mod", "edit", "-require=" + tempestModule + "@" + s.version, "-replace=" + tempestModule + "=" + s.replace,
	}}
}

// checkLayout compares the layout with what is there.
func checkLayout(at, dir, path, layout string) error {
	existing, err := readModule(at, dir)
	switch {
	case err != nil:
		return err
	case layout != ownModule && layout != insideModule:
		return usagef("--layout %s: want module or inside", layout)
	case layout == ownModule && existing != "":
		return usagef("%s holds the module %s already; --layout inside makes the plugin a part of it, "+
			"--dir names another folder", dir, existing)
	case layout == insideModule && existing == "":
		return usagef("--layout inside: there is no go.mod in %s; name the folder of the module with --dir", dir)
	case layout == insideModule && existing != path:
		return usagef("--layout inside: %s holds the module %s, not %s", dir, existing, path)
	}
	return nil
}

// place tells the files to write from those that are in the way. In a module that is there, files that any module may
// have are left as they are.
func (p *pluginPlan) place(files []newFile, dir, layout string) error {
	var optional, needed []newFile
	for _, file := range files {
		if layout == insideModule && strings.HasPrefix(file.name, ".") {
			optional = append(optional, file)
		} else {
			needed = append(needed, file)
		}
	}
	var clashes []error
	for _, file := range needed {
		at := filepath.Join(dir, filepath.FromSlash(file.name))
		if _, err := os.Lstat(at); err == nil {
			clashes = append(clashes, fmt.Errorf("%s exists; nothing is overwritten: name another folder with --dir", at))
		} else if !errors.Is(err, os.ErrNotExist) {
			clashes = append(clashes, fmt.Errorf("%s cannot be written: %w", at, errors.Unwrap(err)))
		}
	}
	if len(clashes) > 0 {
		return usageError{errors.Join(clashes...)}
	}
	p.files = needed
	for _, file := range optional {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(file.name))); err == nil {
			p.kept = append(p.kept, file.name)
		} else {
			p.files = append(p.files, file)
		}
	}
	return nil
}

// ownName is the name of the plugin that has tempest's own suite.
const ownName = "tempest"

// pluginName is what the contract allows.
var pluginName = lazyregexp.New(`^[a-z][a-z0-9-]*$`)

// serviceTypeName is what types in catalogues look like.
var serviceTypeName = lazyregexp.New(`^[a-z][a-z0-9_-]*$`)

// newPluginContent checks what the user said, and derives the rest from it.
func newPluginContent(path string, f newPluginFlags) (*pluginContent, error) {
	if _, err := modulePath("", path, ""); err != nil {
		return nil, err
	}
	if err := module.CheckPath(path); err != nil {
		return nil, usagef("%s: %s: others can require a module only by a path such as example.com/octavia-tests",
			path, reason(err))
	}
	name := f.name
	if name == "" {
		name = nameFrom(path)
	}
	if !pluginName().MatchString(name) {
		return nil, usagef("%q cannot be the name of a plugin: want small letters, digits and hyphens; "+
			"choose one with --name", name)
	}
	if name == ownName {
		return nil, usagef("a plugin cannot have the name %s: that is tempest's own suite; choose one with --name", name)
	}
	serviceType := f.serviceType
	if serviceType == "" {
		serviceType = name
	}
	if serviceType == "identity" {
		return nil, usagef("a plugin cannot simulate the identity service, which the embedded cloud has; " +
			"name another type with --service-type")
	}
	if !serviceTypeName().MatchString(serviceType) || serviceType == "v3" {
		return nil, usagef("--service-type %q: want small letters, digits and hyphens, as load-balancer", serviceType)
	}
	if f.license != "none" && licenseFiles()[f.license] == "" {
		return nil, usagef("--license %s: want apache-2.0, mit, bsd-3-clause or none", f.license)
	}
	if _, ok := ciFiles[f.ci]; !ok {
		return nil, usagef("--ci %s: want github, gitlab or none", f.ci)
	}
	author := f.author
	if author == "" {
		author = "The authors of " + name
	}
	c := &pluginContent{
		Module: path, Name: name, ServiceType: serviceType, Package: packageFrom(name),
		Group: strings.ReplaceAll(serviceType, "-", "_"), Field: fieldFrom(serviceType),
		Year: time.Now().Year(), Author: author,
		Go: goDirective, Image: goDirective[:strings.LastIndex(goDirective, ".")], Tempest: tempestModule, Root: path + "/",
	}
	if f.layout == insideModule {
		c.Below = "tempest/"
		c.Root += c.Below
	}
	return c, nil
}

// nameFrom makes a name of the end of a module path: "octavia" of example.com/octavia-tests/v2.
func nameFrom(path string) string {
	prefix, _, _ := module.SplitPathVersion(path)
	name := strings.ToLower(prefix[strings.LastIndex(prefix, "/")+1:])
	for _, suffix := range []string{"-plugin", "-tempest", "-tests", "-tempest"} {
		if short := strings.TrimSuffix(name, suffix); short != "" {
			name = short
		}
	}
	return strings.ReplaceAll(strings.TrimPrefix(name, "tempest-"), "_", "-")
}

// packageFrom makes a name of a Go package that no other import of the tests has.
func packageFrom(name string) string {
	pkg := strings.ReplaceAll(name, "-", "")
	switch pkg {
	case "api", "scenario", "fake", "main", "internal", "vendor", "testdata", "tests": // folders that mean something
		return pkg + "client"
	case "tempestplugin", "testlib", "testing", "context", "http", "httptest", "gophercloud", "slices", "strings":
		return pkg + "client" // imports of the tests
	case "t", "m", "e", "c", "w", "r", "ctx", "err", "got", "list", "longest", "member", "reader", "server", "thing":
		return pkg + "client" // variables of the tests
	}
	if token.IsKeyword(pkg) || types.Universe.Lookup(pkg) != nil {
		return pkg + "client"
	}
	return pkg
}

// fieldFrom makes a Go name of a service type: "LoadBalancer" of load-balancer.
func fieldFrom(serviceType string) string {
	var field strings.Builder
	for word := range strings.FieldsFuncSeq(serviceType, func(r rune) bool { return r == '-' || r == '_' }) {
		field.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return field.String()
}

// licenseFiles are the templates of licences, by their SPDX identifiers in small letters. Source of the texts:
// https://spdx.org/licenses
func licenseFiles() map[string]string {
	return map[string]string{"apache-2.0": "apache-2.0.txt", "mit": "mit.tmpl", "bsd-3-clause": "bsd-3-clause.tmpl"}
}

// render returns the files of a plugin.
func (c *pluginContent) render(f newPluginFlags) ([]newFile, error) {
	type part struct{ name, template, test string }
	parts := []part{
		{"tempestplugin/tempestplugin.go", "marker.tmpl", ""},
		{c.Below + c.Package + "/" + c.Package + ".go", "client.tmpl", ""},
		{c.Below + c.Package + "/" + c.Package + "_test.go", "client_test.tmpl", ""},
		{c.Below + "fake/fake.go", "fake.tmpl", ""},
		{c.Below + "tests/api/main_test.go", "main_test.tmpl", "api"},
		{c.Below + "tests/api/things_test.go", "api_test.tmpl", ""},
		{c.Below + "tests/scenario/main_test.go", "main_test.tmpl", "scenario"},
		{c.Below + "tests/scenario/things_test.go", "scenario_test.tmpl", ""},
		{c.Below + "README.md", "README.tmpl", ""},
		{".gitignore", "gitignore.tmpl", ""},
		{".vscode/settings.json", "vscode.tmpl", ""},
	}
	if file := ciFiles[f.ci]; file != "" {
		parts = append(parts, part{file, f.ci + ".tmpl", ""})
	}
	if f.license != "none" && f.layout == ownModule {
		parts = append(parts, part{"LICENSE", licenseFiles()[f.license], ""})
	}
	if f.layout == ownModule {
		parts = append(parts, part{"go.mod", "go.mod.tmpl", ""})
	}
	all, err := template.New("").Delims("[[", "]]").
		Funcs(template.FuncMap{"quote": modfile.AutoQuote, "uuid": uuid.NewString}).
		ParseFS(pluginTemplates, "pluginfiles/*")
	if err != nil {
		return nil, fmt.Errorf("reading the templates of a plugin: %w", err)
	}
	var files []newFile
	for _, p := range parts {
		c.TestPackage = p.test
		var text bytes.Buffer
		if err := all.ExecuteTemplate(&text, p.template, c); err != nil {
			return nil, fmt.Errorf("writing %s: %w", p.name, err)
		}
		data := text.Bytes()
		if strings.HasSuffix(p.name, ".go") {
			if data, err = format.Source(data); err != nil {
				return nil, fmt.Errorf("writing %s: %w", p.name, err)
			}
		}
		files = append(files, newFile{name: p.name, data: data})
	}
	return files, nil
}
