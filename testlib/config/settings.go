package config

import (
	"fmt"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// Setting is one option, what it is set to, and where.
type Setting struct {
	Group, Name string
	Value       string // as text; [Masked] for a secret that is set
	Origin      Origin
}

// Masked stands for the value of a secret.
const Masked = "***"

// Settings returns the value and the origin of each option of groups, in their order.
func (v *Values) Settings(groups []option.Group) []Setting {
	var all []Setting
	for _, g := range groups {
		if g.List {
			all = append(all, v.listSettings(g)...)
			continue
		}
		for _, o := range g.Options {
			l, ok := v.winner(g.Name, o.Name)
			all = append(all, setting(g.Name, o, l, ok))
		}
	}
	return all
}

func (v *Values) listSettings(g option.Group) []Setting {
	var all []Setting
	n := 0
	for _, e := range v.lists {
		if e.group != g.Name {
			continue
		}
		for _, o := range g.Options {
			l, ok := layer{}, false
			for _, set := range e.layers {
				if set.option == o.Name {
					l, ok = set, true
				}
			}
			all = append(all, setting(fmt.Sprintf("%s[%d]", g.Name, n), o, l, ok))
		}
		n++
	}
	return all
}

func setting(group string, o option.Option, l layer, set bool) Setting {
	s := Setting{Group: group, Name: o.Name, Value: o.Default}
	if set {
		s.Origin = l.origin
		s.Value = text(l.raw)
	}
	if o.Secret && s.Value != "" {
		s.Value = Masked
	}
	return s
}

// text returns a raw value as an override would be written.
func text(raw any) string {
	if list, ok := raw.([]any); ok {
		words := make([]string, len(list))
		for i, w := range list {
			words[i] = text(w)
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(raw)
}
