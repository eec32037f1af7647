package config

import (
	"github.com/gotempest/tempest/internal/option"
)

// Lookup returns where group.option is set, and false when it is not.
func (v *Values) Lookup(group, name string) (Origin, bool) {
	l, ok := v.winner(group, name)
	return l.origin, ok
}

// LookupBool returns the value of a boolean that may be declared elsewhere. set is false
// when nothing sets it, or to something that is no boolean.
func (v *Values) LookupBool(group, name string) (value, set bool) {
	got, ok := v.lookup(group, name, "bool")
	value, _ = got.(bool)
	return value, ok
}

// LookupText returns the value of a string that may be declared elsewhere, as the region of
// a service of a plugin. set is false when nothing sets it, or to something that is no string.
func (v *Values) LookupText(group, name string) (value string, set bool) {
	got, ok := v.lookup(group, name, "string")
	value, _ = got.(string)
	return value, ok
}

func (v *Values) lookup(group, name, word string) (any, bool) {
	l, ok := v.winner(group, name)
	if !ok {
		return nil, false
	}
	got, problem := convert(option.Option{Type: word}, l)
	return got, problem == ""
}

// winner returns the strongest layer that sets an option.
func (v *Values) winner(group, name string) (layer, bool) {
	for i := len(v.layers) - 1; i >= 0; i-- {
		if l := v.layers[i]; l.group == group && l.option == name {
			return l, true
		}
	}
	return layer{}, false
}
