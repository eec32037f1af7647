package main

import (
	"bufio"
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

	"github.com/gotempest/tempest/internal/calls"
	"github.com/gotempest/tempest/runner"
)

// callRun is where the calls of a run are.
type callRun struct {
	name   string // for messages
	dir    string // with the files
	events string // file with the events of the run; empty when there is none
}

// findCalls finds the calls of a run: by the identifier of one of the last runs or the start of it, or by a
// folder. An empty name means the last run.
func findCalls(name string) (callRun, error) {
	if strings.ContainsRune(name, filepath.Separator) || strings.ContainsRune(name, '/') || name == "." || name == ".." {
		return callFolder(name)
	}
	records, err := runner.DefaultRecords()
	if err != nil {
		return callRun{}, err
	}
	runs, err := runsIn(records)
	if err != nil {
		return callRun{}, err
	}
	if len(runs) == 0 {
		if name != "" && isFolder(name) {
			return callFolder(name)
		}
		return callRun{}, usagef("there is no run in %s; tempest run makes one", records)
	}
	if name == "" {
		return runCalls(records, runs[len(runs)-1]), nil
	}
	fitting := slices.DeleteFunc(slices.Clone(runs), func(r string) bool { return !strings.HasPrefix(r, name) })
	switch {
	case len(fitting) == 1:
		return runCalls(records, fitting[0]), nil
	case len(fitting) > 1:
		return callRun{}, usagef("%q is the start of %d runs, %s and %s among them; give more of it",
			name, len(fitting), fitting[0], fitting[1])
	case isFolder(name):
		return callFolder(name)
	}
	last := strings.Join(runs[max(0, len(runs)-3):], ", ")
	return callRun{}, usagef("there is no run %q; the last ones are %s", name, last)
}

// runsIn returns the names of the runs whose records are there, the last one last. Their names begin with the second
// in which they began; of those that began in one, that is last which ended last.
func runsIn(records string) ([]string, error) {
	entries, err := os.ReadDir(records)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for runs: %w", err)
	}
	ended := map[string]time.Time{}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(records, e.Name(), runner.EventsFile)); err == nil { // no dry run
			ended[e.Name()] = info.ModTime()
		}
	}
	second := func(name string) string { return name[:strings.LastIndex(name, "-")+1] }
	return slices.SortedFunc(maps.Keys(ended), func(a, b string) int {
		return cmp.Or(strings.Compare(second(a), second(b)), ended[a].Compare(ended[b]), strings.Compare(a, b))
	}), nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func runCalls(records, name string) callRun {
	dir := filepath.Join(records, name)
	run := callRun{name: "run " + name, dir: filepath.Join(dir, runner.CallsFolder)}
	if events := filepath.Join(dir, runner.EventsFile); exists(events) {
		run.events = events
	}
	return run
}

// callFolder is the records of a run at any place, or a folder with call logs.
func callFolder(dir string) (callRun, error) {
	if exists(filepath.Join(dir, runner.EventsFile)) || isFolder(filepath.Join(dir, runner.CallsFolder)) {
		return runCalls(filepath.Dir(filepath.Clean(dir)), filepath.Base(filepath.Clean(dir))), nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return callRun{}, usagef("reading the calls: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), calls.Suffix) {
			return callRun{name: dir, dir: dir}, nil
		}
	}
	return callRun{}, usagef("%s has no call logs; give the folder of [log] calls, or that of a run", dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// failedTests returns the IDs of the tests of a run that failed or never ended.
func (r callRun) failedTests() (map[string]bool, error) {
	if r.events == "" {
		return nil, usagef("--failed needs the events of a run of tempest, and %s has none", r.dir)
	}
	f, err := os.Open(r.events)
	if err != nil {
		return nil, fmt.Errorf("finding the tests that failed: %w", err)
	}
	defer f.Close()
	failed := map[string]bool{}
	in := bufio.NewReaderSize(f, 64<<10)
	for {
		line, err := in.ReadBytes('\n')
		noteEvent(failed, line)
		if errors.Is(err, io.EOF) {
			return failed, nil
		}
		if err != nil {
			return nil, fmt.Errorf("finding the tests that failed: %w", err)
		}
	}
}

// noteEvent keeps in failed the tests that have not ended well yet. What is no event is left out: go test prints
// such lines.
func noteEvent(failed map[string]bool, line []byte) {
	var e struct{ Action, Package, Test string }
	if err := json.Unmarshal(line, &e); err != nil || e.Test == "" {
		return
	}
	switch id := e.Package + "." + e.Test; e.Action {
	case "run", "fail":
		failed[id] = true
	case "pass", "skip":
		delete(failed, id)
	}
}
