package screen_test

import (
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/screen"
)

func TestSummaryTellsKnownFailures(t *testing.T) {
	t.Parallel()
	const stream = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestKnown"}
{"Action":"attr","Package":"p","Test":"TestKnown","Key":"known_failure","Value":"http://bugs/1"}
{"Action":"output","Package":"p","Test":"TestKnown","Output":"    e.go:9: known failure, http://bugs/1: hangs\n"}
{"Action":"skip","Package":"p","Test":"TestKnown","Elapsed":0}
{"Action":"run","Package":"p","Test":"TestMended"}
{"Action":"attr","Package":"p","Test":"TestMended","Key":"unexpected_pass","Value":"http://bugs/2"}
{"Action":"pass","Package":"p","Test":"TestMended","Elapsed":0}
{"Action":"pass","Package":"p","Elapsed":0}
`
	r := reportOf(t, plan.Plan{Packages: []plan.Package{tests("p", "TestKnown", "TestMended")}}, stream, result.End{})

	got := summary(t, r, screen.SummaryOptions{})

	for _, want := range []string{
		"=== Known failures: they do not fail the run\np.TestKnown: known failure, http://bugs/1: hangs\n",
		"=== Passed unexpectedly\np.TestMended: unstable because of http://bugs/2: is that mended?\n",
		"PASSED: 2 tests: 1 passed, 0 failed, 0 skipped, 0 lost; 1 known failure; 1 passed unexpectedly in ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "=== Skipped") {
		t.Errorf("a known failure is among the skipped tests:\n%s", got)
	}
}
