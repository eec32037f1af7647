package gocmd

import "strings"

// SplitFlags splits the value of GOFLAGS at white space outside of quotes, as the go command does: a quote opens
// only at the beginning of a word. The words keep their quotes, see [Unquote].
func SplitFlags(s string) []string {
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

// Unquote returns a word of [SplitFlags] without the quotes around it. The second one may be missing.
func Unquote(word string) string {
	if word == "" || word[0] != '\'' && word[0] != '"' {
		return word
	}
	return strings.TrimSuffix(word[1:], word[:1])
}

// Setting returns what env says of a variable, as "NAME=value". The last one counts. Where there is none it is the name
// alone.
func Setting(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if strings.HasPrefix(env[i], name+"=") {
			return env[i]
		}
	}
	return name
}
