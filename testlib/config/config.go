// Package config reads the configuration of tempest and of its plugins.
//
// An option belongs to a group. Groups and options are declared as a Go type: each
// field is a group, each field of that an option. [Core] declares tempest's own, a
// plugin's Config type its own, and two types may add to one group. Tags say the
// rest:
//
//	toml:"name"         name of the group or option
//	default:"10"        value when none is set
//	min:"1" max:"9"     range of a number or duration
//	choices:"a,b"       allowed values
//	required:"true"     must be set
//	secret:"true"       never printed
//	deprecated:"text"   still works, with a warning; text says what to use instead
//	renamed:"b.old"     names that the option had, which work with a warning
//	resource:"image"    name or UUID of such a resource, which the cloud must have
//
// An option may be a string, a bool, an integer, a float, a [time.Duration] or a list of
// these. A list may be written as one string, separated by commas or white space.
//
// Values come from, later ones winning: the defaults, tempest.toml, variables
// TEMPEST_<GROUP>__<OPTION>, and overrides group.option=value of the command
// line. A name that nothing declares is an error that says where it is and which
// known name is nearest: a misspelt option silently tests less than its author
// thinks.
//
// Tests read options with testlib.Config, other programs with [Load]. The other functions serve the tempest
// command.
package config

import (
	"reflect"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// FileName is the name of the configuration file that is searched for.
const FileName = "tempest.toml"

// Options says where a configuration comes from. The zero value searches as the
// command does.
type Options struct {
	// Path is the configuration file. Empty means $TEMPEST_CONFIG, then
	// tempest.toml in Dir or a parent of it, then tempest/tempest.toml in the user's
	// configuration folder. Having none is no error.
	Path string

	// Dir is where the search starts. Empty means the current directory.
	Dir string

	// Env is the environment. Nil means that of the process.
	Env []string

	// Overrides holds group.option=value, the last of one option winning.
	Overrides []string
}

// Load returns the options of T, which is [Core], a plugin's Config, or a type of
// that shape. All that is set is checked, also what T does not have. The error
// for bad configuration is an [*Error].
//
// Under `tempest run` the names of all options are known, and any other is an
// error. Under plain `go test` a name that neither T nor [Core] has may be another
// plugin's: it is an error when it resembles a known one, or stands in a group that
// only T has, and is left alone otherwise.
func Load[T any](o Options) (T, error) {
	v, err := Read(o)
	if err != nil {
		var zero T
		return zero, err
	}
	return Decode[T](v)
}

// Values is what the file, the environment and the overrides set, before it is known
// which options there are.
type Values struct {
	path     string // of the file, or empty
	layers   []layer
	lists    []listEntry
	single   []string // variables TEMPEST_… without two underscores, which set nothing
	problems []Problem
	env      environment
	warnings *warnings
	core     []option.Group // of [Core], read once
}

// Read collects the values that o names. The error for a file that does not parse is
// an [*Error].
func Read(o Options) (*Values, error) {
	env := newEnvironment(o.Env)
	path, err := find(o, env)
	if err != nil {
		return nil, err
	}
	core, err := groupsOf(reflect.TypeFor[Core]())
	if err != nil {
		return nil, err
	}
	v := &Values{path: path, env: env, warnings: &warnings{}, core: core}
	if path != "" {
		if err := v.readFile(path); err != nil {
			return nil, err
		}
	}
	v.readEnvironment(env)
	v.readOverrides(o.Overrides)
	return v.withOldNames()
}

// withOldNames puts values under the new names of options that tempest renamed or, under
// `tempest run`, a plugin.
func (v *Values) withOldNames() (*Values, error) {
	k, err := v.known(nil, nil, similarNames)
	if err != nil {
		return nil, err
	}
	out, problems := v.renamed(k.renames)
	out.problems = append(out.problems, problems...)
	return out, nil
}

// Path returns the absolute path of the file, or "" when there is none.
func (v *Values) Path() string { return v.path }

// Decode returns the options of T out of v, as [Load] does.
func Decode[T any](v *Values) (T, error) { return decode[T](v, similarNames) }

func decode[T any](v *Values, strict strictness) (T, error) {
	var out T
	own := v.core
	if t := reflect.TypeFor[T](); t != reflect.TypeFor[Core]() {
		var err error
		if own, err = groupsOf(t); err != nil {
			return out, err
		}
	}
	k, err := v.known(own, nil, strict)
	if err != nil {
		return out, err
	}
	v, problems := v.renamed(k.renames)
	problems = append(problems, v.check(k)...)
	if len(problems) == 0 {
		problems = v.assign(reflect.ValueOf(&out).Elem(), own)
	}
	if len(problems) > 0 {
		var zero T
		return zero, newError(problems)
	}
	return out, nil
}

// EnvName returns the variable and value, as in the environment of a process, that
// do what an override group.option=value does.
func EnvName(override string) string {
	name, value, _ := strings.Cut(override, "=")
	group, option, _ := strings.Cut(name, ".")
	return variable(group, option) + "=" + value
}
