package config

import (
	"fmt"
	"reflect"

	"github.com/gotempest/tempest/internal/option"
)

// assign puts the values into out, a struct that declares groups. What is set has been checked.
func (v *Values) assign(out reflect.Value, groups []option.Group) []Problem {
	var problems []Problem
	byName := map[string]option.Group{}
	for _, g := range groups {
		byName[g.Name] = g
	}
	for i := range out.NumField() {
		f := out.Type().Field(i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			problems = append(problems, v.assign(out.Field(i), groups)...)
		case f.Type.Kind() == reflect.Slice:
			problems = append(problems, v.assignList(out.Field(i), byName[nameOf(f)])...)
		default:
			problems = append(problems, v.assignGroup(out.Field(i), byName[nameOf(f)])...)
		}
	}
	return problems
}

func (v *Values) assignGroup(out reflect.Value, g option.Group) []Problem {
	var problems []Problem
	for i, o := range g.Options {
		l, ok := v.winner(g.Name, o.Name)
		if !ok {
			l = layer{group: g.Name, option: o.Name}
		}
		problems = append(problems, setField(out.Field(i), o, l, ok)...)
		if o.Required && out.Field(i).IsZero() {
			problems = append(problems, missing(l.origin, g.Name, o.Name, ""))
		}
	}
	return problems
}

func (v *Values) assignList(out reflect.Value, g option.Group) []Problem {
	var problems []Problem
	for _, e := range v.lists {
		if e.group != g.Name {
			continue
		}
		elem := reflect.New(out.Type().Elem()).Elem()
		for i, o := range g.Options {
			l, ok := layer{group: g.Name, option: o.Name, origin: e.origin}, false
			for _, set := range e.layers {
				if set.option == o.Name {
					l, ok = set, true
				}
			}
			problems = append(problems, setField(elem.Field(i), o, l, ok)...)
			if o.Required && ok && elem.Field(i).IsZero() {
				problems = append(problems, Problem{l.origin, fmt.Sprintf("%s.%s is empty", g.Name, o.Name)})
			}
		}
		out.Set(reflect.Append(out, elem))
	}
	return problems
}

// setField sets an option's field to what l says or, if not set, to its default.
func setField(f reflect.Value, o option.Option, l layer, set bool) []Problem {
	name := l.group + "." + l.option
	if !set {
		if o.Default == "" {
			return nil
		}
		l.raw, l.text = o.Default, true
		name = "default of " + name
	}
	value, problem := convert(o, l)
	if problem == "" {
		problem = store(f, value)
	}
	if problem != "" {
		return []Problem{{l.origin, name + ": " + problem}}
	}
	return nil
}

// store sets f to value, of the types that convert returns.
func store(f reflect.Value, value any) string {
	if list, ok := value.([]any); ok {
		out := reflect.MakeSlice(f.Type(), len(list), len(list))
		for i, item := range list {
			if problem := store(out.Index(i), item); problem != "" {
				return fmt.Sprintf("element %d: %s", i+1, problem)
			}
		}
		f.Set(out)
		return ""
	}
	v := reflect.ValueOf(value)
	switch {
	case f.CanUint():
		if n := v.Int(); n < 0 || f.OverflowUint(uint64(n)) {
			return fmt.Sprintf("%d does not fit", n)
		}
		f.SetUint(uint64(v.Int()))
		return ""
	case f.CanInt() && f.OverflowInt(v.Int()):
		return fmt.Sprintf("%d does not fit", v.Int())
	}
	f.Set(v.Convert(f.Type()))
	return ""
}
