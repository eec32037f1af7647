package apicheck

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// Options is the record of configuration options: a line for each, with its
// name, its type, and what its declaration says beside that.
func Options(groups []option.Group) string {
	var lines []string
	for _, g := range groups {
		prefix := g.Name + "."
		if g.List {
			prefix = g.Name + "[]."
		}
		for _, o := range g.Options {
			line := prefix + o.Name + " " + o.Type
			for _, word := range []struct{ name, value string }{
				{"default", o.Default}, {"min", o.Min}, {"max", o.Max}, {"choices", strings.Join(o.Choices, ",")},
				{"required", mark(o.Required)}, {"secret", mark(o.Secret)},
				{"deprecated", o.Deprecated}, {"renamed", strings.Join(o.Renamed, ",")},
			} {
				if word.value != "" {
					line += " " + word.name + "=" + strconv.Quote(word.value)
				}
			}
			lines = append(lines, line+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func mark(set bool) string {
	if set {
		return "true"
	}
	return ""
}

// CompareOptions returns what is different in the record after. A change is
// compatible when a configuration that was valid still is and says the same.
func CompareOptions(before, after string) ([]Change, error) {
	olds, err := readOptions(before)
	if err != nil {
		return nil, err
	}
	news, err := readOptions(after)
	if err != nil {
		return nil, err
	}
	aliases := map[string]string{}
	for name, o := range news {
		for old := range strings.SplitSeq(o["renamed"], ",") {
			aliases[old] = name
		}
	}
	changes := map[bool][]Change{}
	add := func(compatible bool, format string, args ...any) {
		changes[compatible] = append(changes[compatible], Change{"options", fmt.Sprintf(format, args...), compatible})
	}
	kept := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(olds)) {
		now := name
		if news[name] == nil && aliases[name] != "" {
			now = aliases[name]
			add(true, "%s: renamed to %s", name, now)
		}
		if news[now] == nil {
			add(false, "%s: removed", name)
			continue
		}
		kept[now] = true
		compareOption(name, olds[name], news[now], add)
	}
	for _, name := range slices.Sorted(maps.Keys(news)) {
		switch o := news[name]; {
		case kept[name]:
		case o["required"] != "" && o["default"] == "" && !ofNewTable(name, olds):
			add(false, "%s: added, and required", name)
		default:
			add(true, "%s: added", name)
		}
	}
	return append(changes[false], changes[true]...), nil
}

// ofNewTable says whether name is an option of a list of tables that nobody can
// have yet.
func ofNewTable(name string, olds map[string]map[string]string) bool {
	table, _, list := strings.Cut(name, "[].")
	for old := range olds {
		if strings.HasPrefix(old, table+"[].") {
			return false
		}
	}
	return list
}

// compareOption tells what is different in the declaration of an option.
func compareOption(name string, old, now map[string]string, add func(bool, string, ...any)) {
	for _, word := range []string{
		"type", "default", "min", "max", "choices", "required", "secret", "deprecated", "renamed",
	} {
		if old[word] == now[word] {
			continue
		}
		compatible := false
		switch word {
		case "min", "max", "required":
			compatible = now[word] == "" // a narrower range cannot be told from a wider one without its type
		case "choices":
			compatible = now[word] == "" || old[word] != "" && subset(old[word], now[word])
		case "renamed":
			compatible = subset(old[word], now[word])
		case "secret", "deprecated":
			compatible = true
		}
		add(compatible, "%s: %s changed from %q to %q", name, word, old[word], now[word])
	}
}

// subset says whether every word of the list a is in the list b.
func subset(a, b string) bool {
	all := strings.Split(b, ",")
	for word := range strings.SplitSeq(a, ",") {
		if word != "" && !slices.Contains(all, word) {
			return false
		}
	}
	return true
}

// readOptions reads a record. The words of an option go by their names, its
// type by "type". Lines that begin with "#" are comments.
func readOptions(text string) (map[string]map[string]string, error) {
	options := map[string]map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, rest, _ := strings.Cut(line, " ")
		kind, rest, _ := strings.Cut(rest, " ")
		o := map[string]string{"type": kind}
		for rest != "" {
			name, value, ok := strings.Cut(rest, "=")
			quoted, err := strconv.QuotedPrefix(value)
			if !ok || err != nil {
				return nil, fmt.Errorf("reading the record of options: malformed line %q", line)
			}
			if o[name], err = strconv.Unquote(quoted); err != nil {
				return nil, fmt.Errorf("reading the record of options: line %q: %w", line, err)
			}
			rest = strings.TrimPrefix(value[len(quoted):], " ")
		}
		options[head] = o
	}
	return options, nil
}
