package discover

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// tomlKey is what a group or an option may be called.
var tomlKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// config reads the type Config: each field a group, each field of that an
// option. A marker without it declares no options.
func (r markerReader) config() ([]Group, *problem) {
	obj := r.scope.Lookup("Config")
	if obj == nil {
		return nil, nil
	}
	name, ok := obj.(*types.TypeName)
	if !ok {
		return nil, r.bad(obj, "Config is not a type", "")
	}
	fields, ok := name.Type().Underlying().(*types.Struct)
	if !ok {
		return nil, r.bad(obj, "Config is not a struct", "make each of its fields a group")
	}
	return r.groups(fields, fieldDocs(r.files))
}

// groups reads the fields of a struct as groups; those of an embedded struct
// count as its own.
func (r markerReader) groups(fields *types.Struct, docs map[token.Pos]string) ([]Group, *problem) {
	var groups []Group
	for i := range fields.NumFields() {
		f := fields.Field(i)
		found, p := r.groupsOf(f, fields.Tag(i), docs)
		if p != nil {
			return nil, p
		}
		for _, g := range found {
			if slices.ContainsFunc(groups, func(o Group) bool { return o.Name == g.Name }) {
				return nil, r.bad(f, fmt.Sprintf("group %q is declared twice", g.Name), "")
			}
		}
		groups = append(groups, found...)
	}
	return groups, nil
}

func (r markerReader) groupsOf(f *types.Var, tag string, docs map[token.Pos]string) ([]Group, *problem) {
	if inner, ok := f.Type().Underlying().(*types.Struct); ok && f.Embedded() {
		return r.groups(inner, docs)
	}
	g, p := r.group(f, tag, docs)
	return []Group{g}, p
}

// fieldDocs maps the position of each struct field to its comment.
func fieldDocs(files []*ast.File) map[token.Pos]string {
	docs := make(map[token.Pos]string)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.Field)
			if !ok {
				return true
			}
			text := f.Doc.Text()
			if text == "" {
				text = f.Comment.Text()
			}
			for _, id := range f.Names {
				docs[id.Pos()] = strings.TrimSpace(text)
			}
			return true
		})
	}
	return docs
}

func (r markerReader) group(f *types.Var, tag string, docs map[token.Pos]string) (Group, *problem) {
	key, p := r.key(f, tag)
	if p != nil {
		return Group{}, p
	}
	g := Group{Name: key, Help: docs[f.Pos()]}
	of := f.Type().Underlying()
	if s, ok := of.(*types.Slice); ok {
		g.List, of = true, s.Elem().Underlying()
	}
	fields, ok := of.(*types.Struct)
	if !ok {
		return Group{}, r.bad(f, fmt.Sprintf("group %q is not a struct", key), "make each of its fields an option")
	}
	for i := range fields.NumFields() {
		o, p := r.option(fields.Field(i), fields.Tag(i), docs)
		if p != nil {
			return Group{}, p
		}
		if slices.ContainsFunc(g.Options, func(other Option) bool { return other.Name == o.Name }) {
			return Group{}, r.bad(fields.Field(i), fmt.Sprintf("option %q is declared twice", o.Name), "")
		}
		g.Options = append(g.Options, o)
	}
	return g, nil
}

// key is the name that a field has in tempest.toml: that of its toml tag, or its
// own in lower case.
func (r markerReader) key(f *types.Var, tag string) (string, *problem) {
	key, _, _ := strings.Cut(reflect.StructTag(tag).Get("toml"), ",")
	key = cmp.Or(key, strings.ToLower(f.Name()))
	switch {
	case !f.Exported() || f.Embedded():
		return "", r.bad(f, fmt.Sprintf("field %s is not an exported, named field", f.Name()), "")
	case !tomlKey.MatchString(key):
		return "", r.bad(f, fmt.Sprintf("field %s: %q is no key", f.Name(), key), "")
	}
	return key, nil
}

