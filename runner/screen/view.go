package screen

import (
	"bytes"
	"encoding/json"
	"io"
	"os"

	"gotest.tools/gotestsum/testjson"

	"github.com/gotempest/tempest/runner/result"
)

// needs says what part of an Execution a format looks at, and which events it
// shows at all. It was read from gotestsum v1.13.0; a test compares each format
// with gotestsum's own output and so tells when that changes.
type needs uint8

const (
	needsNothing  needs = iota // of the Execution; it is shown every event
	needsRaw                   // the line of the event, as it is
	needsEnd                   // at the end of a package: whether it had tests, and what it said of itself
	needsOutput                // the same, and at the failure of a test: its output
	needsStart                 // at the first test of a package: that it is the first
	needsPackages              // nothing, but it remembers all tests of a package: one formatter each
	needsGroups                // as needsEnd, and is shown the output of tests
)

// needsOf returns the needs of a format.
func needsOf(format string) needs {
	switch format {
	case "standard-json":
		return needsRaw
	case "testname", "short-verbose", "pkgname-and-test-fails", "short-with-failures":
		return needsOutput
	case "pkgname", "short":
		return needsEnd
	case "dots", "dots-v1", "dots-v2":
		return needsStart
	case "testdox", "gotestdox":
		return needsPackages
	case "github-actions", "github-action":
		return needsGroups
	}
	return needsNothing
}

// A view drives a formatter with an Execution of no more than it looks at.
type view struct {
	w         *waits
	format    string
	needs     needs
	formatter testjson.EventFormatter
	empty     testjson.Execution
	packages  map[string]*packageView
	pool      []*bytes.Buffer
}

// packageView is what a view keeps of a package while it runs.
type packageView struct {
	path      string
	hasTests  bool
	notes     []byte                   // lines of events on coverage, cache and shuffle seed
	pending   map[string]*bytes.Buffer // what running tests printed
	formatter testjson.EventFormatter  // for needsPackages
}

func newView(w io.Writer, format string) *view {
	if format == "dots-v2" {
		format = "dots-v1" // as gotestsum does without a terminal, but without its warning
	}
	through := newWaits(w)
	return &view{
		w: through, format: format, needs: needsOf(format),
		formatter: newFormatter(through, format),
		packages:  make(map[string]*packageView),
	}
}

// newFormatter returns gotestsum's formatter. It would turn "testname" into
// "github-actions" when GITHUB_ACTIONS is "true"; a format that was asked for
// stays what it is.
func newFormatter(w io.Writer, format string) testjson.EventFormatter {
	const variable = "GITHUB_ACTIONS"
	if value, ok := os.LookupEnv(variable); ok {
		os.Unsetenv(variable)            // cannot fail for a constant name
		defer os.Setenv(variable, value) // as above
	}
	return testjson.NewEventFormatter(w, format, testjson.FormatOptions{})
}

func (v *view) close() error { return nil }

// show shows one event.
func (v *view) show(e *result.Event, line []byte) error {
	switch {
	case v.needs == needsRaw:
		_, err := v.w.Write(append(line[:len(line):len(line)], '\n'))
		return err
	case v.format == "none":
		return nil
	}
	if v.w.note = nil; len(e.Test) > 0 {
		line = v.w.see(e, line)
	}
	switch {
	case len(e.Package) == 0 && string(e.Action) != "build-output":
		return nil // formatters rely on it that what ends has a package
	case v.needs == needsNothing || len(e.Package) == 0:
		event := testEvent(e, string(e.Package))
		event.Time = e.Started() // only "debug" shows it, and reading it takes time
		return v.formatter.Format(event, &v.empty)
	}
	p := v.packages[string(e.Package)]
	if p == nil {
		p = &packageView{path: string(e.Package)}
		v.packages[p.path] = p
	}
	if len(e.Test) == 0 {
		return v.packageEvent(p, e, line)
	}
	return v.testEvent(p, e, line)
}

// terminal says whether an event of this action ends a test or a package.
func terminal(action []byte) bool {
	switch string(action) {
	case "pass", "fail", "skip":
		return true
	}
	return false
}

func (v *view) packageEvent(p *packageView, e *result.Event, line []byte) error {
	switch {
	case v.needs == needsStart:
		if terminal(e.Action) {
			delete(v.packages, p.path)
		}
		return nil
	case v.needs == needsPackages:
		if !terminal(e.Action) {
			return nil
		}
		delete(v.packages, p.path)
		return v.ofPackage(p).Format(testEvent(e, p.path), &v.empty)
	case !terminal(e.Action):
		if string(e.Action) == "output" {
			p.note(e.Output, line)
		}
		return v.formatter.Format(testEvent(e, p.path), &v.empty)
	}
	delete(v.packages, p.path)
	var events bytes.Buffer
	shown := 1
	if p.hasTests {
		events.Write(synthetic("run", p.path, "Test", nil))
		shown++
	}
	events.Write(p.notes)
	shown += bytes.Count(p.notes, []byte{'\n'})
	events.Write(line)
	return v.replay(&events, shown)
}

