package screen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/result"
)

// Limits of what is said of a wait: what rounds to nothing changes no time, and what is short is not worth a word.
const (
	shortestWait = 5 * time.Millisecond
	notedWait    = time.Second
)

// waits takes from the time of each test what it waited for its place in the run, as reports do, and says it
// beside the time when it was long. Formatters write through it. The format testdox, which shows all tests of a package
// at its end, shows their times alone.
type waits struct {
	io.Writer
	of map[string]time.Duration // by ID of a test that runs

	plain, note []byte // of the test that is shown: "TestName (0.40s)", and what stands for it
}

func newWaits(w io.Writer) *waits { return &waits{Writer: w, of: map[string]time.Duration{}} }

// Write writes what a formatter makes of an event.
func (w *waits) Write(p []byte) (int, error) {
	if w.note == nil {
		return w.Writer.Write(p)
	}
	_, err := w.Writer.Write(bytes.Replace(p, w.plain, w.note, 1))
	return len(p), err
}

// see takes an event of a test into account, which it may change, and returns its line, the same or another.
func (w *waits) see(e *result.Event, line []byte) []byte {
	w.note = nil
	if string(e.Action) == "output" {
		w.output(e)
		return line
	}
	if len(w.of) == 0 || !terminal(e.Action) {
		return line
	}
	waited, ok := w.of[id(e)]
	if !ok {
		return line
	}
	delete(w.of, id(e))
	e.Elapsed = max(0, e.Elapsed-waited.Seconds())
	if waited >= notedWait {
		w.plain = fmt.Appendf(nil, "%s %s", e.Test, ownTime(e.Elapsed, 0))
		w.note = fmt.Appendf(nil, "%s %s", e.Test, ownTime(e.Elapsed, waited))
	}
	own, err := json.Marshal(struct {
		Action, Package, Test string
		Elapsed               float64
	}{string(e.Action), string(e.Package), string(e.Test), e.Elapsed})
	if err != nil { // strings
		return line
	}
	return own
}

// Beginnings of the lines by which the testing package says an attribute, and the result of a test.
var (
	attrLine   = []byte("=== ATTR  ")
	resultLine = []byte("--- ")
)

// output reads how long a test waited, and changes the line of its result.
func (w *waits) output(e *result.Event) {
	switch {
	case bytes.HasPrefix(e.Output, attrLine):
		attr, ok := bytes.CutPrefix(e.Output[len(attrLine):], e.Test)
		value, isWait := bytes.CutPrefix(attr, []byte(" "+protocol.AttrWait+" "))
		if !ok || !isWait {
			return
		}
		if d, err := time.ParseDuration(string(bytes.TrimSpace(value))); err == nil && d >= shortestWait {
			w.of[id(e)] = d
		}
	case len(w.of) > 0 && bytes.HasPrefix(bytes.TrimLeft(e.Output, " "), resultLine):
		w.result(e)
	}
}

// result takes the wait out of the time at the end of "--- PASS: TestName (1.23s)".
func (w *waits) result(e *result.Event) {
	waited, ok := w.of[id(e)]
	text, isResult := bytes.CutSuffix(e.Output, []byte("s)\n"))
	at := bytes.LastIndexByte(text, '(')
	if !ok || !isResult || at < 0 {
		return
	}
	total, err := strconv.ParseFloat(string(text[at+1:]), 64)
	if err != nil {
		return
	}
	e.Output = fmt.Appendf(nil, "%s%s\n", text[:at], ownTime(max(0, total-waited.Seconds()), waited))
}

// ownTime is the time of a test, and how long it waited before, if that was long.
func ownTime(seconds float64, waited time.Duration) string {
	if waited < notedWait {
		return fmt.Sprintf("(%.2fs)", seconds)
	}
	return fmt.Sprintf("(%.2fs, waited %v)", seconds, waited.Round(time.Second))
}
