package discover

import (
	"fmt"
	"strings"
)

// clashes faults plugins that cannot take part in one run: two of one name,
// and two that declare one option differently.
func (f *finder) clashes() {
	f.duplicateNames()
	f.optionClashes()
}

// duplicateNames faults each plugin whose name another module has too. The
// main module and the in-tree suite keep theirs: who adds a plugin cannot
// rename them.
func (f *finder) duplicateNames() {
	byName := make(map[string][]*Plugin)
	for i := range f.inv.Plugins {
		if p := &f.inv.Plugins[i]; !p.Disabled {
			byName[p.Name] = append(byName[p.Name], p)
		}
	}
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		for _, other := range byName[p.Name] {
			if p.Disabled || other == p || p.Main && !other.Main || p.InTree && !other.Main {
				continue
			}
			p.Faults = append(p.Faults, Fault{
				Kind: DuplicateName, Plugin: p.Name, Module: p.Module, Place: p.Dir,
				Message: fmt.Sprintf("the name %q is used by %s and by %s", p.Name, p.Module, other.Module),
				Remedy:  fmt.Sprintf("disable one of them by its module path: disable = [%q]", other.Module),
			})
			break
		}
	}
}

// optionClashes faults the later of two plugins that declare one option with
// different types or defaults.
func (f *finder) optionClashes() {
	type declaration struct {
		module string
		option Option
	}
	first := make(map[string]declaration)
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		if !p.usable() {
			continue
		}
		for _, g := range p.Groups {
			for _, o := range g.Options {
				key := g.Name + "." + o.Name
				d, ok := first[key]
				if !ok {
					first[key] = declaration{p.Module, o}
				} else if d.option.Type != o.Type || d.option.Default != o.Default {
					p.Faults = append(p.Faults, optionClash(p, key, o, d.module, d.option))
				}
			}
		}
	}
}

func optionClash(p *Plugin, key string, o Option, otherModule string, other Option) Fault {
	return Fault{
		Kind: OptionClash, Plugin: p.Name, Module: p.Module, Place: o.Position,
		Message: fmt.Sprintf("option %s is %s in %s and %s in %s (%s)",
			key, o.spec(), p.Module, other.spec(), otherModule, other.Position),
		Remedy: "disable one of the two plugins, or have one rename its option",
	}
}

// spec is the type and default of an option, for messages.
func (o Option) spec() string {
	if o.Default == "" {
		return o.Type
	}
	return fmt.Sprintf("%s with default %q", o.Type, o.Default)
}

// duplicateIDs faults the plugin of each test whose UUID another test has. A
// function that several tests run as a subtest is one place in the source: that
// is no mistake of two authors.
func (f *finder) duplicateIDs() {
	type declaration struct {
		id string
		t  Test
	}
	first := make(map[string]declaration)
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		for _, pkg := range p.Packages {
			for _, t := range pkg.Tests {
				if t.UUID == "" {
					continue
				}
				id := pkg.Path + "." + t.Name
				key := strings.ToLower(t.UUID)
				d, ok := first[key]
				if !ok {
					first[key] = declaration{id, t}
				} else if d.t.File != t.File || d.t.Line != t.Line {
					p.Faults = append(p.Faults, Fault{
						Kind: DuplicateID, Plugin: p.Name, Module: p.Module, Place: fmt.Sprintf("%s:%d", t.File, t.Line),
						Message: fmt.Sprintf("%s and %s have one id, %s", d.id, id, t.UUID),
						Remedy:  "give one of them a new id",
					})
				}
			}
		}
	}
}
