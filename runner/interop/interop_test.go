package interop_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner/interop"
)

// A guideline as they are written: a capability of two components, a test of two
// capabilities, a flagged test, a capability that nobody asks for.
const guideline = `{
  "metadata": {"id": "2099.01", "schema": "2.0"},
  "platforms": {
    "Powered Platform": {"components": [{"name": "compute"}, {"name": "storage"}]},
    "Powered Storage": {"components": [{"name": "storage"}]}
  },
  "components": {
    "compute": {"capabilities": {"required": ["tokens", "servers"], "advisory": ["resize"], "removed": ["gone"]}},
    "storage": {"capabilities": {"required": ["tokens", "objects"]}}
  },
  "capabilities": {
    "tokens": {"tests": {"t.Token": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000a"}}},
    "servers": {"tests": {
      "t.Create": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000B"},
      "t.List": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000c"},
      "t.Odd": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000d", "flagged": {"reason": "races"}}
    }},
    "resize": {"tests": {"t.Resize": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000e"}}},
    "objects": {"tests": {
      "t.Put": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000f"},
      "t.Create": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000b"}
    }},
    "dreams": {"tests": {"t.Dream": {"idempotent_id": "id-00000000-0000-4000-8000-000000000010"}}}
  }
}`

func parse(t *testing.T) *interop.Guideline {
	t.Helper()
	g, err := interop.Parse([]byte(guideline))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// result is one of the test whose UUID ends with end.
func result(end, status string) interop.Result {
	return interop.Result{
		UUID: "00000000-0000-4000-8000-0000000000" + end, ID: "p.Test" + end, Status: status, Message: "said " + status,
	}
}

func TestJudge(t *testing.T) {
	v := parse(t).Judge([]interop.Result{
		result("0a", "passed"), result("0b", "passed"), result("0c", "lost"), result("0d", "failed"),
		result("0f", "skipped"), {ID: "p.NoUUID", Status: "failed"},
	})

	got := map[string]interop.Counts{}
	for _, c := range v.Capabilities {
		got[c.Name] = c.Counts
	}
	want := map[string]interop.Counts{
		"tokens":  {Required: 1, Passed: 1},
		"servers": {Required: 2, Passed: 1, Failed: 1, Flagged: 1},
		"resize":  {Required: 1, Missing: 1},
		"objects": {Required: 2, Passed: 1, Skipped: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	standings := []interop.Standing{
		{Name: "compute", Counts: interop.Counts{Required: 3, Passed: 2, Failed: 1, Flagged: 1}},
		{Name: "storage", Counts: interop.Counts{Required: 3, Passed: 2, Skipped: 1}},
	}
	if diff := cmp.Diff(standings, v.Components); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	both := interop.Counts{Required: 4, Passed: 2, Failed: 1, Skipped: 1, Flagged: 1}
	if v.Platforms[0].Counts != both {
		t.Errorf("a platform of both = %+v, want each test once: %+v", v.Platforms[0].Counts, both)
	}
	if v.Met() {
		t.Error("Met() = true with a failed and a skipped test")
	}
}

func TestMetWithoutFlaggedAndAdvisory(t *testing.T) {
	v := parse(t).Judge([]interop.Result{
		result("0a", "passed"), result("0b", "passed"), result("0c", "passed"), result("0f", "passed"),
	})

	if !v.Met() {
		t.Errorf("Met() = false, want true without the flagged and the advisory test: %+v", v.Components)
	}
}

// A capability that flags a test says nothing for the others that require it.
func TestFlaggedElsewhereIsRequired(t *testing.T) {
	flagged := strings.Replace(guideline, `"t.Put": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000f"}`,
		`"t.Put": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000f"},
		 "t.Odd": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000d", "flagged": {"reason": "races"}}`, 1)
	g, err := interop.Parse([]byte(strings.Replace(flagged, `"tests": {"t.Token":`,
		`"tests": {"t.Odd": {"idempotent_id": "id-00000000-0000-4000-8000-00000000000d"}, "t.Token":`, 1)))
	if err != nil {
		t.Fatal(err)
	}

	v := g.Judge([]interop.Result{
		result("0a", "passed"), result("0b", "passed"), result("0c", "passed"), result("0d", "failed"),
		result("0f", "passed"),
	})

	for _, s := range append(v.Components, v.Platforms...) {
		if s.Met || s.Failed != 1 || s.Flagged != 0 {
			t.Errorf("%s = %+v, want one failed", s.Name, s)
		}
	}
}

// A result that did not pass counts, whatever other runs say of the test.
func TestWorstResultCounts(t *testing.T) {
	for _, order := range [][]string{
		{"passed", "failed"}, {"failed", "passed"}, {"skipped", "known"}, {"unplanned", "passed"},
	} {
		v := parse(t).Judge([]interop.Result{result("0a", order[0]), result("0a", order[1])})
		tokens := v.Capabilities[len(v.Capabilities)-1]
		if tokens.Name != "tokens" || tokens.Failed != 1 {
			t.Errorf("results %q = %+v, want one failed", order, tokens)
		}
	}
}

// A test that passed is as good as its subtests: to the testing package skipped ones, and known failures, are no
// matter.
func TestSubtestsDecide(t *testing.T) {
	for name, tt := range map[string]struct {
		subtests string // what follows the ID of the test, and a status
		want     string
		message  string
	}{
		"none":                  {"", interop.Passed, ""},
		"all passed":            {"/A=passed /B=passed", interop.Passed, ""},
		"some skipped":          {"/A=skipped /B=passed /C=skipped", interop.Passed, ""},
		"the last skipped":      {"/A=passed /B=skipped", interop.Passed, ""},
		"all skipped":           {"/A=skipped /B=skipped", interop.Skipped, "all of its subtests were skipped, A: said"},
		"all below skipped":     {"/A=passed /A/x=skipped", interop.Skipped, "were skipped, A: all of its subtests were"},
		"one below passed":      {"/A=passed /A/x=skipped /A/y/z=passed", interop.Passed, ""},
		"written after them":    {"/A/x=skipped /A=passed", interop.Skipped, "were skipped, A: all of its subtests were"},
		"a known failure":       {"/A=passed /B=known", interop.Failed, "passed, but not its subtest B: said known"},
		"a known failure below": {"/A=passed /A/x=known", interop.Failed, "not its subtest A: passed, but not"},
		"a skip, then a loss":   {"/A=skipped /B=lost /C=passed", interop.Failed, "not its subtest B: said lost"},
		"skipped in one run":    {"/A=passed /A=skipped", interop.Skipped, "all of its subtests were skipped, A: said"},
		"another test":          {"b/A=skipped", interop.Passed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			results := []interop.Result{result("0a", "passed")}
			for sub := range strings.FieldsSeq(tt.subtests) {
				end, status, _ := strings.Cut(sub, "=")
				results = append(results, interop.Result{ID: "p.Test0a" + end, Status: status, Message: "said " + status})
			}

			v := parse(t).Judge(results)

			got := v.Capabilities[len(v.Capabilities)-1].Tests[0]
			if got.Outcome != tt.want {
				t.Errorf("outcome = %s (%s), want %s", got.Outcome, got.Message, tt.want)
			}
			if tt.want != interop.Passed && !strings.Contains(got.Message, tt.message) {
				t.Errorf("message = %q, want %q in it", got.Message, tt.message)
			}
		})
	}
}

func TestNarrow(t *testing.T) {
	g := parse(t)
	if err := g.Narrow("Powered Storage"); err != nil {
		t.Fatal(err)
	}

	if len(g.Components) != 1 || len(g.Platforms) != 1 || len(g.Capabilities) != 2 {
		t.Errorf("narrowed to %+v, want storage with two capabilities", g)
	}
	want := []string{
		"00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b",
		"00000000-0000-4000-8000-00000000000f",
	}
	if diff := cmp.Diff(want, g.UUIDs()); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
	err := g.Narrow("compute")
	if err == nil || !strings.Contains(err.Error(), `"Powered Storage", "storage"`) {
		t.Errorf("Narrow(compute) = %v, want an error with what there is", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ old, now, want string }{
		"cut":                {`"dreams"`, "", "line 23: "},
		"another kind":       {`"2099.01"`, "7", "line 2: "},
		"another schema":     {`"2.0"`, `"1.6"`, `metadata.schema is "1.6"`},
		"no schema":          {`, "schema": "2.0"`, "", `metadata.schema is ""`},
		"unknown capability": {`["tokens", "servers"]`, `["sockets"]`, `components.compute names the capability "sockets"`},
		"unknown component":  {`[{"name": "storage"}]`, `[{"name": "stowage"}]`, `names the component "stowage"`},
		"a test without an id": {
			`"idempotent_id": "id-00000000-0000-4000-8000-00000000000a"`, "", "capabilities.tokens: test t.Token has no",
		},
		"a test with half an id": {
			`00000000-0000-4000-8000-00000000000a`, "", "capabilities.tokens: test t.Token has no",
		},
		"a required capability without tests": {
			`"tokens": {"tests"`, `"tokens": {"test"`, "capabilities.tokens: it is required and has no tests",
		},
		"no capability": {guideline, `{"metadata": {"schema": "2.0"}}`, "no component requires"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(guideline, c.old, c.now, 1)
			if text == guideline {
				t.Fatal("nothing was replaced")
			}
			_, err := interop.Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(guideline))
	f.Add([]byte(`{"metadata": {"schema": "2.0"}, "components": {"a": {"capabilities": {"required": ["b"]}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := interop.Parse(data)
		if err != nil {
			return
		}
		v := g.Judge(nil)
		for _, s := range v.Components {
			if s.Met || s.Required != s.Missing {
				t.Errorf("without results %q stands as %+v", s.Name, s)
			}
		}
	})
}
