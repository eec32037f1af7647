package vet

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// markerRule wants the marker to be what discovery takes it for: text that need not be run.
func markerRule() Rule {
	return rule("marker", "package tempestplugin holds constants and the type Config, and is built everywhere",
		"move it into another package of the plugin", checkMarker)
}

func checkMarker(p *analysis.Pass) {
	if p.Pkg.Name() != "tempestplugin" || !strings.HasSuffix(p.Pkg.Path(), "/tempestplugin") {
		return
	}
	for _, file := range p.Files {
		if isTest(p, file) {
			continue
		}
		if isConstrained(file) {
			p.Reportf(file.Package, "with a build constraint the marker is not there for who imports it, "+
				"and the module that requires the plugin loses it")
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				p.Reportf(d.Pos(), "the marker has a function, %s: it is read and not run", d.Name.Name)
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					p.Reportf(d.Pos(), "the marker has a variable: only constants are read")
				}
			}
		}
	}
}

// isConstrained reports whether a file has a build constraint.
func isConstrained(file *ast.File) bool {
	return slices.ContainsFunc(file.Comments, func(group *ast.CommentGroup) bool {
		return group.Pos() < file.Package && slices.ContainsFunc(group.List, func(c *ast.Comment) bool {
			return constraint.IsGoBuild(c.Text)
		})
	})
}
