package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/checker"
	"github.com/gotempest/tempest/internal/lazyregexp"
)

// checkFlags are the flags of `tempest plugin check`.
type checkFlags struct {
	configFlags

	tags []string
	fix  bool
	json bool
}

func newPluginCheck(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [MODULE|NAME…]",
		Short: "Look for mistakes in the tests of plugins, without running them",
		Long: `check looks at the source of plugins: of this module's own, or where it has none
of all that it requires. It tells what breaks the contract, tests without an ID of
their own, what tempest cannot read from the source, and what would hurt other
tests or the cloud. docs/checks.md lists the rules.`,
		Example: "  tempest plugin check --fix\n  tempest plugin check octavia --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			var report *pluginReport
			err := withFolder(func(overlay string) error {
				return interruptible(cmd.Context(), signals, func(ctx context.Context) (err error) {
					report, err = checkPlugins(ctx, f, overlay, args)
					return err
				})
			})
			if err != nil {
				return err
			}
			return report.tell(std, f)
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.tags, "tags", nil, "build tags `TAG,…` beyond tempest and those of the plugin")
	flags.BoolVar(&f.fix, "fix", false, "give tests of this module that have no ID a new one")
	flags.BoolVar(&f.json, "json", false, "print one JSON document")
	return cmd
}

