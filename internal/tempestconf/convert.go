package tempestconf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// Options configures [Convert].
type Options struct {
	File   string         // name of the file, for comments
	Groups []option.Group // options of tempest and of plugins, in the order in which they are written

	// Cloud is the name of the entry of clouds.yaml that the credentials of the administrator become. Empty means that
	// auth.cloud is not set.
	Cloud string
}

// Result is what became of a tempest.conf.
type Result struct {
	TOML   []byte    // tempest.toml
	Clouds []byte    // clouds.yaml with the administrator; empty when the file names none
	Total  int       // settings in the file
	Left   []Problem // settings that are not taken over, in the order of the file
}

// Convert turns the text of a tempest.conf into a tempest.toml. It is valid for the options given: a setting that is
// not, or that has no counterpart, is left out, and listed. The problems are lines that cannot be
// read; there is no result then.
func Convert(text string, o Options) (Result, []Problem) {
	settings, problems := parse(text)
	if len(problems) > 0 {
		return Result{}, problems
	}
	settings = last(settings)
	o.File = printable(o.File)
	c := &converter{options: o, all: map[string]setting{}, known: index(o.Groups), values: map[string]value{}}
	for _, s := range settings {
		c.all[s.group+"."+s.key] = s
	}
	c.administrator()
	for _, s := range settings {
		c.take(s)
	}
	result := Result{TOML: c.write(), Clouds: c.clouds(), Total: len(settings), Left: c.left}
	slices.SortStableFunc(result.Left, func(a, b Problem) int { return a.Line - b.Line })
	return result, nil
}

type converter struct {
	options Options
	known   map[string]option.Option // by group.option
	all     map[string]setting       // by group.key
	values  map[string]value         // by group.option
	admin   administrator
	left    []Problem
}

// value is what an option becomes.
type value struct {
	literal string // as in tempest.toml
	from    string // where it comes from, for a comment
	line    int
}

// index maps the names of options, old ones too, to options that know their new name.
func index(groups []option.Group) map[string]option.Option {
	byName := map[string]option.Option{}
	for _, g := range groups {
		if g.List {
			continue
		}
		for _, o := range g.Options {
			for _, name := range append([]string{g.Name + "." + o.Name}, o.Renamed...) {
				o.Position = g.Name + "." + o.Name
				byName[plain(name)] = o
			}
		}
	}
	return byName
}

func (c *converter) leave(s setting, format string, args ...any) {
	c.left = append(c.left, Problem{s.line, printable(s.name + ": " + fmt.Sprintf(format, args...))})
}

// take takes over one setting.
func (c *converter) take(s setting) {
	name := s.group + "." + s.key
	if c.admin.uses(name) {
		return
	}
	text, missing := expand(s, c.all)
	if len(missing) > 0 {
		c.leave(s, "the file does not say what %s is", strings.Join(missing, " and "))
		return
	}
	if isUnset(s, text) {
		return
	}
	if s.key == "catalog_type" && config.ServiceGroup(text) == group(s) {
		return // tempest finds it by itself
	}
	o, ok := c.target(s)
	if !ok {
		c.leave(s, "%s", why(s))
		return
	}
	c.set(s, o, text)
}

// isUnset reports whether a value is as good as none. "<None>" is how samples write that, and "all"
// of a list of extensions that none is missing.
func isUnset(s setting, text string) bool {
	switch strings.TrimSpace(text) {
	case "", none:
		return true
	case "all":
		return s.key == "api_extensions" || s.key == "discoverable_apis"
	}
	return false
}

const none = "<None>"

// target returns the option that a setting becomes.
func (c *converter) target(s setting) (option.Option, bool) {
	name := group(s) + "." + s.key
	if to := renamed()[s.group+"."+s.key]; to != "" {
		name = to
	}
	if s.group+"."+s.key == "network.floating_network_name" && c.all["network.public_network_id"].value == "" {
		name = "network.public_network"
	}
	o, ok := c.known[name]
	return o, ok
}

// group returns the group that a setting is in with tempest.
func group(s setting) string {
	if to := groups()[s.group]; to != "" {
		return to
	}
	return s.group
}

func why(s setting) string {
	all := reasons()
	if r := all[s.group+"."+s.key]; r != "" {
		return r
	}
	if r := all[s.group]; r != "" {
		return r
	}
	return "neither tempest nor a plugin has such an option"
}

// set gives an option the value that text stands for in tempest.conf.
func (c *converter) set(s setting, o option.Option, text string) {
	name := o.Position
	if o.Secret {
		c.leave(s, "a secret does not belong into tempest.toml: set $TEMPEST_%s",
			strings.ToUpper(strings.Replace(name, ".", "__", 1)))
		return
	}
	text, problem := translate(o, text)
	if problem == "" {
		if literal, err := config.Literal(o, text); err != nil {
			problem = err.Error()
		} else if other, ok := c.values[name]; ok && other.literal != literal {
			problem = fmt.Sprintf("%s has another value from line %d already", name, other.line)
		} else if !ok {
			c.values[name] = value{literal, fmt.Sprintf("%s:%d", c.options.File, s.line), s.line}
		}
	}
	if problem != "" {
		c.leave(s, "%s", problem)
	}
}

var seconds = lazyregexp.New(`^[0-9]+(\.[0-9]+)?$`)

// translate turns the text of a value into the one that tempest has for it.
func translate(o option.Option, text string) (translated, problem string) {
	word, isList := o.Elem()
	switch {
	case isList:
		items := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' })
		for i, item := range items {
			item = strings.Trim(strings.TrimSpace(item), `"'`)
			if word == "string" {
				item = config.Quote(item)
			}
			items[i] = item
		}
		return "[" + strings.Join(items, ", ") + "]", ""
	case word == "bool":
		return boolean(text)
	case word == "duration" && seconds().MatchString(text):
		return text + "s", ""
	case o.Name == "endpoint_type":
		return strings.TrimSuffix(text, "URL"), ""
	}
	return text, ""
}

// boolean reads the words of oslo.config.
func boolean(text string) (translated, problem string) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "on", "yes":
		return "true", ""
	case "false", "0", "off", "no":
		return "false", ""
	}
	return "", fmt.Sprintf("%q is neither true nor false", text)
}

// write writes the values in the order of the options.
func (c *converter) write() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made from %s by tempest config import.\n", c.options.File)
	for _, g := range c.options.Groups {
		lines := []string{}
		for _, o := range g.Options {
			if v, ok := c.values[g.Name+"."+o.Name]; ok {
				lines = append(lines, fmt.Sprintf("%s = %s  # %s\n", o.Name, v.literal, v.from))
			}
		}
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n[%s]\n%s", g.Name, strings.Join(lines, ""))
		}
	}
	return []byte(b.String())
}
