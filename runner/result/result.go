// Package result turns the events of one `go test -json` into a [Report]: the
// plan joined with what was seen.
//
// A [Collector] reads the stream while it is written. It takes anything: lines
// that are no events, lines of any length, output that imitates events, events
// out of order, a stream that breaks off. What it keeps is bounded: output is
// cut per test, and dropped for tests that passed.
//
// # How tests are counted
//
// Every test of the plan ends as exactly one of passed, failed, known failure, skipped, lost.
//
//   - A test that gave a result has that result. When it gave two, the worse
//     counts, and the report says so. A result without a start is not believed:
//     the test is lost.
//   - A test that is skipped and says, by an attribute, that it failed because of
//     a bug it names is a known failure.
//   - A test that is skipped and says, by an attribute, that it was told to end is
//     lost, unless the run was interrupted: only its own process was then.
//   - A test that started and gave no result is lost.
//   - A declared subtest that never started follows its parent: skipped for the
//     parent's reason; failed ("did not run") when the parent failed first; lost
//     when the parent passed or is lost. When it is conditional and the parent
//     gave a result, it leaves the plan: nobody can say that it should have run.
//     If it was selected without its parent, it is skipped instead, so that a
//     run of it alone is not empty and green.
//   - Another test that never started is skipped when the run was interrupted or
//     ended at its first failure; otherwise lost, and the message says why.
//   - An implied parent ([plan.Test.Implied]) counts only if it fails.
//   - A subtest that source code does not declare, seen below a test that was
//     selected, is an extra result, counted like the others. Any other result
//     outside the plan is unplanned: it is reported, and the run is not trusted.
package result

import (
	"strings"
	"time"

	"github.com/gotempest/tempest/runner/plan"
)

// Status is how a test or a package ended.
type Status uint8

// Statuses, worst last.
const (
	None    Status = iota // nothing is known
	Passed                // gave the result "pass"
	Skipped               // gave the result "skip", or was not run for a stated reason
	Known                 // failed because of a bug that it names, as it was expected to
	Failed                // gave the result "fail", or could not run because its parent failed
	Lost                  // should have given a result and did not
)

// String is the word for s in messages and reports.
func (s Status) String() string {
	switch s {
	case Passed:
		return "passed"
	case Skipped:
		return "skipped"
	case Known:
		return "known"
	case Failed:
		return "failed"
	case Lost:
		return "lost"
	case None:
	}
	return "none"
}

// Result is the outcome of one test. It is small: a run may have a million.
type Result struct {
	Name string // as plan.Test.Name

	// Test is the declaration; nil for a subtest that source code does not
	// declare, and for an unplanned test.
	Test *plan.Test

	// Detail is what else is known; nil for most tests that passed.
	Detail *Detail

	Elapsed time.Duration // as the testing package measured; 0 if it did not say

	// started is in nanoseconds since 1970; 0 if the test never started, and
	// unknownStart if it did not say when.
	started int64
	Status  Status
	seen    bool // has a final event
	planned bool // is in the plan
}

const unknownStart = 1

// Detail is the rare part of a [Result].
type Detail struct {
	// Message says in one line, or a few, why the test did not pass: the reason
	// of a skip, the last thing a failed test logged, the cause of a loss.
	Message string

	// Output is what the test printed, without the framing of the testing
	// package, for tests that did not pass. When it was too long the middle is
	// missing, a line says so, and Cut is how many bytes that were.
	Output string
	Cut    int64

	// Attrs are what the test set with T.Attr, in that order; a key set twice
	// has its last value. Those that only repeat the declaration of the test
	// are left out: see [Declared].
	Attrs []Attr

	// Artifacts are folders that T.ArtifactDir gave.
	Artifacts []string

	// Repeats is how many results the test gave after its first.
	Repeats int
}

// Attr is an attribute that a test set with T.Attr.
type Attr struct{ Key, Value string }

// AttrWait is the attribute by which a test says how long it waited for its place in the run.
const AttrWait = "wait"

// Waited is how long the test waited for its place in the run. It is part of Elapsed.
func (r *Result) Waited() time.Duration {
	d, err := time.ParseDuration(r.Attr(AttrWait))
	if err != nil { // none, or one that the test made up
		return 0
	}
	return min(max(d, 0), r.Elapsed)
}

// Own is how long the test itself took.
func (r *Result) Own() time.Duration { return r.Elapsed - r.Waited() }

// Attributes by which a test that is expected to fail, because of a bug, says how it ended. The
// value is the URL of the bug.
const (
	AttrKnownFailure   = "known_failure"   // it failed; to the testing package it is skipped
	AttrUnexpectedPass = "unexpected_pass" // it did not fail
)

