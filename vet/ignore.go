package vet

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// ignore begins a comment that accepts what a rule finds: //lint:ignore tempestid,tempestliteral reason. It is the
// directive of staticcheck. It stands behind the line, or in comments of their own right above it.
const ignore = "//lint:ignore "

// CategoryIgnore is the category of a diagnostic that is about such a comment, and has a remedy in its text.
const CategoryIgnore = "ignore"

// ignored is one rule named in such a comment.
type ignored struct {
	at     token.Pos
	about  line
	reason bool
	used   bool
}

// line is one of a file.
type line struct {
	file   string
	number int
}

// unadjusted is where pos is in the files themselves, whatever they say that they were made of.
func unadjusted(p *analysis.Pass, pos token.Pos) token.Position {
	return p.Fset.PositionFor(pos, false)
}

// lineOf is the line of pos.
func lineOf(p *analysis.Pass, pos token.Pos) line {
	at := unadjusted(p, pos)
	return line{at.Filename, at.Line}
}

// accepting returns p without the findings of a rule that comments accept. done tells of comments that accept nothing;
// it is called when the rule has run.
func accepting(p *analysis.Pass, rule string) (with *analysis.Pass, done func()) {
	var all []*ignored
	for _, file := range p.Files {
		for _, group := range file.Comments {
			all = append(all, ignoredIn(p, rule, group)...)
		}
	}
	filtered := *p
	filtered.Report = func(d analysis.Diagnostic) {
		accepted := false
		for _, i := range all {
			if i.about == lineOf(p, d.Pos) {
				i.used, accepted = true, accepted || i.reason
			}
		}
		if !accepted {
			p.Report(d)
		}
	}
	return &filtered, func() {
		for _, i := range all {
			i.tell(p, rule)
		}
	}
}

// ignoredIn is what a group of comments accepts of a rule.
func ignoredIn(p *analysis.Pass, rule string, group *ast.CommentGroup) []*ignored {
	var list []*ignored
	for _, c := range group.List {
		text, ok := strings.CutPrefix(c.Text, ignore)
		names, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		if !ok || !slices.Contains(strings.Split(names, ","), rule) {
			continue
		}
		i := &ignored{at: c.Pos(), about: lineOf(p, c.Pos()), reason: strings.TrimSpace(reason) != ""}
		if alone(p, unadjusted(p, c.Pos())) {
			i.about.number = lineOf(p, group.End()).number + 1
		}
		list = append(list, i)
	}
	return list
}

// alone reports whether nothing is before a place in its line.
func alone(p *analysis.Pass, at token.Position) bool {
	text, err := p.ReadFile(at.Filename)
	if err != nil || at.Offset > len(text) {
		return false
	}
	before := text[:at.Offset]
	return len(bytes.TrimSpace(before[bytes.LastIndexByte(before, '\n')+1:])) == 0
}

// tell reports what is wrong with a comment. In a file that is no test, a rule may find more when the package is looked
// at together with its tests.
func (i *ignored) tell(p *analysis.Pass, rule string) {
	message := ""
	switch {
	case !i.reason:
		message = "the comment does not say why " + rule + " does not matter here, and is not heeded: add a reason"
	case !i.used && strings.HasSuffix(i.about.file, "_test.go"):
		message = "there is nothing of " + rule + " to ignore here: take the comment away"
	default:
		return
	}
	p.Report(analysis.Diagnostic{Pos: i.at, Category: CategoryIgnore, Message: message})
}
