package result

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Actions of test events.
//
// Source: cmd/internal/test2json and cmd/internal/load of Go 1.26.
const (
	actionStart       = "start"
	actionRun         = "run"
	actionPause       = "pause"
	actionCont        = "cont"
	actionPass        = "pass"
	actionFail        = "fail"
	actionSkip        = "skip"
	actionBench       = "bench"
	actionOutput      = "output"
	actionAttr        = "attr"
	actionArtifacts   = "artifacts"
	actionBuildOutput = "build-output"
	actionBuildFail   = "build-fail"
)

// Event is one line of `go test -json`. The zero value is ready for Parse.
//
// It exists because encoding/json takes most of the time that reading a million
// results costs. Fields alias the line or the Event's own buffer: they are good
// until the line is reused or Parse is called again.
type Event struct {
	Action      []byte // "run", "output", "pass", …
	Time        []byte // RFC 3339; empty if the line has none
	Package     []byte // import path; empty on build events
	Test        []byte // empty on events of a package
	Output      []byte
	ImportPath  []byte // of build events
	FailedBuild []byte // ImportPath of the build that made a package fail
	Key, Value  []byte // of "attr"
	Path        []byte // of "artifacts"
	Elapsed     float64

	buf []byte // unescaped strings; never moved while fields point into it
}

// errNotEvent is the error of Parse. Callers treat the line as stray text.
var errNotEvent = errors.New("not a test event")

// Parse reads one line into e. It accepts what encoding/json would accept for
// an object, nested values included, which it skips, and requires an Action.
// Strings that are not valid UTF-8 are taken as they are.
func (e *Event) Parse(line []byte) error {
	*e = Event{buf: e.buf[:0]}
	if cap(e.buf) < len(line) {
		e.buf = make([]byte, 0, 2*len(line))
	}
	p := parser{in: line, buf: &e.buf}
	if !p.object(e) || p.skipSpace() != 0 || len(e.Action) == 0 {
		return errNotEvent
	}
	return nil
}

// ParseCut reads the beginning of a line that was too long to be kept. It
// returns what there is of the event when the cut lies in the text of its
// Output, which is where a long line is long.
func (e *Event) ParseCut(line []byte) error {
	for cut := len(line); cut > len(line)-utf8.UTFMax-len(`\u0000\u0000`) && cut > 0; cut-- {
		closed := append(bytes.Clone(line[:cut]), `"}`...)
		if e.Parse(closed) == nil {
			if len(e.Output) == 0 {
				return errNotEvent
			}
			return nil
		}
	}
	return errNotEvent
}

// Started is the time of e, or the zero time if it has none that can be read.
func (e *Event) Started() time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(e.Time))
	if err != nil {
		return time.Time{}
	}
	return t
}

// field returns where the value of the key belongs, or nil.
func (e *Event) field(key []byte) *[]byte {
	switch string(key) {
	case "Action":
		return &e.Action
	case "Time":
		return &e.Time
	case "Package":
		return &e.Package
	case "Test":
		return &e.Test
	case "Output":
		return &e.Output
	case "ImportPath":
		return &e.ImportPath
	case "FailedBuild":
		return &e.FailedBuild
	case "Key":
		return &e.Key
	case "Value":
		return &e.Value
	case "Path":
		return &e.Path
	}
	return nil
}

// maxDepth bounds the nesting of values that a line may have.
const maxDepth = 100

// A parser walks over one JSON text.
type parser struct {
	in  []byte
	pos int
	buf *[]byte
}

// skipSpace returns the next byte that is not white space, without taking it,
// or 0 at the end.
func (p *parser) skipSpace() byte {
	for p.pos < len(p.in) {
		switch c := p.in[p.pos]; c {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return c
		}
	}
	return 0
}

// take skips white space and consumes c if it comes next.
func (p *parser) take(c byte) bool {
	if p.skipSpace() != c {
		return false
	}
	p.pos++
	return true
}

