// Package timings keeps how long tests took in earlier runs, so that a run can start
// with what takes longest, and say how much is left.
//
// The time of a test does not count what it waited for its turn, and belongs to a top-level
// test with all its subtests: that is what is scheduled.
package timings

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/result"
)

// Limits of what is kept.
const (
	maxTests = 50_000
	maxAge   = 180 * 24 * time.Hour // since a test was last run
	maxTime  = 30 * 24 * time.Hour  // of a test: more is a mistake
)

// version is that of the file. A file of another version is not read.
const version = 1

// DefaultFile is tempest/timings.json in the user's cache folder.
func DefaultFile() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the file of timings: %w", err)
	}
	return filepath.Join(cache, "tempest", "timings.json"), nil
}

// Timings are times of tests, by ID. The zero value has none.
type Timings struct {
	tests map[string]timing
}

// timing is how long a test took.
type timing struct {
	Seconds float64   `json:"seconds"`
	Seen    time.Time `json:"seen"` // when it was last run
}

// file is the form on disk.
type file struct {
	Version int               `json:"version"`
	Tests   map[string]timing `json:"tests"`
}

// remedy ends the errors of a file that cannot be used.
const remedy = "remove the file to begin anew, or name another"

// Load reads a file. One that is not there, or has nothing in it, is empty; with an error the result is empty too.
// Times that no test can take are left out.
func Load(path string) (*Timings, error) {
	t := &Timings{}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(bytes.TrimSpace(data)) == 0:
		return t, nil
	case err != nil:
		return t, fmt.Errorf("reading timings: %w", err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return t, fmt.Errorf("reading timings: %s: %w; %s", path, err, remedy)
	}
	if f.Version != version {
		return t, fmt.Errorf("reading timings: %s has version %d, and this tempest reads %d; %s",
			path, f.Version, version, remedy)
	}
	t.tests = f.Tests
	maps.DeleteFunc(t.tests, func(_ string, known timing) bool {
		return known.Seconds < 0 || known.Seconds > maxTime.Seconds()
	})
	return t, nil
}

// Of returns how long a top-level test took, and whether that is known.
func (t *Timings) Of(test plan.Test) (time.Duration, bool) {
	known, ok := t.tests[test.ID()]
	return time.Duration(known.Seconds * float64(time.Second)), ok
}

// Add takes over how long the tests of a report took. Half of what is known already
// remains, so that one slow day does not count for ever. A test that failed ended early, perhaps: its time
// counts while there is no other.
func (t *Timings) Add(rep *result.Report, now time.Time) {
	if t.tests == nil {
		t.tests = map[string]timing{}
	}
	for i := range rep.Packages {
		for j := range rep.Packages[i].Results {
			t.add(&rep.Packages[i].Results[j], rep.Interrupted != "", now)
		}
	}
	t.forget(now)
}

func (t *Timings) add(r *result.Result, interrupted bool, now time.Time) {
	if r.Test == nil || r.Test.Implied || strings.Contains(r.Name, "/") {
		return // not a whole top-level test
	}
	id := r.Test.ID()
	old, known := t.tests[id]
	seconds := r.Own().Seconds()
	switch {
	case r.Status == result.Passed && known:
		seconds = (seconds + old.Seconds) / 2
	case r.Status == result.Passed, r.Status == result.Failed && !known && !interrupted:
	default:
		return
	}
	t.tests[id] = timing{Seconds: seconds, Seen: now}
}

// forget removes what has not run for long, and the oldest above the limit. What a clock that was wrong has put into
// the future was seen now.
func (t *Timings) forget(now time.Time) {
	for id, known := range t.tests {
		switch {
		case now.Sub(known.Seen) > maxAge:
			delete(t.tests, id)
		case known.Seen.After(now):
			t.tests[id] = timing{Seconds: known.Seconds, Seen: now}
		}
	}
	if len(t.tests) <= maxTests {
		return
	}
	ids := slices.SortedFunc(maps.Keys(t.tests), func(a, b string) int {
		return t.tests[b].Seen.Compare(t.tests[a].Seen)
	})
	for _, id := range ids[maxTests:] {
		delete(t.tests, id)
	}
}

// Lock keeps the other runs of the user from changing timings, until unlock is called, which must be. Where there is no
// folder for the lock, there is none: two runs that end in the same moment may then lose the times of one.
func Lock() (unlock func()) {
	file, err := DefaultFile()
	if err != nil {
		return func() {}
	}
	if os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return func() {}
	}
	unlock, err = lockedfile.MutexAt(filepath.Join(filepath.Dir(file), "timings.lock")).Lock()
	if err != nil {
		return func() {}
	}
	return unlock
}

// Save writes the file whole or not at all. The folder is made.
func (t *Timings) Save(path string) error {
	return report.WriteFile(path, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(file{Version: version, Tests: t.tests})
	})
}

// Forecast says how long each top-level test of some packages will take. Tests that are not
// known take the median of those that are.
type Forecast struct {
	tests  map[string]time.Duration // by ID
	median time.Duration
}

// Forecast returns what t says of the tests of pkgs.
func (t *Timings) Forecast(pkgs []plan.Package) *Forecast {
	f := &Forecast{tests: map[string]time.Duration{}}
	var times []time.Duration
	for test := range topLevel(pkgs) {
		if d, ok := t.Of(*test); ok {
			times = append(times, d)
			f.tests[test.ID()] = d
		}
	}
	if len(times) == 0 {
		return f
	}
	slices.Sort(times)
	f.median = times[len(times)/2]
	return f
}

// Any reports whether any of the tests is known.
func (f *Forecast) Any() bool { return len(f.tests) > 0 }

// Test returns how long a test will take.
func (f *Forecast) Test(test plan.Test) time.Duration {
	if d, ok := f.tests[test.ID()]; ok {
		return d
	}
	return f.median
}

// Tests returns how long each of the tests will take, by ID; nothing when none is known.
func (f *Forecast) Tests(pkgs []plan.Package) map[string]time.Duration {
	if !f.Any() {
		return nil
	}
	all := map[string]time.Duration{}
	for test := range topLevel(pkgs) {
		all[test.ID()] = f.Test(*test)
	}
	return all
}

// Order sorts packages so that the one whose tests take longest together comes first. Those that take
// equally long stay in their order.
func (f *Forecast) Order(pkgs []plan.Package) {
	if !f.Any() {
		return
	}
	slices.SortStableFunc(pkgs, func(a, b plan.Package) int { return cmp.Compare(f.total(b), f.total(a)) })
}

// total is how long the tests of a package take one after the other.
func (f *Forecast) total(p plan.Package) time.Duration {
	var sum time.Duration
	for test := range topLevel([]plan.Package{p}) {
		sum += f.Test(*test)
	}
	return sum
}

// topLevel yields the top-level tests of pkgs that will run.
func topLevel(pkgs []plan.Package) func(yield func(*plan.Test) bool) {
	return func(yield func(*plan.Test) bool) {
		for i := range pkgs {
			for j := range pkgs[i].Tests {
				t := &pkgs[i].Tests[j]
				if !strings.Contains(t.Name, "/") && !yield(t) {
					return
				}
			}
		}
	}
}
