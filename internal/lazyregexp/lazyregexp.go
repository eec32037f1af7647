// Package lazyregexp compiles regular expressions when they are first used.
//
// A run starts tempest some forty times for twenty packages, as the supervisor of a test process or to
// save a link, and most of what such a process would compile at its start it never uses.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles expr at its first call, and returns the same result at each. A test
// has to reach it: it panics when expr is not a regular expression. Several goroutines may call it.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