// note keeps a line that the last line of the package will be made from.
func (p *packageView) note(output, line []byte) {
	if bytes.Contains(output, []byte("coverage:")) || bytes.Contains(output, []byte("\t(cached)")) ||
		bytes.HasPrefix(output, []byte("-test.shuffle ")) {
		p.notes = append(append(p.notes, line...), '\n')
	}
}

// ofPackage returns the formatter of one package.
func (v *view) ofPackage(p *packageView) testjson.EventFormatter {
	if p.formatter == nil {
		p.formatter = newFormatter(v.w, v.format)
	}
	return p.formatter
}

func (v *view) testEvent(p *packageView, e *result.Event, line []byte) error {
	first := !p.hasTests
	p.hasTests = true
	end := terminal(e.Action)
	switch v.needs {
	case needsStart:
		if first {
			return v.replay(bytes.NewBuffer(bytes.Clone(line)), 1)
		}
		if end {
			return v.formatter.Format(testEvent(e, p.path), &v.empty)
		}
	case needsPackages:
		if end {
			return v.ofPackage(p).Format(testEvent(e, p.path), &v.empty)
		}
	case needsGroups:
		if end || string(e.Action) == "output" {
			return v.formatter.Format(testEvent(e, p.path), &v.empty)
		}
	case needsOutput:
		return v.testWithOutput(p, e, line)
	}
	return nil
}

// testWithOutput keeps what a running test prints and, when it fails, has the
// formatter see it.
func (v *view) testWithOutput(p *packageView, e *result.Event, line []byte) error {
	if !terminal(e.Action) {
		if string(e.Action) == "output" {
			v.pending(p, e.Test).Write(e.Output)
		}
		return nil
	}
	output := p.pending[string(e.Test)]
	if output != nil {
		delete(p.pending, string(e.Test))
		defer v.release(output)
	}
	if string(e.Action) != "fail" {
		return v.formatter.Format(testEvent(e, p.path), &v.empty)
	}
	var events bytes.Buffer
	shown := 1
	if output != nil {
		for text := range result.Pieces(output.Bytes(), maxPiece) {
			events.Write(synthetic("output", p.path, string(e.Test), text))
			shown++
		}
	}
	events.Write(line)
	return v.replay(&events, shown)
}

// maxPiece is how much output goes into one event. Escaping can make six times
// as much of it, and gotestsum reads lines of up to 64 KiB.
const maxPiece = 8 << 10

// pending returns what a running test has printed.
func (v *view) pending(p *packageView, test []byte) *bytes.Buffer {
	output := p.pending[string(test)]
	if output == nil {
		output = v.buffer()
		if p.pending == nil {
			p.pending = make(map[string]*bytes.Buffer)
		}
		p.pending[string(test)] = output
	}
	return output
}

// buffer returns an empty buffer, release takes it back.
func (v *view) buffer() *bytes.Buffer {
	if n := len(v.pool); n > 0 {
		b := v.pool[n-1]
		v.pool = v.pool[:n-1]
		return b
	}
	return new(bytes.Buffer)
}

func (v *view) release(b *bytes.Buffer) {
	const keep = 16 << 10
	if b.Cap() <= keep {
		b.Reset()
		v.pool = append(v.pool, b)
	}
}

// replay has gotestsum read events into a new Execution, and the formatter
// format the last of them, the one with this number.
func (v *view) replay(events io.Reader, number int) error {
	_, err := testjson.ScanTestOutput(testjson.ScanConfig{
		Stdout:                   events,
		Handler:                  &lastEvent{formatter: v.formatter, left: number},
		IgnoreNonJSONOutputLines: true,
	})
	return err
}

// lastEvent formats the last of a number of events. ScanTestOutput makes up
// more after it.
type lastEvent struct {
	formatter testjson.EventFormatter
	left      int
}

// Event is called for each event.
func (l *lastEvent) Event(e testjson.TestEvent, x *testjson.Execution) error {
	l.left--
	if l.left != 0 {
		return nil
	}
	return l.formatter.Format(e, x)
}

// Err is called for lines that are no events; there are none.
func (l *lastEvent) Err(string) error { return nil }

// testEvent converts e.
func testEvent(e *result.Event, path string) testjson.TestEvent {
	return testjson.TestEvent{
		Action:  action(e.Action),
		Package: path, Test: string(e.Test), ImportPath: string(e.ImportPath),
		Elapsed: e.Elapsed, Output: string(e.Output),
		Key: string(e.Key), Value: string(e.Value),
	}
}

// action converts the common actions without making a copy.
func action(a []byte) testjson.Action {
	switch string(a) {
	case "pass":
		return testjson.ActionPass
	case "run":
		return testjson.ActionRun
	case "output":
		return testjson.ActionOutput
	}
	return testjson.Action(a)
}

// synthetic is the line of an event that nobody sent.
func synthetic(action, path, test string, output []byte) []byte {
	line, err := json.Marshal(struct {
		Action, Package, Test string
		Output                string `json:",omitempty"`
	}{action, path, test, string(output)})
	if err != nil {
		return nil // strings
	}
	return append(line, '\n')
}
