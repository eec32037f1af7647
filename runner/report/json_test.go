package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

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
	want := map[string]int{
		"passed": r.Totals.Passed, "failed": r.Totals.Failed, "skipped": r.Totals.Skipped, "lost": r.Totals.Lost,
		"unplanned": r.Totals.Unplanned, "fault": len(r.Faults),
	}
	for status, n := range want {
		if count[status] != n {
			t.Errorf("%d lines are %s, want %d", count[status], status, n)
		}
	}
}

func TestJSONOfAnEmptyRun(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, reportOf(t, plan.Plan{}, "", result.End{})); err != nil || b.Len() > 0 {
		t.Errorf("JSON = %q, %v, want nothing", b.String(), err)
	}
}
