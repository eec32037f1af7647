package report_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

var update = flag.Bool("update", false, "rewrite golden files")

// recorded returns the stream of all kinds of packages that package result has.
func recorded(tb testing.TB) string {
	tb.Helper()
	a, err := txtar.ParseFile(filepath.Join("..", "result", "testdata", "packages.txtar"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == "stream.jsonl" {
			return string(f.Data)
		}
	}
	tb.Fatal("the recording has no stream")
	return ""
}

// reportOf joins a plan with a stream.
func reportOf(tb testing.TB, p plan.Plan, stream string, e result.End) *result.Report {
	tb.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := result.NewCollector(p, result.Options{Now: func() time.Time {
		now = now.Add(1500 * time.Millisecond)
		return now
	}})
	if err := c.Read(strings.NewReader(stream)); err != nil {
		tb.Fatal(err)
	}
	return c.Finish(e)
}

// tests makes a package of a plan.
func tests(path string, names ...string) plan.Package {
	p := plan.Package{Path: path, Plugin: "rec", Module: "example.com/rec", Version: "v1.2.3", Sum: "h1:sum="}
	for i, n := range names {
		p.Tests = append(p.Tests, plan.Test{Package: path, Name: n, File: "all_test.go", Line: i + 1})
	}
	return p
}

// everything is a report with one of each kind.
func everything(tb testing.TB) *result.Report {
	tb.Helper()
	const module = "example.com/rec/"
	p := plan.Plan{
		Packages: []plan.Package{
			tests(module+"broken", "TestBroken"),
			tests(module+"exits", "TestBefore", "TestExits", "TestAfter"),
			tests(module+"fails", "TestFatal", "TestParent", "TestParent/Bad", "TestStops", "TestStops/Second", "TestSkips",
				"TestSkips/Sub", "TestPass"),
			tests(module+"fakes", "TestJSON", "TestPlain", "TestFramed", "TestForger", "TestInvents", "TestVictim"),
			tests(module+"good", "TestPass", "TestSkip", "TestSkipLines", "TestSkipNow", "TestSub", "TestAttr"),
			tests(module+"killed", "TestBefore", "TestKilled", "TestAfter"),
			tests(module+"mainfails", "TestPass"),
			tests(module+"panics", "TestBefore", "TestPanics", "TestPanics/Sub", "TestAfter"),
			tests(module+"setup", "TestSetup"),
		},
		Faults: []plan.Fault{
			{Plugin: "octavia", Module: "example.com/octavia", Kind: "does-not-compile", Message: "undefined: <x> & \"y\"",
				Remedy: "ask its authors", Place: "a_test.go:1"},
			{Plugin: "octavia", Module: "example.com/octavia", Kind: "does-not-compile", Message: "undefined: z"},
			{Plugin: "zaqar", Kind: "no-tests", Message: "it has none"},
		},
	}
	lost := &p.Packages[1].Tests[2]
	lost.UUID, lost.Attributes = "5ad5a1a6-0000-4000-8000-000000000002", []string{"negative", "smoke"}
	lost.Services = []string{"identity"}
	r := reportOf(tb, p, recorded(tb), result.End{Packages: []result.PackageEnd{
		{Path: module + "killed", Died: "was killed by SIGKILL", Log: "/logs/killed.log"},
	}})
	r.Cloud = `cloud "one" as <admin>`
	return r
}
