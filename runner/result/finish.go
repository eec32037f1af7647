package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Finish joins the plan with what was read and returns the report. The
// collector must not be used after it.
func (c *Collector) Finish(e End) *Report {
	r := &Report{
		Faults: c.plan.Faults, Excluded: c.plan.Excluded, Err: e.GoErr,
		Interrupted: e.Interrupted, FailFast: e.FailFast,
		Started: c.started, Elapsed: c.o.Now().Sub(c.started),
	}
	r.Stray, _ = c.stray.text()
	ends := make(map[string]PackageEnd, len(e.Packages))
	for _, p := range e.Packages {
		ends[p.Path] = p
	}
	j := joiner{c: c, end: e, anyFailed: c.anyFailed()}
	for _, ps := range c.packages {
		if ps.action == "" {
			c.endRunning(ps)
		}
		j.join(ps, ends[ps.res.Path])
		if ps.pkg == nil && len(ps.res.Unplanned) == 0 && ps.action != actionFail {
			continue // a package without tests
		}
		r.Totals.add(&ps.res)
		r.Packages = append(r.Packages, ps.res)
	}
	c.flush()
	return r
}

// add counts the results of p.
func (t *Totals) add(p *PackageResult) {
	t.Unplanned += len(p.Unplanned)
	for i := range p.Results {
		r := &p.Results[i]
		if r.planned {
			t.Planned++
		} else {
			t.Extra++
		}
		switch r.Status {
		case Passed:
			t.Passed++
			if r.Attr(AttrUnexpectedPass) != "" {
				t.Unexpected++
			}
		case Skipped:
			t.Skipped++
		case Known:
			t.Known++
		case Failed:
			t.Failed++
		case Lost:
			t.Lost++
		case None:
		}
	}
}

// anyFailed says whether a test has failed.
func (c *Collector) anyFailed() bool {
	return slices.ContainsFunc(c.packages, func(ps *packageState) bool {
		return slices.ContainsFunc(ps.res.Results, func(r Result) bool { return r.seen && r.Status == Failed })
	})
}

// A joiner decides what becomes of tests without a result.
type joiner struct {
	c         *Collector
	end       End
	anyFailed bool

	// Of the package at hand:
	cause  string // why tests that ought to have a result may have none
	notRun string // why tests that never started are skipped; empty if they are not
}

// join completes ps.res.
func (j *joiner) join(ps *packageState, end PackageEnd) {
	ps.res.Killed, ps.res.Log = end.Killed, end.Log
	j.cause = j.causeOf(ps, end)
	j.notRun = j.notRunIn(ps, end)
	dropped := make([]bool, len(ps.res.Results))
	for i := range ps.res.Results {
		r := &ps.res.Results[i]
		if run := ps.running[i]; run != nil && !run.ended {
			next := Result{Status: Lost}
			j.c.describe(&next, run, r.Test)
			next.Detail.Message = "was running when " + j.cause
			ps.record(i, next)
		} else if !r.seen {
			dropped[i] = !j.resolve(ps, r)
		} else if why := r.Attr(AttrNotRun); why != "" && r.Status == Skipped && j.end.Interrupted == "" {
			r.set(Lost, "was told to end before it was done: "+why)
		}
	}
	ps.explainParents()
	ps.split(dropped)
	j.packageStatus(ps, end)
	ps.index, ps.running = nil, nil
}

// explainParents gives a message to tests that failed without a word, because a
// subtest did.
func (ps *packageState) explainParents() {
	for i := range ps.res.Results {
		r := &ps.res.Results[i]
		if r.Status != Failed || !r.seen {
			continue
		}
		any := func(int) bool { return true }
		if at, ok := ps.above(r.Name, any); ok {
			if p := &ps.res.Results[at]; p.Status == Failed && p.Message() == "" {
				p.detail().Message = "a subtest failed"
			}
		}
	}
}

// notRunIn says why tests of ps that never started were not to run. A package
// that died by itself has no such reason, and one that passed ran all it had.
func (j *joiner) notRunIn(ps *packageState, end PackageEnd) string {
	switch {
	case ps.failedBuild != "", ps.action == actionSkip:
		return ""
	case j.end.Interrupted != "" && ps.action != actionPass:
		return "not run: interrupted by " + j.end.Interrupted
	case j.end.FailFast && j.anyFailed && (end.Died == "" || ps.panicked() != ""):
		return "not run: the run was to end at the first failure"
	}
	return ""
}

// causeOf says, to follow "when" or "because", why tests of ps that ought to
// have a result may have none.
func (j *joiner) causeOf(ps *packageState, end PackageEnd) string {
	switch {
	case ps.failedBuild != "":
		ps.res.BuildOutput = j.c.buildText(ps.failedBuild)
		return "the package did not build: " + buildError(ps.res.BuildOutput)
	case end.Died != "":
		return "the test binary " + end.Died + ps.panicked()
	case j.end.GoErr != "" && ps.action == "":
		return "go test failed: " + firstLine(j.end.GoErr)
	case ps.action == "" && ps.starts == 0:
		return "go test ended without running the package"
	case ps.action == "":
		return "go test ended before the package did"
	}
	if ps.action != actionFail {
		return "the package passed"
	}
	text, _ := ps.out.text()
	for _, r := range ps.running {
		out, _ := r.out.text()
		text += out
	}
	return "the test binary " + cmp.Or(exitLine(text), "failed") + ps.panicked()
}

