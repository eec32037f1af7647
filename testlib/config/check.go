package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

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
	core.Auth.AccountsFile = v.Resolve(core.Auth.AccountsFile)
	return core, v.Path(), err
}

// Check reads the values that o names, and checks all of them against [Core] and the options
// of all plugins, and that required options are set. The error for bad configuration is an
// [*Error].
func Check(o Options, plugins []option.Group) (*Values, error) {
	v, err := Read(o)
	if err != nil {
		return nil, err
	}
	k, err := v.known(nil, plugins, onlyKnownNames)
	if err != nil {
		return nil, err
	}
	v, problems := v.renamed(k.renames)
	problems = append(problems, v.check(k)...)
	for _, g := range plugins {
		for _, d := range g.Options {
			if l, ok := v.winner(g.Name, d.Name); d.Required && !g.List && (!ok || l.raw == "") {
				problems = append(problems, missing(l.origin, g.Name, d.Name, " by "+d.Owner))
			}
		}
	}
	if core, err := decode[Core](v.without(k), anyNames); err == nil { // values that are wrong have been told
		problems = append(problems, v.sense(core)...)
	}
	if len(problems) > 0 {
		return nil, newError(problems)
	}
	return v, nil
}

// without returns v without the values that are wrong, and without lists of tables.
func (v *Values) without(k *known) *Values {
	good := *v
	good.problems, good.lists = nil, nil
	good.layers = slices.DeleteFunc(slices.Clone(v.layers), func(l layer) bool { return len(k.checkLayer(l)) > 0 })
	return &good
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
		v.warnDeprecated(k, l)
	}
	for _, e := range v.lists {
		problems = append(problems, k.checkEntry(e)...)
		for _, l := range e.layers {
			v.warnDeprecated(k, l)
		}
	}
	for _, name := range v.single {
		if meant := k.meant(name); meant != "" {
			problems = append(problems, Problem{
				Origin{Kind: FromEnvironment, Variable: name}, "sets nothing; the option is set by $" + meant,
			})
		}
	}
	return problems
}

// meant returns the variable of the option that another variable names with one underscore for two, "" for none.
func (k *known) meant(name string) string {
	words := strings.ToLower(strings.TrimPrefix(name, "TEMPEST_"))
	for i, r := range words {
		if r != '_' {
			continue
		}
		group, option := words[:i], words[i+1:]
		if g := k.groups[group]; g != nil && !g.list {
			if _, ok := g.options[option]; ok {
				return variable(group, option)
			}
		}
	}
	return ""
}

func (k *known) checkLayer(l layer) []Problem {
	g := k.groups[l.group]
	if g == nil {
		return k.unknownGroup(l)
	}
	if g.vague {
		return nil
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
	if g.vague {
		return nil
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
