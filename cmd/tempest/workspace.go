package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/testlib/config"
)

// workspace is what a command knows of the main module it works in.
type workspace struct {
	options   config.Options // where the configuration is read from
	core      config.Core
	tempest   []option.Group // the options of core
	config    string         // absolute path of the configuration file; empty without one
	inventory *discover.Inventory
	values    *config.Values // all that is set, checked
}

// open reads the configuration, finds the plugins, and checks the whole
// configuration with the options that the plugins declare. overlay is an empty
// folder for the copy of go.mod, to be kept as long as tests are built.
func open(ctx context.Context, f suiteFlags, overlay string, patterns []string) (*workspace, error) {
	w, err := survey(ctx, f, discover.Options{WorkDir: overlay, Patterns: patterns})
	if err != nil {
		return nil, err
	}
	return w, w.check()
}

// survey reads as much of the configuration as finding plugins takes, and finds
// them.
func survey(ctx context.Context, f suiteFlags, o discover.Options) (*workspace, error) {
	w := &workspace{options: f.source()}
	var err error
	if w.core, w.config, err = config.LoadCore(w.options); err != nil {
		return nil, usageError{err}
	}
	if w.tempest, err = config.CoreGroups(); err != nil {
		return nil, err
	}
	o.Core = w.tempest
	discoverOptions(f, w.core, &o)
	if w.inventory, err = discover.Find(ctx, o); err != nil {
		if _, ok := errors.AsType[*discover.Error](err); ok {
			return nil, usageError{err}
		}
		return nil, err
	}
	return w, nil
}

// check checks the whole configuration with the options of all plugins.
func (w *workspace) check() (err error) {
	if w.values, err = config.Check(w.options, declared(w.inventory)); err != nil {
		return usageError{err}
	}
	return nil
}

// warn says on out what is deprecated of what is set, and which plugins are refused.
func (w *workspace) warn(out io.Writer) {
	for _, warning := range w.values.Warnings() {
		fmt.Fprintln(out, "tempest: warning:", warning)
	}
	for i := range w.inventory.Plugins {
		p := &w.inventory.Plugins[i]
		if !p.Refused {
			continue
		}
		used := ""
		if p.Main {
			used = ", which go.work uses"
		}
		fmt.Fprintf(out, "tempest: plugin %s does not run: plugins.allow does not name its module %s%s\n",
			p.Name, p.Module, used)
	}
}

// discoverOptions adds the flags and the configuration to o: flags win.
func discoverOptions(f suiteFlags, core config.Core, o *discover.Options) {
	o.Tags, o.Locked = strings.Fields(strings.Join(f.tags, " ")), f.locked
	o.Only, o.Disable = f.plugins, append(core.Plugins.Disable, f.noPlugins...)
	if len(o.Only) == 0 {
		o.Only = core.Plugins.Only
	}
	o.Allow = core.Plugins.Allow
	for _, a := range core.Adopt {
		o.Adopt = append(o.Adopt, discover.Adoption{Module: a.Module, Name: a.Name, Tests: a.Tests, Tags: a.Tags})
	}
}

// errOnlyFaults says that there is nothing to run, because of faults.
var errOnlyFaults = errors.New("no plugin that works has tests")

// choose selects tests. Nothing to select from is told apart from a selection
// that leaves nothing.
func (w *workspace) choose(s plan.Selection) (plan.Choice, error) {
	packages := w.packages()
	choice, err := plan.Choose(packages, s)
	if err == nil || len(packages) > 0 {
		return choice, err
	}
	plugins := w.inventory.Plugins
	enabled := slices.ContainsFunc(plugins, func(p discover.Plugin) bool { return !p.Disabled })
	switch {
	case len(w.faults()) > 0:
		err = errOnlyFaults
	case len(plugins) > 0 && !enabled:
		err = errors.New("no plugin is left by --plugin, --no-plugin and [plugins] of the configuration")
	default:
		err = errors.New("there are no tests: no plugin is required here (add one with: go get MODULE), " +
			"and no test file has the line //go:build tempest")
	}
	return choice, err
}

// declared are the options of all plugins.
func declared(inv *discover.Inventory) []option.Group {
	var all []option.Group
	for _, p := range inv.Plugins {
		all = append(all, owned(p)...)
	}
	return all
}

// owned are the options of a plugin, with its name.
func owned(p discover.Plugin) []option.Group {
	groups := slices.Clone(p.Groups)
	for i, g := range groups {
		groups[i].Options = slices.Clone(g.Options)
		for j := range g.Options {
			groups[i].Options[j].Owner = owner(p)
		}
	}
	return groups
}

// owner is how messages call a plugin that declares options.
func owner(p discover.Plugin) string {
	s := p.Name
	if p.Module != p.Name {
		s += ", " + p.Module
	}
	if p.Version != "" {
		s += "@" + p.Version
	}
	return s
}

// environment is what makes test processes read the same configuration.
func (w *workspace) environment() []string {
	path := w.config
	if path == "" {
		path = protocol.NoConfig
	}
	var options []string
	for _, g := range declared(w.inventory) {
		for _, o := range g.Options {
			options = append(options, g.Name+"."+o.Name)
			for _, old := range o.Renamed {
				options = append(options, old+"="+g.Name+"."+o.Name)
			}
		}
	}
	env := []string{
		protocol.EnvConfig + "=" + path,
		protocol.EnvOptions + "=" + strings.Join(options, " "),
	}
	for _, o := range w.options.Overrides {
		env = append(env, config.EnvName(o))
	}
	return append(env, w.inventory.Env...)
}

// packages are the test packages of the inventory, as the plan takes them.
func (w *workspace) packages() []plan.Package {
	var all []plan.Package
	for _, p := range w.inventory.Plugins {
		for _, pkg := range p.Packages {
			all = append(all, plan.Package{
				Path: pkg.Path, Dir: pkg.Dir, Plugin: p.Name, Module: p.Module, Version: p.Version, Sum: p.Sum,
				Tests: testsOf(pkg),
			})
		}
	}
	return all
}

func testsOf(pkg discover.Package) []plan.Test {
	tests := make([]plan.Test, len(pkg.Tests))
	for i, t := range pkg.Tests {
		tests[i] = plan.Test{
			Package: pkg.Path, Name: t.Name, UUID: t.UUID, Attributes: t.Attributes, Services: t.Services,
			Options: t.Options, File: t.File, Line: t.Line, Conditional: t.Conditional,
			TakesTurn: t.TakesTurn,
		}
	}
	return tests
}

// faults are what is wrong with the plugins of the inventory.
func (w *workspace) faults() []plan.Fault {
	var all []plan.Fault
	for _, f := range w.inventory.Faults() {
		all = append(all, planFault(f))
	}
	return all
}
