package discover

import "strings"

// userFlags is GOFLAGS taken apart. Flags on the command line overrule those in
// GOFLAGS, and the overlay needs some of them for itself.
type userFlags struct {
	modFile string   // of -modfile: the go.mod that the user means
	tags    []string // of -tags
	rest    string   // GOFLAGS without -mod, -modfile and -tags
	changed bool     // rest differs from GOFLAGS
}

// emptyFlags says nothing. An empty GOFLAGS in the environment would let the
// go command fall back to what go env -w has written.
const emptyFlags = "-x=false"

func readUserFlags(goflags string) userFlags {
	var u userFlags
	var rest []string
	for _, word := range splitFlags(goflags) {
		flag := strings.Trim(word, `'"`)
		name, value, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		switch name {
		case "mod":
		case "modfile":
			u.modFile = value
		case "tags":
			u.tags = strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' })
		default:
			rest = append(rest, word)
			continue
		}
		u.changed = true
	}
	if u.rest = strings.Join(rest, " "); u.rest == "" {
		u.rest = emptyFlags
	}
	return u
}

// splitFlags splits at white space, but not inside of quotes that begin a word.
func splitFlags(s string) []string {
	var words []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		end := strings.IndexAny(s, " \t\n\r")
		if q := s[0]; q == '\'' || q == '"' {
			end = strings.IndexByte(s[1:], q)
			if end >= 0 {
				end += 2
			}
		}
		if end < 0 {
			end = len(s)
		}
		words = append(words, s[:end])
		s = s[end:]
	}
	return words
}
