package checker

import (
	"strings"
	"testing"
)

// The in-tree suite and the plugins by example follow the rules that plugins are told.
func TestOurOwnTestsFollowTheRules(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the tests")
	}
	const module = "github.com/gotempest/tempest"
	for _, c := range []struct {
		name, dir, module string
		tags              []string
		patterns          []string
	}{
		{"in-tree", "../..", module, []string{"tempest"}, []string{module + "/tests/...", module + "/tempestplugin"}},
		{
			"keymanager", "../../examples/keymanager", module + "/examples/keymanager", []string{"tempest", "slow"},
			[]string{"./..."},
		},
		{"dns", "../../examples/dns", module + "/examples/dns", []string{"tempest", "nameserver"}, []string{"./..."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := Check(t.Context(), Options{
				Dir: c.dir, Tags: c.tags, Patterns: c.patterns,
				Suite: func(path string) bool { return strings.HasPrefix(path, c.module+"/tests/") },
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
		})
	}
}
