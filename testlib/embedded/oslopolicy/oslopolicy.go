// Package oslopolicy evaluates access rules written in the language of
// oslo.policy, which OpenStack services use: "role:admin or
// user_id:%(target.user.id)s".
//
// It knows what the default rules of the services need: the words and, or,
// not, parentheses, @, !, the checks role: and rule:, and the generic check
// that compares a value of the caller with one of the target. It does not read
// policy files.
//
// Source: https://docs.openstack.org/oslo.policy/latest/admin/policy-yaml-file.html
package oslopolicy

import (
	"fmt"
	"strings"
)

// Caller is who asks.
type Caller struct {
	// Roles are the names of the caller's roles. They are compared without
	// regard to case.
	Roles []string

	// Values holds what the left side of a generic check may name, as
	// "user_id" or "token.project.domain.id". A missing key never matches. A
	// nil value matches the text "None", as in Python.
	Values map[string]any
}

// Target is what is asked for: nested objects whose leaves the right side of a
// check names, as in %(target.user.domain_id)s.
type Target map[string]any

// Rules is a parsed set of named rules. It is safe for concurrent use.
type Rules struct {
	byName map[string]check
}

// Parse reads rules, a map from rule name to rule text. The error names the
// rule that could not be read.
func Parse(rules map[string]string) (*Rules, error) {
	parsed := make(map[string]check, len(rules))
	for name, text := range rules {
		c, err := parseRule(text)
		if err != nil {
			return nil, fmt.Errorf("parsing rule %q: %w", name, err)
		}
		parsed[name] = c
	}
	return &Rules{byName: parsed}, nil
}

// Allows reports whether caller passes the rule called name on target. A rule
// that does not exist allows nobody.
func (r *Rules) Allows(name string, caller Caller, target Target) bool {
	c, ok := r.byName[name]
	return ok && c.allows(&evaluation{rules: r, caller: caller, target: target})
}

type evaluation struct {
	rules  *Rules
	caller Caller
	target Target
}

type check interface{ allows(e *evaluation) bool }

type (
	constant bool
	role     string
	ruleRef  string
	not      struct{ c check }
	allOf    []check
	anyOf    []check
	// generic compares kind, a value of the caller or a literal, with match.
	generic struct{ kind, match string }
)

func (c constant) allows(*evaluation) bool  { return bool(c) }
func (c not) allows(e *evaluation) bool     { return !c.c.allows(e) }
func (c ruleRef) allows(e *evaluation) bool { return e.rules.Allows(string(c), e.caller, e.target) }

func (c role) allows(e *evaluation) bool {
	for _, r := range e.caller.Roles {
		if strings.EqualFold(r, string(c)) {
			return true
		}
	}
	return false
}

func (c allOf) allows(e *evaluation) bool {
	for _, part := range c {
		if !part.allows(e) {
			return false
		}
	}
	return true
}

func (c anyOf) allows(e *evaluation) bool {
	for _, part := range c {
		if part.allows(e) {
			return true
		}
	}
	return false
}

func (c generic) allows(e *evaluation) bool {
	match, ok := e.target.expand(c.match)
	if !ok {
		return false
	}
	if literal, ok := pythonLiteral(c.kind); ok {
		return match == literal
	}
	value, ok := e.caller.Values[c.kind]
	return ok && match == pythonText(value)
}

// expand replaces %(name)s in text by the target's value of that name.
func (t Target) expand(text string) (string, bool) {
	before, rest, found := strings.Cut(text, "%(")
	if !found {
		return text, true
	}
	name, after, found := strings.Cut(rest, ")s")
	if !found {
		return "", false
	}
	value, ok := t.lookup(name)
	return before + pythonText(value) + after, ok
}

// lookup walks the dotted path through nested objects.
func (t Target) lookup(path string) (any, bool) {
	var value any = map[string]any(t)
	for key := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// pythonLiteral returns the text of word when it is a literal of Python rather
// than the name of a value: None, True, False or a quoted string.
func pythonLiteral(word string) (string, bool) {
	switch word {
	case "None", "True", "False":
		return word, true
	}
	if n := len(word); n >= 2 && (word[0] == '\'' || word[0] == '"') && word[n-1] == word[0] {
		return word[1 : n-1], true
	}
	return "", false
}

// pythonText is str(v) in Python.
func pythonText(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	return fmt.Sprint(v)
}
