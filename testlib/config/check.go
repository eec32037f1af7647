package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/protocol"
)

// Declared is an option that a plugin declares, as the command finds it.
type Declared struct {
	Group, Option string
	Type          string // string, int, bool, float, duration, []string and so on
	Owner         string // name of the plugin
	Min, Max      string
	Choices       []string
	Required      bool
}

// LoadCore returns tempest's own options and the absolute path of the configuration
// file, "" without one. The plugins, which declare the other options, are found with the help of
// the groups plugins and adopt; what is wrong elsewhere is left for [Check], which then
// tells all of it at once.
func LoadCore(o Options) (Core, string, error) {
	v, err := Read(o)
	if err != nil {
		return Core{}, "", err
	}
	k, err := v.known(nil, nil, anyNames)
	if err != nil {
		return Core{}, "", err
	}
	var problems []Problem
	v.layers = slices.DeleteFunc(v.layers, func(l layer) bool {
		wrong := k.checkLayer(l)
		if l.group == "plugins" || l.group == "adopt" {
			problems = append(problems, wrong...)
		}
		return len(wrong) > 0
	})
	for _, e := range v.lists {
		problems = append(problems, k.checkEntry(e)...)
	}
	if len(problems) > 0 {
		return Core{}, "", newError(problems)
	}
	v.problems = nil
	core, err := decode[Core](v, anyNames)
	return core, v.Path(), err
}

// Check checks all that is set against [Core] and the options of all plugins, and that
// required options are set. The error for bad configuration is an [*Error].
func Check(o Options, declared []Declared) error {
	v, err := Read(o)
	if err != nil {
		return err
	}
	k, err := v.known(nil, declared, onlyKnownNames)
	if err != nil {
		return err
	}
	problems := v.check(k)
	for _, d := range declared {
		if l, ok := v.winner(d.Group, d.Option); d.Required && (!ok || l.raw == "") {
			problems = append(problems, missing(l.origin, d.Group, d.Option, " by "+d.Owner))
		}
	}
	if len(problems) > 0 {
		return newError(problems)
	}
	return nil
}

func missing(at Origin, group, option, whom string) Problem {
	return Problem{at, fmt.Sprintf("%s.%s is required%s: set it in %s, or as $%s",
		group, option, whom, FileName, variable(group, option))}
}

// strictness says which names are errors.
type strictness int

const (
	anyNames       strictness = iota // none
	similarNames                     // unknown ones that resemble a known one
	onlyKnownNames                   // all unknown ones
)

// known is what is known of the options there are.
type known struct {
	groups map[string]*knownGroup
	strict strictness
}

type knownGroup struct {
	list    bool
	core    bool // tempest's own, to which plugins may add
	options map[string]Option
}

// known merges tempest's own options, those of own, and those that plugins declare.
func (v *Values) known(own []Group, declared []Declared, strict strictness) (*known, error) {
	core, err := groupsOf(reflect.TypeFor[Core]())
	if err != nil {
		return nil, err
	}
	k := &known{groups: map[string]*knownGroup{}, strict: strict}
	var problems []Problem
	for _, g := range core {
		problems = append(problems, k.add(g, true)...)
	}
	for _, g := range own {
		problems = append(problems, k.add(g, false)...)
	}
	for _, d := range declared {
		problems = append(problems, k.declare(d)...)
	}
	if names, ok := v.env[protocol.EnvOptions]; ok && strict == similarNames {
		k.strict = onlyKnownNames
		k.addNames(names)
	}
	if len(problems) > 0 {
		return nil, newError(problems)
	}
	return k, nil
}

// declare adds an option of a plugin.
func (k *known) declare(d Declared) []Problem {
	o := Option{Name: d.Option, Type: d.Type, Min: d.Min, Max: d.Max, Choices: d.Choices, Required: d.Required}
	kg := k.groups[d.Group]
	if kg == nil {
		kg = &knownGroup{options: map[string]Option{}}
		k.groups[d.Group] = kg
	}
	if old, ok := kg.options[d.Option]; ok && (old.Type != o.Type || !slices.Equal(old.Choices, o.Choices)) {
		return []Problem{{Message: fmt.Sprintf("option %s.%s of plugin %s is declared elsewhere too, and differently",
			d.Group, d.Option, d.Owner)}}
	}
	kg.options[d.Option] = o
	return nil
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
				"option %s.%s is declared twice, and differently", g.Name, o.Name)})
			continue
		}
		kg.options[o.Name] = o
	}
	return problems
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
	told := map[string]bool{} // unknown groups of the file: once is enough
	for _, l := range v.layers {
		if k.groups[l.group] == nil && l.origin.Kind == FromFile {
			if told[l.group] {
				continue
			}
			told[l.group] = true
		}
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
	if k.strict == anyNames || k.strict == similarNames && !similar(name, distance) {
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
	if k.strict == anyNames || k.strict == similarNames && g.core && !similar(l.option, distance) {
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
