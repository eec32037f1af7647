package jsonschema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// reportWidth is the line width to which Python's jsonschema wraps the schema
// and the value in its messages.
const reportWidth = 72

// Report writes e at length, as str() of Python's ValidationError does: the
// message, the schema that failed and the value.
func (e *Error) Report() string {
	tree := e.tree
	if e.Schema != nil {
		tree = e.Schema.tree()
	}
	return fmt.Sprintf("%s\n\nFailed validating %s in schema%s:\n%s\n\nOn instance%s:\n%s",
		e.Message, Repr(e.Keyword), index(e.schemaPath), indented(tree),
		index(e.Path), indented(e.Instance))
}

// index writes steps as indexes: ['properties']['name'].
func index(steps []string) string {
	var b strings.Builder
	for _, step := range steps {
		if number().MatchString(step) {
			fmt.Fprintf(&b, "[%s]", step)
			continue
		}
		fmt.Fprintf(&b, "[%s]", Repr(step))
	}
	return b.String()
}

var number = lazyregexp.New(`^[0-9]+$`)

func indented(v any) string {
	return "    " + strings.ReplaceAll(pretty(v), "\n", "\n    ")
}

// tree returns s as the JSON object that it stands for.
func (s *Schema) tree() map[string]any {
	t := map[string]any{}
	maps.Copy(t, s.Shown)
	s.addBounds(t)
	s.addNested(t)
	switch len(s.Types) {
	case 0:
	case 1:
		t["type"] = s.Types[0]
	default:
		t["type"] = list(s.Types)
	}
	if len(s.Enum) > 0 {
		t["enum"] = s.Enum
	}
	if s.Pattern != nil {
		t["pattern"] = s.Pattern.Text
	}
	if s.UniqueItems {
		t["uniqueItems"] = true
	}
	if len(s.Required) > 0 {
		t["required"] = list(s.Required)
	}
	if s.Closed || s.Open {
		t["additionalProperties"] = s.Open
	}
	return t
}

// addBounds adds the keywords that are numbers to t.
func (s *Schema) addBounds(t map[string]any) {
	if s.Minimum != nil {
		t["minimum"] = *s.Minimum
	}
	if s.Maximum != nil {
		t["maximum"] = *s.Maximum
	}
	for name, n := range map[string]int{
		"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems,
		"minProperties": s.MinProperties, "maxProperties": s.MaxProperties,
	} {
		if n > 0 {
			t[name] = float64(n)
		}
	}
}

// addNested adds the keywords that are schemas to t.
func (s *Schema) addNested(t map[string]any) {
	if len(s.OneOf) > 0 {
		all := make([]any, len(s.OneOf))
		for i, one := range s.OneOf {
			all[i] = one.tree()
		}
		t["oneOf"] = all
	}
	if s.Not != nil {
		t["not"] = s.Not.tree()
	}
	if s.Items != nil {
		t["items"] = s.Items.tree()
	}
	if len(s.Properties) > 0 {
		properties := map[string]any{}
		for _, p := range s.Properties {
			properties[p.Name] = p.Schema.tree()
		}
		t["properties"] = properties
	}
}

func list(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// pretty writes v as Python's pprint.pformat does with that width.
func pretty(v any) string {
	var p printer
	p.value(v, 0, 0, 1)
	return p.String()
}

type printer struct{ strings.Builder }

// value writes v at a column. allowance is what must still fit behind it on
// the line, level how deep v is nested.
func (p *printer) value(v any, column, allowance, level int) {
	flat := Repr(v)
	room := reportWidth - column - allowance
	if utf8.RuneCountInString(flat) <= room {
		p.WriteString(flat)
		return
	}
	switch v := v.(type) {
	case map[string]any:
		p.object(v, column+1, allowance+1, level)
	case []any:
		p.array(v, column+1, allowance+1, level)
	case string:
		p.text(v, column, allowance, level)
	default:
		p.WriteString(flat)
	}
}

func (p *printer) newline(column int) { p.WriteString("\n" + strings.Repeat(" ", column)) }

func (p *printer) object(o map[string]any, column, allowance, level int) {
	p.WriteString("{")
	keys := slices.Sorted(maps.Keys(o))
	for i, key := range keys {
		label := Repr(key) + ": "
		p.WriteString(label)
		behind := 1
		if i == len(keys)-1 {
			behind = allowance
		}
		p.value(o[key], column+utf8.RuneCountInString(label), behind, level+1)
		if i < len(keys)-1 {
			p.WriteString(",")
			p.newline(column)
		}
	}
	p.WriteString("}")
}

func (p *printer) array(items []any, column, allowance, level int) {
	p.WriteString("[")
	for i, item := range items {
		behind := 1
		if i == len(items)-1 {
			behind = allowance
		}
		p.value(item, column, behind, level+1)
		if i < len(items)-1 {
			p.WriteString(",")
			p.newline(column)
		}
	}
	p.WriteString("]")
}

var word = lazyregexp.New(`\S*\s*`)

// text writes a long text as several literals, cut behind white space.
func (p *printer) text(s string, column, allowance, level int) {
	if level == 1 {
		column++
		allowance++
	}
	room := reportWidth - column
	var chunks []string
	lines := strings.SplitAfter(s, "\n")
	for i, line := range lines {
		last := i == len(lines)-1
		current := ""
		for _, part := range word().FindAllString(line, -1) {
			limit := room
			if last && strings.HasSuffix(line, current+part) {
				limit -= allowance
			}
			if current != "" && utf8.RuneCountInString(Repr(current+part)) > limit {
				chunks = append(chunks, Repr(current))
				current = ""
			}
			current += part
		}
		if current != "" {
			chunks = append(chunks, Repr(current))
		}
	}
	if len(chunks) == 1 {
		p.WriteString(chunks[0])
		return
	}
	if level == 1 {
		p.WriteString("(")
	}
	for i, chunk := range chunks {
		if i > 0 {
			p.newline(column)
		}
		p.WriteString(chunk)
	}
	if level == 1 {
		p.WriteString(")")
	}
}
