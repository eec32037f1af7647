package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/screen"
)

// replayCommand is the first argument of the process that is measured.
const replayCommand = "replay"

// replay reads a stream as `tempest run` does: args are the format, the folder
// for reports, and a copy of the stream from which the plan is made.
func replay(stdin io.Reader, args []string) error {
	debug.SetGCPercent(result.GCPercent) // as the command does
	format, dir, stream := args[0], args[1], args[2]
	p, err := planOf(stream)
	if err != nil {
		return err
	}
	s, err := screen.New(os.Stdout, screen.Options{Format: format})
	if err != nil {
		return err
	}
	c := result.NewCollector(p, result.Options{Screen: s})
	if err := c.Read(stdin); err != nil {
		return err
	}
	r := c.Finish(result.End{})
	if err := s.Close(); err != nil {
		return err
	}
	if err := screen.Summary(os.Stdout, r, screen.SummaryOptions{}); err != nil {
		return err
	}
	if err := report.WriteFile(filepath.Join(dir, "tempest.xml"), func(w io.Writer) error {
		return report.JUnit(w, r, report.JUnitOptions{})
	}); err != nil {
		return err
	}
	if err := report.WriteFile(filepath.Join(dir, "tempest.jsonl"), func(w io.Writer) error {
		return report.JSON(w, r)
	}); err != nil {
		return err
	}
	if !r.Trusted() || r.Totals.Planned == 0 {
		return fmt.Errorf("the replay gave %+v", r.Totals)
	}
	return nil
}

// planOf makes a plan of all tests in the stream, with names of their own, as
// discovery makes them. It counts first: growing a slice to a million tests
// takes more memory than what is measured.
func planOf(stream string) (plan.Plan, error) {
	var p plan.Plan
	at := make(map[string]int)
	counts := make(map[string]int)
	if err := eachRun(stream, func(path, _ string) { counts[path]++ }); err != nil {
		return p, err
	}
	err := eachRun(stream, func(path, name string) {
		i, ok := at[path]
		if !ok {
			i = len(p.Packages)
			at[path] = i
			p.Packages = append(p.Packages, plan.Package{
				Path: path, Plugin: "bench", Module: "example.com/bench",
				Tests: make([]plan.Test, 0, counts[path]),
			})
		}
		pkg := &p.Packages[i]
		pkg.Tests = append(pkg.Tests, plan.Test{Package: pkg.Path, Name: name, File: pkg.Path, Line: 1})
	})
	return p, err
}

// eachRun calls f for each test that starts in the stream.
func eachRun(stream string, f func(path, name string)) error {
	in, err := os.Open(stream)
	if err != nil {
		return err
	}
	defer in.Close() // only read
	var e result.Event
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if e.Parse(lines.Bytes()) == nil && string(e.Action) == "run" {
			f(string(e.Package), string(e.Test))
		}
	}
	return lines.Err()
}
