package config

import (
	"fmt"
	"strings"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/internal/protocol"
)

// known is what is known of the options there are.
type known struct {
	groups  map[string]*knownGroup
	renames map[string]string // old name to new name, both as group.option
	strict  strictness
}

type knownGroup struct {
	list    bool
	core    bool // tempest's own, to which plugins may add
	vague   bool // only names of its options are known
	options map[string]option.Option
}

// known merges tempest's own options, those of own, and those that plugins declare.
func (v *Values) known(own, plugins []option.Group, strict strictness) (*known, error) {
	k := &known{groups: map[string]*knownGroup{}, renames: map[string]string{}, strict: strict}
	var problems []Problem
	for _, g := range v.core {
		problems = append(problems, k.add(g, true)...)
	}
	for _, g := range append(own[:len(own):len(own)], plugins...) {
		problems = append(problems, k.add(g, false)...)
	}
	if names, ok := v.env[protocol.EnvOptions]; ok && strict == similarNames {
		k.strict = onlyKnownNames
		k.addNames(names)
	}
	problems = append(problems, k.checkRenames()...)
	if len(problems) > 0 {
		return nil, newError(problems)
	}
	return k, nil
}

func (k *known) add(g option.Group, core bool) []Problem {
	kg := k.groups[g.Name]
	if kg == nil {
		kg = &knownGroup{list: g.List, core: core, options: map[string]option.Option{}}
		k.groups[g.Name] = kg
	}
	var problems []Problem
	if kg.list != g.List {
		problems = append(problems, Problem{Message: fmt.Sprintf(
			"group %s is declared twice, once as a list of tables", g.Name)})
	}
	for _, o := range g.Options {
		key := g.Name + "." + o.Name
		old, ok := kg.options[o.Name]
		if ok && !old.Same(o) {
			problems = append(problems, Problem{Message: fmt.Sprintf(
				"option %s%s is declared twice, and differently", key, ofPlugin(o))})
			continue
		}
		kg.options[o.Name] = o
		for _, name := range o.Renamed {
			if other, ok := k.renames[name]; ok && other != key {
				problems = append(problems, Problem{Message: fmt.Sprintf(
					"options %s and %s%s both have the old name %s", other, key, ofPlugin(o), name)})
			}
			k.renames[name] = key
		}
	}
	return problems
}

func ofPlugin(o option.Option) string {
	if o.Owner == "" {
		return ""
	}
	return " of plugin " + o.Owner
}

// checkRenames refuses old names that are options too: a value could mean either.
func (k *known) checkRenames() []Problem {
	var problems []Problem
	for _, name := range sortedKeys(k.renames) {
		group, opt, _ := strings.Cut(name, ".")
		if kg := k.groups[group]; kg != nil {
			if _, ok := kg.options[opt]; ok {
				problems = append(problems, Problem{Message: fmt.Sprintf(
					"option %s is declared, and is an old name of %s", name, k.renames[name])})
			}
		}
	}
	return problems
}

// addNames adds options of which only the names are known, in the form of
// [protocol.EnvOptions].
func (k *known) addNames(list string) {
	for _, name := range strings.Fields(list) {
		old, now, renamed := strings.Cut(name, "=")
		if renamed {
			k.renames[old] = now
			continue
		}
		group, opt, ok := strings.Cut(name, ".")
		if !ok {
			continue
		}
		kg := k.groups[group]
		if kg == nil {
			kg = &knownGroup{vague: true, options: map[string]option.Option{}}
			k.groups[group] = kg
		}
		if _, ok := kg.options[opt]; !ok {
			kg.options[opt] = option.Option{Name: opt}
		}
	}
}