// panicked says which test panicked, if one did.
func (ps *packageState) panicked() string {
	for i := range ps.res.Results {
		r := &ps.res.Results[i]
		if r.Status == Failed && strings.HasPrefix(r.Message(), "panic: ") {
			return " (" + r.Name + ": " + firstLine(r.Message()) + ")"
		}
	}
	return ""
}

// resolve gives r, which never started, a status. It returns false if r leaves
// the plan.
func (j *joiner) resolve(ps *packageState, r *Result) bool {
	if ps.failedBuild != "" {
		return r.set(Lost, j.cause)
	}
	declared := func(at int) bool { return ps.res.Results[at].Test != nil }
	if at, ok := ps.above(r.Name, declared); ok {
		return j.follow(&ps.res.Results[at], r)
	}
	switch {
	case j.notRun != "":
		return r.set(Skipped, j.notRun)
	case ps.action == actionPass || ps.action == actionSkip:
		return r.set(Lost, "did not run, although "+j.cause)
	}
	return r.set(Lost, "did not run: "+j.cause)
}

// follow resolves a subtest that never started by what became of its parent,
// which comes before it and so has a status.
func (j *joiner) follow(p, r *Result) bool {
	conditional := r.Test.Conditional && p.seen && p.Status != Lost
	switch {
	case p.Status == None: // left the plan itself
		return false
	case conditional && p.Test.Implied:
		return r.set(Skipped, "not run by "+p.Name)
	case conditional:
		return false
	case p.Status == Skipped:
		return r.set(Skipped, p.Message())
	case p.Status == Known:
		return r.set(Skipped, "did not run: "+p.Name+" failed first: "+p.Message())
	case j.notRun != "":
		return r.set(Skipped, j.notRun)
	case p.Status == Failed:
		return r.set(Failed, "did not run: "+p.Name+" failed first")
	case p.Status == Passed:
		return r.set(Lost, "did not run, although "+p.Name+" passed")
	}
	return r.set(Lost, "did not run: "+j.cause)
}

// set gives r a status without a result. It returns true: r is in the plan.
func (r *Result) set(s Status, message string) bool {
	r.Status = s
	r.detail().Message = message
	return true
}

// split leaves in the results what counts and moves the rest to Unplanned.
func (ps *packageState) split(dropped []bool) {
	if ps.pkg == nil || len(ps.res.Results) > len(ps.pkg.Tests) {
		ps.makeIndex() // while all results are there
	}
	var all []Result
	all, ps.res.Results = ps.res.Results, ps.res.Results[:0]
	for i, r := range all {
		switch {
		case dropped[i]:
		case r.planned:
			ps.res.Results = append(ps.res.Results, r)
		case r.Test != nil: // implied
			if r.Status == Failed {
				ps.res.Results = append(ps.res.Results, r)
			}
		case ps.extra(r.Name):
			ps.res.Results = append(ps.res.Results, r)
		default:
			ps.res.Unplanned = append(ps.res.Unplanned, r)
		}
	}
	clear(all[len(ps.res.Results):])
}

// extra says whether a test that is not declared is below a selected one.
func (ps *packageState) extra(name string) bool {
	if ps.pkg == nil {
		return false
	}
	at, ok := ps.above(name, func(at int) bool { return at < len(ps.pkg.Tests) })
	return ok && !ps.pkg.Tests[at].Implied
}

// packageStatus fills in what ps.res says of the package itself.
func (j *joiner) packageStatus(ps *packageState, end PackageEnd) {
	worst, passed := None, false
	for i := range ps.res.Results {
		worst = max(worst, ps.res.Results[i].Status)
		passed = passed || ps.res.Results[i].Status == Passed
	}
	// A panic is a failed test, and ends the binary; that alone is no riddle.
	explained := worst == Failed && ps.panicked() != ""
	ps.res.died = end.Died != "" && j.end.Interrupted == "" && !explained
	switch {
	case ps.failedBuild != "" || worst == Lost:
		ps.res.Status, ps.res.Message = Lost, j.cause
	case ps.action == actionFail && worst != Failed && j.end.Interrupted == "":
		ps.res.Status, ps.res.Message = Failed, j.cause
	case ps.action == "" && j.end.Interrupted == "" && worst != Skipped:
		ps.res.Status, ps.res.Message = Lost, j.cause
	case (worst == Skipped || worst == Known) && passed:
		ps.res.Status = Passed
	case worst == Known:
		ps.res.Status = Skipped
	default:
		ps.res.Status = worst
	}
	if ps.res.died {
		ps.res.Message = j.cause
	}
	if ps.res.Status == Lost && ps.action == actionPass {
		ps.res.Message = "the package passed without running all of its tests"
	}
	if ps.res.Status == Failed || ps.res.Status == Lost || ps.res.died {
		d := Detail{}
		text, cut := ps.out.text()
		j.c.keep(&d, text, cut)
		ps.res.Output = d.Output
	}
}

// buildText returns what the compiler said of the build, without its header.
func (c *Collector) buildText(importPath string) string {
	b := c.builds[importPath]
	if b == nil {
		return ""
	}
	text, _ := b.text()
	return text
}

// buildError returns the first line of a compiler's output that is an error.
func buildError(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			return line
		}
	}
	return "the compiler did not say why"
}

// exitLine returns how `go test` says that the test binary ended: it prints
// "signal: killed", and sometimes "exit status 2", in the name of the test that
// was running.
func exitLine(out string) string {
	how := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "panic: test timed out"):
			return "ended with a " + line
		case strings.HasPrefix(line, "exit status "), strings.HasPrefix(line, "signal: "):
			how = "ended with " + line
		}
	}
	return how
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return cmp.Or(line, fmt.Sprintf("%q", s))
}
