package result_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// known is a stream in which one test fails as it was expected to, with a subtest that never runs, and
// one passes although it was expected to fail.
const known = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestKnown"}
{"Action":"output","Package":"p","Test":"TestKnown","Output":"    a_test.go:3: got 1 not 2\n"}
{"Action":"attr","Package":"p","Test":"TestKnown","Key":"known_failure","Value":"http://bugs/1"}
{"Action":"output","Package":"p","Test":"TestKnown","Output":"    e.go:9: known failure, http://bugs/1: got 1 not 2\n"}
{"Action":"output","Package":"p","Test":"TestKnown","Output":"--- SKIP: TestKnown (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestKnown","Elapsed":0}
{"Action":"run","Package":"p","Test":"TestMended"}
{"Action":"attr","Package":"p","Test":"TestMended","Key":"unexpected_pass","Value":"http://bugs/2"}
{"Action":"pass","Package":"p","Test":"TestMended","Elapsed":0}
{"Action":"pass","Package":"p","Elapsed":0}
`

func TestKnownFailuresDoNotFailTheRun(t *testing.T) {
	t.Parallel()
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestKnown", "TestKnown/Never", "TestMended")}}

	r := collect(t, p, known, result.End{}, result.Options{})

	want := `exit 0, {Planned:3 Extra:0 Passed:1 Skipped:1 Known:1 Failed:0 Lost:0 Unexpected:1 Unplanned:0}
p: passed
  TestKnown known: "known failure, http://bugs/1: got 1 not 2"
  TestKnown/Never skipped: "did not run: TestKnown failed first: known failure, http://bugs/1: got 1 not 2"
  TestMended passed
`
	if diff := cmp.Diff(want, digest(r)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestOnlySkippedTestsAreKnownFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stream string
		want   string
	}{
		"that fail nevertheless": {
			strings.ReplaceAll(known, `"skip"`, `"fail"`),
			`  TestKnown failed: "known failure, http://bugs/1: got 1 not 2"`,
		},
		"that panic": {
			strings.NewReplacer(`"    e.go:9: known failure, http://bugs/1: got 1 not 2\n"`, `"panic: oh no\n"`,
				`"skip"`, `"fail"`).Replace(known), `  TestKnown failed: "panic: oh no"`,
		},
		"that never end": {
			strings.ReplaceAll(known, `{"Action":"skip","Package":"p","Test":"TestKnown","Elapsed":0}`+"\n", ""),
			`  TestKnown lost: "was running when the package passed"`,
		},
		"that pass": {strings.ReplaceAll(known, `"skip"`, `"pass"`), "  TestKnown passed"},
		"without the attribute": {
			strings.ReplaceAll(known, "known_failure", "known"),
			`  TestKnown skipped: "known failure, http://bugs/1: got 1 not 2"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Plan{Packages: []plan.Package{planned("p", "TestKnown", "TestMended")}}

			got := digest(collect(t, p, tt.stream, result.End{}, result.Options{}))

			if !strings.Contains(got, tt.want+"\n") || strings.Contains(got, "Known:") {
				t.Errorf("report = %s, want %q and no known failure", got, tt.want)
			}
		})
	}
}

func TestKnownFailureIsTakenAfterManyAttributes(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{"Action":"attr","Package":"p","Test":"TestKnown","Key":"KEY","Value":"x"}`+"\n", 1)
	var b strings.Builder
	for i := range 1100 {
		b.WriteString(strings.Replace(many, "KEY", "k"+strings.Repeat("x", i), 1))
	}
	stream := strings.Replace(known, `{"Action":"output"`, b.String()+`{"Action":"output"`, 1)
	p := plan.Plan{Packages: []plan.Package{planned("p", "TestKnown", "TestMended")}}

	r := collect(t, p, stream, result.End{}, result.Options{})

	if r.Totals.Known != 1 {
		t.Errorf("totals = %+v, want one known failure", r.Totals)
	}
}
