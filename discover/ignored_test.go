package discover

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatGoIgnoresSilentlyIsAFault(t *testing.T) {
	t.Parallel()
	const good = "//go:build tempest\n\npackage a\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) {}\n"
	tests := map[string]struct {
		text string
		want string // in the fault; empty for none
		line string
	}{
		"a name that is none": {good + "\nfunc Testlower(t *testing.T) {}\n", "Testlower is no test", ":9"},
		"behind the package clause": {
			"package a\n\n//go:build tempest\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n",
			"behind the package clause", ":3",
		},
		"old form":   {"// +build tempest\n\npackage a\n", "Go ignores +build lines", ":1"},
		"unreadable": {"//go:build tempest &&\n\npackage a\n", "cannot be read", ":1"},
		"in a string": {
			"package a\n\nconst text = `package b\n//go:build tempest\n`\n", "", "",
		},
		"in a string behind an empty line": {
			"// A comment.\n\npackage a\n\nconst text = `\npackage b\n\n//go:build tempest\n`\n", "", "",
		},
		"of another tag":               {"package a\n\n//go:build linux\n", "", ""},
		"old form beside the new":      {"//go:build tempest\n// +build tempest\n\npackage a\n", "", ""},
		"a helper with such a name":    {good + "\nfunc Testing(n int) {}\n", "", ""},
		"a method with such a name":    {good + "\ntype x int\n\nfunc (x) Testlower(t *testing.T) {}\n", "", ""},
		"a unit test beside the suite": {"package a\n\nimport \"testing\"\n\nfunc TestUnit(t *testing.T) {}\n", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, "-- go.mod --\nmodule example.com/main\n\ngo 1.26\n-- good/good_test.go --\n"+good+
				"-- a/a_test.go --\n"+tt.text)

			inv := mustFind(t, dir, Options{})

			faults := inv.Faults()
			if tt.want == "" {
				if len(faults) != 0 {
					t.Errorf("faults = %+v, want none", faults)
				}
				return
			}
			if len(faults) != 1 || faults[0].Kind != IgnoredTest || !strings.Contains(faults[0].Message, tt.want) ||
				!strings.HasSuffix(faults[0].Place, filepath.Join("a", "a_test.go")+tt.line) || faults[0].Remedy == "" {
				t.Errorf("faults = %+v, want one with %q at line %s", faults, tt.want, tt.line)
			}
			if ids := testIDs(&inv.Plugins[0]); len(ids) == 0 {
				t.Error("the good test is gone too")
			}
		})
	}
}
