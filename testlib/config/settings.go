package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// Setting is one option, its value, and where that comes from.
type Setting struct {
	Group  string        // name of the table
	List   bool          // the group is a list of tables
	Index  int           // of the table in such a list
	Option option.Option // its declaration
	Value  any           // string, bool, int64, float64 or []any of these; a duration is a string; [Masked] for a secret
	Origin Origin        // where it is set
}

// Masked stands for the value of a secret.
const Masked = "***"

// TOML returns the value as it is written in tempest.toml.
func (s Setting) TOML() string { return tomlValue(s.Value) }

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
			s := setting(o, l, ok)
			s.Group = g.Name
			all = append(all, s)
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
			s := setting(o, l, ok)
			s.Group, s.List, s.Index = g.Name, true, n
			all = append(all, s)
		}
		n++
	}
	return all
}

func setting(o option.Option, l layer, set bool) Setting {
	s := Setting{Option: o, Value: zero(o)}
	switch {
	case set:
		s.Origin = l.origin
	case o.Default != "":
		l = layer{raw: o.Default, text: true}
	default:
		return s
	}
	if o.Secret && l.raw != "" {
		s.Value = Masked
	} else if o.Type == "duration" {
		s.Value = l.raw
	} else if value, problem := convert(o, l); problem == "" {
		s.Value = value
	}
	return s
}

// zero returns the value of an option that has no default and is not set.
func zero(o option.Option) any {
	switch word, list := o.Elem(); {
	case list:
		return []any{}
	case word == "bool":
		return false
	case word == "int":
		return int64(0)
	case word == "float":
		return 0.0
	case word == "duration":
		return "0s"
	}
	return ""
}

// tomlValue writes a value as TOML.
func tomlValue(v any) string {
	switch v := v.(type) {
	case string:
		return Quote(v)
	case float64:
		s := strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64))
		if !strings.ContainsAny(s, ".ein") { // TOML tells 1.0 from 1
			s += ".0"
		}
		return s
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = tomlValue(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case fmt.Stringer: // a duration in a list
		return Quote(v.String())
	}
	return fmt.Sprint(v)
}

// Quote writes s as a string of TOML.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
