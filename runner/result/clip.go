package result

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// A clip keeps the beginning and the end of a text, each up to half of its
// limit. Failures tend to say what they are at one of the two.
type clip struct {
	limit int // bytes; set before the first write
	head  []byte
	ring  []byte // the last bytes written after head
	next  int    // where the oldest byte of a full ring is
	total int64  // bytes written
}

// reset empties c and keeps its memory, unless that is large.
func (c *clip) reset() {
	const keep = 4 << 10
	if cap(c.head) > keep || c.ring != nil {
		c.head, c.ring = nil, nil
	}
	c.head, c.next, c.total = c.head[:0], 0, 0
}

// headFull says whether c no longer keeps all that is written next.
func (c *clip) headFull() bool { return c.total > int64(len(c.head)) || len(c.head) >= c.limit/2 }

// write adds b.
func (c *clip) write(b []byte) {
	c.total += int64(len(b))
	if room := c.limit/2 - len(c.head); room > 0 {
		n := min(room, len(b))
		c.head = append(c.head, b[:n]...)
		b = b[n:]
	}
	size := c.limit - c.limit/2
	if len(b) > size {
		b = b[len(b)-size:]
	}
	if room := size - len(c.ring); room > 0 {
		n := min(room, len(b))
		c.ring = append(c.ring, b[:n]...)
		b = b[n:]
	}
	for len(b) > 0 {
		n := copy(c.ring[c.next:], b)
		b = b[n:]
		c.next = (c.next + n) % len(c.ring)
	}
}

// cut is how many bytes are missing between head and tail.
func (c *clip) cut() int64 { return c.total - int64(len(c.head)) - int64(len(c.ring)) }

// tail returns what was written after head, in order. When something is
// missing before it, it starts with the line that says so.
func (c *clip) tail() []byte {
	t := make([]byte, 0, len(c.ring))
	t = append(append(t, c.ring[c.next:]...), c.ring[:c.next]...)
	if c.cut() == 0 {
		return t
	}
	t = wholeLines(t)
	missing := c.total - int64(len(c.head)) - int64(len(t))
	mark := marker(missing)
	if len(c.head) > 0 && c.head[len(c.head)-1] != '\n' {
		mark = "\n" + mark
	}
	return append([]byte(mark), t...)
}

// text returns what c keeps, and how many bytes are missing in its middle.
func (c *clip) text() (string, int64) {
	if c.total == int64(len(c.head)) {
		return string(c.head), 0
	}
	return string(c.head) + string(c.tail()), c.cut()
}

// wholeLines drops the part of a line that t starts with; at least the part of
// a character, when the line is a long one.
func wholeLines(t []byte) []byte {
	const nearby = 4 << 10
	if i := bytes.IndexByte(t[:min(len(t), nearby)], '\n'); i >= 0 {
		return t[i+1:]
	}
	for len(t) > 0 && !utf8.RuneStart(t[0]) {
		t = t[1:]
	}
	return t
}

// marker is the line that stands for n bytes of output.
func marker(n int64) string {
	return fmt.Sprintf("[tempest: %d bytes of output are left out here]\n", n)
}

// Shorten cuts the middle out of s so that about limit bytes of it remain, with a
// line that says what is missing. It returns that number of bytes too.
func Shorten(s string, limit int) (string, int64) {
	if len(s) <= limit {
		return s, 0
	}
	c := clip{limit: limit}
	c.write([]byte(s))
	return c.text()
}
