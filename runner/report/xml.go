package report

import (
	"bufio"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An xmlWriter writes XML that holds any text. Errors are kept until Flush.
type xmlWriter struct {
	*bufio.Writer
	scratch []byte
}

// raw writes markup.
func (x *xmlWriter) raw(s string) { x.WriteString(s) } //nolint:errcheck // kept until Flush

// attr writes an attribute.
func (x *xmlWriter) attr(name, value string) {
	x.raw(" ")
	x.raw(name)
	x.raw(`="`)
	x.escape(value, true)
	x.raw(`"`)
}

func (x *xmlWriter) intAttr(name string, value int) {
	x.raw(" " + name + `="` + strconv.Itoa(value) + `"`)
}

// secondsAttr writes a duration in seconds, to the millisecond.
func (x *xmlWriter) secondsAttr(name string, d time.Duration) {
	x.raw(" ")
	x.raw(name)
	x.raw(`="`)
	x.scratch = strconv.AppendFloat(x.scratch[:0], max(d, 0).Seconds(), 'f', 3, 64)
	x.Write(x.scratch) //nolint:errcheck // kept until Flush
	x.raw(`"`)
}

// text writes the content of an element.
func (x *xmlWriter) text(s string) { x.escape(s, false) }

// escape writes s without terminal escape sequences. What XML cannot hold, be
// it a character or a broken one, becomes U+FFFD.
func (x *xmlWriter) escape(s string, attr bool) {
	s = stripANSI(s)
	from := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if e := replacement(r, size, attr); e != "" {
			x.raw(s[from:i])
			x.raw(e)
			from = i + size
		}
		i += size
	}
	x.raw(s[from:])
}

// replacement is what stands for r in XML, or empty if r stands for itself. In
// attributes white space would be normalised by readers if it were not escaped.
func replacement(r rune, size int, attr bool) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '\r':
		return "&#xD;"
	case attr && r == '"':
		return "&quot;"
	case attr && r == '\n':
		return "&#xA;"
	case attr && r == '\t':
		return "&#x9;"
	case r == utf8.RuneError && size == 1, !xmlChar(r):
		return "\ufffd"
	}
	return ""
}

// xmlChar says whether XML 1.0 has r.
//
// Source: https://www.w3.org/TR/xml/#charsets
func xmlChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		' ' <= r && r <= '\ud7ff' || '\ue000' <= r && r <= '\ufffd' || '\U00010000' <= r && r <= utf8.MaxRune
}

const esc = '\x1b'

// stripANSI removes terminal escape sequences: colours, movements, titles.
func stripANSI(s string) string {
	if strings.IndexByte(s, esc) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, esc)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+sequence(s[i:]):]
	}
}

// sequence is the length of the escape sequence that s starts with. One that is
// none, or has no end, is its first character alone.
//
// Source: ECMA-48, 5th edition, 5.3 to 5.6.
func sequence(s string) int {
	if len(s) < 2 {
		return 1
	}
	switch c := s[1]; {
	case c == '[': // parameters and intermediates, one final character
		return upTo(s, '?', '@')
	case c == ']', c == 'P', c == '_', c == '^', c == 'X':
		return stringSequence(s)
	case ' ' <= c && c <= '/': // intermediates, one final character
		return upTo(s, '/', '0')
	case '0' <= c && c <= '~':
		return 2
	}
	return 1
}

// upTo is the length of a sequence that goes on with characters from space to
// last, and ends in one from first to tilde.
func upTo(s string, last, first byte) int {
	i := 2
	for i < len(s) && ' ' <= s[i] && s[i] <= last {
		i++
	}
	if i < len(s) && first <= s[i] && s[i] <= '~' {
		return i + 1
	}
	return 1
}

// stringSequence is the length of a sequence that holds text up to a bell or
// ESC \, all on one line.
func stringSequence(s string) int {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == '\a':
			return i + 1
		case s[i] == esc && i+1 < len(s) && s[i+1] == '\\':
			return i + 2
		case s[i] == '\n':
			return 1
		}
	}
	return 1
}
