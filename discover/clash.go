package discover

import (
	"fmt"
	"slices"
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

// declaration is an option and who declares it.
type declaration struct {
	owner  string
	option Option
}

// optionClashes faults the later of two plugins that declare one option in two
// ways, and takes the option from it. A plugin that does not take part loses
// such an option without a fault: a configuration can hold one of the two.
func (f *finder) optionClashes() {
	first := make(map[string]declaration)
	for _, g := range f.o.Core {
		for _, o := range g.Options {
			first[g.Name+"."+o.Name] = declaration{"tempest", o}
		}
	}
	for _, usable := range []bool{true, false} {
		for i := range f.inv.Plugins {
			p := &f.inv.Plugins[i]
			if p.usable() != usable {
				continue
			}
			faults := p.claim(first)
			if usable {
				p.Faults = append(p.Faults, faults...)
			}
		}
	}
}

// claim adds the options of p to first. Those that are there already, declared
// in another way, are taken from p; the faults say so.
func (p *Plugin) claim(first map[string]declaration) []Fault {
	var faults []Fault
	for i := range p.Groups {
		g := &p.Groups[i]
		g.Options = slices.DeleteFunc(g.Options, func(o Option) bool {
			key := g.Name + "." + o.Name
			d, ok := first[key]
			if !ok {
				first[key] = declaration{p.Module, o}
				return false
			}
			if d.option.same(o) {
				return false
			}
			faults = append(faults, optionClash(p, key, o, d))
			return true
		})
	}
	return faults
}

func optionClash(p *Plugin, key string, o Option, other declaration) Fault {
	where := ""
	if other.option.Position != "" {
		where = " (" + other.option.Position + ")"
	}
	return Fault{
		Kind: OptionClash, Plugin: p.Name, Module: p.Module, Place: o.Position,
		Message: fmt.Sprintf("option %s is %s in %s and %s in %s%s",
			key, o.spec(), p.Module, other.option.spec(), other.owner, where),
		Remedy: "rename the option in one of them, or disable one",
	}
}

// same says whether o and other can be one option.
func (o Option) same(other Option) bool {
	return o.Type == other.Type && o.Default == other.Default && o.Min == other.Min && o.Max == other.Max &&
		slices.Equal(o.Choices, other.Choices) && o.Required == other.Required && o.Secret == other.Secret
}

// spec is what o declares, for messages.
func (o Option) spec() string {
	words := []string{o.Type}
	for _, w := range []struct{ name, value string }{
		{"default", o.Default},
		{"min", o.Min},
		{"max", o.Max},
		{"choices", strings.Join(o.Choices, ",")},
	} {
		if w.value != "" {
			words = append(words, fmt.Sprintf("%s %q", w.name, w.value))
		}
	}
	if o.Required {
		words = append(words, "required")
	}
	if o.Secret {
		words = append(words, "secret")
	}
	return strings.Join(words, ", ")
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
