package result

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf8"
)

// framing says whether the testing package wrote this line around a test.
func framing(line []byte) bool {
	line = bytes.TrimLeft(line, " ")
	if len(line) < len("=== RUN   ") || line[len(line)-1] != '\n' {
		return false
	}
	switch string(line[:4]) {
	case "=== ":
		word, _, _ := bytes.Cut(line[4:], []byte(" "))
		switch string(word) {
		case "RUN", "PAUSE", "CONT", "NAME", "ATTR", "ARTIFACTS":
			return true
		}
	case "--- ":
		word, _, _ := bytes.Cut(line[4:], []byte(":"))
		switch string(word) {
		case "PASS", "FAIL", "SKIP":
			return bytes.HasSuffix(line, []byte("s)\n"))
		}
	}
	return false
}

// Pieces yields text in pieces of at most size bytes that end at the end of a
// line, or if a line is too long for that, of a character.
func Pieces(text []byte, size int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			n := len(text)
			if n > size {
				n = breakBefore(text, size)
			}
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// breakBefore is the best place at or before size to break text, which is
// longer.
func breakBefore(text []byte, size int) int {
	if i := bytes.LastIndexByte(text[:size], '\n'); i >= 0 {
		return i + 1
	}
	for n := size; n > size-utf8.UTFMax && n > 0; n-- {
		if utf8.RuneStart(text[n]) {
			return n
		}
	}
	return size
}

// verdictLine says whether this line of a package only says how it ended.
func verdictLine(line []byte) bool {
	switch string(line) {
	case "PASS\n", "FAIL\n":
		return true
	}
	for _, prefix := range []string{"FAIL\t", "ok  \t", "?   \t"} {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return true
		}
	}
	return false
}

// logIndent is what the testing package puts before an entry, and twice before its further lines.
const logIndent = "    "

// lastLog returns the last entry that the test logged: T.Log, T.Skip and T.Fatal
// write "    file.go:12: text", with further lines indented more. Empty if there
// is none; a test that printed without logging has its last line returned.
func lastLog(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n "), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		first, ok := logEntry(lines[i])
		if !ok {
			continue
		}
		entry := []string{first}
		for _, l := range lines[i+1:] {
			if !strings.HasPrefix(l, logIndent+logIndent) {
				break // what the test printed later
			}
			entry = append(entry, strings.TrimSpace(l))
		}
		return strings.TrimSpace(strings.Join(entry, "\n"))
	}
	return strings.TrimSpace(lines[len(lines)-1])
}

// logEntry returns what follows "    file.go:12: " in line.
func logEntry(line string) (string, bool) {
	if !strings.HasPrefix(line, logIndent) {
		return "", false
	}
	line = strings.TrimLeft(line, " ")
	_, rest, ok := strings.Cut(line, ".go:")
	if !ok || strings.ContainsAny(line[:len(line)-len(rest)], " \t") {
		return "", false
	}
	digits, text, ok := strings.Cut(rest, ":")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return strings.TrimPrefix(text, " "), true
}

// failure returns what a failed test has to say for itself: the line of a
// panic, or else the last entry that it logged.
func failure(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "panic: ") {
			return strings.TrimSpace(line)
		}
	}
	return lastLog(text)
}
