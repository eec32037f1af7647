package testlib

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib/config"
)

// Options makes the options of a plugin known, those of the fields of its Config type, so that [Feature] and
// [Extension] find them with their defaults. It is best given to [Main].
func Options[T any]() MainOption { return declares[T]{} }

type declares[T any] struct{ processWide }

func (d declares[T]) apply(s *settings) {
	if t := reflect.TypeFor[T](); t.Kind() != reflect.Struct {
		s.wrong("testlib.Options: %s is no struct: name the Config type of the plugin", t)
		return
	}
	s.declared = append(s.declared, declaration{
		name: reflect.TypeFor[T]().PkgPath() + "." + reflect.TypeFor[T]().Name(),
		read: func(v *config.Values) (reflect.Value, error) {
			options, err := config.Decode[T](v)
			return reflect.ValueOf(options), err
		},
	})
}

// declaration is a type whose fields are groups of options.
type declaration struct {
	name string
	read func(*config.Values) (reflect.Value, error)
}

// flags are the options that say what a service can do, by "group.option".
type flags struct {
	bools map[string]bool
	lists map[string][]string
}

// makeKnown remembers declarations, for all tests that come.
func (s *session) makeKnown(list []declaration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range list {
		if !slices.ContainsFunc(s.declared, func(o declaration) bool { return o.name == d.name }) {
			s.declared = append(s.declared, d)
		}
	}
}

// flags returns the options of tempest and of plugins that are known, with their values.
func (e *Env) flags() (flags, error) {
	f := flags{bools: map[string]bool{}, lists: map[string][]string{}}
	f.add(reflect.ValueOf(e.session.Core))
	e.session.mu.Lock()
	declared := slices.Clone(e.session.declared)
	e.session.mu.Unlock()
	for _, d := range declared {
		options, err := d.read(e.session.values)
		if err != nil {
			return f, fmt.Errorf("reading the options of %s: %w", d.name, err)
		}
		f.add(options)
	}
	return f, nil
}

// add adds the options of a struct whose fields are groups.
func (f flags) add(options reflect.Value) {
	if options.Kind() != reflect.Struct {
		return
	}
	for group, fields := range options.Fields() {
		if group.Anonymous {
			f.add(fields)
			continue
		}
		if fields.Kind() != reflect.Struct || !group.IsExported() {
			continue
		}
		for option, value := range fields.Fields() {
			if !option.IsExported() {
				continue
			}
			name := keyOf(group) + "." + keyOf(option)
			switch v := value.Interface().(type) {
			case bool:
				f.bools[name] = v
			case []string:
				f.lists[name] = v
			}
		}
	}
}

// keyOf returns what a field is called in tempest.toml.
func keyOf(f reflect.StructField) string {
	if key, _, _ := strings.Cut(f.Tag.Get("toml"), ","); key != "" {
		return key
	}
	return strings.ToLower(f.Name)
}

// checkFeatures skips the test when one of its features is switched off.
func (e *Env) checkFeatures(set settings) {
	e.Helper()
	if len(set.features) == 0 {
		return
	}
	f, err := e.flags()
	if err != nil {
		e.Fatal(err)
	}
	for _, want := range set.features {
		group := config.ServiceGroup(want.service) + "_feature_enabled"
		for _, name := range want.names {
			on, known := f.bools[group+"."+name]
			if !known {
				e.Fatalf("testlib.Feature(%q, %q): there is no option %s in [%s]%s",
					want.service, name, name, group, f.hint(group, name))
			}
			if !on {
				e.Skipf("[%s] %s is false", group, name)
			}
		}
	}
}

// hint names the option of a group that is most like one that there is not.
func (f flags) hint(group, name string) string {
	var names []string
	for key := range f.bools {
		if g, option, _ := strings.Cut(key, "."); g == group {
			names = append(names, option)
		}
	}
	slices.Sort(names)
	if near := config.Nearest(name, names); near != "" {
		return "; the nearest is " + near
	}
	return "; options of a plugin are made known with testlib.Options"
}
