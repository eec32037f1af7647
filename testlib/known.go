package testlib

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gotempest/tempest/internal/protocol"
)

// known is what a test that is [Unstable] has reported.
type known struct {
	bug  string // URL
	over *known // of the group, when the option is the group's

	mu       sync.Mutex
	armed    bool // the test has its credentials: what fails from now on is known
	failed   bool
	first    string // what it said
	finished bool
	group    bool // it has subtests
}

// inPart reports whether some subtests may be left out, so that it is not known whether all pass.
func inPart() bool {
	for _, name := range []string{"test.run", "test.skip"} {
		if f := flag.Lookup(name); f != nil && strings.Contains(f.Value.String(), "/") {
			return true
		}
	}
	return false
}

// arm lets failures be known from now on.
func (k *known) arm() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.armed = true
}

// hasSubtest notes that the test is a group.
func (k *known) hasSubtest() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.group = true
}

// takes notes a failure, and reports whether it is a known one. text may be empty.
func (k *known) takes(text string) bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.armed || k.finished {
		return false
	}
	k.failed = true
	if k.first == "" {
		k.first = strings.TrimSpace(text)
	}
	return true
}

func (k *known) hasFailed() bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// newKnown returns what a test with that bug reports into, nil for a test without one in it or in
// its groups.
func newKnown(bug string, parent *Env) *known {
	if bug != "" {
		return &known{bug: bug}
	}
	if parent != nil && parent.known != nil {
		return &known{bug: parent.known.bug, over: parent.known}
	}
	return nil
}

// Error is like that of [testing.T], but for a test that is [Unstable]: there the failure is a known one.
func (e *Env) Error(args ...any) {
	e.Helper()
	if text := fmt.Sprintln(args...); e.known.takes(text) {
		e.Log(args...)
		return
	}
	e.T.Error(args...)
}

// Errorf is like that of [testing.T], but for a test that is [Unstable]: there the failure is a known one.
func (e *Env) Errorf(format string, args ...any) {
	e.Helper()
	if e.known.takes(fmt.Sprintf(format, args...)) {
		e.Logf(format, args...)
		return
	}
	e.T.Errorf(format, args...)
}

// Fatal is like that of [testing.T], but for a test that is [Unstable]: there the failure is a known one.
func (e *Env) Fatal(args ...any) {
	e.Helper()
	if text := fmt.Sprintln(args...); e.known.takes(text) {
		e.Log(args...)
		e.SkipNow()
	}
	e.T.Fatal(args...)
}

// Fatalf is like that of [testing.T], but for a test that is [Unstable]: there the failure is a known one.
func (e *Env) Fatalf(format string, args ...any) {
	e.Helper()
	if e.known.takes(fmt.Sprintf(format, args...)) {
		e.Logf(format, args...)
		e.SkipNow()
	}
	e.T.Fatalf(format, args...)
}

// Fail is like that of [testing.T], but for a test that is [Unstable]: there the failure is a known one.
func (e *Env) Fail() {
	if !e.known.takes("") {
		e.T.Fail()
	}
}

// FailNow is like that of [testing.T], but for a test that is [Unstable]: there the failure is a known one.
func (e *Env) FailNow() {
	if e.known.takes("") {
		e.SkipNow() // which ends the test; finish says what it is
	}
	e.T.FailNow()
}

// Failed reports whether the test has failed, also when that is known.
func (e *Env) Failed() bool { return e.T.Failed() || e.known.hasFailed() }

// Parallel fails the test: subtests share what their group has made, and run one after
// the other; tests with a [Start] of their own run in parallel anyway.
func (e *Env) Parallel() {
	e.Helper()
	e.T.Fatal("subtests of a group run one after the other: give what can run in parallel a testlib.Start of its own")
}

// settle says what became of a test that is [Unstable], or has related bugs. It reports whether it
// is a known failure, which ends as skipped.
func (e *Env) settle() (isKnown bool) {
	k := e.known
	if k == nil {
		if e.T.Failed() && len(e.related) > 0 {
			e.Logf("this may be due to %s", strings.Join(e.related, ", "))
		}
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.finished = true
	switch {
	case e.T.Failed():
		e.Logf("not a known failure of %s: only what is reported through the Env of the test is", k.bug)
	case k.failed:
		if k.over != nil {
			k.over.takes("subtest " + e.T.Name() + " failed")
		}
		e.Attr(protocol.AttrKnownFailure, k.bug)
		return true
	case k.over != nil, e.Skipped(), k.group && inPart(): // nothing is known
	default:
		e.Attr(protocol.AttrUnexpectedPass, k.bug)
		e.Logf("passed, although it is unstable because of %s: is that mended?", k.bug)
	}
	return false
}

// knownText is the message of a known failure.
func (k *known) text() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.first == "" {
		return "known failure, " + k.bug
	}
	return "known failure, " + k.bug + ": " + k.first
}

// TB returns the test for helpers that take a [testing.TB]: what they report is known where the
// test is [Unstable]. Helpers with an interface of their own can take the Env itself.
func (e *Env) TB() testing.TB { return tb{e.T, e} }

// tb is a test that reports through its Env.
type tb struct {
	*testing.T

	e *Env
}

func (t tb) Error(args ...any)                 { t.Helper(); t.e.Error(args...) }
func (t tb) Errorf(format string, args ...any) { t.Helper(); t.e.Errorf(format, args...) }
func (t tb) Fatal(args ...any)                 { t.Helper(); t.e.Fatal(args...) }
func (t tb) Fatalf(format string, args ...any) { t.Helper(); t.e.Fatalf(format, args...) }
func (t tb) Fail()                             { t.e.Fail() }
func (t tb) FailNow()                          { t.e.FailNow() }
func (t tb) Failed() bool                      { return t.e.Failed() }
