package timings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// test is the declaration of a test of package p.
func test(name string) *plan.Test { return &plan.Test{Package: "p", Name: name} }

// reportOf is of one package with these results.
func reportOf(results ...result.Result) *result.Report {
	return &result.Report{Packages: []result.PackageResult{{Path: "p", Results: results}}}
}

func took(name string, status result.Status, d time.Duration) result.Result {
	return result.Result{Name: name, Test: test(name), Status: status, Elapsed: d}
}

func TestAddTakesWhatTellsHowLongATestIs(t *testing.T) {
	t.Parallel()
	waiting := took("TestWait", result.Passed, 5*time.Second)
	waiting.Detail = &result.Detail{Attrs: []result.Attr{{Key: protocol.AttrWait, Value: "3s"}}}
	implied := took("TestImplied", result.Passed, time.Second)
	implied.Test.Implied = true
	var times Timings

	times.Add(reportOf(
		took("TestA", result.Passed, 4*time.Second), waiting, implied,
		took("TestA/sub", result.Passed, time.Second),
		took("TestFails", result.Failed, 2*time.Second),
		took("TestSkips", result.Skipped, time.Second),
		took("TestLost", result.Lost, time.Second),
		result.Result{Name: "TestExtra", Status: result.Passed, Elapsed: time.Second},
	), today)

	want := map[string]timing{
		"p.TestA": {4, today}, "p.TestWait": {2, today}, "p.TestFails": {2, today},
	}
	if diff := cmp.Diff(want, times.tests); diff != "" {
		t.Errorf("timings (-want +got):\n%s", diff)
	}
}

func TestAddKeepsHalfOfWhatWasKnown(t *testing.T) {
	t.Parallel()
	var times Timings
	times.Add(reportOf(took("TestA", result.Passed, 4*time.Second)), today)
	times.Add(reportOf(took("TestA", result.Passed, 2*time.Second)), today.Add(time.Hour))
	times.Add(reportOf(took("TestA", result.Failed, 9*time.Second)), today.Add(2*time.Hour))

	want := map[string]timing{"p.TestA": {3, today.Add(time.Hour)}}
	if diff := cmp.Diff(want, times.tests); diff != "" {
		t.Errorf("timings (-want +got):\n%s", diff)
	}
}

func TestAnInterruptedTestTellsNothing(t *testing.T) {
	t.Parallel()
	rep := reportOf(took("TestA", result.Failed, time.Second), took("TestB", result.Passed, time.Second))
	rep.Interrupted = "SIGINT"
	var times Timings
	times.Add(rep, today)
	if _, ok := times.Of(*test("TestA")); ok {
		t.Error("the test that was interrupted is known")
	}
	if d, ok := times.Of(*test("TestB")); !ok || d != time.Second {
		t.Errorf("the test that had passed takes %v, %v; want 1s", d, ok)
	}
}

func TestOldTestsAreForgotten(t *testing.T) {
	t.Parallel()
	var times Timings
	times.Add(reportOf(took("TestOld", result.Passed, time.Second)), today)
	var many []result.Result
	for i := range maxTests {
		many = append(many, took(fmt.Sprint("Test", i), result.Passed, time.Second))
	}
	times.Add(reportOf(many...), today.Add(time.Hour))
	if _, ok := times.Of(*test("TestOld")); ok || len(times.tests) != maxTests {
		t.Errorf("%d tests are kept, the oldest: %v; want %d without it", len(times.tests), ok, maxTests)
	}
	times.Add(reportOf(), today.Add(maxAge+2*time.Hour))
	if len(times.tests) != 0 {
		t.Errorf("%d tests are kept that did not run for %v", len(times.tests), maxAge)
	}
}

func TestSavedTimingsAreLoaded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "timings.json")
	var times Timings
	times.Add(reportOf(took("TestA", result.Passed, 1500*time.Millisecond)), today)
	if err := times.Save(path); err != nil {
		t.Fatal(err)
	}

	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}

	if d, ok := got.Of(*test("TestA")); !ok || d != 1500*time.Millisecond {
		t.Errorf("TestA takes %v, %v; want 1.5s", d, ok)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%d files are there, %v; want one", len(left), err)
	}
}