// Declared returns what the declaration of t says of it, in the form of the
// attributes that testlib sets on the running test: id, attributes, services.
// Those that t does not have are left out.
func Declared(t *plan.Test) []Attr {
	var attrs []Attr
	for _, a := range []Attr{
		{"id", t.UUID}, {"attributes", strings.Join(t.Attributes, ",")}, {"services", strings.Join(t.Services, ",")},
	} {
		if a.Value != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// Message is that of the Detail.
func (r *Result) Message() string {
	if r.Detail == nil {
		return ""
	}
	return r.Detail.Message
}

// Output is that of the Detail.
func (r *Result) Output() string {
	if r.Detail == nil {
		return ""
	}
	return r.Detail.Output
}

// Attrs are those of the Detail.
func (r *Result) Attrs() []Attr {
	if r.Detail == nil {
		return nil
	}
	return r.Detail.Attrs
}

// Attr is the value of the attribute key; empty if the test did not set it.
func (r *Result) Attr(key string) string {
	for _, a := range r.Attrs() {
		if a.Key == key {
			return a.Value
		}
	}
	return ""
}

// Started is when the test started, or the zero time if it did not, or did not say.
func (r *Result) Started() time.Time {
	if r.started <= unknownStart {
		return time.Time{}
	}
	return time.Unix(0, r.started).UTC()
}

// Extra says whether r is of a subtest that source code does not declare, or of
// an implied parent that failed.
func (r *Result) Extra() bool { return !r.planned }

// detail returns the Detail of r, made if need be.
func (r *Result) detail() *Detail {
	if r.Detail == nil {
		r.Detail = &Detail{}
	}
	return r.Detail
}

// PackageResult is the outcome of one package.
type PackageResult struct {
	Path    string
	Plugin  string // empty for a package that was not planned
	Module  string
	Version string
	Sum     string // of the module, as in go.sum

	// Status is Failed also when all tests passed but the test binary did not,
	// and Lost when the package did not build or gave no result.
	Status  Status
	Started time.Time     // zero if it did not start
	Elapsed time.Duration // of the test binary

	// Results are the tests of the plan in its order, then extra results in
	// the order in which they started.
	Results []Result

	// Unplanned are results outside the plan.
	Unplanned []Result

	// Message says in one line what is wrong with the package itself, beyond
	// its tests: how it died, that it did not build. Empty if nothing is.
	Message string

	// Output is what the package printed outside its tests, cut like the output
	// of a test; kept only if the package did not pass.
	Output string

	BuildOutput string    // what the compiler said, if the package did not build
	Killed      []Process // left behind when the test binary ended, and killed
	Log         string    // path of the log of the package; may be empty
	died        bool
}

// Broken says whether the package did not build or died, or never ended.
func (p *PackageResult) Broken() bool { return p.died || p.BuildOutput != "" || p.Status == Lost }

// Process is an operating system process.
type Process struct {
	PID  int
	Name string
}

// Totals count tests. Passed+Skipped+Known+Failed+Lost = Planned+Extra.
type Totals struct {
	Planned int // tests of the plan, without conditional subtests that did not run
	Extra   int // results beyond it, below planned tests

	Passed, Skipped, Known, Failed, Lost int

	Unexpected int // among those that passed, tests that were expected to fail
	Unplanned  int // results outside the plan; in none of the above
}

// Report is the outcome of a run.
type Report struct {
	Totals   Totals
	Packages []PackageResult // those of the plan in its order, then others
	Faults   []plan.Fault
	Excluded []plan.Exclusion // as in the plan; in none of the totals

	// Err says what was wrong with `go test` itself; empty if nothing was.
	Err string

	// Stray is what stood between the events and was none, cut like the output
	// of a test.
	Stray string

	Interrupted string // as in End
	FailFast    bool   // as in End

	// Leaks are what tests have left in the cloud, in the order in which it was
	// removed; what could not be removed comes last.
	Leaks []Leak

	Seed  string // of the random data of the tests; empty if the run did not set it
	Cloud string // what the tests ran against, in words; empty if nobody said

	Started time.Time
	Elapsed time.Duration
}

// Exit codes of a run.
const (
	ExitPassed      = 0   // every planned test passed, or was skipped for a reason
	ExitFailed      = 1   // a test or a package failed, or left something in the cloud
	ExitUntrusted   = 3   // faults, losses, unplanned results: the run proves nothing
	ExitInterrupted = 130 // by SIGINT
	ExitTerminated  = 143 // by SIGTERM
)

// ExitCode is the exit code that the run deserves: the worst that applies.
func (r *Report) ExitCode() int {
	switch {
	case r.Interrupted == "SIGTERM":
		return ExitTerminated
	case r.Interrupted != "":
		return ExitInterrupted
	case !r.Trusted():
		return ExitUntrusted
	case r.Totals.Failed > 0 || r.packageFailed() || len(r.Leaks) > 0:
		return ExitFailed
	}
	return ExitPassed
}

// Trusted says whether every test of the plan gave a result and nothing else
// did, so that the run proves what it says.
func (r *Report) Trusted() bool {
	if r.Err != "" || len(r.Faults) > 0 || r.Totals.Lost > 0 || r.Totals.Unplanned > 0 {
		return false
	}
	for i := range r.Packages {
		if r.Packages[i].Broken() {
			return false
		}
	}
	return true
}

func (r *Report) packageFailed() bool {
	for i := range r.Packages {
		if r.Packages[i].Status == Failed {
			return true
		}
	}
	return false
}

// End is what the runner knows when `go test` has ended and its stream has not
// said.
type End struct {
	// Interrupted is the name of the signal that ended the run early: "SIGINT",
	// "SIGTERM". Empty if none did.
	Interrupted string

	// FailFast is set when the run was to end at its first failure.
	FailFast bool

	// GoErr is what was wrong with `go test` itself, as it could not start or
	// refused its arguments: a line or a few. A failed test is nothing wrong.
	GoErr string

	// Packages are the records of the supervisors, in any order.
	Packages []PackageEnd
}

// PackageEnd is what the supervisor of one package saw.
type PackageEnd struct {
	Path string

	// Died says how the test binary ended, if not by itself after its tests:
	// "killed by SIGKILL", "did not end within its timeout of 10m". Empty else.
	Died string

	Killed []Process // left behind when the test binary ended, and killed
	Log    string    // path of its log; may be empty
}
