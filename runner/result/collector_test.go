package result_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/golden"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// recordedPlan is the plan of packages.txtar, as discovery reads its files.
func recordedPlan() plan.Plan {
	const module = "example.com/rec/"
	return plan.Plan{Packages: []plan.Package{
		planned(module+"broken", "TestBroken"),
		planned(module+"exits", "TestBefore", "TestExits", "TestAfter"),
		planned(module+"fails", "TestFatal", "TestParent", "TestParent/Good", "TestParent/Bad", "TestParent/Late",
			"TestStops", "TestStops/First", "TestStops/Second", "TestSkips", "TestSkips/Sub", "TestPass"),
		planned(module+"fakes", "TestJSON", "TestPlain", "TestFramed", "TestForger", "TestInvents", "TestVictim"),
		planned(module+"good", "TestPass", "TestSkip", "TestSkipLines", "TestSkipNow", "TestSub", "TestSub/skipped",
			"TestAttr"),
		planned(module+"killed", "TestBefore", "TestKilled", "TestAfter"),
		planned(module+"mainfails", "TestPass"),
		planned(module+"nomain", "TestNever"),
		planned(module+"panics", "TestBefore", "TestPanics", "TestPanics/Sub", "TestAfter"),
		planned(module+"setup", "TestSetup"),
	}}
}

func TestRecordedPackages(t *testing.T) {
	r := collect(t, recordedPlan(), string(recorded(t)), result.End{}, result.Options{})

	golden.Check(t, *update, "packages.golden", []byte(digest(r)))
}

func TestRecordedDetails(t *testing.T) {
	r := collect(t, recordedPlan(), string(recorded(t)), result.End{}, result.Options{})

	find := func(id string) *result.Result {
		for i := range r.Packages {
			for j := range r.Packages[i].Results {
				if got := &r.Packages[i].Results[j]; "example.com/rec/"+id == r.Packages[i].Path+"."+got.Name {
					return got
				}
			}
		}
		t.Fatalf("no result of %s", id)
		return nil
	}
	attr := find("good.TestAttr")
	want := []result.Attr{
		{Key: "id", Value: "5ad5a1a6-0000-4000-8000-000000000001"}, {Key: "attributes", Value: "negative,smoke"},
	}
	if diff := cmp.Diff(want, attr.Attrs()); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if got := attr.Detail.Artifacts; len(got) != 1 || !strings.HasPrefix(got[0], "/tmp/rec-art/_artifacts/") {
		t.Errorf("artifacts = %q, want the folder that was recorded", got)
	}
	if got := find("good.TestPass").Output(); got != "" {
		t.Errorf("output of a passing test = %q, want none", got)
	}
	const output = "    fails_test.go:10: first\n\x1b[31mred\x1b[0m <&> \x00 \ufffd\n" +
		"    fails_test.go:12: it is broken\n        in two lines\n"
	if got := find("fails.TestFatal").Output(); got != output {
		t.Errorf("output of a failing test = %q, want %q", got, output)
	}
	if got := find("killed.TestKilled").Output(); got != "signal: killed\n" {
		t.Errorf("output of a killed test = %q", got)
	}
	if got := find("fails.TestFatal").Started(); got.Year() != 2026 {
		t.Errorf("Started = %v, want the time that was recorded", got)
	}
	if out := r.Packages[0].BuildOutput; !strings.Contains(out, "broken_test.go:5:33: undefined: undefined") {
		t.Errorf("build output = %q, want the compiler's", out)
	}
}

