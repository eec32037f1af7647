package vet_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gotempest/tempest/vet"
)

// Each rule finds what the comments in its folder of testdata say, and nothing else. One analyzer stands for all of
// them, so that the packages are loaded once.
func TestRules(t *testing.T) {
	t.Setenv("GOFLAGS", "-tags=tempest")
	folders := map[string]string{
		"tempestcleanup": "cleanup", "tempestid": "id", "tempestimport": "imports", "tempestliteral": "literal",
		"tempestsetup": "setup", "tempesttag": "tag", "tempestwrite": "write",
	}
	rules := map[string]*analysis.Analyzer{}
	patterns := []string{"plugin/several"}
	for _, r := range vet.Rules() {
		folder, ok := folders[r.Name]
		if !ok {
			t.Errorf("the rule %s has no test", r.Name)
			continue
		}
		rules["plugin/"+folder] = r.Analyzer
		patterns = append(patterns, "plugin/"+folder)
	}
	rules["plugin/several"] = rules["plugin/id"]
	all := &analysis.Analyzer{Name: "all", Doc: "the rule that is tested in a folder"}
	all.Run = func(p *analysis.Pass) (any, error) {
		if a := rules[p.Pkg.Path()]; a != nil {
			return a.Run(p)
		}
		return nil, nil
	}
	results := analysistest.Run(t, analysistest.TestData(), all, patterns...)
	for _, r := range results {
		for _, d := range r.Diagnostics {
			if r.Pass.Pkg.Path() == "plugin/several" && len(d.SuggestedFixes) != 0 {
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
