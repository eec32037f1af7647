// Package tempestconf turns the configuration of Python Tempest, tempest.conf, into that of tempest.
//
// The file is INI as oslo.config reads it. No INI library is used: those for Go read other dialects (inline
// comments, escapes, no continued lines), and none of them tells the line of a key, which every message here needs.
package tempestconf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// setting is one assignment of the file.
type setting struct {
	group, key string // as written, but in lower case and with _ for -
	name       string // group.key as written
	value      string // lines of a continued value are joined by line ends
	line       int
}

// Problem is a line that cannot be read, or a setting that is not taken over.
type Problem struct {
	Line    int
	Message string
}

// parse reads the file as oslo.config does. Where oslo.config stops at the first mistake, it goes on with the
// next line, to tell all of them.
//
// Source: https://docs.openstack.org/oslo.config/latest/reference/configuration-files.html
func parse(text string) ([]setting, []Problem) {
	p := parser{}
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.SplitSeq(text, "\n") {
		p.line++
		p.read(strings.TrimRight(line, " \t\r\v\f"))
	}
	return p.settings, p.problems
}

type parser struct {
	line     int
	group    string
	inGroup  bool
	open     bool // the next line may continue the last setting
	settings []setting
	problems []Problem
}

func (p *parser) wrong(format string, args ...any) {
	p.problems = append(p.problems, Problem{p.line, printable(fmt.Sprintf(format, args...))})
}

func (p *parser) read(line string) {
	switch {
	case line == "":
		p.open = false
	case line[0] == ' ' || line[0] == '\t':
		if !p.open {
			p.wrong("a line that begins with a space continues a value, and there is none before it")
			return
		}
		last := &p.settings[len(p.settings)-1]
		last.value += "\n" + strings.TrimLeft(line, " \t")
	case line[0] == '[':
		p.open = false
		p.section(line)
	case line[0] == '#' || line[0] == ';':
		p.open = false
	default:
		p.assignment(line)
	}
}

func (p *parser) section(line string) {
	switch {
	case !strings.HasSuffix(line, "]"):
		p.wrong("a section ends with ]")
	case line == "[]":
		p.wrong("a section has a name")
	default:
		p.group, p.inGroup = line[1:len(line)-1], true
	}
}

func (p *parser) assignment(line string) {
	p.open = false
	i := strings.IndexAny(line, "=:")
	if i < 0 {
		p.wrong("neither a [section] nor key = value")
		return
	}
	key, value := strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:])
	switch {
	case key == "":
		p.wrong("there is no key before the %c", line[i])
		return
	case !p.inGroup:
		p.wrong("%s stands before the first [section]", key)
		return
	}
	if n := len(value); n > 0 && value[0] == value[n-1] && strings.ContainsRune(`"'`, rune(value[0])) {
		value = value[1:max(n-1, 1)]
	}
	p.settings = append(p.settings, setting{
		group: plain(p.group), key: plain(key), name: p.group + "." + key, value: value, line: p.line,
	})
	p.open = true
}

// printable escapes control characters, and line ends with them: the file may hold any.
func printable(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	return strings.Trim(strconv.Quote(s), `"`)
}

// plain is a name without the differences that oslo.config does not see either.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "-", "_")) }

// last keeps the last setting of each option: that is the one that counts.
func last(all []setting) []setting {
	place := map[string]int{}
	var kept []setting
	for _, s := range all {
		key := s.group + "." + s.key
		if i, ok := place[key]; ok {
			kept[i] = s
			continue
		}
		place[key] = len(kept)
		kept = append(kept, s)
	}
	return kept
}

// reference is $name, ${name} or ${group.name}; "$$" and "\$" stand for a "$".
var reference = lazyregexp.New(`(?i)\$\$|\\\$|\$([_a-z][._a-z0-9]*)|\$\{([_a-z][._a-z0-9]*)\}`)

// mostNested is how deep values may refer to each other: a circle ends there.
const mostNested = 10

// expand replaces references in a value by the values that they name, and returns the names that
// the file does not have.
func expand(s setting, all map[string]setting) (value string, missing []string) {
	return expandDeep(s, all, mostNested)
}

func expandDeep(s setting, all map[string]setting, depth int) (value string, missing []string) {
	value = reference().ReplaceAllStringFunc(s.value, func(found string) string {
		if found == "$$" || found == `\$` {
			return "$"
		}
		name := plain(strings.Trim(found, "${}"))
		group, key, dotted := strings.Cut(name, ".")
		if !dotted {
			group, key = s.group, name
		}
		to, ok := all[group+"."+key]
		if !ok {
			to, ok = all["default."+key]
		}
		if !ok || depth == 0 {
			missing = append(missing, found)
			return found
		}
		text, more := expandDeep(to, all, depth-1)
		missing = append(missing, more...)
		return text
	})
	return value, missing
}