func (r markerReader) option(f *types.Var, tag string, docs map[token.Pos]string) (Option, *problem) {
	key, p := r.key(f, tag)
	if p != nil {
		return Option{}, p
	}
	st := reflect.StructTag(tag)
	o := Option{
		Name: key, Type: typeWord(f.Type()), Help: docs[f.Pos()],
		Default: st.Get("default"), Min: st.Get("min"), Max: st.Get("max"), Deprecated: st.Get("deprecated"),
		Position: r.place(f),
	}
	if c := st.Get("choices"); c != "" {
		o.Choices = splitList(c)
	}
	if o.Type == "" {
		return Option{}, r.bad(f, fmt.Sprintf("option %q has type %s", key, f.Type()),
			"use string, int, bool, float64, time.Duration or a slice of one")
	}
	for word, to := range map[string]*bool{"required": &o.Required, "secret": &o.Secret} {
		v, ok := st.Lookup(word)
		if !ok {
			continue
		}
		b, err := strconv.ParseBool(v)
		if err != nil {
			return Option{}, r.bad(f, fmt.Sprintf("option %q: %s is %q", key, word, v), "use true or false")
		}
		*to = b
	}
	if err := checkOption(o); err != "" {
		return Option{}, r.bad(f, fmt.Sprintf("option %q: %s", key, err), "")
	}
	return o, nil
}

// typeWord is the word for the type of an option; empty when tempest.toml
// cannot hold it.
func typeWord(t types.Type) string {
	if s, ok := types.Unalias(t).(*types.Slice); ok {
		if word := typeWord(s.Elem()); word != "" && word[0] != '[' {
			return "[]" + word
		}
		return ""
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if pkg := n.Obj().Pkg(); pkg != nil && pkg.Path() == "time" {
			return "duration"
		}
	}
	b, ok := t.Underlying().(*types.Basic)
	switch {
	case !ok:
		return ""
	case b.Info()&types.IsString != 0:
		return "string"
	case b.Info()&types.IsBoolean != 0:
		return "bool"
	case b.Info()&types.IsInteger != 0:
		return "int"
	case b.Info()&types.IsFloat != 0:
		return "float"
	}
	return ""
}

// splitList splits a list in a tag, at commas and white space.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// checkOption says what is wrong with the values in the tags of o.
func checkOption(o Option) string {
	word, isList := strings.CutPrefix(o.Type, "[]")
	low, high := math.Inf(-1), math.Inf(1)
	for _, bound := range []struct {
		name, text string
		to         *float64
	}{{"min", o.Min, &low}, {"max", o.Max, &high}} {
		if bound.text == "" {
			continue
		}
		n, ok := measure(word, bound.text)
		if !ok || word == "string" || word == "bool" {
			return fmt.Sprintf("%s is %q, and the type is %s", bound.name, bound.text, o.Type)
		}
		*bound.to = n
	}
	if low > high {
		return fmt.Sprintf("min %s is above max %s", o.Min, o.Max)
	}
	if o.Default == "" {
		return ""
	}
	values := []string{o.Default}
	if isList {
		values = splitList(o.Default)
	}
	for _, v := range values {
		n, ok := measure(word, v)
		switch {
		case !ok:
			return fmt.Sprintf("default is %q, and the type is %s", o.Default, o.Type)
		case n < low || n > high:
			return fmt.Sprintf("default is %q, outside of min and max", o.Default)
		case o.Choices != nil && !slices.Contains(o.Choices, v):
			return fmt.Sprintf("default is %q, which is not among the choices", o.Default)
		}
	}
	return ""
}

// measure says whether text is a value of the type, and its size on a scale
// on which bounds can be compared.
func measure(word, text string) (float64, bool) {
	switch word {
	case "int":
		n, err := strconv.ParseInt(text, 10, 64)
		return float64(n), err == nil
	case "float":
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	case "duration":
		d, err := time.ParseDuration(text)
		return float64(d), err == nil
	case "bool":
		_, err := strconv.ParseBool(text)
		return 0, err == nil
	}
	return 0, true
}
