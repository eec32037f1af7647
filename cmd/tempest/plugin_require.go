package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/require"
)

// requireFlags are the flags of the commands that change what is required.
type requireFlags struct {
	configFlags

	dryRun bool
	json   bool
}

func (f *requireFlags) register(cmd *cobra.Command) {
	f.configFlags.register(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "print what would change, and write nothing")
	flags.BoolVar(&f.json, "json", false, "print one JSON document")
}

// suite are the flags with which plugins are looked for.
func (f *requireFlags) suite() suiteFlags {
	return suiteFlags{configFlags: f.configFlags}
}

// pluginsFile is where the imports of markers stand, as `tempest init` makes it.
const pluginsFile = "plugins.go"

// requirement is a plugin of which something has changed.
type requirement struct {
	Name   string        `json:"name,omitempty"` // as its marker says
	Module string        `json:"module"`
	Before string        `json:"before,omitempty"` // version
	After  string        `json:"after,omitempty"`  // version or folder
	Tests  int           `json:"tests"`
	Faults []listedFault `json:"faults,omitempty"`
}

// requireReport is what one of the commands has done.
type requireReport struct {
	DryRun  bool             `json:"dry_run"`
	Plugins []*requirement   `json:"plugins"`
	Changes []require.Change `json:"changes"` // other modules
	Notes   []string         `json:"notes,omitempty"`
}

// editing is one change of what the main module requires.
type editing struct {
	std    stdio
	flags  requireFlags
	editor *require.Editor
	files  map[string][]byte // others than go.mod and go.sum, by name
	report requireReport
	looked bool // at the plugins, after the change
}

// editRequirements calls edit on copies, then puts them into their place and says what has changed.
func editRequirements(
	ctx context.Context, std stdio, signals <-chan os.Signal, f requireFlags, edit func(context.Context, *editing) error,
) error {
	e := &editing{std: std, flags: f, files: map[string][]byte{}, report: requireReport{DryRun: f.dryRun}}
	err := withFolder(func(work string) error {
		return interruptible(ctx, signals, func(ctx context.Context) (err error) {
			if e.editor, err = require.Open(ctx, ".", work); err != nil {
				return usageError{plainGo(err)}
			}
			if err := edit(ctx, e); err != nil {
				return err
			}
			return e.finish(ctx)
		})
	})
	if err != nil {
		return err
	}
	unseen := e.look(ctx, signals)
	e.looked = unseen == nil && !f.dryRun
	if err := e.print(); err != nil {
		return err
	}
	if unseen != nil {
		return doneAllTheSame(unseen)
	}
	if slices.ContainsFunc(e.report.Plugins, func(p *requirement) bool { return len(p.Faults) > 0 }) {
		return codeError(exitUntrusted)
	}
	return nil
}

// doneAllTheSame is the error when the plugins cannot be looked at after they have changed. It hides that it may be a
// usageError, whose exit code says that nothing has changed.
func doneAllTheSame(err error) error {
	const done = "this is done, but what the plugins hold cannot be said"
	if stop, ok := errors.AsType[interruptedError](err); ok {
		return fmt.Errorf("%s: %w", done, stop)
	}
	return fmt.Errorf("%s: %v", done, err) //nolint:errorlint // hidden on purpose
}

// finish notes what has changed beside the plugins, and writes everything.
func (e *editing) finish(ctx context.Context) error {
	changes, err := e.editor.Changes(ctx)
	if err != nil {
		return plainGo(err)
	}
	for _, c := range changes {
		i := slices.IndexFunc(e.report.Plugins, func(p *requirement) bool { return p.Module == c.Module })
		if i < 0 {
			e.report.Changes = append(e.report.Changes, c)
			continue
		}
		e.report.Plugins[i].Before, e.report.Plugins[i].After = c.Before, c.After
	}
	if e.flags.dryRun {
		return nil
	}
	if err := e.editor.Commit(e.files); err != nil {
		return usageError{err} // nothing has changed, as after every other 2
	}
	changed := slices.ContainsFunc(e.report.Plugins, func(p *requirement) bool { return p.Before != p.After })
	if changed && exists(filepath.Join(e.editor.Dir, "vendor", "modules.txt")) {
		e.report.Notes = append(e.report.Notes, "the folder vendor is out of date now; tempest leaves it aside, "+
			"'go mod vendor' brings it up to date for others")
	}
	return nil
}

