package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/golden"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/result"
)

func TestJSONOfEverything(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, everything(t)); err != nil {
		t.Fatal(err)
	}

	golden.Check(t, *update, "json.golden.jsonl", b.Bytes())
}

// Each test of the plan is one line, and each line is an object.
func TestJSONHoldsEveryTestOnce(t *testing.T) {
	r := everything(t)
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}

	count := make(map[string]int)
	for line := range bytes.Lines(b.Bytes()) {
		var c report.Case
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		count[c.Status]++
		if c.Status != "fault" && c.ID != c.Package+"."+c.Name {
			t.Errorf("id %q of test %s of %s", c.ID, c.Name, c.Package)
		}
	}
	own := 0
	for _, suite := range parse(t, junit(t, r, report.JUnitOptions{}), schema()).children {
		for _, c := range suite.children {
			if c.attrs["name"] == "(package)" {
				own++
			}
		}
	}
	want := map[string]int{
		"passed": r.Totals.Passed, "failed": r.Totals.Failed, "skipped": r.Totals.Skipped, "lost": r.Totals.Lost,
		"unplanned": r.Totals.Unplanned, "fault": len(r.Faults), "package": own,
	}
	if own == 0 {
		t.Error("JUnit has no case of a package itself")
	}
	for status, n := range want {
		if count[status] != n {
			t.Errorf("%d lines are %s, want %d", count[status], status, n)
		}
	}
}

// What is wrong with the run, and with no test of it, is no green file.
func TestJSONSaysWhatIsWrongWithTheRun(t *testing.T) {
	r := reportOf(t, plan.Plan{}, "", result.End{GoErr: "go: no such tool\nmore", Interrupted: "SIGINT"})
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}

	want := `{"id":"run.go test","status":"run","name":"go test","elapsed":0,"message":"go: no such tool\nmore"}
{"id":"run.interrupted","status":"run","name":"interrupted","elapsed":0,` +
		`"message":"the run was interrupted by SIGINT"}` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// Only results of tests are such.
func TestOfTest(t *testing.T) {
	for status, want := range map[string]bool{
		"passed": true, "failed": true, "known": true, "skipped": true, "lost": true, "unplanned": true,
		"leak": false, "package": false, "fault": false, "run": false,
	} {
		c := report.Case{Status: status}
		if c.OfTest() != want {
			t.Errorf("OfTest of %s = %t, want %t", status, c.OfTest(), want)
		}
		if beside := !want && status != "leak"; c.BesideTests() != beside { // a leak is of a test
			t.Errorf("BesideTests of %s = %t, want %t", status, c.BesideTests(), beside)
		}
	}
}

func TestJSONOfAnEmptyRun(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, reportOf(t, plan.Plan{}, "", result.End{})); err != nil || b.Len() > 0 {
		t.Errorf("JSON = %q, %v, want nothing", b.String(), err)
	}
}
