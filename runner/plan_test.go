package runner_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// suiteDir is the module that the runs under test are of.
func suiteDir(tb testing.TB) string {
	tb.Helper()
	dir, err := filepath.Abs(filepath.Join("testdata", "suite"))
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// planOf is a plan of tests in the suite: "package Test Test/sub …". Parents of
// subtests that are not named are implied.
func planOf(tb testing.TB, packages ...string) plan.Plan {
	tb.Helper()
	var p plan.Plan
	for _, words := range packages {
		names := strings.Fields(words)
		pkg := plan.Package{
			Path: "example.com/suite/" + names[0], Dir: filepath.Join(suiteDir(tb), names[0]),
			Plugin: "suite", Module: "example.com/suite",
		}
		known := map[string]bool{}
		for _, name := range names[1:] {
			name = strings.ReplaceAll(name, "~", " ")
			if parent := plan.Parent(name); parent != "" && !known[parent] {
				known[parent] = true
				pkg.Tests = append(pkg.Tests, plan.Test{Package: pkg.Path, Name: parent, Implied: true})
			}
			known[name] = true
			pkg.Tests = append(pkg.Tests, plan.Test{Package: pkg.Path, Name: name})
		}
		p.Packages = append(p.Packages, pkg)
	}
	return p
}

// statuses are the results of a report as "package Test: status".
func statuses(rep *result.Report) map[string]string {
	all := make(map[string]string)
	for i := range rep.Packages {
		pkg := &rep.Packages[i]
		for j := range pkg.Results {
			r := &pkg.Results[j]
			all[strings.TrimPrefix(pkg.Path, "example.com/suite/")+" "+r.Name] = r.Status.String()
		}
	}
	return all
}
