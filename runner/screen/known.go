package screen

import "github.com/gotempest/tempest/runner/result"

// known shows the tests that failed because of a bug, as they were expected to.
func (s *summary) known() {
	var g grouped
	for _, n := range s.results(status(result.Known)) {
		g.add(n.id(), n.r.Message())
	}
	s.groups("Known failures: they do not fail the run", g)
}

// unexpected shows the tests that were expected to fail and passed.
func (s *summary) unexpected() {
	var g grouped
	for _, n := range s.results(status(result.Passed)) {
		if bug := n.r.Attr(result.AttrUnexpectedPass); bug != "" {
			g.add(n.id(), "unstable because of "+bug+": is that mended?")
		}
	}
	s.groups("Passed unexpectedly", g)
}
