package supervise

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArgsOfTheJobReplaceThoseOfGoTest(t *testing.T) {
	t.Parallel()
	const given = "-test.v=test2json -test.run=X -test.skip=Y -test.parallel=4 -test.count=1"
	for want, job := range map[string]Job{
		"-test.run=^A$ -test.v=test2json -test.parallel=4 -test.count=1":                  {},
		"-test.run=^A$ -test.skip=^B$ -test.v=test2json -test.parallel=4 -test.count=1":   {Skip: "^B$"},
		"-test.run=^A$ -test.parallel=200 -test.v=test2json -test.count=1":                {Parallel: 200},
		"-test.run=^A$ -test.skip=^B$ -test.parallel=200 -test.v=test2json -test.count=1": {Skip: "^B$", Parallel: 200},
	} {
		got := strings.Join(testArgs(strings.Fields(given), "^A$", job), " ")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", job, diff)
		}
	}
}
