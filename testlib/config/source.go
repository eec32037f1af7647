package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/gotempest/tempest/internal/lazyregexp"
	"github.com/gotempest/tempest/internal/protocol"
)

// layer is one value for one option.
type layer struct {
	group, option string
	raw           any // as the TOML parser returns it; a string when text
	text          bool
	origin        Origin
}

// listEntry is one table of an array of tables.
type listEntry struct {
	group  string
	origin Origin // of the table
	layers []layer
}

// environment is the environment of a process.
type environment map[string]string

func newEnvironment(list []string) environment {
	if list == nil {
		list = os.Environ()
	}
	env := environment{}
	for _, kv := range list {
		if k, v, ok := strings.Cut(kv, "="); ok && k != "" {
			env[k] = v
		}
	}
	return env
}

// find returns the absolute path of the configuration file, or "" when there is none.
// A file that was named must exist.
func find(o Options, env environment) (string, error) {
	path := o.Path
	if path == "" {
		path = env[protocol.EnvConfig]
	}
	switch path {
	case protocol.NoConfig:
		return "", nil
	case "":
		return search(o.Dir, env), nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the configuration: %w", err)
	}
	return abs, nil
}

func search(dir string, env environment) string {
	dir, err := filepath.Abs(dir)
	for ; err == nil; dir = filepath.Dir(dir) {
		if path := filepath.Join(dir, FileName); isFile(path) {
			return path
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, base := range userFolders(env) {
		if path := filepath.Join(base, "tempest", FileName); isFile(path) {
			return path
		}
	}
	return ""
}

// userFolders lists the configuration folders of the user: that of the XDG
// convention, which OpenStack's tools use on every system, then the system's.
func userFolders(env environment) []string {
	var folders []string
	if base := env["XDG_CONFIG_HOME"]; base != "" {
		folders = append(folders, base)
	} else if home := env["HOME"]; home != "" {
		folders = append(folders, filepath.Join(home, ".config"))
	}
	if base, err := os.UserConfigDir(); err == nil {
		folders = append(folders, base)
	}
	return folders
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// readFile adds the values of the file at path.
func (v *Values) readFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return &Error{Problems: []Problem{{Message: fmt.Sprintf("reading the configuration: %v", err)}}}
	}
	shown := shownPath(path)
	layers, lists, problems := parse(shown, string(data))
	for _, p := range problems {
		if p.fatal {
			return &Error{Problems: []Problem{p.Problem}}
		}
		v.problems = append(v.problems, p.Problem)
	}
	v.layers = append(v.layers, layers...)
	v.lists = append(v.lists, lists...)
	return nil
}

// shownPath returns path as messages show it: relative when it is below the current
// directory.
func shownPath(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}

type fileProblem struct {
	Problem
	fatal bool // nothing of the file can be used
}

// parse returns the values that a file holds, in order.
func parse(file, doc string) ([]layer, []listEntry, []fileProblem) {
	var tree map[string]any
	if _, err := toml.Decode(doc, &tree); err != nil {
		return nil, nil, []fileProblem{{syntaxProblem(file, doc, err), true}}
	}
	places := scan(doc)
	at := func(off int) Origin {
		line, col := lineCol(doc, off)
		return Origin{Kind: FromFile, File: file, Line: line, Column: col}
	}
	var layers []layer
	var lists []listEntry
	var problems []fileProblem
	for _, name := range sortedKeys(tree) {
		switch group := tree[name].(type) {
		case map[string]any:
			layers = append(layers, groupLayers(name, group, places, at)...)
		case []map[string]any:
			lists = append(lists, listLayers(name, group, places, at)...)
		default:
			problems = append(problems, fileProblem{Problem{at(places.key(name)), fmt.Sprintf(
				"%s stands outside of a group: write it below a [group] line", name)}, false})
		}
	}
	slices.SortStableFunc(layers, func(a, b layer) int {
		return cmp.Or(a.origin.Line-b.origin.Line, a.origin.Column-b.origin.Column)
	})
	return layers, lists, problems
}

func groupLayers(name string, group map[string]any, places places, at func(int) Origin) []layer {
	var layers []layer
	for _, option := range sortedKeys(group) {
		layers = append(layers, layer{group: name, option: option, raw: group[option],
			origin: at(places.key(name, option))})
	}
	if len(group) == 0 { // an unknown group is a mistake even while it is empty
		layers = append(layers, layer{group: name, origin: at(places.key(name))})
	}
	return layers
}

func listLayers(name string, entries []map[string]any, places places, at func(int) Origin) []listEntry {
	var lists []listEntry
	for i, entry := range entries {
		e := listEntry{group: name, origin: at(places.nth(i, name))}
		for _, option := range sortedKeys(entry) {
			e.layers = append(e.layers, layer{group: name, option: option, raw: entry[option],
				origin: at(places.nth(i, name, option))})
		}
		lists = append(lists, e)
	}
	return lists
}

// syntaxProblem puts a parser's error in the form of all others.
func syntaxProblem(file, doc string, err error) Problem {
	p := Problem{Origin: Origin{Kind: FromFile, File: file}, Message: err.Error()}
	var pe toml.ParseError
	if errors.As(err, &pe) {
		p.Origin.Line, p.Origin.Column = lineCol(doc, pe.Position.Start)
		p.Message = strings.TrimSuffix(pe.Message, ".")
	}
	return p
}

// lineCol returns the line and the column, in bytes, of an offset, both from 1.
func lineCol(doc string, off int) (line, col int) {
	off = min(max(off, 0), len(doc))
	before := doc[:off]
	return strings.Count(before, "\n") + 1, off - strings.LastIndex(before, "\n")
}

// variable returns the name of the variable that sets an option.
func variable(group, option string) string {
	return "TEMPEST_" + strings.ToUpper(group) + "__" + strings.ToUpper(option)
}

func (v *Values) readEnvironment(env environment) {
	for _, name := range sortedKeys(env) {
		rest, ok := strings.CutPrefix(name, "TEMPEST_")
		if !ok {
			continue
		}
		group, option, ok := strings.Cut(strings.ToLower(rest), "__")
		if !ok || group == "" || option == "" {
			v.single = append(v.single, name)
			continue
		}
		v.layers = append(v.layers, layer{group: group, option: option, raw: env[name], text: true,
			origin: Origin{Kind: FromEnvironment, Variable: name}})
	}
}

// override is group.option=value; names are those of TOML's bare keys.
var override = lazyregexp.New(`^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)=`)

func (v *Values) readOverrides(list []string) {
	for _, text := range list {
		m := override().FindStringSubmatch(text)
		name, value, _ := strings.Cut(text, "=")
		origin := Origin{Kind: FromOverride, Text: name}
		if m == nil {
			v.problems = append(v.problems, Problem{origin, "not of the form group.option=value"})
			continue
		}
		v.layers = append(v.layers, layer{group: m[1], option: m[2], raw: value, text: true, origin: origin})
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
