package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gotempest/tempest/internal/protocol"
)

// known is what is known of the options there are.
type known struct {
	groups   map[string]*knownGroup
	complete bool // anything else is a mistake
}

type knownGroup struct {
	list    bool
	core    bool // tempest's own, to which plugins may add
	options map[string]Option
}

// known merges tempest's own options, those of own, and those declared by others.
func (v *Values) known(own []Group) (*known, error) {
	core, err := groupsOf(reflect.TypeFor[Core]())
	if err != nil {
		return nil, err
	}
	k := &known{groups: map[string]*knownGroup{}, complete: v.complete}
	var problems []Problem
	for _, g := range core {
		problems = append(problems, k.add(g, true)...)
	}
	for _, g := range append(append([]Group{}, own...), v.declared...) {
		problems = append(problems, k.add(g, false)...)
	}
	if names, ok := v.env[protocol.EnvOptions]; ok {
		k.complete = true
		k.addNames(names)
	}
	if len(problems) > 0 {
		return nil, newError(problems)
	}
	return k, nil
}

func (k *known) add(g Group, core bool) []Problem {
	kg := k.groups[g.Name]
	if kg == nil {
		kg = &knownGroup{list: g.List, core: core, options: map[string]Option{}}
		k.groups[g.Name] = kg
	}
	var problems []Problem
	for _, o := range g.Options {
		old, ok := kg.options[o.Name]
		if ok && !old.same(o) {
			problems = append(problems, Problem{Message: fmt.Sprintf(
				"option %s.%s is declared twice, and differently%s", g.Name, o.Name, positions(old, o))})
			continue
		}
		kg.options[o.Name] = o
	}
	return problems
}

// positions names the places of two declarations, as far as they are known.
func positions(a, b Option) string {
	switch {
	case a.Position != "" && b.Position != "":
		return ": " + a.Position + " and " + b.Position
	case a.Position+b.Position != "":
		return ": " + a.Position + b.Position
	}
	return ""
}

// addNames adds options of which only the names are known, as "group.option …".
func (k *known) addNames(list string) {
	for _, name := range strings.Fields(list) {
		group, option, ok := strings.Cut(name, ".")
		if !ok {
			continue
		}
		kg := k.groups[group]
		if kg == nil {
			kg = &knownGroup{options: map[string]Option{}}
			k.groups[group] = kg
		}
		if _, ok := kg.options[option]; !ok {
			kg.options[option] = Option{Name: option}
		}
	}
}

// check returns all that is wrong with what is set: names and values.
func (v *Values) check(k *known) []Problem {
	problems := append([]Problem{}, v.problems...)
	for _, l := range v.layers {
		problems = append(problems, k.checkLayer(l)...)
	}
	for _, e := range v.lists {
		problems = append(problems, k.checkEntry(e)...)
	}
	return problems
}

func (k *known) checkLayer(l layer) []Problem {
	g := k.groups[l.group]
	if g == nil {
		return k.unknownGroup(l)
	}
	if g.list && l.text {
		return []Problem{{l.origin, fmt.Sprintf("%s is a list of tables: only the file can set it", l.group)}}
	}
	if g.list {
		return []Problem{{l.origin, fmt.Sprintf("%s is a list of tables: write [[%s]]", l.group, l.group)}}
	}
	if l.option == "" {
		return nil
	}
	return k.checkOption(g, l)
}

func (k *known) checkOption(g *knownGroup, l layer) []Problem {
	o, ok := g.options[l.option]
	if !ok {
		return k.unknownOption(g, l)
	}
	if o.Type == "" {
		return nil
	}
	if _, problem := convert(o, l); problem != "" {
		return []Problem{{l.origin, l.group + "." + l.option + ": " + problem}}
	}
	return nil
}

func (k *known) checkEntry(e listEntry) []Problem {
	g := k.groups[e.group]
	if g == nil {
		return k.unknownGroup(layer{group: e.group, origin: e.origin})
	}
	if !g.list {
		return []Problem{{e.origin, fmt.Sprintf("%s is not a list of tables: write [%s]", e.group, e.group)}}
	}
	var problems []Problem
	set := map[string]bool{}
	for _, l := range e.layers {
		set[l.option] = true
		problems = append(problems, k.checkOption(g, l)...)
	}
	for _, name := range sortedKeys(g.options) {
		if g.options[name].Required && !set[name] {
			problems = append(problems, Problem{e.origin, fmt.Sprintf("%s.%s is required", e.group, name)})
		}
	}
	return problems
}

func (k *known) unknownGroup(l layer) []Problem {
	name := l.group
	near, distance := nearest(name, sortedKeys(k.groups))
	if !k.complete && !similar(name, distance) {
		return nil
	}
	what := "group " + name
	if l.text {
		what = "group " + name + " of option " + name + "." + l.option
	}
	return []Problem{{l.origin, fmt.Sprintf("unknown %s; the nearest known one is %s", what, near)}}
}

func (k *known) unknownOption(g *knownGroup, l layer) []Problem {
	near, distance := nearest(l.option, sortedKeys(g.options))
	if !k.complete && g.core && !similar(l.option, distance) {
		return nil
	}
	text := fmt.Sprintf("unknown option %s.%s", l.group, l.option)
	if near != "" {
		text += fmt.Sprintf("; the nearest known one is %s.%s", l.group, near)
	}
	if !similar(l.option, distance) {
		for _, other := range sortedKeys(k.groups) { // right name, wrong group
			if _, ok := k.groups[other].options[l.option]; ok {
				text = fmt.Sprintf("unknown option %s.%s; there is %s.%s", l.group, l.option, other, l.option)
				break
			}
		}
	}
	return []Problem{{l.origin, text}}
}
