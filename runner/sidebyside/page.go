package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/template"
	"time"
)

const (
	toolOurs   = "tempest"
	toolTheirs = "python"
)

// comparison is what was seen of one suite.
type comparison struct {
	name  string
	pairs pairing
	build time.Duration // processor time of compiling and linking before the runs
	runs  map[setting][]result
	// verdicts are all that a test was given, by UUID and tool, sorted.
	verdicts map[string]map[string][]string
}

// setting is what is the same in repeated runs.
type setting struct {
	tool        string
	concurrency int
}

func newComparison(name string, pairs pairing) comparison {
	return comparison{
		name: name, pairs: pairs, runs: map[setting][]result{}, verdicts: map[string]map[string][]string{},
	}
}

// add takes the result of a run.
func (c *comparison) add(tool string, concurrency int, r result) {
	key := setting{tool, concurrency}
	c.runs[key] = append(c.runs[key], r)
	for _, s := range c.pairs.both {
		names := s.ours
		if tool == toolTheirs {
			names = s.theirs
		}
		if c.verdicts[s.uuid] == nil {
			c.verdicts[s.uuid] = map[string][]string{}
		}
		seen := append(c.verdicts[s.uuid][tool], worst(r.verdicts, names))
		slices.Sort(seen)
		c.verdicts[s.uuid][tool] = slices.Compact(seen)
	}
}

// different returns the tests that did not always get one and the same verdict.
func (c *comparison) different() []same {
	var out []same
	for _, s := range c.pairs.both {
		v := c.verdicts[s.uuid]
		if len(v[toolOurs]) != 1 || !slices.Equal(v[toolOurs], v[toolTheirs]) {
			out = append(out, s)
		}
	}
	return out
}

// page is everything that is printed.
type page struct {
	started  time.Time
	repeat   int
	versions []string
	suites   []comparison
}

//go:embed page.md
var pageText string

func (p page) markdown() string {
	var b strings.Builder
	// The template and the data are this program's own: it cannot fail.
	template.Must(template.New("page").Parse(pageText)).Execute(&b, map[string]any{ //nolint:errcheck // see above
		"Date": p.started.Format("2 January 2006, 15:04 MST"), "Repeat": p.repeat, "CPUs": runtime.NumCPU(),
		"Versions": p.versions, "Cost": p.costTable(), "Calls": p.callsTable(), "Verdicts": p.verdictTable(),
		"Differences": p.differences(), "Unpaired": p.unpaired(), "Build": p.build().Round(time.Second),
	})
	return b.String()
}

// both returns the results of both tools for each suite and concurrency, in order.
func (p page) both(f func(c comparison, n int, ours, theirs []result)) {
	for _, c := range p.suites {
		for _, s := range slices.SortedFunc(maps.Keys(c.runs), func(a, b setting) int {
			return cmp.Compare(a.concurrency, b.concurrency)
		}) {
			if s.tool == toolOurs {
				f(c, s.concurrency, c.runs[s], c.runs[setting{toolTheirs, s.concurrency}])
			}
		}
	}
}

func (p page) costTable() string {
	var b strings.Builder
	p.both(func(c comparison, n int, ours, theirs []result) {
		wall := func(r result) float64 { return r.usage.Wall.Seconds() }
		cpu := func(r result) float64 { return r.usage.CPU.Seconds() }
		peak := func(r result) float64 { return float64(r.usage.Peak >> 20) }
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", c.name, n,
			versus("%.1f", median(ours, wall), median(theirs, wall)),
			versus("%.1f", median(ours, cpu), median(theirs, cpu)),
			versus("%.0f", median(ours, peak), median(theirs, peak)))
	})
	return b.String()
}

func (p page) callsTable() string {
	var b strings.Builder
	p.both(func(c comparison, n int, ours, theirs []result) {
		fmt.Fprintf(&b, "| %s | %d |", c.name, n)
		for _, services := range [][]string{
			{callsKeystone, callsGlance, callsSwift}, {callsKeystone}, {callsGlance}, {callsSwift}, {callsOwn},
		} {
			sum := func(r result) float64 {
				total := 0
				for _, s := range services {
					total += r.calls[s]
				}
				return float64(total)
			}
			fmt.Fprintf(&b, " %s |", versus("%.0f", median(ours, sum), median(theirs, sum)))
		}
		b.WriteString("\n")
	})
	return b.String()
}

// versus prints both values and their ratio.
func versus(format string, ours, theirs float64) string {
	if theirs == 0 {
		return fmt.Sprintf(format+" / "+format, ours, theirs)
	}
	return fmt.Sprintf(format+" / "+format+" = %.2f", ours, theirs, ours/theirs)
}

// median returns the one in the middle, or the lower of the two.
func median(runs []result, value func(result) float64) float64 {
	var all []float64
	for _, r := range runs {
		all = append(all, value(r))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}

func (p page) verdictTable() string {
	var b strings.Builder
	for _, c := range p.suites {
		equal := map[string]int{}
		different := len(c.different())
		for _, s := range c.pairs.both {
			if v := c.verdicts[s.uuid]; len(v[toolOurs]) == 1 && slices.Equal(v[toolOurs], v[toolTheirs]) {
				equal[v[toolOurs][0]]++
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d |\n", c.name, len(c.pairs.both),
			equal[verdictPass], equal[verdictSkip], equal[verdictFail]+equal[verdictLost], different, len(c.pairs.unpaired))
	}
	return b.String()
}

func (p page) differences() string {
	var b strings.Builder
	for _, c := range p.suites {
		for _, s := range c.different() {
			v := c.verdicts[s.uuid]
			fmt.Fprintf(&b, "| %s | `%s` `%s` | %s | %s | %s |\n", c.name, shorter(s.theirs[0]), s.uuid,
				strings.Join(v[toolOurs], ", "), strings.Join(v[toolTheirs], ", "), reasons()[s.uuid])
		}
	}
	return b.String()
}

func (p page) unpaired() string {
	var names []string
	for _, c := range p.suites {
		names = append(names, c.pairs.unpaired...)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range slices.Compact(names) { // a suite may contain another
		fmt.Fprintf(&b, "- `%s`\n", shorter(name))
	}
	return b.String()
}

// shorter leaves out of a name what all have, and its suffix.
func shorter(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return strings.TrimPrefix(name, "tempest.api.")
}

func (p page) build() time.Duration {
	var sum time.Duration
	for _, c := range p.suites {
		sum += c.build
	}
	return sum
}

// versions says what was compared; what cannot be found out is left out.
func (b *bench) versions(ctx context.Context) []string {
	var out []string
	say := func(what string, command ...string) {
		text, err := exec.CommandContext(ctx, command[0], command[1:]...).Output()
		if err == nil {
			out = append(out, what+" "+strings.TrimSpace(string(text)))
		}
	}
	say("tempest", "git", "rev-parse", "--short", "HEAD")
	out = append(out, "built with "+runtime.Version())
	for _, p := range []struct{ what, name string }{
		{"Python Tempest", "python3-tempest"}, {"Keystone", "python3-keystone"}, {"Glance", "python3-glance"},
		{"Swift", "python3-swift"},
	} {
		say(p.what, "dpkg-query", "-W", "-f", "${source:Upstream-Version}", p.name)
	}
	return out
}
