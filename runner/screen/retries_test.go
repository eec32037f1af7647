package screen_test

import (
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/screen"
)

func TestSummaryCountsRetries(t *testing.T) {
	t.Parallel()
	const line = "made again"
	stream := func(attr string) string {
		return `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
` + attr + `{"Action":"pass","Package":"p","Test":"TestA","Elapsed":1}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"attr","Package":"p","Test":"TestB","Key":"retries","Value":"4"}
{"Action":"pass","Package":"p","Test":"TestB","Elapsed":1}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"pass","Package":"p","Elapsed":2}
`
	}
	cases := map[string]struct{ attr, want string }{
		"two tests": {`{"Action":"attr","Package":"p","Test":"TestA","Key":"retries","Value":"3"}` + "\n",
			"7 calls were made again, in 2 tests; tempest calls --retried shows them"},
		"one test":  {"", "4 calls were made again, in 1 test; "},
		"no number": {`{"Action":"attr","Package":"p","Test":"TestA","Key":"retries","Value":"many"}` + "\n", "4 calls"},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Plan{Packages: []plan.Package{tests("p", "TestA", "TestB")}}

			got := summary(t, reportOf(t, p, stream(tt.attr), result.End{}), screen.SummaryOptions{})

			if !strings.Contains(got, tt.want) {
				t.Errorf("summary lacks %q:\n%s", tt.want, got)
			}
		})
	}
	quiet := reportOf(t, plan.Plan{Packages: []plan.Package{tests("p", "TestC")}},
		`{"Action":"pass","Package":"p","Test":"TestC"}`, result.End{})
	if got := summary(t, quiet, screen.SummaryOptions{}); strings.Contains(got, line) {
		t.Errorf("summary of a run without retries has %q:\n%s", line, got)
	}
}
