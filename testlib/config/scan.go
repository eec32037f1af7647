package config

import (
	"strconv"
	"strings"
)

// places says where the keys of a document stand. The TOML parser tells the
// places of errors in the syntax only.
type places []place

type place struct {
	path   string // of the key, joined by joinKey
	offset int
	index  int // of the element, when the path leads through an array of tables
}

// key returns the offset of the first key with that path, and of the nearest parent
// that has one otherwise.
func (p places) key(path ...string) int { return p.nth(0, path...) }

// nth is key for the element i of an array of tables.
func (p places) nth(i int, path ...string) int {
	for ; len(path) > 0; path = path[:len(path)-1] {
		joined := joinKey(path)
		for _, at := range p {
			if at.path == joined && at.index == i {
				return at.offset
			}
		}
	}
	return 0
}

func joinKey(path []string) string {
	quoted := make([]string, len(path))
	for i, k := range path {
		quoted[i] = strconv.Quote(k)
	}
	return strings.Join(quoted, ".")
}

// scan finds the keys of doc, which must be valid TOML.
func scan(doc string) places {
	s := &scanner{doc: doc, arrays: map[string]int{}}
	for {
		s.blank(true)
		if s.end() {
			return s.found
		}
		if s.peek() == '[' {
			s.header()
		} else {
			s.keyValue(s.table)
		}
	}
}

type scanner struct {
	doc    string
	pos    int
	table  []string       // path of the current table
	index  int            // of the current table in its array
	arrays map[string]int // arrays of tables: how many elements so far
	found  places
}

func (s *scanner) end() bool { return s.pos >= len(s.doc) }

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.end() {
		return 0
	}
	return s.doc[s.pos]
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.doc[s.pos:], prefix) }

// blank skips white space and, if newlines is set, line ends and comments.
func (s *scanner) blank(newlines bool) {
	for !s.end() {
		switch c := s.peek(); {
		case c == ' ' || c == '\t':
			s.pos++
		case newlines && (c == '\n' || c == '\r' || s.has("\ufeff")):
			s.pos++
			if c == 0xef { // the byte order mark is three bytes long
				s.pos += 2
			}
		case newlines && c == '#':
			s.comment()
		default:
			return
		}
	}
}

func (s *scanner) comment() {
	for !s.end() && s.peek() != '\n' {
		s.pos++
	}
}

func (s *scanner) note(path []string, offset int) {
	s.found = append(s.found, place{joinKey(path), offset, s.index})
}

// header reads [table] and [[array of tables]].
func (s *scanner) header() {
	array := s.has("[[")
	s.pos++
	if array {
		s.pos++
	}
	s.blank(false)
	start := s.pos
	s.table = s.key()
	s.index = 0
	if array {
		joined := joinKey(s.table)
		s.index = s.arrays[joined]
		s.arrays[joined]++
	} else if len(s.table) > 1 { // a table inside of the last element
		if n := s.arrays[joinKey(s.table[:1])]; n > 0 {
			s.index = n - 1
		}
	}
	s.note(s.table, start)
	for !s.end() && s.peek() == ']' {
		s.pos++
	}
}

// key reads a key with its dots, and the white space behind it.
func (s *scanner) key() []string {
	var path []string
	for !s.end() {
		start := s.pos
		path = append(path, s.simpleKey())
		s.blank(false)
		if s.peek() != '.' {
			break
		}
		s.pos++
		s.blank(false)
		if s.pos == start {
			break
		}
	}
	return path
}

func (s *scanner) simpleKey() string {
	start := s.pos
	switch s.peek() {
	case '"':
		s.quoted()
		if k, err := strconv.Unquote(s.doc[start:s.pos]); err == nil {
			return k
		}
		return s.doc[start:s.pos]
	case '\'':
		s.quoted()
		return strings.Trim(s.doc[start:s.pos], "'")
	}
	for !s.end() && !strings.ContainsRune(" \t.=]}\r\n,", rune(s.peek())) {
		s.pos++
	}
	return s.doc[start:s.pos]
}

// keyValue reads key = value inside of table.
func (s *scanner) keyValue(table []string) {
	start := s.pos
	path := append(append([]string{}, table...), s.key()...)
	s.note(path, start)
	if s.peek() == '=' {
		s.pos++
	}
	s.blank(false)
	s.value(path)
	if s.pos == start { // not TOML: do not stay here
		s.pos++
	}
}

func (s *scanner) value(path []string) {
	switch s.peek() {
	case '"', '\'':
		s.quoted()
	case '[':
		s.array(path)
	case '{':
		s.inlineTable(path)
	default:
		for !s.end() && !strings.ContainsRune(",]}#\r\n", rune(s.peek())) {
			s.pos++
		}
	}
}

func (s *scanner) array(path []string) {
	outer := s.index
	s.pos++
	for i := 0; !s.end(); i++ {
		s.blank(true)
		if s.peek() == ']' {
			s.pos++
			break
		}
		start := s.pos
		s.index = i
		s.value(path)
		s.blank(true)
		if s.peek() == ',' || s.pos == start {
			s.pos++
		}
	}
	s.index = outer
}

func (s *scanner) inlineTable(path []string) {
	s.pos++
	for !s.end() {
		s.blank(true)
		if s.peek() == '}' {
			s.pos++
			return
		}
		s.keyValue(path)
		s.blank(true)
		if s.peek() == ',' {
			s.pos++
		}
	}
}

// quoted skips a string of any of the four kinds.
func (s *scanner) quoted() {
	q := s.doc[s.pos : s.pos+1]
	if long := strings.Repeat(q, 3); s.has(long) {
		s.pos += 3
		s.until(long, q == `"`)
		for n := 0; n < 2 && s.has(q); n++ { // up to two quotes may stand before the closing three
			s.pos++
		}
		return
	}
	s.pos++
	s.until(q, q == `"`)
}

// until skips to behind the next end that is not escaped.
func (s *scanner) until(end string, escapes bool) {
	for !s.end() {
		switch {
		case escapes && s.peek() == '\\':
			s.pos = min(s.pos+2, len(s.doc))
		case s.has(end):
			s.pos += len(end)
			return
		default:
			s.pos++
		}
	}
}
