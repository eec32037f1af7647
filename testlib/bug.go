package testlib

import (
	"fmt"
	"net/url"
	"strings"
)

// Places of bugs that are named by a number.
const (
	launchpad        = "https://bugs.launchpad.net/bugs/"
	storyboard       = "https://storyboard.openstack.org/#!/story/"
	storyboardPrefix = "storyboard:"
)

// bugURL returns where a bug can be read about. It is a number of Launchpad, "storyboard:" and a number,
// or a URL.
func bugURL(bug string) (string, error) {
	if isNumber(bug) {
		return launchpad + bug, nil
	}
	if story, ok := strings.CutPrefix(bug, storyboardPrefix); ok && isNumber(story) {
		return storyboard + story, nil
	}
	if u, err := url.Parse(bug); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return bug, nil
	}
	return "", fmt.Errorf("%q names no bug: write a number of Launchpad, %sNUMBER or a URL", bug, storyboardPrefix)
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// SkipBecause skips the test because of a bug: a number of Launchpad, "storyboard:" and
// a number, or a URL. [BugOption.When] restricts it. Inside a test, [Env.SkipBecause] does the same.
func SkipBecause(bug string) BugOption { return BugOption{kind: skipBug, bug: bug} }

// RelatedBug names a bug that a failure of the test may be due to: a failed test tells its
// URL. The test runs and fails as any other.
func RelatedBug(bug string) BugOption { return BugOption{kind: relatedBug, bug: bug} }

// Unstable says that the test fails because of a bug. Its failure is a known one: it is
// reported and counted by itself, and does not fail the run. When nothing fails, that is
// reported too, so that the option does not stay longer than the bug.
//
// What the test reports through its [Env] is known, also in its subtests. What is reported through
// its testing.T is not, nor are a panic, the end of the time, an interrupt, an error in
// making the credentials, and what the test leaves behind: all of these fail it.
func Unstable(bug string) BugOption { return BugOption{kind: unstableBug, bug: bug} }

// BugOption is an [Option] that names a bug.
type BugOption struct {
	kind bugKind
	bug  string
	off  bool
}

type bugKind uint8

const (
	skipBug bugKind = iota
	relatedBug
	unstableBug
)

func (k bugKind) String() string { return [...]string{"SkipBecause", "RelatedBug", "Unstable"}[k] }

// When makes the option count only where condition is true.
func (o BugOption) When(condition bool) BugOption {
	o.off = o.off || !condition
	return o
}

func (o BugOption) apply(s *settings) {
	url, err := bugURL(o.bug)
	if err != nil {
		s.wrong("testlib.%s: %v", o.kind, err)
		return
	}
	if o.off {
		return
	}
	switch o.kind {
	case skipBug:
		s.skipBug = url
	case relatedBug:
		s.relatedBugs = append(s.relatedBugs, url)
	case unstableBug:
		s.unstable = url
		s.attributes = append(s.attributes, string(attributeUnstable))
	}
}

// SkipBecause ends the test as skipped because of a bug, as the option of that name does.
func (e *Env) SkipBecause(bug string) {
	e.Helper()
	url, err := bugURL(bug)
	if err != nil {
		e.T.Fatalf("SkipBecause: %v", err)
	}
	e.Skip(skippedBecause + url)
}

const skippedBecause = "skipped because of "