// object reads the outermost object into e.
func (p *parser) object(e *Event) bool {
	if !p.take('{') {
		return false
	}
	if p.take('}') {
		return true
	}
	for {
		key, ok := p.str()
		if !ok || !p.take(':') || !p.member(e, key) {
			return false
		}
		if p.take('}') {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}

// member reads the value of key into e.
func (p *parser) member(e *Event, key []byte) bool {
	if string(key) == "Elapsed" {
		return p.elapsed(e)
	}
	to := e.field(key)
	if to == nil {
		return p.skip(0)
	}
	if p.skipSpace() != '"' {
		return p.literal("null") // as encoding/json: null leaves the field alone
	}
	s, ok := p.str()
	*to = s
	return ok
}

func (p *parser) elapsed(e *Event) bool {
	if p.skipSpace() == 'n' {
		return p.literal("null")
	}
	n, ok := p.number()
	if !ok {
		return false
	}
	f, err := strconv.ParseFloat(string(n), 64)
	e.Elapsed = f
	return err == nil
}

// str reads a string. The result aliases the input if nothing is escaped.
func (p *parser) str() ([]byte, bool) {
	if !p.take('"') {
		return nil, false
	}
	start := p.pos
	i := start + plain(p.in[start:])
	switch {
	case i == len(p.in), p.in[i] < ' ':
		return nil, false
	case p.in[i] == '\\':
		return p.escaped(start, i)
	}
	p.pos = i + 1
	return p.in[start:i:i], true
}

// escaped reads the rest of a string that began at start and whose first
// backslash is at i.
func (p *parser) escaped(start, i int) ([]byte, bool) {
	buf := *p.buf // has room for the whole line
	from := len(buf)
	buf = append(buf, p.in[start:i]...)
	p.pos = i
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		switch {
		case c == '"':
			p.pos++
			*p.buf = buf
			return buf[from:len(buf):len(buf)], true
		case c < ' ':
			return nil, false
		case c != '\\':
			n := plain(p.in[p.pos:])
			buf = append(buf, p.in[p.pos:p.pos+n]...)
			p.pos += n
		default:
			var ok bool
			if buf, ok = p.escape(buf); !ok {
				return nil, false
			}
		}
	}
	return nil, false
}

// escape appends the character that the escape sequence at p.pos stands for.
func (p *parser) escape(buf []byte) ([]byte, bool) {
	if p.pos+1 >= len(p.in) {
		return buf, false
	}
	c := p.in[p.pos+1]
	p.pos += 2
	switch c {
	case '"', '\\', '/':
		return append(buf, c), true
	case 'b':
		return append(buf, '\b'), true
	case 'f':
		return append(buf, '\f'), true
	case 'n':
		return append(buf, '\n'), true
	case 'r':
		return append(buf, '\r'), true
	case 't':
		return append(buf, '\t'), true
	case 'u':
		r, ok := p.rune()
		return utf8.AppendRune(buf, r), ok
	}
	return buf, false
}

// plain is the length of what comes before the next byte of s that is special
// in a string: a quote, a backslash, a control character. It looks at eight
// bytes at a time, since most of what is read are strings.
func plain(s []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		x := binary.LittleEndian.Uint64(s[n:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		// A byte is 0 if taking 1 from it sets its high bit, and below a space if
		// taking that does. Borrowing can only mark bytes after the first.
		marks := ((x - ones*' ') &^ x) | ((quote - ones) &^ quote) | ((slash - ones) &^ slash)
		if marks &= high; marks != 0 {
			return n + bits.TrailingZeros64(marks)/8
		}
	}
	for ; n < len(s); n++ {
		if c := s[n]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return n
}

// rune reads the four digits of \u at p.pos, and a second \u if both are the
// halves of a surrogate pair.
func (p *parser) rune() (rune, bool) {
	r, ok := p.hex4()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if rest := p.in[p.pos:]; len(rest) >= 2 && rest[0] == '\\' && rest[1] == 'u' {
		at := p.pos
		p.pos += 2
		second, ok := p.hex4()
		if !ok {
			return 0, false
		}
		if both := utf16.DecodeRune(r, second); both != utf8.RuneError {
			return both, true
		}
		p.pos = at
	}
	return utf8.RuneError, true
}

func (p *parser) hex4() (rune, bool) {
	if len(p.in)-p.pos < len("FFFF") {
		return 0, false
	}
	var r rune
	for _, c := range p.in[p.pos : p.pos+len("FFFF")] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	p.pos += len("FFFF")
	return r, true
}

// number reads a number as JSON defines it.
func (p *parser) number() ([]byte, bool) {
	p.skipSpace()
	start := p.pos
	p.accept("-")
	switch {
	case p.accept("0"):
	case p.digits():
	default:
		return nil, false
	}
	if p.accept(".") && !p.digits() {
		return nil, false
	}
	if p.accept("eE") {
		p.accept("+-")
		if !p.digits() {
			return nil, false
		}
	}
	return p.in[start:p.pos], true
}

// accept takes one byte if it is one of chars.
func (p *parser) accept(chars string) bool {
	if p.pos < len(p.in) && strings.IndexByte(chars, p.in[p.pos]) >= 0 {
		p.pos++
		return true
	}
	return false
}

// digits takes one digit or more.
func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.in) && '0' <= p.in[p.pos] && p.in[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}

func (p *parser) literal(word string) bool {
	p.skipSpace()
	if !bytes.HasPrefix(p.in[p.pos:], []byte(word)) {
		return false
	}
	p.pos += len(word)
	return true
}

// skip takes a value of any kind.
func (p *parser) skip(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch p.skipSpace() {
	case '"':
		_, ok := p.str()
		return ok
	case '{':
		return p.skipList('{', '}', depth)
	case '[':
		return p.skipList('[', ']', depth)
	case 't':
		return p.literal("true")
	case 'f':
		return p.literal("false")
	case 'n':
		return p.literal("null")
	}
	_, ok := p.number()
	return ok
}

// skipList takes an object or an array.
func (p *parser) skipList(open, end byte, depth int) bool {
	p.take(open)
	if p.take(end) {
		return true
	}
	for {
		if open == '{' {
			if _, ok := p.str(); !ok || !p.take(':') {
				return false
			}
		}
		if !p.skip(depth + 1) {
			return false
		}
		if p.take(end) {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}
