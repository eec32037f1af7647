package discover

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/option"
)

// config reads the type Config: each field a group, each field of that an
// option. A marker without it declares no options.
func (r markerReader) config() ([]option.Group, *problem) {
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
func (r markerReader) groups(fields *types.Struct, docs map[token.Pos]string) ([]option.Group, *problem) {
	var groups []option.Group
	for i := range fields.NumFields() {
		f := fields.Field(i)
		found, p := r.groupsOf(f, fields.Tag(i), docs)
		if p != nil {
			return nil, p
		}
		for _, g := range found {
			if slices.ContainsFunc(groups, func(o option.Group) bool { return o.Name == g.Name }) {
				return nil, r.bad(f, fmt.Sprintf("group %q is declared twice", g.Name), "")
			}
		}
		groups = append(groups, found...)
	}
	return groups, nil
}

func (r markerReader) groupsOf(f *types.Var, tag string, docs map[token.Pos]string) ([]option.Group, *problem) {
	if inner, ok := f.Type().Underlying().(*types.Struct); ok && f.Embedded() {
		return r.groups(inner, docs)
	}
	g, p := r.group(f, tag, docs)
	return []option.Group{g}, p
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

func (r markerReader) group(f *types.Var, tag string, docs map[token.Pos]string) (option.Group, *problem) {
	key, p := r.key(f, tag)
	if p != nil {
		return option.Group{}, p
	}
	g := option.Group{Name: key, Help: docs[f.Pos()]}
	of := f.Type().Underlying()
	if s, ok := of.(*types.Slice); ok {
		g.List, of = true, s.Elem().Underlying()
	}
	fields, ok := of.(*types.Struct)
	if !ok {
		return option.Group{}, r.bad(f, fmt.Sprintf("group %q is not a struct", key), "make each of its fields an option")
	}
	for i := range fields.NumFields() {
		o, p := r.option(key, fields.Field(i), fields.Tag(i), docs)
		if p != nil {
			return option.Group{}, p
		}
		if err := g.Add(o); err != nil {
			return option.Group{}, r.bad(fields.Field(i), err.Error(), "")
		}
	}
	return g, nil
}

// key is the name that a field has in tempest.toml.
func (r markerReader) key(f *types.Var, tag string) (string, *problem) {
	if !f.Exported() || f.Embedded() {
		return "", r.bad(f, fmt.Sprintf("field %s is not an exported, named field", f.Name()), "")
	}
	key, err := option.Key(f.Name(), tag)
	if err != nil {
		return "", r.bad(f, err.Error(), "")
	}
	return key, nil
}

func (r markerReader) option(group string, f *types.Var, tag string, docs map[token.Pos]string) (
	option.Option, *problem) {
	key, p := r.key(f, tag)
	if p != nil {
		return option.Option{}, p
	}
	word := typeWord(f.Type())
	if word == "" {
		return option.Option{}, r.bad(f, fmt.Sprintf("option %q has type %s", key, f.Type()),
			"use string, int, bool, float64, time.Duration or a slice of one")
	}
	o, err := option.New(group, f.Name(), word, tag)
	if err != nil {
		return option.Option{}, r.bad(f, err.Error(), "")
	}
	o.Help, o.Position = docs[f.Pos()], r.place(f)
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
		if pkg := n.Obj().Pkg(); pkg != nil && pkg.Path() == "time" && n.Obj().Name() == "Duration" {
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
