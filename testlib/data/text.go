package data

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// scripts are what [Text] draws from: left to right and right to left, with and without case, letters that combine, and
// characters beyond 16 bits.
var scripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Han, unicode.Hiragana, unicode.Hangul, unicode.Arabic,
	unicode.Hebrew, unicode.Devanagari, unicode.Thai, unicode.Mn, unicode.So,
}

// Text returns n random characters of many scripts, all of them printable. In UTF-8 they have one to four bytes each.
func Text(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteRune(character(r, scripts[r.IntN(len(scripts))]))
	}
	return b.String()
}

// character returns a printable character of a table.
func character(r *rand.Rand, table *unicode.RangeTable) rune {
	for {
		c := pick(r, table)
		if unicode.IsPrint(c) {
			return c
		}
	}
}

// pick returns a character of a table, from each range with the same probability.
func pick(r *rand.Rand, table *unicode.RangeTable) rune {
	n := r.IntN(len(table.R16) + len(table.R32))
	if n < len(table.R16) {
		t := table.R16[n]
		return rune(t.Lo) + rune(t.Stride)*rune(r.IntN(int(t.Hi-t.Lo)/int(t.Stride)+1))
	}
	t := table.R32[n-len(table.R16)]
	return rune(t.Lo) + rune(t.Stride)*rune(r.IntN(int(t.Hi-t.Lo)/int(t.Stride)+1))
}

// Letters returns n random lower-case letters and digits, the first of them a letter.
func Letters(r *rand.Rand, n int) string {
	const letters, all = 26, "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = all[r.IntN(len(all))]
		if i == 0 {
			b[i] = all[r.IntN(letters)]
		}
	}
	return string(b)
}

// An Odd is a string that services are known to stumble over.
type Odd struct {
	Name  string // what is odd about it, fit for the name of a subtest
	Value string // the string itself
}

// nameLimit is the longest name that most services take, in characters.
const nameLimit = 255

// Odds returns strings for tests of input, the same each time. A service may take or refuse each of them, but must do
// so with an answer that says it, and must return what it took unchanged.
func Odds() []Odd {
	return []Odd{
		{"empty", ""},
		{"one space", " "},
		{"spaces around", "  name  "},
		{"tab and newline", "one\ttwo\nthree"},
		{"header injection", "name\r\nX-Injected: yes"},
		{"NUL", "before\x00after"},
		{"control characters", "\x01\x1b[31m\x7f"},
		{"longest", strings.Repeat("n", nameLimit)},
		{"too long", strings.Repeat("n", nameLimit+1)},
		{"longest, four bytes each", strings.Repeat("𝄞", nameLimit)},
		{"four bytes", "𝄞 🐧 👩‍🚀"},
		{"combining", "e\u0301 n\u0303 Z\u0351\u036b\u0343"},
		{"composed", "\u00e9 \u00f1"},
		{"right to left", "שלום \u202eabc\u202c مرحبا"},
		{"zero width", "a\u200bb\u200dc\ufeff"},
		{"case that grows", "ıİßﬁ"},
		{"invalid UTF-8", "\xff\xfe\xc3\x28"},
		{"quotes", `"'` + "`" + `\'"`},
		{"SQL", "'; DROP TABLE instances; --"},
		{"HTML", `<script>alert("x")</script>&amp;`},
		{"format", "%s %n %x {0} ${HOME} $(id)"},
		{"path", "../../etc/passwd"},
		{"slashes", "a/b//c\\d"},
		{"percent", "%2e%2e%2f %00 %zz"},
		{"question and hash", "name?query=1#fragment&more=2"},
		{"JSON", `{"name": null}`},
		{"number", "0123"},
		{"null", "null"},
		{"a UUID that is none", "00000000-0000-0000-0000-00000000000g"},
	}
}
