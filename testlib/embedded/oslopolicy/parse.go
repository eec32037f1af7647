package oslopolicy

import (
	"errors"
	"fmt"
	"strings"
)

// parseRule reads one rule. The empty rule allows everybody.
func parseRule(text string) (check, error) {
	if strings.TrimSpace(text) == "" {
		return constant(true), nil
	}
	p := &parser{words: split(text)}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	if len(p.words) > 0 {
		return nil, fmt.Errorf("unexpected %q", p.words[0])
	}
	return c, nil
}

// split cuts text into words; leading "(" and trailing ")" are words of their
// own, except for the parentheses of %(name)s.
func split(text string) []string {
	var words []string
	for word := range strings.FieldsSeq(text) {
		for strings.HasPrefix(word, "(") {
			words = append(words, "(")
			word = word[1:]
		}
		closing := 0
		for strings.HasSuffix(word, ")") {
			closing++
			word = word[:len(word)-1]
		}
		if word != "" {
			words = append(words, word)
		}
		for range closing {
			words = append(words, ")")
		}
	}
	return words
}

type parser struct{ words []string }

// take consumes the next word when it is one of those given, or any word when
// none is given.
func (p *parser) take(any ...string) (string, bool) {
	if len(p.words) == 0 {
		return "", false
	}
	word := p.words[0]
	for _, w := range any {
		if strings.EqualFold(word, w) {
			p.words = p.words[1:]
			return word, true
		}
	}
	if len(any) > 0 {
		return "", false
	}
	p.words = p.words[1:]
	return word, true
}

func (p *parser) or() (check, error) {
	parts, err := p.list("or", p.and)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return anyOf(parts), nil
}

func (p *parser) and() (check, error) {
	parts, err := p.list("and", p.unary)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return allOf(parts), nil
}

// list reads items with word between them.
func (p *parser) list(word string, item func() (check, error)) ([]check, error) {
	var parts []check
	for {
		c, err := item()
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
		if _, more := p.take(word); !more {
			return parts, nil
		}
	}
}

func (p *parser) unary() (check, error) {
	if _, ok := p.take("not"); ok {
		c, err := p.unary()
		return not{c}, err
	}
	if _, ok := p.take("("); ok {
		c, err := p.or()
		if err != nil {
			return nil, err
		}
		if _, ok := p.take(")"); !ok {
			return nil, errors.New("missing )")
		}
		return c, nil
	}
	word, ok := p.take()
	if !ok {
		return nil, errors.New("ends too early")
	}
	return parseCheck(word)
}

func parseCheck(word string) (check, error) {
	switch word {
	case "@":
		return constant(true), nil
	case "!":
		return constant(false), nil
	}
	kind, match, found := strings.Cut(word, ":")
	if !found || kind == "" {
		return nil, fmt.Errorf("%q is not a check", word)
	}
	switch kind {
	case "role":
		return role(match), nil
	case "rule":
		return ruleRef(match), nil
	}
	return generic{kind: kind, match: match}, nil
}
