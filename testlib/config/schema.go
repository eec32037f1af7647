package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/option"
)

// groupsOf returns the groups that t declares.
func groupsOf(t reflect.Type) ([]option.Group, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("reading options of %s: not a struct", t)
	}
	var groups []option.Group
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			inner, err := groupsOf(f.Type)
			if err != nil {
				return nil, err
			}
			groups = append(groups, inner...)
			continue
		}
		g, err := groupOf(t, f)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func groupOf(t reflect.Type, f reflect.StructField) (option.Group, error) {
	name, err := option.Key(f.Name, string(f.Tag))
	if err != nil {
		return option.Group{}, fmt.Errorf("reading options of %s: %w", t, err)
	}
	g := option.Group{Name: name}
	ft := f.Type
	if ft.Kind() == reflect.Slice {
		g.List, ft = true, ft.Elem()
	}
	if ft.Kind() != reflect.Struct || !f.IsExported() {
		return option.Group{}, fmt.Errorf("reading options of %s: field %s is not an exported struct", t, f.Name)
	}
	for i := range ft.NumField() {
		of := ft.Field(i)
		word, ok := typeWord(of.Type)
		if !ok || !of.IsExported() {
			return option.Group{}, fmt.Errorf("reading options of %s: %s.%s cannot be an option: %s is not a type of options",
				t, f.Name, of.Name, of.Type)
		}
		o, err := option.New(name, of.Name, word, string(of.Tag))
		if err == nil {
			err = g.Add(o)
		}
		if err != nil {
			return option.Group{}, fmt.Errorf("reading options of %s: %s.%s: %w", t, f.Name, of.Name, err)
		}
	}
	return g, nil
}

// typeWord returns the word by which the type of an option is known.
func typeWord(t reflect.Type) (string, bool) {
	if t == reflect.TypeFor[time.Duration]() {
		return "duration", true
	}
	switch t.Kind() {
	case reflect.String:
		return "string", true
	case reflect.Bool:
		return "bool", true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "int", true
	case reflect.Float32, reflect.Float64:
		return "float", true
	case reflect.Slice:
		word, ok := typeWord(t.Elem())
		return "[]" + word, ok && !strings.HasPrefix(word, "[]")
	}
	return "", false
}

// nameOf returns the name of a field that [groupsOf] has seen.
func nameOf(f reflect.StructField) string {
	name, err := option.Key(f.Name, string(f.Tag))
	if err != nil {
		return ""
	}
	return name
}