// finding is something that is wrong with a plugin.
type finding struct {
	Plugin  string `json:"plugin"`
	Rule    string `json:"rule"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	Fault   bool   `json:"fault,omitempty"` // it keeps the plugin from running
	Fixed   bool   `json:"fixed,omitempty"`
}

// pluginReport is what check has found.
type pluginReport struct {
	Plugins  []string  `json:"plugins"` // by name
	Findings []finding `json:"findings"`

	notes []string // for the user, not about the plugins
}

// checkPlugins looks at the plugins that are called, or at those that are meant without names.
func checkPlugins(ctx context.Context, f checkFlags, overlay string, names []string) (*pluginReport, error) {
	suite := suiteFlags{configFlags: f.configFlags, tags: f.tags}
	ws, err := survey(ctx, suite, discover.Options{WorkDir: overlay})
	if err != nil {
		return nil, err
	}
	plugins, err := pluginsToCheck(ws.inventory, names)
	if err != nil {
		return nil, err
	}
	if err := addFaultsOfTags(ctx, suite, overlay, plugins); err != nil {
		return nil, err
	}
	report := &pluginReport{Findings: []finding{}}
	for _, p := range plugins {
		report.Plugins = append(report.Plugins, p.Name)
		found, err := report.checkPlugin(ctx, ws.inventory, p, f)
		if err != nil {
			return nil, fmt.Errorf("checking %s: %w", p.Name, err)
		}
		report.Findings = append(report.Findings, found...)
	}
	return report, nil
}

// addFaultsOfTags adds the faults of files that only the tags of the plugins switch on.
func addFaultsOfTags(ctx context.Context, suite suiteFlags, overlay string, plugins []*discover.Plugin) error {
	suite.tags = slices.Clone(suite.tags)
	before := len(suite.tags)
	for _, p := range plugins {
		for _, tag := range p.Tags {
			if !slices.Contains(suite.tags, tag) {
				suite.tags = append(suite.tags, tag)
			}
		}
	}
	if len(suite.tags) == before {
		return nil
	}
	ws, err := survey(ctx, suite, discover.Options{WorkDir: overlay})
	if err != nil {
		return err
	}
	for _, p := range plugins {
		with := ws.inventory.Plugin(p.Module)
		if with == nil {
			continue
		}
		for _, fault := range with.Faults {
			if !slices.Contains(p.Faults, fault) {
				p.Faults = append(p.Faults, fault)
			}
		}
	}
	return nil
}

// pluginsToCheck are those with these names or module paths; without names the main module's own, or else all that it
// requires.
func pluginsToCheck(inv *discover.Inventory, names []string) ([]*discover.Plugin, error) {
	var plugins []*discover.Plugin
	for _, name := range names {
		p := inv.Plugin(name)
		if p == nil {
			return nil, usagef("%s: there is no such plugin; see 'tempest list-plugins'", name)
		}
		plugins = append(plugins, p)
	}
	if len(plugins) > 0 {
		return plugins, nil
	}
	var required []*discover.Plugin
	for i := range inv.Plugins {
		switch p := &inv.Plugins[i]; {
		case p.Main && (p.API != 0 || len(p.Faults) > 0):
			plugins = append(plugins, p)
		case !p.Main && !p.InTree && !p.Adopted && !p.Disabled:
			required = append(required, p)
		}
	}
	if len(plugins) == 0 {
		plugins = required
	}
	if len(plugins) == 0 {
		return nil, usagef("there is no plugin here: this module has no package tempestplugin, and requires none")
	}
	return plugins, nil
}

// checkPlugin looks at one plugin.
func (r *pluginReport) checkPlugin(
	ctx context.Context, inv *discover.Inventory, p *discover.Plugin, f checkFlags,
) ([]finding, error) {
	var found []finding
	for _, fault := range p.Faults {
		found = append(found, faultFinding(inv, p, fault))
	}
	if len(p.Faults) == 0 {
		found = append(found, emptyPatterns(p)...)
	}
	tests, err := checker.Check(ctx, checkOptions(inv, p))
	if err != nil {
		return nil, err
	}
	found = append(found, r.settle(inv, p, tests, f)...)
	if len(tests.Errors) > 0 && len(p.Faults) == 0 {
		broken, err := explainErrors(ctx, inv, p, tests.Errors)
		if err != nil {
			return nil, err
		}
		found = append(found, broken)
	}
	lost, err := r.lostTests(ctx, inv, p)
	return append(found, lost...), err
}

// checkOptions says what of a plugin is looked at.
func checkOptions(inv *discover.Inventory, p *discover.Plugin) checker.Options {
	o := checker.Options{
		Dir: inv.Main.Dir, Env: inv.Env, Patterns: patternsOf(p), Flags: inv.BuildFlags,
		Tags: append(slices.Clone(inv.Tags), p.Tags...),
	}
	if p.Main {
		o.Whole = p.Dir
	}
	if p.API != 0 && !p.Matches(p.Module) { // where the suite is the whole module, unit tests have no other place
		o.Suite = p.Matches
	}
	return o
}

// settle makes findings of what the rules say, mended where that is asked for.
func (r *pluginReport) settle(
	inv *discover.Inventory, p *discover.Plugin, tests *checker.Report, f checkFlags,
) []finding {
	fixed := false
	if f.fix && p.Main {
		n, err := tests.Fix()
		if err != nil {
			r.notes = append(r.notes, "nothing was fixed: "+err.Error())
		}
		fixed = n > 0
	} else if f.fix {
		r.notes = append(r.notes, p.Name+": --fix changes the modules that are worked on, and not those that they require")
	}
	var found []finding
	for i := range tests.Findings {
		t := &tests.Findings[i]
		x := finding{
			Plugin: p.Name, Rule: t.Rule, File: shortPath(inv, t.At.Filename), Line: t.At.Line, Column: t.At.Column,
			Message: t.Message, Remedy: t.Remedy, Fixed: fixed && t.Fixable(),
		}
		if t.Fixable() && p.Main && !f.fix {
			x.Remedy += "; tempest plugin check --fix does"
		}
		found = append(found, x)
	}
	for _, file := range tests.Unseen {
		r.notes = append(r.notes,
			shortPath(inv, file)+" was not checked: it is not built on this system; set GOOS and GOARCH")
	}
	return found
}

// patternsOf are the packages of a plugin, as import paths: of a module that is worked on all, because those that tests
// use must be sound, too. A folder that is not there would be looked for in the network.
func patternsOf(p *discover.Plugin) []string {
	if p.Main {
		return []string{p.Module + "/..."}
	}
	var patterns []string
	for _, pattern := range p.Patterns {
		if folderOf(p, pattern) {
			patterns = append(patterns, p.Module+strings.TrimPrefix(pattern, "."))
		}
	}
	for _, pkg := range p.Packages {
		patterns = append(patterns, pkg.Path)
	}
	return patterns
}

// folderOf reports whether the folder that a pattern begins at is there.
func folderOf(p *discover.Plugin, pattern string) bool {
	base, _, recursive := strings.Cut(pattern, "...")
	if recursive { // the last element may be cut in two: ./te...
		base = filepath.Dir(base + "x")
	}
	info, err := os.Stat(filepath.Join(p.Dir, base))
	return err == nil && info.IsDir()
}

// emptyPatterns are those of Tests that name no folder.
func emptyPatterns(p *discover.Plugin) []finding {
	var found []finding
	for _, pattern := range p.Patterns {
		if !folderOf(p, pattern) {
			found = append(found, finding{
				Plugin: p.Name, Rule: "marker", File: "tempestplugin", Remedy: "correct Tests of package tempestplugin",
				Message: "Tests names " + pattern + ", and there is no such folder",
			})
		}
	}
	return found
}

// faultFinding is a fault of a plugin.
func faultFinding(inv *discover.Inventory, p *discover.Plugin, f discover.Fault) finding {
	file, line, _ := strings.Cut(f.Place, ":")
	n := 0
	if _, err := fmt.Sscan(line, &n); err != nil {
		file, n = f.Place, 0
	}
	return finding{
		Plugin: p.Name, Rule: string(f.Kind), File: shortPath(inv, file), Line: n, Message: f.Message,
		Remedy: cmp.Or(f.Remedy, remedyOf(f.Kind)), Fault: true,
	}
}

// remedyOf is what to do about a fault whose message is plain to who runs tests, and has to be to authors.
func remedyOf(kind discover.Kind) string {
	switch kind {
	case discover.DoesNotCompile:
		return "go vet -tags tempest ./... in the module of the plugin shows all of it"
	case discover.BadMarker, discover.UnknownAPI:
		return "docs/plugins.md has the constants of the marker and their types"
	}
	return ""
}

// explainErrors says why the tests do not compile: whether they do alone, and which requirements have raised what.
func explainErrors(ctx context.Context, inv *discover.Inventory, p *discover.Plugin, errs []string) (finding, error) {
	x, err := discover.Explain(ctx, inv, p.Name)
	if err != nil {
		return finding{}, err
	}
	fault := faultFinding(inv, p, x.Fault())
	first := compileError().FindStringSubmatch(errs[0])
	if first == nil {
		first = []string{"", "", "0", "0", errs[0]}
	}
	fault.File = shortPath(inv, first[1])
	fault.Line, _ = strconv.Atoi(first[2])
	fault.Column, _ = strconv.Atoi(first[3])
	said := first[4]
	if more := len(errs) - 1; more > 0 {
		said += fmt.Sprintf(" (and %d more)", more)
	}
	if p.Main || !x.Alone {
		fault.Message = "the tests do not compile: " + said
	} else {
		fault.Message += ": " + said
	}
	return fault, nil
}

// compileError is what the compiler says: file, line, column, text.
var compileError = lazyregexp.New(`(?s)^(.+?):(\d+):(\d+): (.*)$`)

// lostTests are the tests of the last version that are gone: no test has their ID, or, where they had none, their name.
func (r *pluginReport) lostTests(
	ctx context.Context, inv *discover.Inventory, p *discover.Plugin,
) (found []finding, err error) {
	if !p.Main {
		return nil, nil
	}
	tag, err := checker.LastTag(ctx, p.Dir)
	if tag == "" && err == nil && checker.Shallow(ctx, p.Dir) {
		r.notes = append(r.notes, p.Name+": tests lost since the last version were not looked for, because this clone has "+
			"no tags; git fetch --unshallow --tags gets them")
	}
	if tag == "" || err != nil {
		return nil, err
	}
	before, err := checker.At(ctx, p.Dir, tag)
	if err != nil {
		return nil, err
	}
	now, err := checker.Now(p.Dir)
	if err != nil {
		return nil, err
	}
	for key, old := range before {
		if _, there := now[key]; there {
			continue
		}
		f := finding{
			Plugin: p.Name, Rule: "lost-id", File: shortPath(inv, filepath.Join(p.Dir, old.File)), Line: old.Line,
			Message: fmt.Sprintf("%s had the ID %s in %s, and no test has it now", old.Name, old.ID, tag),
			Remedy: "give it to the test that checks the same; when there is none, say in the notes of the version " +
				"that it is gone",
		}
		if old.ID == "" {
			f.Rule, f.Remedy = "lost-test", "if it was renamed, or is gone for good, say so in the notes of the version"
			f.Message = fmt.Sprintf("%s was in %s, without an ID, and no test of its package has that name now", old.Name, tag)
		}
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b finding) int { return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line) })
	return found, nil
}

// shortPath is a file as the user calls it, when it is below the main module.
func shortPath(inv *discover.Inventory, file string) string {
	if file == "" {
		return ""
	}
	if rel, err := filepath.Rel(inv.Main.Dir, file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return file
}

// tell prints the report. Exit code 1 when something was found and not mended, 3 when a plugin cannot run.
func (r *pluginReport) tell(std stdio, f checkFlags) error {
	for _, note := range r.notes {
		fmt.Fprintln(std.err, "tempest: "+note)
	}
	if f.json {
		if err := writeJSON(std.out, r); err != nil {
			return err
		}
	} else {
		for _, x := range r.Findings {
			fmt.Fprintln(std.out, x.text())
		}
	}
	left, fixed, faults := 0, 0, 0
	for _, x := range r.Findings {
		switch {
		case x.Fixed:
			fixed++
		case x.Fault:
			faults++
		default:
			left++
		}
	}
	if !f.json {
		fmt.Fprintf(std.out, "%s: %s, %s, %d fixed\n", strings.Join(r.Plugins, ", "), count(faults, "fault"),
			count(left, "other finding"), fixed)
	}
	switch {
	case faults > 0:
		return codeError(exitUntrusted)
	case left > 0:
		return codeError(exitFailed)
	}
	return nil
}

// text is a finding in one line, in the form that editors and CI systems know.
func (x *finding) text() string {
	s := x.Plugin + ": "
	if x.File != "" {
		s = x.File + ":"
		if x.Line > 0 {
			s += fmt.Sprintf("%d:", x.Line)
		}
		if x.Column > 0 {
			s += fmt.Sprintf("%d:", x.Column)
		}
		s += " "
	}
	s += x.Message + " (" + x.Rule + ")"
	switch {
	case x.Fixed:
		s += "; fixed"
	case x.Remedy != "":
		s += "; " + x.Remedy
	}
	return s
}
