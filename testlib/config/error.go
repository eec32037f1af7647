package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Kind says what a value comes from.
type Kind int

// Kinds of origins, weakest first.
const (
	FromDefault Kind = iota
	FromFile
	FromEnvironment
	FromOverride
)

// Origin says where a value comes from.
type Origin struct {
	Kind         Kind   // which of the fields below are set
	File         string // path of the file as messages show it
	Line, Column int    // in the file, from 1; Column counts bytes
	Variable     string // of the environment
	Text         string // of the override
}

// String returns the origin as messages show it.
func (o Origin) String() string {
	switch o.Kind {
	case FromFile:
		if o.Line == 0 {
			return o.File
		}
		return fmt.Sprintf("%s:%d:%d", o.File, o.Line, o.Column)
	case FromEnvironment:
		return "$" + o.Variable
	case FromOverride:
		return "override " + o.Text
	}
	return "default"
}

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Origin  Origin // where it is; a zero Origin is nowhere in particular
	Message string // what is wrong, and what would be right
}

// String returns the problem on one line, its place first.
func (p Problem) String() string {
	if p.Origin.Kind == FromDefault {
		return oneLine(p.Message)
	}
	return oneLine(p.Origin.String() + ": " + p.Message)
}

// oneLine escapes control characters: names and text out of a file may hold any.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Error reports everything that is wrong with a configuration.
type Error struct {
	Problems []Problem // at least one, in the order of the sources
}

// Error returns one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func newError(problems []Problem) *Error {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Origin.Kind != b.Origin.Kind {
			return int(a.Origin.Kind) - int(b.Origin.Kind)
		}
		if a.Origin.Line != b.Origin.Line {
			return a.Origin.Line - b.Origin.Line
		}
		return a.Origin.Column - b.Origin.Column
	})
	return &Error{Problems: problems}
}
