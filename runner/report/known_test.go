package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/result"
)

func TestReportsTellKnownFailures(t *testing.T) {
	t.Parallel()
	const stream = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestKnown"}
{"Action":"attr","Package":"p","Test":"TestKnown","Key":"known_failure","Value":"http://bugs/1"}
{"Action":"output","Package":"p","Test":"TestKnown","Output":"    e.go:9: known failure, http://bugs/1: hangs\n"}
{"Action":"skip","Package":"p","Test":"TestKnown","Elapsed":0}
{"Action":"run","Package":"p","Test":"TestMended"}
{"Action":"attr","Package":"p","Test":"TestMended","Key":"unexpected_pass","Value":"http://bugs/2"}
{"Action":"attr","Package":"p","Test":"TestMended","Key":"retries","Value":"3"}
{"Action":"attr","Package":"p","Test":"TestMended","Key":"wait","Value":"1.5s"}
{"Action":"pass","Package":"p","Test":"TestMended","Elapsed":4}
{"Action":"pass","Package":"p","Elapsed":0}
`
	r := reportOf(t, plan.Plan{Packages: []plan.Package{tests("p", "TestKnown", "TestMended")}}, stream, result.End{})

	xml := string(junit(t, r, report.JUnitOptions{CaseProperties: true}))
	var lines bytes.Buffer
	if err := report.JSON(&lines, r); err != nil {
		t.Fatal(err)
	}

	wantParts(t, xml, `tests="2" failures="0" errors="0"`, `skipped="1"`,
		`<property name="known_failure" value="http://bugs/1"/>`,
		`<skipped message="known failure, http://bugs/1: hangs"/>`,
		`<property name="unexpected_pass" value="http://bugs/2"/>`, `<property name="retries" value="3"/>`,
		`name="TestMended" time="2.500"`, `<property name="wait" value="1.5s"/>`)
	wantParts(t, lines.String(), `"id":"p.TestKnown","status":"known"`,
		`"message":"known failure, http://bugs/1: hangs"`,
		`"attrs":{"known_failure":"http://bugs/1"}`, `"status":"passed"`,
		`"elapsed":2.5,"waited":1.5,"attrs":{"retries":"3","unexpected_pass":"http://bugs/2","wait":"1.5s"}`)
}

func wantParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("want %q in:\n%s", part, text)
		}
	}
}
