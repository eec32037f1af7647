package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/option"
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
	key    string // group.option
	option option.Option
}

// optionClashes faults the later of two plugins that declare one option in two
// ways, and takes the option from it. A plugin that does not take part loses
// such an option without a fault: a configuration can hold one of the two.
func (f *finder) optionClashes() {
	first := make(map[string]declaration)
	for _, g := range f.o.Core {
		for _, o := range g.Options {
			d := declaration{"tempest", g.Name + "." + o.Name, o}
			for _, name := range d.names() {
				first[name] = d
			}
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

// names are the name of the option and those that it had.
func (d declaration) names() []string { return append([]string{d.key}, d.option.Renamed...) }

// claim adds the options of p to first, under all their names. Those that are there
// already, declared in another way, are taken from p; the faults say so.
func (p *Plugin) claim(first map[string]declaration) []Fault {
	var faults []Fault
	for i := range p.Groups {
		g := &p.Groups[i]
		g.Options = slices.DeleteFunc(g.Options, func(o option.Option) bool {
			d := declaration{p.Module, g.Name + "." + o.Name, o}
			for _, name := range d.names() {
				if other, ok := first[name]; ok && (other.key != d.key || !other.option.Same(o)) {
					faults = append(faults, optionClash(p, name, d, other))
					return true
				}
			}
			for _, name := range d.names() {
				first[name] = d
			}
			return false
		})
	}
	return faults
}

func optionClash(p *Plugin, name string, d, other declaration) Fault {
	where := ""
	if other.option.Position != "" {
		where = " (" + other.option.Position + ")"
	}
	return Fault{
		Kind: OptionClash, Plugin: p.Name, Module: p.Module, Place: d.option.Position,
		Message: fmt.Sprintf("option %s is %s in %s and %s in %s%s",
			name, d.spec(name), p.Module, other.spec(name), other.owner, where),
		Remedy: "rename the option in one of them, or disable one",
	}
}

// spec is what d declares under name, for messages.
func (d declaration) spec(name string) string {
	if name != d.key {
		return "an old name of " + d.key
	}
	o := d.option
	words := []string{o.Type}
	for _, w := range []struct{ name, value string }{
		{"default", o.Default},
		{"min", o.Min},
		{"max", o.Max},
		{"choices", strings.Join(o.Choices, ",")},
		{"renamed", strings.Join(o.Renamed, ",")},
		{"resource", o.Resource},
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
