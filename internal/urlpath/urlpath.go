// Package urlpath compares paths of URLs with the patterns by which testlib and the embedded
// cloud choose calls.
package urlpath

import (
	"path"
	"strings"
)

// Fits reports whether a pattern fits a path: one as for [path.Match], where * stands for anything
// within one part; "/..." at its end stands for whatever is below. An empty pattern fits every path.
func Fits(pattern, actual string) bool {
	if top, below := strings.CutSuffix(pattern, "/..."); below {
		return actual == top || strings.HasPrefix(actual, top+"/")
	}
	fits, err := path.Match(pattern, actual)
	return pattern == "" || err == nil && fits
}