func TestLoadOfWhatIsNoTimings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got, err := Load(filepath.Join(dir, "none")); err != nil || got.Forecast(nil).Any() {
		t.Errorf("a file that is not there: %v", err)
	}
	for text, part := range map[string]string{
		`{"version": 0}`:             "; remove the file to begin anew",
		"{":                          "unexpected end of JSON input; remove the file to begin anew",
		`{"version": 99}`:            "has version 99",
		`{"version": 1, "tests": 7}`: "cannot unmarshal",
	} {
		path := filepath.Join(dir, "timings.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v, want one with the path and %q", text, err, part)
		}
		got.Add(reportOf(took("TestA", result.Passed, time.Second)), today) // it must be usable
	}
}

func TestLoadLeavesOutWhatCannotBe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "timings.json")
	for text, want := range map[string]map[string]timing{
		"":                              nil,
		" \n":                           nil,
		`{"version": 1}`:                nil,
		`{"version": 1, "tests": null}`: nil,
		`{"version": 1, "tests": {"p.TestA": {"seconds": -1}, "p.TestB": {"seconds": 1e300}, "p.TestC": {"seconds": 2}}}`: {
			"p.TestC": {Seconds: 2},
		},
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got.tests); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestTheFutureIsNow(t *testing.T) {
	t.Parallel()
	times := Timings{tests: map[string]timing{"p.TestA": {1, today.AddDate(100, 0, 0)}, "p.TestB": {2, today}}}

	times.Add(reportOf(), today)

	want := map[string]timing{"p.TestA": {1, today}, "p.TestB": {2, today}}
	if diff := cmp.Diff(want, times.tests); diff != "" {
		t.Errorf("timings (-want +got):\n%s", diff)
	}
}

func TestSaveWithoutAPlaceIsAnError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Timings{}).Save(filepath.Join(file, "timings.json")); err == nil {
		t.Error("no error")
	}
}

// pkg is a package with these tests.
func pkg(path string, names ...string) plan.Package {
	p := plan.Package{Path: path}
	for _, name := range names {
		p.Tests = append(p.Tests, plan.Test{Package: path, Name: name})
	}
	return p
}

func TestLongestPackagesComeFirst(t *testing.T) {
	t.Parallel()
	pkgs := []plan.Package{
		pkg("short", "TestA"), pkg("unknown", "TestNew1", "TestNew2"), pkg("many", "TestA", "TestB", "TestC"),
		pkg("long", "TestA", "TestA/sub"), pkg("equal", "TestA"),
	}
	times := &Timings{tests: map[string]timing{
		"short.TestA": {Seconds: 1}, "equal.TestA": {Seconds: 1},
		"long.TestA": {Seconds: 10}, "long.TestA/sub": {Seconds: 99},
		"many.TestA": {Seconds: 4}, "many.TestB": {Seconds: 4}, "many.TestC": {Seconds: 4},
	}}

	f := times.Forecast(pkgs)
	f.Order(pkgs)

	var order []string
	for _, p := range pkgs {
		order = append(order, p.Path)
	}
	// The median is 4 s: the two tests that are not known count 8.
	if diff := cmp.Diff([]string{"many", "long", "unknown", "short", "equal"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	tests := f.Tests(pkgs)
	if len(tests) != 8 || tests["unknown.TestNew1"] != 4*time.Second || tests["long.TestA"] != 10*time.Second {
		t.Errorf("forecast %v", tests)
	}
}

func TestNothingKnownChangesNothing(t *testing.T) {
	t.Parallel()
	pkgs := []plan.Package{pkg("a", "TestA"), pkg("b", "TestA", "TestB")}
	f := (&Timings{}).Forecast(pkgs)
	f.Order(pkgs)
	if f.Any() || pkgs[0].Path != "a" || f.Tests(pkgs) != nil {
		t.Error("packages moved although nothing is known of them")
	}
}

func TestRunsThatEndTogetherKeepTheTimesOfAll(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	path := filepath.Join(t.TempDir(), "timings.json")
	const runs = 20
	var all sync.WaitGroup
	for i := range runs {
		all.Go(func() {
			defer Lock()()
			times, err := Load(path)
			if err != nil {
				t.Error(err)
				return
			}
			times.Add(reportOf(took(fmt.Sprint("Test", i), result.Passed, time.Second)), today)
			if err := times.Save(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	times, err := Load(path)
	if err != nil || len(times.tests) != runs {
		t.Errorf("times of %d tests are kept, %v; want those of all %d", len(times.tests), err, runs)
	}
}

func TestWithoutAHomeThereIsNoLock(t *testing.T) {
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	Lock()() // returns
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", file)
	Lock()()
}
