package testlib

import (
	"crypto/rand"
	"strings"
)

// Limits of the parts of a name. Together a name stays below 64 characters,
// which is what Keystone takes for projects.
const (
	namePrefix  = "tempest"
	maxWhat     = 16
	maxTestName = 28
	suffixSize  = 8
)

// Name returns a name for a resource that no other call returns. It says
// that tempest made the resource, what it is, and for which test.
func (e *Env) Name(what string) string {
	parts := []string{namePrefix}
	for _, p := range []string{shorten(what, maxWhat), shorten(e.T.Name(), maxTestName)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	suffix := strings.ToLower(rand.Text())[:suffixSize]
	return strings.Join(append(parts, suffix), "-")
}

// shorten returns at most n letters, digits and dashes of s, from its start.
func shorten(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '-', r == '_', r == '/', r == ' ':
			b.WriteByte('-')
		}
		if b.Len() == n {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
