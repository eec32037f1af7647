package runner

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/supervise"
)

const (
	// KeptRuns is how many runs and dry runs leave their folders in the records.
	KeptRuns = 10

	// logLimit bounds the log of one package, in bytes.
	logLimit = 16 << 20

	// eventLimit bounds the events, in bytes.
	eventLimit = 1 << 30

	// eventBuffer is how much of the events is held back before it is written,
	// in bytes.
	eventBuffer = 64 << 10
)

// DefaultRecords is the folder in which runs leave their records: tempest/runs
// in the user's cache folder.
func DefaultRecords() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for records: %w", err)
	}
	return filepath.Join(cache, "tempest", "runs"), nil
}

// NewRunID returns an identifier for a run that starts now: 20 characters, date
// and time first, no two alike.
func NewRunID(now time.Time) string {
	return now.UTC().Format("20060102-150405") + "-" + randomWord()
}

// records are the files that a run leaves: the events as go test gave them, the
// plan to join them with, and the output of each package.
//
// Nothing that goes wrong with them stops a run: the first error is told, and
// what could not be written is missing.
type records struct {
	dir    string // empty when there are none
	tell   func(string)
	events *os.File
	buffer *bufio.Writer
	size   int64 // of the events so far
	told   bool
	unlock func()
}

// openRecords never fails; tell is called once, with one line, when there is
// something to complain about.
func openRecords(base, id string, p plan.Plan, tell func(string)) *records {
	r := &records{tell: tell}
	if err := r.open(base, id, p); err != nil {
		r.complain(err)
	}
	return r
}

func (r *records) open(base, id string, p plan.Plan) error {
	if base == "" {
		var err error
		if base, err = DefaultRecords(); err != nil {
			return err
		}
	}
	dir := filepath.Join(base, id)
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		return err
	}
	r.dir = dir
	r.unlock = lockRecords(dir)
	if err := Prune(base, KeptRuns); err != nil {
		r.complain(err)
	}
	if err := writePlan(filepath.Join(dir, "plan.json"), p); err != nil {
		r.complain(err)
	}
	var err error
	r.events, err = os.Create(filepath.Join(dir, EventsFile))
	if err != nil {
		return err
	}
	r.buffer = bufio.NewWriterSize(r.events, eventBuffer)
	return nil
}

func writePlan(path string, p plan.Plan) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.WriteFile(path, data, 0o600)
}

// complain tells the first error.
func (r *records) complain(err error) {
	if !r.told {
		r.told = true
		r.tell("the records of this run are incomplete: " + err.Error())
	}
}

// Write takes the raw events. It never fails.
func (r *records) Write(b []byte) (int, error) {
	if r.buffer == nil {
		return len(b), nil
	}
	if r.size += int64(len(b)); r.size > eventLimit {
		r.complain(fmt.Errorf("only the first %d bytes of the events are kept", eventLimit))
		_ = r.buffer.Flush() // what is wrong with the file will be seen when it is closed
		r.buffer = nil
		return len(b), nil
	}
	if _, err := r.buffer.Write(b); err != nil {
		r.complain(err)
		r.buffer = nil
	}
	return len(b), nil
}

// logs says where the supervisors write.
func (r *records) logs(jobs []supervise.Job) {
	if r.dir == "" {
		return
	}
	for i := range jobs {
		name := strconv.Itoa(i+1) + "-" + fileName(jobs[i].Package) + ".log"
		jobs[i].Log, jobs[i].LogLimit = filepath.Join(r.dir, "logs", name), logLimit
	}
}

// ResultsFile holds the results of a run, as `--json` writes them, among its records.
const ResultsFile = "results.jsonl"

// EventsFile holds the events of a run as go test gave them, among its records.
const EventsFile = "events.jsonl"

// CallsFolder is the folder for [protocol.EnvCalls] among the records of a run.
const CallsFolder = "calls"

// env tells the test processes where to leave their records.
func (r *records) env() []string {
	if r.dir == "" {
		return nil
	}
	return []string{protocol.EnvCalls + "=" + filepath.Join(r.dir, CallsFolder)}
}

// close finishes the events.
func (r *records) close() {
	if r.events != nil {
		var err error
		if r.buffer != nil {
			err = r.buffer.Flush()
		}
		if err = errors.Join(err, r.events.Close()); err != nil {
			r.complain(err)
		}
	}
	if r.unlock != nil {
		r.unlock()
	}
}

// nameSize bounds the length of a name made from an import path.
const nameSize = 100

// fileName is the end of an import path, fit for a file name.
func fileName(path string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, path)
	return name[max(len(name)-nameSize, 0):]
}

// Prune removes all but the newest keep folders in base, except those of runs
// that have not ended.
func Prune(base string, keep int) error {
	entries, err := os.ReadDir(base)
	if err != nil {
		return fmt.Errorf("removing old records: %w", err)
	}
	type run struct {
		dir  string
		time time.Time
	}
	var runs []run
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			runs = append(runs, run{filepath.Join(base, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return b.time.Compare(a.time) })
	var errs []error
	for _, old := range runs[min(keep, len(runs)):] {
		if inUse(old.dir) {
			continue
		}
		errs = append(errs, supervise.RemoveAll(old.dir))
	}
	return errors.Join(errs...)
}