// look finds the plugins as they are now, and what is wrong with them.
func (e *editing) look(ctx context.Context, signals <-chan os.Signal) error {
	if e.flags.dryRun {
		return nil
	}
	return withFolder(func(overlay string) error {
		return interruptible(ctx, signals, func(ctx context.Context) error {
			ws, err := survey(ctx, e.flags.suite(), discover.Options{WorkDir: overlay})
			if err != nil {
				return err
			}
			for _, l := range listedPlugins(ws.inventory) {
				for _, r := range e.report.Plugins {
					if r.Module == l.Module && r.After != "" {
						r.Name, r.Tests, r.Faults = l.Name, l.Tests, l.Faults
					}
				}
			}
			return nil
		})
	})
}

// addImport keeps the marker of a plugin in go.mod by importing it, unless a file of the module does already.
func (e *editing) addImport(module string) error {
	marker := module + "/tempestplugin"
	imports, err := e.editor.Imports(module)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(imports, func(i require.Import) bool { return i.Path == marker }) {
		return nil
	}
	source, err := e.source(pluginsFile)
	if errors.Is(err, fs.ErrNotExist) {
		source, err = e.newPluginsFile()
	}
	if err != nil {
		return usageError{fmt.Errorf("importing %s: %w", marker, err)}
	}
	if e.files[pluginsFile], err = require.AddImport(pluginsFile, source, marker); err != nil {
		return usageError{fmt.Errorf("importing %s: %w", marker, err)}
	}
	return nil
}

// removeImport takes the import of the marker away.
func (e *editing) removeImport(i require.Import) error {
	source, err := e.source(i.File)
	if err == nil {
		e.files[i.File], err = require.RemoveImport(i.File, source, i.Path)
	}
	if err != nil {
		return fmt.Errorf("removing the import of %s: %w", i.Path, err)
	}
	return nil
}

// source is a file of the module, as changed so far.
func (e *editing) source(name string) ([]byte, error) {
	if data, ok := e.files[name]; ok {
		return data, nil
	}
	return os.ReadFile(filepath.Join(e.editor.Dir, name))
}

// newPluginsFile is what `tempest init` writes.
func (e *editing) newPluginsFile() ([]byte, error) {
	name, err := packageName(e.editor.Dir, e.editor.Path)
	if err != nil {
		return nil, err
	}
	content := &workspaceContent{Package: name}
	return content.file("plugins.go")
}

// print prints what was done, or would be.
func (e *editing) print() error {
	if e.flags.json {
		if e.report.Changes == nil {
			e.report.Changes = []require.Change{}
		}
		return writeJSON(e.std.out, e.report)
	}
	for _, p := range e.report.Plugins {
		fmt.Fprintln(e.std.out, p.line(e.looked))
		for _, f := range p.Faults {
			fmt.Fprintln(e.std.out, "  FAULT  "+f.text())
		}
	}
	for _, c := range e.report.Changes {
		printChange(e.std.out, c)
	}
	for _, note := range e.report.Notes {
		fmt.Fprintln(e.std.out, note)
	}
	if e.flags.dryRun {
		fmt.Fprintln(e.std.out, "nothing was written")
	}
	return nil
}

// line says what became of a plugin.
func (p *requirement) line(looked bool) string {
	name := p.Module
	if p.Name != "" && p.Name != p.Module {
		name = p.Name + "  " + p.Module
	}
	tests := ""
	if looked && p.After != "" {
		tests = ", " + count(p.Tests, "test")
	}
	switch {
	case p.After == "":
		return fmt.Sprintf("removed  %s %s", name, p.Before)
	case p.Before == "":
		return fmt.Sprintf("added    %s %s%s", name, p.After, tests)
	case p.Before == p.After:
		return fmt.Sprintf("as it is %s %s%s", name, p.After, tests)
	}
	return fmt.Sprintf("updated  %s %s -> %s%s", name, p.Before, p.After, tests)
}

// printChange says what became of another module, and why.
func printChange(w io.Writer, c require.Change) {
	var why string
	if len(c.Chain) > 0 {
		why = ": " + strings.Join(c.Chain, " requires ")
	}
	switch {
	case c.After == "":
		fmt.Fprintf(w, "gone     %s %s\n", c.Module, c.Before)
	case c.Before == "":
		fmt.Fprintf(w, "new      %s %s%s\n", c.Module, c.After, why)
	case c.Raised():
		fmt.Fprintf(w, "raised   %s %s -> %s%s\n", c.Module, c.Before, c.After, why)
	default:
		fmt.Fprintf(w, "changed  %s %s -> %s%s\n", c.Module, c.Before, c.After, why)
	}
}
