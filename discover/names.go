package discover

import (
	"strconv"
	"strings"
	"unicode"
)

// namer gives subtests the names that the testing package gives them.
type namer struct {
	used map[string]int // how often a full name was asked for or given
}

func newNamer() namer { return namer{used: make(map[string]int)} }

// name returns the full name of the next subtest of parent called sub.
func (n namer) name(parent, sub string) string {
	sub = rewriteName(sub)
	base := parent + "/" + sub
	for {
		k := n.used[base]
		n.used[base]++
		if k == 0 && sub != "" {
			if n.taken(base) {
				continue
			}
			return base
		}
		numbered := base + "#" + pad(k)
		if n.used[numbered] == 0 {
			return numbered
		}
	}
}

// taken says whether name, which was never asked for, was given to a repeated
// name: "x#01" to the second "x".
func (n namer) taken(name string) bool {
	i := strings.LastIndexByte(name, '#')
	if i < 0 {
		return false
	}
	stem, digits := name[:i], name[i+1:]
	switch {
	case len(digits) < 2, len(digits) > 2 && digits[0] == '0':
		return false // not as numbers are written
	case digits == "00" && !strings.HasSuffix(stem, "/"):
		return false // only the empty name is numbered from 0
	}
	k, err := strconv.ParseInt(digits, 10, 32) // which lets "+1" pass, as the testing package does
	return err == nil && k >= 0 && int(k) < n.used[stem]
}

// pad writes k with at least two digits.
func pad(k int) string {
	if k < 10 {
		return "0" + strconv.Itoa(k)
	}
	return strconv.Itoa(k)
}

// rewriteName makes a subtest name fit for patterns and output: space becomes
// "_", what cannot be printed its Go escape.
func rewriteName(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte('_')
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}
