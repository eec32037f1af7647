// Package option says what an option of tempest.toml is: a field of a struct, whose
// tags hold the rest. Two readers share it. testlib/config reads a type by
// reflection, in the process of the tests; discover reads the source of one, without
// compiling it. Both end in [New], so that a declaration means the same to both.
package option

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// Group is a table of the configuration file.
type Group struct {
	Name    string
	Help    string // doc comment of the field
	List    bool   // an array of tables, each with these options
	Options []Option
}

// Option is one option of a group.
type Option struct {
	Name       string   // key in tempest.toml
	Type       string   // string, int, bool, float, duration, or []string and so on
	Default    string   // as written in the tag
	Help       string   // doc comment
	Min, Max   string   // as written in the tags
	Choices    []string // allowed values
	Required   bool
	Secret     bool
	Deprecated string   // what to use instead; empty when not deprecated
	Renamed    []string // names that it had, as group.option
	Resource   string   // kind of the resource that it names, as "image"; see internal/lookup

	Owner    string // name and module of the plugin that declares it; empty for tempest itself
	Position string // file:line of the declaration; empty when not read from source
}

// name is what a group or an option may be called.
var name = lazyregexp.New(`^[A-Za-z0-9_-]+$`)

// kind is what the resource tag may say.
var kind = lazyregexp.New(`^[a-z][a-z0-9_]*$`)

// Key returns the name of a field in tempest.toml: that of its toml tag, or its own in
// lower case.
func Key(field, tag string) (string, error) {
	key, _, _ := strings.Cut(reflect.StructTag(tag).Get("toml"), ",")
	key = cmp.Or(key, strings.ToLower(field))
	if !name().MatchString(key) {
		return "", fmt.Errorf("field %s: %q is no key", field, key)
	}
	return key, nil
}

// New reads the declaration of an option: the group and the name of its field, the word
// for its type, and its tag. The error says what cannot be right about it.
func New(group, field, word, tag string) (Option, error) {
	key, err := Key(field, tag)
	if err != nil {
		return Option{}, err
	}
	st := reflect.StructTag(tag)
	o := Option{
		Name: key, Type: word, Default: st.Get("default"), Min: st.Get("min"), Max: st.Get("max"),
		Deprecated: st.Get("deprecated"), Resource: st.Get("resource"),
	}
	if c := st.Get("choices"); c != "" {
		o.Choices = SplitList(c)
	}
	if o.Required, err = flag(st, "required"); err == nil {
		o.Secret, err = flag(st, "secret")
	}
	if err == nil {
		o.Renamed, err = oldNames(group, key, st.Get("renamed"))
	}
	if err == nil {
		err = o.check()
	}
	if err != nil {
		return Option{}, fmt.Errorf("option %q: %w", key, err)
	}
	return o, nil
}

// Add adds o to g. The error says why o cannot be an option of g.
func (g *Group) Add(o Option) error {
	if slices.ContainsFunc(g.Options, func(other Option) bool { return other.Name == o.Name }) {
		return fmt.Errorf("option %q is declared twice", o.Name)
	}
	if g.List && len(o.Renamed) > 0 {
		return fmt.Errorf("option %q: an option of a list of tables cannot be renamed", o.Name)
	}
	g.Options = append(g.Options, o)
	return nil
}

func flag(st reflect.StructTag, word string) (bool, error) {
	v, ok := st.Lookup(word)
	if !ok {
		return false, nil
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("%s is %q: use true or false", word, v)
	}
	return b, nil
}

// oldNames reads the tag renamed. A name without a dot is of the same group.
func oldNames(group, key, tag string) ([]string, error) {
	var names []string
	for _, old := range SplitList(tag) {
		g, o, dotted := strings.Cut(old, ".")
		if !dotted {
			g, o = group, old
		}
		if !name().MatchString(g) || !name().MatchString(o) {
			return nil, fmt.Errorf("renamed is %q: use old_group.old_name", tag)
		}
		if g == group && o == key {
			return nil, errors.New("renamed is its own name")
		}
		names = append(names, g+"."+o)
	}
	return names, nil
}

// Same reports whether two declarations of one option agree. Texts may differ.
func (o Option) Same(p Option) bool {
	return o.Type == p.Type && o.Default == p.Default && o.Min == p.Min && o.Max == p.Max &&
		slices.Equal(o.Choices, p.Choices) && o.Required == p.Required && o.Secret == p.Secret &&
		slices.Equal(o.Renamed, p.Renamed) && o.Resource == p.Resource
}

// SplitList splits a list that is written as text, at commas and white space.
func SplitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// Merge joins groups of one name, in the order in which they are first seen. An option that is
// there twice is taken once, with both owners.
func Merge(all ...[]Group) []Group {
	var merged []Group
	index := map[string]int{}
	for _, g := range slices.Concat(all...) {
		i, ok := index[g.Name]
		if !ok {
			index[g.Name] = len(merged)
			g.Options = slices.Clone(g.Options)
			merged = append(merged, g)
			continue
		}
		m := &merged[i]
		m.Help = cmp.Or(m.Help, g.Help)
		for _, o := range g.Options {
			j := slices.IndexFunc(m.Options, func(other Option) bool { return other.Name == o.Name })
			switch {
			case j < 0:
				m.Options = append(m.Options, o)
			case m.Options[j].Owner != "" && o.Owner != "":
				m.Options[j].Owner += " and " + o.Owner
			}
		}
	}
	return merged
}
