package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gotempest/tempest/runner/plan"
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
		case Skipped:
			t.Skipped++
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
}

// join completes ps.res.
func (j *joiner) join(ps *packageState, end PackageEnd) {
	ps.res.Killed, ps.res.Log = end.Killed, end.Log
	cause := j.cause(ps, end)
	ps.find(nil) // makes the index; the place it adds is taken back
	ps.res.Results = ps.res.Results[:len(ps.res.Results)-1]
	delete(ps.index, "")

	dropped := make([]bool, len(ps.res.Results))
	for i := range ps.res.Results {
		r := &ps.res.Results[i]
		if run := ps.running[i]; run != nil && !run.ended {
			next := Result{Status: Lost}
			j.c.describe(&next, run)
			next.Detail.Message = "was running when " + cause
			ps.record(i, next)
		} else if !r.seen {
			dropped[i] = !j.resolve(ps, r, cause)
		}
	}
	ps.explainParents()
	ps.split(dropped)
	j.packageStatus(ps, end, cause)
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
		if at, ok := ps.index[plan.Parent(r.Name)]; ok {
			if p := &ps.res.Results[at]; p.Status == Failed && p.Message() == "" {
				p.detail().Message = "a subtest failed"
			}
		}
	}
}

// cause says, to follow "when" or "because", why tests of ps that ought to have
// a result may have none.
func (j *joiner) cause(ps *packageState, end PackageEnd) string {
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
func (j *joiner) resolve(ps *packageState, r *Result, cause string) bool {
	set := func(s Status, message string) bool {
		r.Status = s
		r.detail().Message = message
		return true
	}
	if ps.failedBuild != "" {
		return set(Lost, cause)
	}
	if p := ps.parent(r.Name); p != nil {
		return j.follow(p, r, set, cause)
	}
	switch {
	case j.end.Interrupted != "":
		return set(Skipped, "not run: interrupted by "+j.end.Interrupted)
	case j.end.FailFast && j.anyFailed:
		return set(Skipped, "not run: the run was to end at the first failure")
	case ps.action == actionPass || ps.action == actionSkip:
		return set(Lost, "did not run, although "+cause)
	}
	return set(Lost, "did not run: "+cause)
}

// follow resolves a subtest that never started by what became of its parent,
// which comes before it and so has a status.
func (j *joiner) follow(p, r *Result, set func(Status, string) bool, cause string) bool {
	conditional := r.Test.Conditional && p.seen && p.Status != Lost
	switch {
	case p.Status == None: // left the plan itself
		return false
	case conditional && p.Test.Implied:
		return set(Skipped, "not run by "+p.Name)
	case conditional:
		return false
	case p.Status == Skipped:
		return set(Skipped, p.Message())
	case p.Status == Failed:
		return set(Failed, "did not run: "+p.Name+" failed first")
	case p.Status == Passed:
		return set(Lost, "did not run, although "+p.Name+" passed")
	}
	return set(Lost, "did not run: "+cause)
}

// parent returns the result of the closest declared test above name.
func (ps *packageState) parent(name string) *Result {
	for name = plan.Parent(name); name != ""; name = plan.Parent(name) {
		if i, ok := ps.index[name]; ok && ps.res.Results[i].Test != nil {
			return &ps.res.Results[i]
		}
	}
	return nil
}

// split leaves in the results what counts and moves the rest to Unplanned.
func (ps *packageState) split(dropped []bool) {
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
	for name = plan.Parent(name); name != ""; name = plan.Parent(name) {
		if i, ok := ps.index[name]; ok && i < len(ps.pkg.Tests) {
			return !ps.pkg.Tests[i].Implied
		}
	}
	return false
}

// packageStatus fills in what ps.res says of the package itself.
func (j *joiner) packageStatus(ps *packageState, end PackageEnd, cause string) {
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
		ps.res.Status, ps.res.Message = Lost, cause
	case ps.action == actionFail && worst != Failed && j.end.Interrupted == "":
		ps.res.Status, ps.res.Message = Failed, cause
	case ps.action == "" && j.end.Interrupted == "" && worst != Skipped:
		ps.res.Status, ps.res.Message = Lost, cause
	case worst == Skipped && passed:
		ps.res.Status = Passed
	default:
		ps.res.Status = worst
	}
	if ps.res.died {
		ps.res.Message = cause
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
