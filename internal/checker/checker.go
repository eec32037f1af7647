// Package checker runs the analyzers of package vet over the tests of a plugin, and applies what they offer to mend. No
// code of the plugin runs.
package checker

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	anachecker "golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/vet"
)

// Options says what is checked.
type Options struct {
	Dir      string   // of the main module
	Flags    []string // build flags for the go command, without -tags
	Tags     []string // build tags
	Env      []string // added to the environment
	Patterns []string // packages

	// Whole is the root of a module all of whose packages are among Patterns; then its files that are not built with Tags
	// are looked at as well. Empty for none.
	Whole string

	// Suite says whether the package with an import path is for tests of the suite alone. nil means that none is.
	Suite func(path string) bool
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

	// Unseen are test files of the suite that nothing was looked for in: they are for other systems.
	Unseen []string

	read  sync.Map // by file, the []byte that the rules have seen
	built map[string]bool
	seen  map[string]bool // findings, by what they say
}

const loadMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule |
	packages.NeedExportFile

// Check loads the packages with their tests, and looks at them.
func Check(ctx context.Context, o Options) (*Report, error) {
	report := &Report{built: map[string]bool{}, seen: map[string]bool{}}
	if err := report.check(ctx, o); err != nil {
		return nil, err
	}
	if o.Whole != "" {
		if err := report.checkUnbuilt(ctx, o); err != nil {
			return nil, err
		}
	}
	slices.Sort(report.Errors)
	report.Errors = slices.Compact(report.Errors)
	slices.SortFunc(report.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.At.Filename, b.At.Filename), a.At.Line-b.At.Line, a.At.Column-b.At.Column)
	})
	return report, nil
}

// check looks at what is built with one set of tags.
func (r *Report) check(ctx context.Context, o Options) error {
	if len(o.Patterns) == 0 { // which the go command takes for the current folder
		return nil
	}
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Mode: loadMode, Dir: o.Dir, Tests: true,
		BuildFlags: append(slices.Clone(o.Flags), "-tags="+strings.Join(o.Tags, ",")),
		Env:        append(gocmd.WithoutSecrets(os.Environ()), o.Env...),
		ParseFile: func(set *token.FileSet, name string, src []byte) (*ast.File, error) {
			r.read.Store(name, src)
			return parser.ParseFile(set, name, src, parser.AllErrors|parser.ParseComments|parser.SkipObjectResolution)
		},
	}, o.Patterns...)
	if err != nil {
		return fmt.Errorf("loading the tests: %w", err)
	}
	var sound []*packages.Package
	for _, pkg := range loaded {
		for _, name := range pkg.CompiledGoFiles {
			r.built[name] = true
		}
		for _, e := range pkg.Errors {
			if !strings.HasPrefix(e.Msg, "# ") { // the compiler's own text, which the type errors repeat
				r.Errors = append(r.Errors, e.Error())
			}
		}
		if len(pkg.Errors) == 0 && len(pkg.Syntax) > 0 && !strings.HasSuffix(pkg.ID, ".test") {
			sound = append(sound, pkg)
		}
	}
	graph, err := anachecker.Analyze(vet.Analyzers(), sound, nil)
	if err != nil {
		return fmt.Errorf("looking at the tests: %w", err)
	}
	if err := r.collect(graph); err != nil {
		return err
	}
	r.checkUnits(sound, o)
	return nil
}

// collect takes the findings out of the graph. A file is in two packages, with the tests and without them.
func (r *Report) collect(graph *anachecker.Graph) error {
	remedies := map[string]string{}
	for _, rule := range vet.Rules() {
		remedies[rule.Name] = rule.Remedy
	}
	for _, action := range graph.Roots {
		if action.Err != nil {
			return fmt.Errorf("looking at %s: %w", action.Package.PkgPath, action.Err)
		}
		for _, d := range action.Diagnostics {
			remedy := remedies[action.Analyzer.Name]
			if d.Category == vet.CategoryIgnore {
				remedy = "" // it is in the message
			}
			f := Finding{
				Rule: strings.TrimPrefix(action.Analyzer.Name, "tempest"), At: action.Package.Fset.Position(d.Pos),
				Message: d.Message, Remedy: remedy, edits: editsOf(action.Package.Fset, d),
			}
			r.add(f)
		}
	}
	return nil
}

// add takes a finding that was not there before.
func (r *Report) add(f Finding) {
	if key := f.Rule + f.At.String() + f.Message; !r.seen[key] {
		r.seen[key] = true
		r.Findings = append(r.Findings, f)
	}
}

// edit is a piece of text that goes into a file.
type edit struct {
	file       string
	start, end int // offsets
	text       []byte
}

// editsOf are those of the first fix that a diagnostic offers. There are none in a file that says that it was made from
// another.
func editsOf(set *token.FileSet, d analysis.Diagnostic) []edit {
	if len(d.SuggestedFixes) == 0 {
		return nil
	}
	var edits []edit
	for _, e := range d.SuggestedFixes[0].TextEdits {
		start, end := set.PositionFor(e.Pos, false), set.PositionFor(e.End, false)
		if start.Filename != set.Position(e.Pos).Filename {
			return nil
		}
		edits = append(edits, edit{file: start.Filename, start: start.Offset, end: end.Offset, text: e.NewText})
	}
	return edits
}
