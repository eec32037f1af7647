package screen_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/golden"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/screen"
)

// reportOf joins a plan with a stream.
func reportOf(tb testing.TB, p plan.Plan, stream string, e result.End) *result.Report {
	tb.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := result.NewCollector(p, result.Options{Now: func() time.Time {
		now = now.Add(1500 * time.Millisecond)
		return now
	}})
	if err := c.Read(strings.NewReader(stream)); err != nil {
		tb.Fatal(err)
	}
	return c.Finish(e)
}

// tests makes a package of a plan.
func tests(path string, names ...string) plan.Package {
	p := plan.Package{Path: path, Plugin: "rec"}
	for _, n := range names {
		p.Tests = append(p.Tests, plan.Test{Package: path, Name: n})
	}
	return p
}

func summary(tb testing.TB, r *result.Report, o screen.SummaryOptions) string {
	tb.Helper()
	var b bytes.Buffer
	if err := screen.Summary(&b, r, o); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestSummaryOfEverythingThatGoesWrong(t *testing.T) {
	const module = "example.com/rec/"
	p := plan.Plan{
		Packages: []plan.Package{
			tests(module+"broken", "TestBroken"),
			tests(module+"fails", "TestFatal", "TestParent", "TestParent/Bad", "TestStops", "TestStops/Second", "TestSkips",
				"TestSkips/Sub", "TestPass"),
			tests(module+"fakes", "TestJSON", "TestFramed"),
			tests(module+"good", "TestPass", "TestSkip", "TestSkipLines", "TestSkipNow", "TestSub"),
			tests(module+"killed", "TestBefore", "TestKilled", "TestAfter"),
			tests(module+"mainfails", "TestPass"),
		},
		Faults: []plan.Fault{{
			Plugin: "octavia", Kind: "no-tests", Message: "no test has the build tag tempest",
			Remedy: "start test files with //go:build tempest", Place: "tests/api/a_test.go:1",
		}},
	}
	for _, name := range []string{"TestA", "TestB", "TestC", "TestD"} {
		p.Excluded = append(p.Excluded, plan.Exclusion{Test: plan.Test{Package: "p", Name: name}, Reason: "bug 1"})
	}
	p.Excluded = append(p.Excluded, plan.Exclusion{Test: plan.Test{Package: "p", Name: "TestE"}})
	end := result.End{Packages: []result.PackageEnd{
		{Path: module + "killed", Died: "was killed by SIGKILL", Log: "/logs/killed.log"},
		{Path: module + "good", Killed: []result.Process{{PID: 4711, Name: "sleep"}}},
	}}
	stream := string(stream(t, "packages.txtar"))

	r := reportOf(t, p, stream+"panic: of go test\n", end)

	golden.Check(t, *update, "summary.golden", []byte(summary(t, r, screen.SummaryOptions{Slowest: 2, Tail: 3})))
	golden.Check(t, *update, "summary-color.golden", []byte(summary(t, r, screen.SummaryOptions{Color: true, Tail: 3})))
}

func TestSummaryLastLine(t *testing.T) {
	const passed = `{"Action":"run","Package":"p","Test":"TestA"}` + "\n" +
		`{"Action":"pass","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p"}` + "\n"
	died := strings.Replace(passed, `"pass","Package":"p"}`, `"fail","Package":"p"}`, 1)
	failed := strings.ReplaceAll(passed, "pass", "fail")
	one := plan.Plan{Packages: []plan.Package{tests("p", "TestA")}}
	two := plan.Plan{Packages: []plan.Package{tests("p", "TestA", "TestB")}}
	for name, tt := range map[string]struct {
		plan   plan.Plan
		stream string
		end    result.End
		want   string
	}{
		"passed": {one, passed, result.End{}, "PASSED: 1 test: 1 passed, 0 failed, 0 skipped, 0 lost in 1.50s\n"},
		"failed": {one, failed, result.End{}, "FAILED: 1 test: 0 passed, 1 failed, 0 skipped, 0 lost in 1.50s\n"},
		"lost":   {two, passed, result.End{}, "NOT TRUSTWORTHY: 2 tests: 1 passed, 0 failed, 0 skipped, 1 lost in 1.50s\n"},
		"interrupted": {two, died, result.End{Interrupted: "SIGINT"},
			"INTERRUPTED by SIGINT: 2 tests: 1 passed, 0 failed, 1 skipped, 0 lost in 1.50s\n"},
		"extra": {one, strings.ReplaceAll(passed, `TestA"}`, `TestA/1"}`) + passed, result.End{},
			"PASSED: 1 test and 1 further result: 2 passed, 0 failed, 0 skipped, 0 lost in 1.50s\n"},
		"unplanned": {one, passed + strings.ReplaceAll(passed, "TestA", "TestX"), result.End{},
			"NOT TRUSTWORTHY: 1 test: 1 passed, 0 failed, 0 skipped, 0 lost; 1 unplanned in 1.50s\n"},
	} {
		got := summary(t, reportOf(t, tt.plan, tt.stream, tt.end), screen.SummaryOptions{})
		if !strings.HasSuffix(got, "\n"+tt.want) {
			t.Errorf("%s: the summary ends in %q, want %q", name, got, tt.want)
		}
	}
}

// Ten thousand failures must not scroll away what matters.
func TestSummaryIsBounded(t *testing.T) {
	var names []string
	var b strings.Builder
	for i := range 10_000 {
		name := fmt.Sprintf("Test%d", i)
		names = append(names, name)
		for _, rest := range []string{`"run"`, `"output","Output":"    a_test.go:1: oops\n"`, `"fail"`} {
			fmt.Fprintf(&b, `{"Package":"p","Test":%q,"Action":%s}`+"\n", name, rest)
		}
	}
	r := reportOf(t, plan.Plan{Packages: []plan.Package{tests("p", names...)}}, b.String(), result.End{})

	got := summary(t, r, screen.SummaryOptions{})

	if lines := strings.Count(got, "\n"); lines > 1200 {
		t.Errorf("the summary has %d lines", lines)
	}
	if !strings.Contains(got, "and 9000 more\n") || !strings.Contains(got, "10000 tests: 0 passed, 10000 failed") {
		t.Errorf("the summary ends in %s", got[len(got)-200:])
	}
}

func TestSummaryReturnsTheErrorOfItsWriter(t *testing.T) {
	r := reportOf(t, plan.Plan{}, "", result.End{})
	if err := screen.Summary(failing{}, r, screen.SummaryOptions{}); !errors.Is(err, errFull) {
		t.Errorf("Summary = %v, want %v", err, errFull)
	}
}
