// Package checker runs the analyzers of package vet over the tests of a plugin, and applies what they offer to mend. No
// code of the plugin runs.
package checker

import (
	"context"
	"fmt"
	"go/token"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	anachecker "golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/vet"
)

// Options says what is checked.
type Options struct {
	Dir      string   // of the main module
	Flags    []string // build flags for the go command, with -tags
	Env      []string // added to the environment
	Patterns []string // packages
}

// Finding is something that a rule has found.
type Finding struct {
	Rule    string // as in docs/checks.md
	At      token.Position
	Message string
	Remedy  string

	edits []edit
}

// Fixable says whether [Fix] can mend it.
func (f *Finding) Fixable() bool { return len(f.edits) > 0 }

// Report is what a check has found.
type Report struct {
	Findings []Finding // by file and line

	// Errors are what the compiler would say; packages that have any are not checked.
	Errors []string
}

const loadMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule |
	packages.NeedExportFile

// Check loads the packages with their tests, and looks at them.
func Check(ctx context.Context, o Options) (*Report, error) {
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Mode: loadMode, Dir: o.Dir, Tests: true, BuildFlags: o.Flags,
		Env: append(gocmd.WithoutSecrets(os.Environ()), o.Env...),
	}, o.Patterns...)
	if err != nil {
		return nil, fmt.Errorf("loading the tests: %w", err)
	}
	report := &Report{}
	var sound []*packages.Package
	for _, pkg := range loaded {
		for _, e := range pkg.Errors {
			if !strings.HasPrefix(e.Msg, "# ") { // the compiler's own text, which the type errors repeat
				report.Errors = append(report.Errors, e.Error())
			}
		}
		if len(pkg.Errors) == 0 && len(pkg.Syntax) > 0 && !strings.HasSuffix(pkg.ID, ".test") {
			sound = append(sound, pkg)
		}
	}
	slices.Sort(report.Errors)
	report.Errors = slices.Compact(report.Errors)
	graph, err := anachecker.Analyze(vet.Analyzers(), sound, nil)
	if err != nil {
		return nil, fmt.Errorf("looking at the tests: %w", err)
	}
	return report, report.collect(graph)
}

// collect takes the findings out of the graph. A file is in two packages, with the tests and without them.
func (r *Report) collect(graph *anachecker.Graph) error {
	remedies := map[string]string{}
	for _, rule := range vet.Rules() {
		remedies[rule.Name] = rule.Remedy
	}
	seen := map[string]bool{}
	for _, action := range graph.Roots {
		if action.Err != nil {
			return fmt.Errorf("looking at %s: %w", action.Package.PkgPath, action.Err)
		}
		for _, d := range action.Diagnostics {
			f := Finding{
				Rule: strings.TrimPrefix(action.Analyzer.Name, "tempest"), At: action.Package.Fset.Position(d.Pos),
				Message: d.Message, Remedy: remedies[action.Analyzer.Name], edits: editsOf(action.Package.Fset, d),
			}
			if f.Fixable() {
				f.Remedy += "; tempest plugin check --fix does"
			}
			if key := f.Rule + f.At.String() + f.Message; !seen[key] {
				seen[key] = true
				r.Findings = append(r.Findings, f)
			}
		}
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		if c := strings.Compare(a.At.Filename, b.At.Filename); c != 0 {
			return c
		}
		return a.At.Offset - b.At.Offset
	})
	return nil
}

// edit is a piece of text that goes into a file.
type edit struct {
	file       string
	start, end int // offsets
	text       []byte
}

// editsOf are those of the first fix that a diagnostic offers.
func editsOf(set *token.FileSet, d analysis.Diagnostic) []edit {
	if len(d.SuggestedFixes) == 0 {
		return nil
	}
	var edits []edit
	for _, e := range d.SuggestedFixes[0].TextEdits {
		start, end := set.Position(e.Pos), set.Position(e.End)
		edits = append(edits, edit{file: start.Filename, start: start.Offset, end: end.Offset, text: e.NewText})
	}
	return edits
}
