package screen

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

const (
	defaultTail = 40   // lines
	maxDetailed = 50   // failed tests shown with their output
	maxNamed    = 1000 // tests of one section that are named
)

// SummaryOptions configures [Summary]. The zero value writes without colour.
type SummaryOptions struct {
	// Color writes words like FAIL in colour.
	Color bool

	// Tail is how many lines of what a failed test, a compiler or a package
	// printed are shown. 0 means 40.
	Tail int

	// Slowest is how many of the slowest tests are shown. 0 means none.
	Slowest int
}

// Summary writes what came of a run: what did not go well, worst last, so that
// it stands above the totals, and the totals. These are the totals of the
// report, which are those of the plan; a formatter of events has others.
func Summary(w io.Writer, r *result.Report, o SummaryOptions) error {
	o.Tail = cmp.Or(o.Tail, defaultTail)
	s := &summary{Writer: bufio.NewWriter(w), r: r, o: o}
	s.slowest()
	s.excluded()
	s.skipped()
	s.known()
	s.unexpected()
	s.killed()
	s.repeated()
	s.failed()
	s.packages()
	s.lost()
	s.unplanned()
	s.faults()
	s.leaks()
	s.whole()
	s.seed()
	s.retried()
	s.totals()
	return s.Flush()
}

// A summary is being written. Errors are kept by the Writer until Flush.
type summary struct {
	*bufio.Writer
	r *result.Report
	o SummaryOptions
}

// Colours of the terminal.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	purple = "35"
)

