package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"

	"github.com/gotempest/tempest/tempestplugin"
)

// The package of the client has a name that the tests, which import it, use for nothing else: a plugin may be called
// as a variable is, or a type of Go.
func TestPackageIsCalledAsNothingElse(t *testing.T) {
	const free = "octavia"
	if got := packageFrom(free); got != free {
		t.Fatalf("packageFrom(%q) = %q", free, got)
	}
	for _, name := range []string{"func", "error", "nil", "fake", "tests"} {
		if got := packageFrom(name); got == name {
			t.Errorf("packageFrom(%q) = %q", name, got)
		}
	}
	p, err := planPlugin(t.TempDir(), "example.com/"+free, newPluginFlags{
		layout: ownModule, license: "none", ci: "none", tempest: "v0.1.0",
	})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range p.files {
		if !strings.HasSuffix(file.name, "_test.go") {
			continue
		}
		for _, name := range namesIn(t, file) {
			checked++
			if name != free && packageFrom(name) == name {
				t.Errorf("a plugin called %s does not compile: %s uses that name", name, file.name)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d names were found in the tests, want more", checked)
	}
}

// namesIn are the names that a package imported by a file must not have: of other imports, parameters and variables.
func namesIn(t *testing.T, file newFile) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file.name, file.data, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && strings.ToLower(id.Name) == id.Name && id.Name != "_" {
			names = append(names, id.Name)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			name := path.Base(strings.Trim(n.Path.Value, `"`))
			if name == "v2" {
				name = path.Base(path.Dir(strings.Trim(n.Path.Value, `"`)))
			}
			names = append(names, name)
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				add(e)
			}
		case *ast.Field:
			for _, id := range n.Names {
				add(id)
			}
			add(n.Type)
		}
		return true
	})
	return names
}

func TestOwnNameIsThatOfTheSuite(t *testing.T) {
	if tempestplugin.Name != ownName {
		t.Errorf("ownName = %q, want %q", ownName, tempestplugin.Name)
	}
}

func TestFolderName(t *testing.T) {
	for path, want := range map[string]string{
		"example.com/octavia":     "octavia",
		"example.com/octavia/":    "octavia",
		"example.com/octavia/v2":  "octavia",
		"gopkg.in/octavia.v2":     "octavia",
		"example.com/octavia-v2":  "octavia-v2",
		"octavia":                 "octavia",
		"example.com/octavia/v02": "v02", // no version, and refused later
	} {
		if got := folderName(path); got != want {
			t.Errorf("folderName(%q) = %q, want %q", path, got, want)
		}
	}
}
