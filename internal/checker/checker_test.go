package checker

import (
	"strings"
	"testing"
)

// The in-tree suite follows the rules that plugins are told.
func TestSuiteFollowsTheRules(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the suite")
	}
	const module = "github.com/gotempest/tempest"
	report, err := Check(t.Context(), Options{
		Dir: "../..", Tags: []string{"tempest"}, Patterns: []string{module + "/tests/...", module + "/tempestplugin"},
		Suite: func(path string) bool { return strings.HasPrefix(path, module+"/tests/") },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range report.Errors {
		t.Error(e)
	}
	for _, f := range report.Findings {
		t.Errorf("%s: %s (%s); %s", f.At, f.Message, f.Rule, f.Remedy)
	}
	if len(report.built) == 0 {
		t.Error("no file was looked at")
	}
}