func (s *summary) colored(color, text string) string {
	if !s.o.Color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (s *summary) printf(format string, a ...any) { fmt.Fprintf(s, format, a...) }

// section starts a part of the summary.
func (s *summary) section(color, title string) {
	s.printf("\n=== %s\n", s.colored(color, title))
}

// A named is a result with its package.
type named struct {
	p *result.PackageResult
	r *result.Result
}

func (n named) id() string { return n.p.Path + "." + n.r.Name }

// results returns the results that are wanted, in the order of the report.
func (s *summary) results(want func(*result.Result) bool) []named {
	var all []named
	for i := range s.r.Packages {
		p := &s.r.Packages[i]
		for j := range p.Results {
			if want(&p.Results[j]) {
				all = append(all, named{p, &p.Results[j]})
			}
		}
	}
	return all
}

func status(want result.Status) func(*result.Result) bool {
	return func(r *result.Result) bool { return r.Status == want }
}

func (s *summary) slowest() {
	if s.o.Slowest <= 0 {
		return
	}
	all := s.results(func(r *result.Result) bool { return r.Own() > 0 })
	slices.SortStableFunc(all, func(a, b named) int { return cmp.Compare(b.r.Own(), a.r.Own()) })
	if len(all) == 0 {
		return
	}
	s.section(green, "Slowest")
	for _, n := range all[:min(len(all), s.o.Slowest)] {
		s.printf("%10s %s\n", seconds(n.r.Own()), n.id())
	}
}

// skipped shows each reason once, with the tests that gave it.
func (s *summary) skipped() {
	var g grouped
	for _, n := range s.results(status(result.Skipped)) {
		g.add(n.id(), n.r.Message())
	}
	s.groups("Skipped", g)
}

// excluded shows what an exclude list left out, in the same way.
func (s *summary) excluded() {
	var g grouped
	for _, e := range s.r.Excluded {
		g.add(e.Test.ID(), cmp.Or(e.Reason, "no reason given"))
	}
	s.groups("Excluded by a list", g)
}

// grouped are tests by the reason that they did not run for, in the order in
// which the reasons came.
type grouped struct {
	reasons []string
	ids     map[string][]string
}

func (g *grouped) add(id, reason string) {
	if g.ids == nil {
		g.ids = make(map[string][]string)
	}
	if g.ids[reason] == nil {
		g.reasons = append(g.reasons, reason)
	}
	g.ids[reason] = append(g.ids[reason], id)
}

func (s *summary) groups(title string, g grouped) {
	if len(g.reasons) == 0 {
		return
	}
	s.section(yellow, title)
	const some = 3
	for _, reason := range g.reasons[:min(len(g.reasons), maxNamed)] {
		ids := g.ids[reason]
		if len(ids) == 1 {
			s.printf("%s: %s\n", ids[0], indented(reason))
			continue
		}
		s.printf("%d tests: %s\n", len(ids), indented(reason))
		for _, id := range ids[:min(len(ids), some)] {
			s.printf("    %s\n", id)
		}
		if len(ids) > some {
			s.printf("    and %d more\n", len(ids)-some)
		}
	}
	s.more(len(g.reasons))
}

// indented makes further lines of a message stand below its first.
func indented(message string) string {
	return strings.ReplaceAll(strings.TrimSpace(message), "\n", "\n    ")
}

func (s *summary) killed() {
	first := true
	for i := range s.r.Packages {
		p := &s.r.Packages[i]
		for _, proc := range p.Killed {
			if first {
				s.section(yellow, "Left behind by tests, and killed")
				first = false
			}
			s.printf("%s (process %d) of %s\n", proc.Name, proc.PID, p.Path)
		}
	}
}

func (s *summary) repeated() {
	all := s.results(func(r *result.Result) bool { return r.Detail != nil && r.Detail.Repeats > 0 })
	if len(all) == 0 {
		return
	}
	s.section(yellow, "More than one result: the worst counts")
	for _, n := range all[:min(len(all), maxNamed)] {
		s.printf("%s gave %d results: %s\n", n.id(), n.r.Detail.Repeats+1, n.r.Status)
	}
	s.more(len(all))
}

// more says how many of a list are not named.
func (s *summary) more(have int) {
	if have > maxNamed {
		s.printf("and %d more\n", have-maxNamed)
	}
}

func (s *summary) failed() {
	all := s.results(status(result.Failed))
	if len(all) == 0 {
		return
	}
	s.section(red, "Failed")
	for i, n := range all[:min(len(all), maxNamed)] {
		s.printf("%s %s (%s)", s.colored(red, "FAIL"), n.id(), seconds(n.r.Own()))
		output := strings.TrimRight(n.r.Output(), "\n")
		switch {
		case output != "" && i < maxDetailed:
			s.printf("\n")
			s.tail(output)
		case n.r.Message() != "":
			s.printf(": %s\n", indented(n.r.Message()))
		default:
			s.printf("\n")
		}
	}
	s.more(len(all))
}

// tail shows the last lines of output.
func (s *summary) tail(output string) {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	if cut := len(lines) - s.o.Tail; cut > 0 {
		s.printf("    [%s before]\n", count(cut, "line"))
		lines = lines[cut:]
	}
	for _, l := range lines {
		s.printf("%s\n", l)
	}
}

// packages shows what is wrong with packages beyond their tests.
func (s *summary) packages() {
	first := true
	for i := range s.r.Packages {
		p := &s.r.Packages[i]
		if p.Message == "" {
			continue
		}
		if first {
			s.section(red, "Packages")
			first = false
		}
		s.printf("%s %s: %s\n", s.colored(red, "FAIL"), p.Path, indented(p.Message))
		s.tailIf(p.BuildOutput)
		s.tailIf(p.Output)
		if p.Log != "" {
			s.printf("    log: %s\n", p.Log)
		}
	}
}

func (s *summary) tailIf(output string) {
	if strings.TrimSpace(output) != "" {
		s.tail(output)
	}
}

func (s *summary) lost() {
	all := s.results(status(result.Lost))
	if len(all) == 0 {
		return
	}
	s.section(purple, "Lost: planned tests without a result")
	for i, n := range all[:min(len(all), maxNamed)] {
		s.printf("%s %s: %s\n", s.colored(purple, "LOST"), n.id(), indented(n.r.Message()))
		if i < maxDetailed {
			s.tailIf(n.r.Output())
		}
	}
	s.more(len(all))
}

func (s *summary) unplanned() {
	if s.r.Totals.Unplanned == 0 {
		return
	}
	s.section(purple, "Unplanned: results of tests that were not selected")
	shown := 0
	for i := range s.r.Packages {
		p := &s.r.Packages[i]
		for j := range p.Unplanned {
			if shown++; shown <= maxNamed {
				s.printf("%s: %s\n", named{p, &p.Unplanned[j]}.id(), p.Unplanned[j].Status)
			}
		}
	}
	s.more(shown)
}

func (s *summary) faults() {
	if len(s.r.Faults) == 0 {
		return
	}
	s.section(purple, "Faults of plugins")
	for _, f := range s.r.Faults {
		s.fault(f)
	}
}

func (s *summary) fault(f plan.Fault) {
	s.printf("%s %s: %s: %s\n", s.colored(purple, "FAULT"), f.Plugin, f.Kind, indented(f.Message))
	if f.Place != "" {
		s.printf("    at %s\n", f.Place)
	}
	if f.Remedy != "" {
		s.printf("    remedy: %s\n", indented(f.Remedy))
	}
}

// whole shows what is wrong with the run as a whole.
func (s *summary) whole() {
	if stray := strings.TrimSpace(s.r.Stray); stray != "" && !s.r.Trusted() {
		s.section(yellow, "Printed between the events")
		s.tail(stray)
	}
	if s.r.Err != "" {
		s.section(purple, "go test")
		s.tail(s.r.Err)
	}
}

// seed says how to see the data of failed tests again.
func (s *summary) seed() {
	if s.r.Seed != "" && s.r.Totals.Failed+s.r.Totals.Lost > 0 {
		s.printf("\nRandom data: the same again with --seed %s\n", s.r.Seed)
	}
}

func (s *summary) totals() {
	t := s.r.Totals
	word, color := "PASSED", green
	switch {
	case s.r.Interrupted != "":
		word, color = "INTERRUPTED by "+s.r.Interrupted, purple
	case !s.r.Trusted():
		word, color = "NOT TRUSTWORTHY", purple
	case s.r.ExitCode() != result.ExitPassed:
		word, color = "FAILED", red
	}
	s.printf("\n%s: %s", s.colored(color, word), count(t.Planned, "test"))
	if t.Extra > 0 {
		s.printf(" and %s", count(t.Extra, "further result"))
	}
	s.printf(": %d passed, %d failed, %d skipped, %d lost", t.Passed, t.Failed, t.Skipped, t.Lost)
	if t.Known > 0 {
		s.printf("; %s", count(t.Known, "known failure"))
	}
	if t.Unexpected > 0 {
		s.printf("; %d passed unexpectedly", t.Unexpected)
	}
	if t.Unplanned > 0 {
		s.printf("; %d unplanned", t.Unplanned)
	}
	if n := len(s.r.Faults); n > 0 {
		s.printf("; %s", count(n, "fault"))
	}
	s.printf(" in %s\n", seconds(s.r.Elapsed))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }
