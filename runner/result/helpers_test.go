package result_test

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

var update = flag.Bool("update", false, "rewrite golden files")

// recorded returns the recorded stream of several packages. How it was made
// stands in the file.
func recorded(tb testing.TB) []byte {
	tb.Helper()
	const name = "packages.txtar"
	a, err := txtar.ParseFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == "stream.jsonl" {
			return f.Data
		}
	}
	tb.Fatalf("%s has no stream", name)
	return nil
}

// planned makes a package with the tests given. A name after "?" is of a
// conditional subtest, one after "(" of an implied test.
func planned(path string, names ...string) plan.Package {
	p := plan.Package{Path: path, Plugin: "plugin", Module: "example.com"}
	for _, name := range names {
		t := plan.Test{Package: path, Name: strings.TrimLeft(name, "?(")}
		t.Conditional = strings.HasPrefix(name, "?")
		t.Implied = strings.HasPrefix(name, "(")
		p.Tests = append(p.Tests, t)
	}
	return p
}

// clock advances by a second each time it is asked.
func clock() func() time.Time {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

// collect reads a stream as the results of p.
func collect(tb testing.TB, p plan.Plan, stream string, e result.End, o result.Options) *result.Report {
	tb.Helper()
	o.Now = clock()
	c := result.NewCollector(p, o)
	if err := c.Read(strings.NewReader(stream)); err != nil {
		tb.Fatalf("Read: %v", err)
	}
	r := c.Finish(e)
	t := r.Totals
	if got, want := t.Passed+t.Failed+t.Known+t.Skipped+t.Lost, t.Planned+t.Extra; got != want {
		tb.Errorf("the statuses add up to %d, want %d: %+v", got, want, t)
	}
	return r
}

// digest is a report in short: a line for each package and each result.
func digest(r *result.Report) string {
	var b bytes.Buffer
	totals := strings.NewReplacer(" Known:0", "", " Unexpected:0", "").Replace(fmt.Sprintf("%+v", r.Totals))
	fmt.Fprintf(&b, "exit %d, %s\n", r.ExitCode(), totals)
	for i := range r.Packages {
		p := &r.Packages[i]
		fmt.Fprintf(&b, "%s: %s", p.Path, p.Status)
		if p.Message != "" {
			fmt.Fprintf(&b, ": %s", p.Message)
		}
		b.WriteByte('\n')
		for j := range p.Results {
			digestResult(&b, "", &p.Results[j])
		}
		for j := range p.Unplanned {
			digestResult(&b, "unplanned ", &p.Unplanned[j])
		}
	}
	return b.String()
}

func digestResult(b *bytes.Buffer, prefix string, r *result.Result) {
	if prefix == "" && r.Extra() {
		prefix = "extra "
	}
	fmt.Fprintf(b, "  %s%s %s", prefix, r.Name, r.Status)
	if r.Detail != nil && r.Detail.Repeats > 0 {
		fmt.Fprintf(b, " (of %d results)", r.Detail.Repeats+1)
	}
	if m := r.Message(); m != "" {
		fmt.Fprintf(b, ": %q", m)
	}
	b.WriteByte('\n')
}
