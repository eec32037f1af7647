package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Document is a schema as it is written in JSON, read with [ParseDocument]. It
// is safe for concurrent use.
//
// It checks what Python's jsonschema 4.10 checks without a format checker:
// type, enum, minimum, maximum, minLength, maxLength, pattern, items, minItems,
// maxItems, uniqueItems, properties, additionalProperties, required, allOf and
// references below "#/". All other keywords say nothing about a value.
type Document struct {
	root     *node
	patterns map[string]*regexp.Regexp // by text
}

// ParseDocument reads the schema in data. The error tells what is not JSON, a
// pattern that is no regular expression of Go, or a reference to nothing.
func ParseDocument(data []byte) (*Document, error) {
	root, err := parseNode(data)
	if err != nil {
		return nil, fmt.Errorf("reading a schema: %w", err)
	}
	d := &Document{root: root, patterns: map[string]*regexp.Regexp{}}
	if err := d.check(root); err != nil {
		return nil, fmt.Errorf("reading a schema: %w", err)
	}
	return d, nil
}

// check compiles the patterns below n and follows its references.
func (d *Document) check(n *node) error {
	if text, ok := n.member("pattern").text(); ok {
		re, err := regexp.Compile(text)
		if err != nil {
			return err
		}
		d.patterns[text] = re
	}
	if ref, ok := n.member("$ref").text(); ok && d.resolve(ref) == nil {
		return fmt.Errorf("%q refers to nothing", ref)
	}
	for _, below := range n.all() {
		if err := d.check(below); err != nil {
			return err
		}
	}
	return nil
}

// resolve returns the schema that ref, as in "#/definitions/name", stands for,
// or nil.
func (d *Document) resolve(ref string) *node {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	at := d.root
	for step := range strings.SplitSeq(path, "/") {
		at = at.member(step)
	}
	return at
}

// Validate checks v, which is made of the types of encoding/json. Of several
// things wrong it returns the one that Python's jsonschema.validate tells: the
// first of those that are nearest to the root. Nil means that nothing is wrong.
func (d *Document) Validate(v any) *Error {
	var best *Error
	for _, err := range d.errors(d.root, v) {
		if best == nil || len(err.Path) < len(best.Path) {
			best = err
		}
	}
	return best
}

// errors returns what is wrong with v, keyword by keyword in the order in which
// the schema n has them.
func (d *Document) errors(n *node, v any) []*Error {
	var all []*Error
	for _, keyword := range n.keys {
		found := d.keyword(n, keyword, v)
		for _, err := range found {
			switch {
			case err.Keyword == "": // it is of this level: nobody has filled it in yet
				err.Keyword, err.Instance, err.tree = keyword, v, n.value
			case keyword != "$ref":
				err.schemaPath = append([]string{keyword}, err.schemaPath...)
			}
		}
		all = append(all, found...)
	}
	return all
}

// keyword checks v against one keyword of n.
func (d *Document) keyword(n *node, keyword string, v any) []*Error {
	arg := n.member(keyword)
	switch keyword {
	case "$ref":
		ref, _ := arg.text()
		return d.errors(d.resolve(ref), v)
	case "allOf":
		var all []*Error
		for i, one := range arg.items {
			all = append(all, below(d.errors(one, v), "", fmt.Sprint(i))...)
		}
		return all
	case "type":
		return checkTypes(arg, v)
	case "enum":
		return checkMembers(arg, v)
	case "pattern":
		text, isText := v.(string)
		pattern, _ := arg.text()
		return wrongIf(isText && !d.patterns[pattern].MatchString(text),
			"%s does not match %s", Repr(v), Repr(pattern))
	case "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems":
		return checkBound(keyword, arg, v)
	case "uniqueItems":
		list, _ := v.([]any)
		return wrongIf(arg.value == true && hasDuplicates(list), "%s has non-unique elements", Repr(v))
	case "items":
		list, _ := v.([]any)
		var all []*Error
		for i, item := range list {
			all = append(all, below(d.errors(arg, item), fmt.Sprint(i), "")...)
		}
		return all
	}
	if o, ok := v.(map[string]any); ok {
		return d.objectKeyword(n, keyword, o)
	}
	return nil
}

// objectKeyword checks o against one of the keywords for objects.
func (d *Document) objectKeyword(n *node, keyword string, o map[string]any) []*Error {
	arg := n.member(keyword)
	var all []*Error
	switch keyword {
	case "properties":
		for _, name := range arg.keys {
			if value, ok := o[name]; ok {
				all = append(all, below(d.errors(arg.member(name), value), name, name)...)
			}
		}
	case "additionalProperties":
		extra := extraMembers(n, o)
		if arg.value == false {
			return unexpected(extra)
		}
		for _, name := range extra {
			all = append(all, below(d.errors(arg, o[name]), name, "")...)
		}
	case "required":
		for _, item := range arg.items {
			name, _ := item.text()
			_, ok := o[name]
			all = append(all, wrongIf(!ok, "%s is a required property", Repr(name))...)
		}
	}
	return all
}

