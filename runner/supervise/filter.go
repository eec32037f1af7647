package supervise

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ArgLimit is the size in bytes that one argument of a process must stay under
// (MAX_ARG_STRLEN of Linux). Other systems allow more.
const ArgLimit = 131072

// argReserve leaves room for "-test.run=" and the final zero byte.
const argReserve = 64

// Filters returns values of -test.run that together select exactly the tests
// with these names, as the testing package prints them. A name without "/"
// stands for the test with all its subtests; the parents of a subtest run, but
// no other subtests of theirs. Each value is shorter than limit bytes; there is
// more than one only when the tests do not fit into one.
func Filters(names []string, limit int) []string {
	root := newSelection(names)
	return pack(root.alternatives(nil), limit-argReserve)
}

// selection is a tree of selected names, split at "/" as the testing package does.
type selection struct {
	all  bool // this test is selected with all below it
	subs map[string]*selection
}

func newSelection(names []string) *selection {
	root := &selection{subs: map[string]*selection{}}
	for _, name := range names {
		at := root
		for elem := range strings.SplitSeq(name, "/") {
			next := at.subs[elem]
			if next == nil {
				next = &selection{subs: map[string]*selection{}}
				at.subs[elem] = next
			}
			at = next
		}
		at.all = true
	}
	return root
}

// An alternative selects the names of which each element matches: the product
// of its levels. Every level is a set of names.
type alternative [][]string

// alternatives lists what is below s. Tests of which the same is selected share
// one: the testing package compiles its regexps anew for every name and every
// alternative, so few are better than many.
func (s *selection) alternatives(path alternative) []alternative {
	var whole []string
	same := map[string][]string{} // what is selected below -> names
	for name, sub := range s.subs {
		if sub.all {
			whole = append(whole, name)
			continue
		}
		shape := sub.shape()
		same[shape] = append(same[shape], name)
	}
	var out []alternative
	if len(whole) > 0 {
		slices.Sort(whole)
		out = append(out, append(slices.Clone(path), whole))
	}
	shapes := make([]string, 0, len(same))
	for shape := range same {
		slices.Sort(same[shape])
		shapes = append(shapes, shape)
	}
	slices.SortFunc(shapes, func(a, b string) int { return strings.Compare(same[a][0], same[b][0]) })
	for _, shape := range shapes {
		names := same[shape]
		level := append(slices.Clone(path), names)
		out = append(out, s.subs[names[0]].alternatives(level)...)
	}
	return out
}

// shape is equal for two selections that select the same below them.
func (s *selection) shape() string {
	names := make([]string, 0, len(s.subs))
	for name := range s.subs {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name)
		b.WriteByte('/') // cannot be part of a name
		if !s.subs[name].all {
			b.WriteString(s.subs[name].shape())
		}
		b.WriteByte('/')
	}
	return b.String()
}

// pack joins as many alternatives as fit into one value, and halves those that
// do not fit into one of their own.
func pack(alts []alternative, limit int) []string {
	var out []string
	for len(alts) > 0 {
		a := alts[0]
		p := a.pattern()
		if len(p) > limit {
			if halves := a.halve(); halves != nil {
				alts = append(halves, alts[1:]...)
				continue
			}
		}
		alts = alts[1:]
		if last := len(out) - 1; last >= 0 && len(out[last])+1+len(p) <= limit {
			out[last] += "|" + p
			continue
		}
		out = append(out, p)
	}
	return out
}

// halve splits the largest level. It returns nil when each level has one name.
func (a alternative) halve() []alternative {
	at := 0
	for i := range a {
		if len(a[i]) > len(a[at]) {
			at = i
		}
	}
	if len(a[at]) < 2 {
		return nil
	}
	low, high := slices.Clone(a), slices.Clone(a)
	mid := len(a[at]) / 2
	low[at], high[at] = a[at][:mid], a[at][mid:]
	return []alternative{low, high}
}

// pattern is the regexp of a, as -test.run takes it.
func (a alternative) pattern() string {
	parts := make([]string, len(a))
	for i, names := range a {
		parts[i] = "^" + anyOf(names) + "$"
	}
	return strings.Join(parts, "/")
}

// anyOf is a regexp for exactly the names, which are sorted and distinct. What
// several of them begin with is written once.
func anyOf(names []string) string {
	if len(names) == 1 {
		return regexp.QuoteMeta(names[0])
	}
	first, last := names[0], names[len(names)-1]
	common := commonPrefix(first, last)
	var parts []string
	rest := names
	if first == common {
		rest = rest[1:]
		parts = append(parts, "") // the empty alternative
	}
	for len(rest) > 0 {
		n := sameStart(rest, len(common))
		group := make([]string, n)
		for i := range group {
			group[i] = rest[i][len(common):]
		}
		parts = append(parts, anyOf(group))
		rest = rest[n:]
	}
	if len(parts) == 1 { // all begin with the same, and none is the prefix itself
		return regexp.QuoteMeta(common) + parts[0]
	}
	return regexp.QuoteMeta(common) + "(" + strings.Join(parts, "|") + ")"
}

// commonPrefix is what a and b both begin with, in whole characters.
func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) {
		_, size := utf8.DecodeRuneInString(a[n:])
		if !strings.HasPrefix(b[n:], a[n:n+size]) {
			break
		}
		n += size
	}
	return a[:n]
}

// sameStart counts the names that have the character at byte i in common with
// the first one.
func sameStart(names []string, i int) int {
	_, size := utf8.DecodeRuneInString(names[0][i:])
	start := names[0][i : i+size]
	n := 1
	for n < len(names) && strings.HasPrefix(names[n][i:], start) {
		n++
	}
	return n
}
