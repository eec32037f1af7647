package config

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
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
		owner := groupOwner(g)
		comment(&b, origin(owner))
		if g.List {
			fmt.Fprintf(&b, "#[[%s]]\n", g.Name)
		} else {
			fmt.Fprintf(&b, "#[%s]\n", g.Name)
		}
		for _, o := range g.Options {
			b.WriteByte('\n')
			comment(&b, help(o.Name, o.Help))
			comment(&b, limits(o))
			if o.Owner != owner {
				comment(&b, origin(o.Owner))
			}
			fmt.Fprintf(&b, "#%s = %s\n", o.Name, setting(o, layer{}, false).TOML())
		}
	}
	return []byte(b.String())
}

// groupOwner returns the plugin that declares all options of g, or "".
func groupOwner(g option.Group) string {
	if len(g.Options) == 0 {
		return ""
	}
	owner := g.Options[0].Owner
	for _, o := range g.Options {
		if o.Owner != owner {
			return ""
		}
	}
	return owner
}

func origin(owner string) string {
	if owner == "" {
		return ""
	}
	return "Declared by plugin " + owner + "."
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
	if len(o.Renamed) > 0 {
		parts = append(parts, "was called "+strings.Join(o.Renamed, ", "))
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
