package result_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// toldToEnd is a stream of a test process that somebody has told to end.
const toldToEnd = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"attr","Package":"p","Test":"TestA","Key":"not_run","Value":"interrupted by SIGTERM"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    e.go:9: not run: interrupted by SIGTERM\n"}
{"Action":"skip","Package":"p","Test":"TestA","Elapsed":0}
{"Action":"pass","Package":"p","Elapsed":0}
`

func TestSkippedBecauseToldToEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end  result.End
		want string
	}{
		"of the run": {result.End{Interrupted: "SIGTERM"}, "" +
			`exit 143, {Planned:1 Extra:0 Passed:0 Skipped:1 Failed:0 Lost:0 Unplanned:0}
p: skipped
  TestA skipped: "not run: interrupted by SIGTERM"
`},
		"of its process alone": {result.End{}, `exit 3, {Planned:1 Extra:0 Passed:0 Skipped:0 Failed:0 Lost:1 Unplanned:0}
p: lost: the package passed without running all of its tests
  TestA lost: "was told to end before it was done: interrupted by SIGTERM"
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Plan{Packages: []plan.Package{planned("p", "TestA")}}

			r := collect(t, p, toldToEnd, tt.end, result.Options{})

			if diff := cmp.Diff(tt.want, digest(r)); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}
