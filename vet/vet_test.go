package vet_test

import (
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gotempest/tempest/vet"
)

// Each rule finds what the comments in its folders of testdata say, and nothing else. One analyzer stands for all of
// them, so that the packages are loaded once.
func TestRules(t *testing.T) {
	t.Setenv("GOFLAGS", "-tags=tempest")
	folders := map[string][]string{
		"cleanup": {"cleanup", "cleanup/fixtures"},
		"hidden":  {"hidden", "hidden/helpers", "several", "table"},
		"id":      {"id", "ignored", "several", "handed", "table"},
		"import":  {"imports", "../github.com/gotempest/tempest-near"},
		"literal": {"literal", "ignored", "handed", "table"},
		"marker":  {"tempestplugin", "constrained/tempestplugin"},
		"setup":   {"setup", "setup/lazy"},
		"tag":     {"tag"},
		"write":   {"write", "write/helpers"},
	}
	rules := map[string][]*analysis.Analyzer{}
	for _, r := range vet.Rules() {
		name := strings.TrimPrefix(r.Name, "tempest")
		if len(folders[name]) == 0 {
			t.Errorf("the rule %s has no test", r.Name)
		}
		for _, folder := range folders[name] {
			of := path.Join("plugin", folder)
			rules[of] = append(rules[of], r.Analyzer)
		}
	}
	all := &analysis.Analyzer{Name: "all", Doc: "the rules that are tested in a folder"}
	all.Run = func(p *analysis.Pass) (any, error) {
		for _, a := range rules[p.Pkg.Path()] {
			if _, err := a.Run(p); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	results := analysistest.Run(t, analysistest.TestData(), all, slices.Sorted(maps.Keys(rules))...)
	for _, r := range results {
		for _, d := range r.Diagnostics {
			if strings.Contains(d.Message, "several") && len(d.SuggestedFixes) != 0 {
				t.Errorf("%q has a fix, which would give several tests one ID", d.Message)
			}
		}
	}
}

// docs/checks.md has a section for each rule, with a bad and a good example.
func TestRulesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range vet.Rules() {
		name := strings.TrimPrefix(r.Name, "tempest")
		_, section, ok := strings.Cut(string(page), "\n## "+name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || strings.Count(section, "```go") != 2 {
			t.Errorf("docs/checks.md has no section %q with two examples", name)
		}
		if r.Remedy == "" || r.Doc == "" {
			t.Errorf("the rule %s says too little: %+v", name, r)
		}
	}
}
