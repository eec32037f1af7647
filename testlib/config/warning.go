package config

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Warning is something that still works, and that whoever wrote the configuration should change.
type Warning struct {
	Origin  Origin // where the option is set
	Message string // what to write instead
}

// String returns the warning on one line, its place first.
func (w Warning) String() string { return Problem(w).String() }

// warnings collects warnings, each once. Tests decode one [Values] at the same time.
type warnings struct {
	mu   sync.Mutex
	list []Warning
}

func (w *warnings) add(at Origin, format string, args ...any) {
	one := Warning{at, fmt.Sprintf(format, args...)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.list, one) {
		w.list = append(w.list, one)
	}
}

// Warnings returns what is deprecated or renamed of all that is set and was decoded or
// checked so far, each once.
func (v *Values) Warnings() []Warning {
	v.warnings.mu.Lock()
	defer v.warnings.mu.Unlock()
	return slices.Clone(v.warnings.list)
}

// renamed returns v with the values that stand under an old name under the new one. A value
// for both in one place is a problem.
func (v *Values) renamed(renames map[string]string) (*Values, []Problem) {
	out := *v
	out.layers = slices.Clone(v.layers)
	var problems []Problem
	for i, l := range v.layers {
		old := l.group + "." + l.option
		now, ok := renames[old]
		if !ok {
			continue
		}
		group, option, _ := strings.Cut(now, ".")
		for _, other := range v.layers {
			if other.group == group && other.option == option && other.origin.Kind == l.origin.Kind {
				problems = append(problems, Problem{l.origin, fmt.Sprintf(
					"%s is the old name of %s, which is set too (%s): remove %s", old, now, other.origin, old)})
			}
		}
		out.layers[i].group, out.layers[i].option = group, option
		v.warnings.add(l.origin, "%s is now called %s: the old name works for some time", old, now)
	}
	return &out, problems
}

// warnDeprecated warns of a value for a deprecated option.
func (v *Values) warnDeprecated(k *known, l layer) {
	if g := k.groups[l.group]; g != nil {
		if o := g.options[l.option]; o.Deprecated != "" {
			v.warnings.add(l.origin, "%s.%s is deprecated: %s", l.group, l.option, o.Deprecated)
		}
	}
}