// What a test says of itself is kept once, in its declaration.
func TestDeclaredAttributesAreNotRepeated(t *testing.T) {
	const attr = `{"Action":"attr","Package":"p","Test":"TestA","Key":"%s","Value":"%s"}` + "\n"
	pkg := planned("p", "TestA")
	pkg.Tests[0].UUID, pkg.Tests[0].Attributes = "1-2", []string{"negative", "smoke"}
	pkg.Tests[0].Services = []string{"identity"}
	in := stream("run TestA") + fmt.Sprintf(attr, "id", "1-2") + fmt.Sprintf(attr, "attributes", "negative,smoke") +
		fmt.Sprintf(attr, "services", "compute") + fmt.Sprintf(attr, "wait", "1s") + fmt.Sprintf(attr, "wait", "2s") +
		stream("pass TestA", "pass")

	r := collect(t, plan.Plan{Packages: []plan.Package{pkg}}, in, result.End{}, result.Options{})

	want := []result.Attr{{Key: "services", Value: "compute"}, {Key: "wait", Value: "2s"}}
	if diff := cmp.Diff(want, r.Packages[0].Results[0].Attrs()); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// stream writes events: each argument is "action test", or "action" for the
// package, with "output test text" for output.
func stream(events ...string) string {
	var b strings.Builder
	for _, e := range events {
		action, rest, _ := strings.Cut(e, " ")
		test, text, _ := strings.Cut(rest, " ")
		fmt.Fprintf(&b, `{"Action":%q,"Package":"p"`, action)
		if test != "" {
			fmt.Fprintf(&b, `,"Test":%q`, test)
		}
		if text != "" {
			fmt.Fprintf(&b, `,"Output":"%s\n"`, text)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func TestAccounting(t *testing.T) { //nolint:funlen // a table
	sigint := result.End{Interrupted: "SIGINT"}
	killed := result.End{Packages: []result.PackageEnd{{Path: "p", Died: "was killed by SIGKILL"}}}
	tests := map[string]struct {
		plan   []string
		stream string
		end    result.End
		want   string
	}{
		"all pass": {
			plan:   []string{"TestA", "TestA/x"},
			stream: stream("start", "run TestA", "run TestA/x", "pass TestA/x", "pass TestA", "pass"),
			want: `exit 0, {Planned:2 Extra:0 Passed:2 Skipped:0 Failed:0 Lost:0 Unplanned:0}
p: passed
  TestA passed
  TestA/x passed
`,
		},
		"a literal subtest unseen below a passed parent is lost": {
			plan:   []string{"TestA", "TestA/x"},
			stream: stream("run TestA", "pass TestA", "pass"),
			want: `exit 3, {Planned:2 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:1 Unplanned:0}
p: lost: the package passed without running all of its tests
  TestA passed
  TestA/x lost: "did not run, although TestA passed"
`,
		},
		"a conditional subtest unseen leaves the plan": {
			plan:   []string{"TestA", "?TestA/x", "TestA/x/y"},
			stream: stream("run TestA", "pass TestA", "pass"),
			want: `exit 0, {Planned:1 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:0 Unplanned:0}
p: passed
  TestA passed
`,
		},
		"a conditional subtest selected alone is skipped": {
			plan:   []string{"(TestA", "?TestA/x"},
			stream: stream("run TestA", "pass TestA", "pass"),
			want: `exit 0, {Planned:1 Extra:0 Passed:0 Skipped:1 Failed:0 Lost:0 Unplanned:0}
p: skipped
  TestA/x skipped: "not run by TestA"
`,
		},
		"subtests share the skip of their parent": {
			plan:   []string{"TestA", "TestA/x", "?TestA/y"},
			stream: stream("run TestA", "output TestA     a_test.go:7: no router", "skip TestA", "pass"),
			want: `exit 0, {Planned:2 Extra:0 Passed:0 Skipped:2 Failed:0 Lost:0 Unplanned:0}
p: skipped
  TestA skipped: "no router"
  TestA/x skipped: "no router"
`,
		},
		"subtests fail when their parent failed first": {
			plan:   []string{"TestA", "TestA/x", "TestA/x/y"},
			stream: stream("run TestA", "fail TestA", "fail"),
			want: `exit 1, {Planned:3 Extra:0 Passed:0 Skipped:0 Failed:3 Lost:0 Unplanned:0}
p: failed
  TestA failed
  TestA/x failed: "did not run: TestA failed first"
  TestA/x/y failed: "did not run: TestA/x failed first"
`,
		},
		"an implied parent does not count": {
			plan:   []string{"(TestA", "TestA/x"},
			stream: stream("run TestA", "run TestA/x", "pass TestA/x", "pass TestA", "pass"),
			want: `exit 0, {Planned:1 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:0 Unplanned:0}
p: passed
  TestA/x passed
`,
		},
		"unless it fails": {
			plan:   []string{"(TestA", "TestA/x"},
			stream: stream("run TestA", "run TestA/x", "pass TestA/x", "fail TestA", "fail"),
			want: `exit 1, {Planned:1 Extra:1 Passed:1 Skipped:0 Failed:1 Lost:0 Unplanned:0}
p: failed
  extra TestA failed
  TestA/x passed
`,
		},
		"a subtest that source does not declare is extra": {
			plan:   []string{"TestA"},
			stream: stream("run TestA", "run TestA/1", "fail TestA/1", "fail TestA", "fail"),
			want: `exit 1, {Planned:1 Extra:1 Passed:0 Skipped:0 Failed:2 Lost:0 Unplanned:0}
p: failed
  TestA failed: "a subtest failed"
  extra TestA/1 failed
`,
		},
		"a subtest beside the selected one is unplanned": {
			plan: []string{"(TestA", "TestA/x"},
			stream: stream("run TestA", "run TestA/x", "run TestA/x/1", "pass TestA/x/1", "pass TestA/x",
				"run TestA/z", "pass TestA/z", "pass TestA", "pass"),
			want: `exit 3, {Planned:1 Extra:1 Passed:2 Skipped:0 Failed:0 Lost:0 Unplanned:1}
p: passed
  TestA/x passed
  extra TestA/x/1 passed
  unplanned TestA/z passed
`,
		},
		"a test that was not selected is unplanned": {
			plan:   []string{"TestA"},
			stream: stream("run TestA", "pass TestA", "run TestB", "pass TestB", "pass"),
			want: `exit 3, {Planned:1 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:0 Unplanned:1}
p: passed
  TestA passed
  unplanned TestB passed
`,
		},
		"the worse of two results counts": {
			plan: []string{"TestA", "TestB"},
			stream: stream("run TestA", "pass TestA", "fail TestA", "run TestB", "skip TestB", "run TestB", "pass TestB",
				"fail"),
			want: `exit 1, {Planned:2 Extra:0 Passed:0 Skipped:1 Failed:1 Lost:0 Unplanned:0}
p: failed
  TestA failed (of 2 results): "gave a second result: FAIL"
  TestB skipped (of 2 results): "no reason given"
`,
		},
		"a result without a start is not believed": {
			plan:   []string{"TestA", "TestB", "TestC"},
			stream: stream("run TestA", "pass TestB", "skip TestC", "pass TestA", "pass"),
			want: `exit 3, {Planned:3 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:2 Unplanned:0}
p: lost: the package passed without running all of its tests
  TestA passed
  TestB lost: "gave the result PASS without having started"
  TestC lost: "gave the result SKIP without having started"
`,
		},
		"a dead package takes its tests along": {
			plan:   []string{"TestA", "TestB", "TestB/x", "TestC"},
			stream: stream("start", "run TestA", "pass TestA", "run TestB", "output TestB working", "fail"),
			end:    killed,
			want: `exit 3, {Planned:4 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:3 Unplanned:0}
p: lost: the test binary was killed by SIGKILL
  TestA passed
  TestB lost: "was running when the test binary was killed by SIGKILL"
  TestB/x lost: "did not run: the test binary was killed by SIGKILL"
  TestC lost: "did not run: the test binary was killed by SIGKILL"
`,
		},
		"a package that died after its tests is not trusted": {
			plan:   []string{"TestA"},
			stream: stream("run TestA", "pass TestA", "fail"),
			end:    killed,
			want: `exit 3, {Planned:1 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:0 Unplanned:0}
p: failed: the test binary was killed by SIGKILL
  TestA passed
`,
		},
		"a panic of the last test is a failure": {
			plan:   []string{"TestA", "TestB"},
			stream: stream("run TestA", "pass TestA", "run TestB", "output TestB panic: boom", "fail TestB", "fail"),
			end:    result.End{Packages: []result.PackageEnd{{Path: "p", Died: "ended with exit status 2"}}},
			want: `exit 1, {Planned:2 Extra:0 Passed:1 Skipped:0 Failed:1 Lost:0 Unplanned:0}
p: failed
  TestA passed
  TestB failed: "panic: boom"
`,
		},
		"a package that fails after its tests": {
			plan:   []string{"TestA"},
			stream: stream("run TestA", "pass TestA", "output  exit status 1", "fail"),
			want: `exit 1, {Planned:1 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:0 Unplanned:0}
p: failed: the test binary ended with exit status 1
  TestA passed
`,
		},
		"a stream that breaks off": {
			plan:   []string{"TestA", "TestB"},
			stream: stream("start", "run TestA"),
			want: `exit 3, {Planned:2 Extra:0 Passed:0 Skipped:0 Failed:0 Lost:2 Unplanned:0}
p: lost: go test ended before the package did
  TestA lost: "was running when go test ended before the package did"
  TestB lost: "did not run: go test ended before the package did"
`,
		},
		"go test that does not start": {
			plan: []string{"TestA"},
			end:  result.End{GoErr: "go: updates to go.mod needed\nsay more"},
			want: `exit 3, {Planned:1 Extra:0 Passed:0 Skipped:0 Failed:0 Lost:1 Unplanned:0}
p: lost: go test failed: go: updates to go.mod needed
  TestA lost: "did not run: go test failed: go: updates to go.mod needed"
`,
		},
		"interrupted": {
			plan: []string{"TestA", "TestB", "TestC", "TestC/x"},
			stream: stream("run TestA", "pass TestA", "run TestB", "output TestB     b_test.go:3: interrupted",
				"fail TestB", "fail"),
			end: sigint,
			want: `exit 130, {Planned:4 Extra:0 Passed:1 Skipped:2 Failed:1 Lost:0 Unplanned:0}
p: failed
  TestA passed
  TestB failed: "interrupted"
  TestC skipped: "not run: interrupted by SIGINT"
  TestC/x skipped: "not run: interrupted by SIGINT"
`,
		},
		"interrupted before the package started": {
			plan: []string{"TestA"},
			end:  result.End{Interrupted: "SIGTERM"},
			want: `exit 143, {Planned:1 Extra:0 Passed:0 Skipped:1 Failed:0 Lost:0 Unplanned:0}
p: skipped
  TestA skipped: "not run: interrupted by SIGTERM"
`,
		},
		"interrupted while a test was running": {
			plan:   []string{"TestA"},
			stream: stream("run TestA"),
			end:    sigint,
			want: `exit 130, {Planned:1 Extra:0 Passed:0 Skipped:0 Failed:0 Lost:1 Unplanned:0}
p: lost: go test ended before the package did
  TestA lost: "was running when go test ended before the package did"
`,
		},
		"ended at the first failure": {
			plan:   []string{"TestA", "TestB"},
			stream: stream("run TestA", "fail TestA", "fail"),
			end:    result.End{FailFast: true},
			want: `exit 1, {Planned:2 Extra:0 Passed:0 Skipped:1 Failed:1 Lost:0 Unplanned:0}
p: failed
  TestA failed
  TestB skipped: "not run: the run was to end at the first failure"
`,
		},
		"a failure elsewhere keeps subtests from starting": {
			plan:   []string{"TestA", "TestB", "TestB/x"},
			stream: stream("run TestB", "run TestA", "fail TestA", "pass TestB", "fail"),
			end:    result.End{FailFast: true},
			want: `exit 1, {Planned:3 Extra:0 Passed:1 Skipped:1 Failed:1 Lost:0 Unplanned:0}
p: failed
  TestA failed
  TestB passed
  TestB/x skipped: "not run: the run was to end at the first failure"
`,
		},
		"to end at the first failure, but the package died": {
			plan:   []string{"TestA", "TestB"},
			stream: stream("run TestA", "fail TestA", "fail"),
			end:    result.End{FailFast: true, Packages: killed.Packages},
			want: `exit 3, {Planned:2 Extra:0 Passed:0 Skipped:0 Failed:1 Lost:1 Unplanned:0}
p: lost: the test binary was killed by SIGKILL
  TestA failed
  TestB lost: "did not run: the test binary was killed by SIGKILL"
`,
		},
		"interrupted after the package passed": {
			plan:   []string{"TestA", "TestB"},
			stream: stream("run TestA", "pass TestA", "pass"),
			end:    sigint,
			want: `exit 130, {Planned:2 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:1 Unplanned:0}
p: lost: the package passed without running all of its tests
  TestA passed
  TestB lost: "did not run, although the package passed"
`,
		},
		"to end at the first failure, but nothing failed": {
			plan:   []string{"TestA", "TestB"},
			stream: stream("run TestA", "pass TestA", "pass"),
			end:    result.End{FailFast: true},
			want: `exit 3, {Planned:2 Extra:0 Passed:1 Skipped:0 Failed:0 Lost:1 Unplanned:0}
p: lost: the package passed without running all of its tests
  TestA passed
  TestB lost: "did not run, although the package passed"
`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Plan{Packages: []plan.Package{planned("p", tt.plan...)}}

			r := collect(t, p, tt.stream, tt.end, result.Options{})

			if diff := cmp.Diff(tt.want, digest(r)); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsAndErrorsAreNotTrusted(t *testing.T) {
	passed := stream("run TestA", "pass TestA", "pass")
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	faulty := p
	faulty.Faults = []plan.Fault{{Plugin: "q", Kind: "no-tests"}}

	if r := collect(t, faulty, passed, result.End{}, result.Options{}); r.ExitCode() != 3 || len(r.Faults) != 1 {
		t.Errorf("exit code with a fault = %d, want 3", r.ExitCode())
	}
	if r := collect(t, p, passed, result.End{GoErr: "go: oops"}, result.Options{}); r.ExitCode() != 3 {
		t.Errorf("exit code when go test failed = %d, want 3", r.ExitCode())
	}
	if r := collect(t, p, passed, result.End{}, result.Options{}); r.ExitCode() != 0 {
		t.Errorf("exit code = %d, want 0", r.ExitCode())
	}
}

func TestStrayTextIsKeptBesideTheResults(t *testing.T) {
	text := "go: downloading example.com/x v1.0.0\n{\"Action\":3}\n[]\n\n\x00\xff\n" +
		stream("run TestA") + "FAIL\n" + strings.TrimSuffix(stream("pass TestA", "pass"), "\n")
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}

	r := collect(t, p, text, result.End{}, result.Options{})

	if r.Totals.Passed != 1 || r.ExitCode() != 0 {
		t.Errorf("totals = %+v, want the test passed", r.Totals)
	}
	if want := "go: downloading example.com/x v1.0.0\n{\"Action\":3}\n[]\n\x00\xff\nFAIL\n"; r.Stray != want {
		t.Errorf("stray text = %q, want %q", r.Stray, want)
	}
}

// repeated is a reader of n times the text, between a head and a tail.
func repeated(head, text string, n int, tail string) io.Reader {
	readers := []io.Reader{strings.NewReader(head)}
	for range n {
		readers = append(readers, strings.NewReader(text))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...)
}

func TestLongLinesAreNotHeld(t *testing.T) {
	tests := map[string]struct {
		head, tail string
		failed     int
	}{
		"stray":          {"", "\n", 1},
		"output":         {`{"Action":"output","Package":"p","Test":"TestA","Output":"`, "\"}\n", 1},
		"build output":   {`{"ImportPath":"q","Action":"build-output","Output":"`, "\"}\n", 1},
		"broken event":   {`{"Action":"output","Package":"p","Test":"`, "\"}\n", 1},
		"without an end": {"{", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var screen bytes.Buffer

			r := readLongLine(t, tt.head, tt.tail, &screen)

			if r.Totals.Failed != tt.failed || r.Totals.Failed+r.Totals.Lost != 1 {
				t.Errorf("totals = %+v, want %d failed", r.Totals, tt.failed)
			}
			for line := range bytes.Lines(screen.Bytes()) {
				if len(line) > 64<<10 {
					t.Errorf("the screen got a line of %d bytes", len(line))
				}
			}
			const marked = "the rest of this line is left out"
			if name == "output" && !strings.Contains(r.Packages[0].Results[0].Output(), marked) {
				t.Error("the cut is not marked")
			}
		})
	}
}

// readLongLine reads a line of 64 MiB between the start and the failure of a
// test, and checks that it takes little memory.
func readLongLine(t *testing.T, head, tail string, screen io.Writer) *result.Report {
	t.Helper()
	const mib = 1 << 20
	chunk := strings.Repeat("x", mib)
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	c := result.NewCollector(p, result.Options{Screen: screen})
	in := repeated(stream("run TestA")+head, chunk, 64, tail+stream("fail TestA", "fail"))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	err := c.Read(in)

	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8*mib {
		t.Errorf("a line of 64 MiB took %d MiB", used/mib)
	}
	return c.Finish(result.End{})
}

func TestOutputIsCapped(t *testing.T) {
	var b strings.Builder
	b.WriteString(stream("run TestA"))
	for i := range 1000 {
		fmt.Fprintf(&b, `{"Action":"output","Package":"p","Test":"TestA","Output":"line %03d\n"}`+"\n", i)
	}
	b.WriteString(stream("fail TestA", "fail"))
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	var screen bytes.Buffer

	r := collect(t, p, b.String(), result.End{}, result.Options{Cap: 90, Screen: &screen})

	want := "line 000\nline 001\nline 002\nline 003\nline 004\n" +
		"[tempest: 8919 bytes of output are left out here]\n" +
		"line 996\nline 997\nline 998\nline 999\n"
	got := r.Packages[0].Results[0]
	if got.Output() != want {
		t.Errorf("output = %q, want %q", got.Output(), want)
	}
	var shown strings.Builder
	var e result.Event
	for line := range bytes.Lines(screen.Bytes()) {
		if e.Parse(line) == nil && string(e.Action) == "output" {
			shown.Write(e.Output)
		}
	}
	if shown.String() != want {
		t.Errorf("the screen got %q, want %q", shown.String(), want)
	}
}

func TestOutputOfManyTestsIsBounded(t *testing.T) {
	const tests, size, budget = 600, 64 << 10, 8 << 20
	line := `","Output":"` + strings.Repeat("x", 1<<10) + `\n"}` + "\n"
	var names []string
	var readers []io.Reader
	for i := range tests {
		name := fmt.Sprintf("Test%d", i)
		names = append(names, name)
		readers = append(readers, repeated(stream("run "+name),
			`{"Action":"output","Package":"p","Test":"`+name+line, size>>10, stream("fail "+name)))
	}
	p := plan.Plan{Packages: []plan.Package{planned("p", names...)}}
	c := result.NewCollector(p, result.Options{Budget: budget})

	if err := c.Read(io.MultiReader(readers...)); err != nil {
		t.Fatal(err)
	}

	total, least := 0, size
	r := c.Finish(result.End{})
	for i := range r.Packages[0].Results {
		n := len(r.Packages[0].Results[i].Output())
		total += n
		least = min(least, n)
	}
	if r.Totals.Failed != tests || total > budget+tests<<10 || least < 512 {
		t.Errorf("%d tests failed and keep %d bytes, the least %d", r.Totals.Failed, total, least)
	}
}

// A screen that fails, or a disk that is full, must not cost results.
func TestFailingWritersDoNotCostResults(t *testing.T) {
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	pr, pw := io.Pipe()
	pr.Close() // always nil

	r := collect(t, p, stream("run TestA", "pass TestA", "pass"), result.End{}, result.Options{Screen: pw, Raw: pw})

	if r.ExitCode() != 0 || r.Totals.Passed != 1 {
		t.Errorf("totals = %+v, want the test passed", r.Totals)
	}
}

func TestRawIsTheStream(t *testing.T) {
	in := string(recorded(t)) + "not an event"
	var raw bytes.Buffer

	collect(t, recordedPlan(), in, result.End{}, result.Options{Raw: &raw})

	if raw.String() != in {
		t.Error("the raw events are not the stream")
	}
}

// What reaches the screen are events that gotestsum knows, and every test that
// starts also ends.
func TestScreenEvents(t *testing.T) {
	var screen bytes.Buffer
	collect(t, recordedPlan(), string(recorded(t))+"stray\n", result.End{},
		result.Options{Screen: &screen})

	running := make(map[string]bool)
	var e result.Event
	for line := range bytes.Lines(screen.Bytes()) {
		if err := e.Parse(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		id := string(e.Package) + "." + string(e.Test)
		switch string(e.Action) {
		case "artifacts", "build-fail":
			t.Errorf("the screen got %s", line)
		case "run":
			running[id] = true
		case "pass", "fail", "skip":
			delete(running, id)
		}
	}
	for id := range running {
		t.Errorf("%s never ends", id)
	}
}

// The events of a test come while it runs, not when the buffer is full.
func TestScreenIsLive(t *testing.T) {
	in, stdin := io.Pipe()
	out, screen := io.Pipe()
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	c := result.NewCollector(p, result.Options{Screen: screen})
	done := make(chan error, 1)
	go func() { done <- c.Read(in) }()

	for _, e := range []string{"run TestA", "output TestA working"} {
		line := stream(e)
		if _, err := io.WriteString(stdin, line+line[:3]); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(line))
		if _, err := io.ReadFull(out, got); err != nil || string(got) != line {
			t.Fatalf("the screen got %q, %v, want %q", got, err, line)
		}
		if _, err := io.WriteString(stdin, "\n"); err != nil { // ends the stray line
			t.Fatal(err)
		}
	}
	stdin.Close() // always nil
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestKilledProcessesAndLogsAreReported(t *testing.T) {
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	end := result.End{Packages: []result.PackageEnd{
		{Path: "p", Killed: []result.Process{{PID: 7, Name: "sleep"}}, Log: "/logs/p"},
	}}

	r := collect(t, p, stream("run TestA", "pass TestA", "pass"), end, result.Options{})

	got := r.Packages[0]
	if len(got.Killed) != 1 || got.Killed[0].Name != "sleep" || got.Log != "/logs/p" || r.ExitCode() != 0 {
		t.Errorf("package = %+v, exit code %d", got, r.ExitCode())
	}
}

func TestReadReturnsTheErrorOfItsReader(t *testing.T) {
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}
	c := result.NewCollector(p, result.Options{})

	err := c.Read(io.MultiReader(strings.NewReader(stream("run TestA", "pass TestA")), &failing{}))

	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Read = %v, want the reader's error", err)
	}
	if r := c.Finish(result.End{}); r.Totals.Passed != 1 {
		t.Errorf("totals = %+v, want what was read", r.Totals)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A reader may give any number of bytes at a time.
func TestReadInPieces(t *testing.T) {
	in := recorded(t)
	whole := collect(t, recordedPlan(), string(in), result.End{}, result.Options{})
	c := result.NewCollector(recordedPlan(), result.Options{Now: clock()})

	if err := c.Read(&pieces{data: in}); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(digest(whole), digest(c.Finish(result.End{}))); diff != "" {
		t.Errorf("read in pieces (-whole +pieces):\n%s", diff)
	}
}

// pieces gives 1, 2, 3 … bytes, and nothing at times.
type pieces struct {
	data []byte
	n    int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	p.n = (p.n + 1) % 97
	n := copy(b[:min(p.n, len(b))], p.data)
	p.data = p.data[n:]
	return n, nil
}
