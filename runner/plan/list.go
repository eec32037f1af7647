package plan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/google/uuid"
)

// maxListLine is the longest line of a list, in bytes.
const maxListLine = 1 << 20

// readList opens the file at path for parse.
func readList(path string, parse func(string, io.Reader) ([]*entry, error)) ([]*entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading test list: %w", err)
	}
	defer f.Close() // only read
	entries, err := parse(path, f)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%s: the list has no entries", path)
	}
	return entries, nil
}

// parseList reads an include or exclude list: one expression a line. A #
// starts a comment. A line that is a test's ID with its bracketed suffix means
// that test; the brackets would be a character class otherwise.
func parseList(path string, r io.Reader) ([]*entry, error) {
	return parseLines(path, r, func(place, line string) (*entry, error) {
		text, reason := cutComment(line)
		if text == "" {
			return nil, nil
		}
		e := &entry{place: place, text: text}
		if id, id36, ok := splitTagged(text); ok {
			e.id, e.uuid = id, id36
		} else {
			re, err := compile(place, text)
			if err != nil {
				return nil, err
			}
			e.re = re
		}
		e.reason, e.listed = reason, true
		return e, nil
	})
}

// parseLoadList reads a load list: one test a line, as an ID with or without
// the bracketed suffix, or as a UUID with or without "id-" before it. A line
// that starts with # is a comment.
func parseLoadList(path string, r io.Reader) ([]*entry, error) {
	return parseLines(path, r, func(place, line string) (*entry, error) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			return nil, nil
		}
		e := &entry{place: place, text: line, listed: true, id: line}
		if id, id36, ok := splitTagged(line); ok {
			e.id, e.uuid = id, id36
		} else if id36, ok := parseUUID(line); ok {
			e.id, e.uuid = "", id36
		} else if i := strings.LastIndexByte(line, '['); i > 0 && strings.HasSuffix(line, "]") {
			e.id = line[:i] // attributes only
		}
		return e, nil
	})
}

// parseLines calls parse for each line of r and gathers entries and errors.
func parseLines(path string, r io.Reader, parse func(place, line string) (*entry, error)) ([]*entry, error) {
	var entries []*entry
	var errs []error
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxListLine)
	for n := 1; lines.Scan(); n++ {
		e, err := parse(fmt.Sprintf("%s:%d", path, n), strings.TrimPrefix(lines.Text(), "\ufeff"))
		switch {
		case err != nil:
			errs = append(errs, err)
		case e != nil:
			entries = append(entries, e)
		}
	}
	if err := lines.Err(); err != nil {
		errs = append(errs, fmt.Errorf("reading %s: %w", path, err))
	}
	return entries, errors.Join(errs...)
}

// cutComment splits a line of a list at the first # that is not part of the
// suffix #01 that the testing package gives to the second of two equal names.
func cutComment(line string) (text, comment string) {
	for i := range len(line) {
		if line[i] != '#' || i > 0 && isOrdinal(line[i+1:]) && line[i-1] != ' ' && line[i-1] != '\t' {
			continue
		}
		return strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:])
	}
	return strings.TrimSpace(line), ""
}

// isOrdinal says whether s starts with two digits.
func isOrdinal(s string) bool {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	return len(s) >= 2 && digit(s[0]) && digit(s[1])
}

// splitTagged splits "ID[id-UUID,attribute,…]". The attributes are ignored.
func splitTagged(s string) (id, id36 string, ok bool) {
	i := strings.LastIndexByte(s, '[')
	if i < 0 || !strings.HasSuffix(s, "]") {
		return "", "", false
	}
	for tag := range strings.SplitSeq(s[i+1:len(s)-1], ",") {
		if !strings.HasPrefix(tag, "id-") {
			continue
		}
		if id36, ok := parseUUID(tag); ok {
			return s[:i], id36, true
		}
	}
	return "", "", false
}

// parseUUID reads a UUID in its usual form, with or without "id-" before it.
func parseUUID(s string) (string, bool) {
	s = strings.TrimPrefix(s, "id-")
	if len(s) != len(uuid.Nil.String()) {
		return "", false
	}
	u, err := uuid.Parse(s)
	return u.String(), err == nil
}

// newExpression is the entry for the value of a flag.
func newExpression(flag, text string) ([]*entry, error) {
	re, err := compile(flag, text)
	if err != nil {
		return nil, err
	}
	return []*entry{{place: flag, text: fmt.Sprintf("%q", text), re: re}}, nil
}

// compile compiles text, which stands at place. Python's look-ahead, common in
// lists for Python Tempest, gets a remedy of its own.
func compile(place, text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	if err == nil {
		return re, nil
	}
	var se *syntax.Error
	if errors.As(err, &se) && strings.HasPrefix(se.Expr, "(?") {
		return nil, fmt.Errorf("%s: %s: %s is not supported; "+
			"name what to leave out with --exclude-regex or --exclude-list", place, text, se.Expr)
	}
	return nil, fmt.Errorf("%s: %w", place, err)
}