// extraMembers returns the names in o that the properties of n do not have,
// sorted.
func extraMembers(n *node, o map[string]any) []string {
	var names []string
	for name := range o {
		if n.member("properties").member(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func unexpected(names []string) []*Error {
	verb := "was"
	if len(names) > 1 {
		verb = "were"
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = Repr(name)
	}
	return wrongIf(len(names) > 0, "Additional properties are not allowed (%s %s unexpected)",
		strings.Join(quoted, ", "), verb)
}

func checkTypes(arg *node, v any) []*Error {
	names := arg.items
	if _, single := arg.text(); single {
		names = []*node{arg}
	}
	quoted := make([]string, len(names))
	for i, item := range names {
		name, _ := item.text()
		if isType(v, name) {
			return nil
		}
		quoted[i] = Repr(name)
	}
	return wrongIf(true, "%s is not of type %s", Repr(v), strings.Join(quoted, ", "))
}

func checkMembers(arg *node, v any) []*Error {
	known := slices.ContainsFunc(arg.items, func(item *node) bool { return Repr(item.value) == Repr(v) })
	return wrongIf(!known, "%s is not one of %s", Repr(v), Repr(arg.value))
}

func checkBound(keyword string, arg *node, v any) []*Error {
	limit, _ := arg.value.(float64)
	size := 0.0
	switch v := v.(type) {
	case float64:
		switch keyword {
		case "minimum":
			return wrongIf(v < limit, "%s is less than the minimum of %s", Repr(v), Repr(limit))
		case "maximum":
			return wrongIf(v > limit, "%s is greater than the maximum of %s", Repr(v), Repr(limit))
		}
		return nil
	case string:
		if !strings.HasSuffix(keyword, "Length") {
			return nil
		}
		size = float64(utf8.RuneCountInString(v))
	case []any:
		if !strings.HasSuffix(keyword, "Items") {
			return nil
		}
		size = float64(len(v))
	default:
		return nil
	}
	if strings.HasPrefix(keyword, "min") {
		return wrongIf(size < limit, "%s is too short", Repr(v))
	}
	return wrongIf(size > limit, "%s is too long", Repr(v))
}

// wrongIf returns an error with a message, without the rest, when wrong is true.
func wrongIf(wrong bool, format string, args ...any) []*Error {
	if !wrong {
		return nil
	}
	return []*Error{{Message: fmt.Sprintf(format, args...)}}
}

// below prefixes the places of all with a step into the value and one into
// the schema. An empty step is none.
func below(all []*Error, step, schemaStep string) []*Error {
	for _, err := range all {
		if step != "" {
			err.Path = append([]string{step}, err.Path...)
		}
		if schemaStep != "" {
			err.schemaPath = append([]string{schemaStep}, err.schemaPath...)
		}
	}
	return all
}

// node is one JSON value of a document. A nil node has nothing below it.
type node struct {
	value   any // as encoding/json decodes it
	keys    []string
	members map[string]*node
	items   []*node
}

func (n *node) member(name string) *node {
	if n == nil {
		return nil
	}
	return n.members[name]
}

func (n *node) text() (string, bool) {
	if n == nil {
		return "", false
	}
	text, ok := n.value.(string)
	return text, ok
}

// all returns the nodes right below n.
func (n *node) all() []*node {
	all := slices.Clone(n.items)
	for _, key := range n.keys {
		all = append(all, n.members[key])
	}
	return all
}

// parseNode reads data and keeps the order of members.
func parseNode(data []byte) (*node, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	n, err := nextNode(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("there is more than one value")
	}
	return n, nil
}

// nextNode reads one value.
func nextNode(decoder *json.Decoder) (*node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		return nextArray(decoder)
	case json.Delim('{'):
		return nextObject(decoder)
	}
	return &node{value: token}, nil
}

// nextArray reads what follows an opening bracket.
func nextArray(decoder *json.Decoder) (*node, error) {
	n, values := &node{}, []any{}
	for decoder.More() {
		item, err := nextNode(decoder)
		if err != nil {
			return nil, err
		}
		n.items, values = append(n.items, item), append(values, item.value)
	}
	n.value = values
	_, err := decoder.Token() // the closing bracket
	return n, err
}

// nextObject reads what follows an opening brace.
func nextObject(decoder *json.Decoder) (*node, error) {
	n, values := &node{members: map[string]*node{}}, map[string]any{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		member, err := nextNode(decoder)
		if err != nil {
			return nil, err
		}
		name, _ := key.(string) // the names of members always are
		if n.members[name] == nil {
			n.keys = append(n.keys, name)
		}
		n.members[name], values[name] = member, member.value
	}
	n.value = values
	_, err := decoder.Token() // the closing brace
	return n, err
}
