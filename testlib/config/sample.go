package config

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// coreSource is where the help texts of [CoreGroups] come from: one text serves
// godoc and the sample.
//
//go:embed core.go
var coreSource string

// CoreGroups returns the groups of [Core], with the help texts.
func CoreGroups() ([]option.Group, error) {
	groups, err := groupsOf(reflect.TypeFor[Core]())
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), "core.go", coreSource, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("reading help texts: %w", err)
	}
	types := map[string]*ast.StructType{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if st, ok := spec.Type.(*ast.StructType); ok {
				types[spec.Name.Name] = st
			}
		}
		return true
	})
	core := types["Core"]
	for i, f := range core.Fields.List {
		groups[i].Help = help(groups[i].Name, f.Doc.Text())
		st, ok := f.Type.(*ast.StructType)
		if array, isArray := f.Type.(*ast.ArrayType); isArray {
			st, ok = types[array.Elt.(*ast.Ident).Name]
		}
		if !ok {
			return nil, fmt.Errorf("reading help texts: field %d of Core is no struct", i)
		}
		for j, of := range st.Fields.List {
			groups[i].Options[j].Help = help(groups[i].Options[j].Name, of.Doc.Text())
		}
	}
	return groups, nil
}

// help makes a help text of a doc comment. It calls the option what users call it: a
// comment begins with the name of the field.
func help(name, doc string) string {
	words := strings.Fields(doc)
	if len(words) > 0 && strings.EqualFold(words[0], strings.ReplaceAll(name, "_", "")) {
		words[0] = name
	}
	return strings.Join(words, " ")
}

// sampleWidth is how long lines of the sample get.
const sampleWidth = 96

// Sample returns a configuration file that sets nothing: each option is there with its
// help and its default, in a comment. Removing the "#" before an option
// gives a valid file.
func Sample(groups []option.Group) []byte {
	var b strings.Builder
	b.WriteString("# Configuration of tempest. Every line is a comment: remove the \"#\" before a [group] and\n" +
		"# before the options that you want to set. Each option can also be set by a variable\n" +
		"# TEMPEST_<GROUP>__<OPTION>, which wins over this file.\n")
	for _, g := range groups {
		b.WriteByte('\n')
		comment(&b, help(g.Name, g.Help))
		if g.List {
			fmt.Fprintf(&b, "#[[%s]]\n", g.Name)
		} else {
			fmt.Fprintf(&b, "#[%s]\n", g.Name)
		}
		for _, o := range g.Options {
			b.WriteByte('\n')
			comment(&b, help(o.Name, o.Help))
			comment(&b, limits(o))
			fmt.Fprintf(&b, "#%s = %s\n", o.Name, sampleValue(o))
		}
	}
	return []byte(b.String())
}

// limits says in a sentence which values an option takes.
func limits(o option.Option) string {
	var parts []string
	if len(o.Choices) > 0 {
		parts = append(parts, "one of "+strings.Join(o.Choices, ", "))
	}
	if o.Min != "" {
		parts = append(parts, "at least "+o.Min)
	}
	if o.Max != "" {
		parts = append(parts, "at most "+o.Max)
	}
	if o.Required {
		parts = append(parts, "required")
	}
	if o.Secret {
		parts = append(parts, "secret")
	}
	if o.Deprecated != "" {
		parts = append(parts, "deprecated: "+o.Deprecated)
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// comment writes text as comment lines.
func comment(b *strings.Builder, text string) {
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > sampleWidth {
			b.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	if line != "#" {
		b.WriteString(line + "\n")
	}
}

// sampleValue returns the default of o, or the zero value, as TOML.
func sampleValue(o option.Option) string {
	if elem, ok := strings.CutPrefix(o.Type, "[]"); ok {
		items := option.SplitList(o.Default)
		for i, item := range items {
			items[i] = tomlText(elem, item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return tomlText(o.Type, o.Default)
}

func tomlText(word, s string) string {
	switch {
	case word == "string" || word == "duration" && s != "":
		return strconv.Quote(s)
	case s != "":
		return s
	case word == "bool":
		return "false"
	case word == "float":
		return "0.0"
	case word == "duration":
		return `"0s"`
	}
	return "0"
}
