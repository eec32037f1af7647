package screen

import (
	"io"

	"gotest.tools/gotestsum/testjson"

	"github.com/gotempest/tempest/runner/result"
)

// whole gives dots-v2 an Execution of all tests. What tests print it does not
// look at.
type whole struct {
	events *io.PipeWriter
	done   chan error
}

func newWhole(w io.Writer) *whole {
	r, events := io.Pipe()
	h := &whole{events: events, done: make(chan error, 1)}
	formatter := newFormatter(w, "dots-v2")
	go func() {
		_, err := testjson.ScanTestOutput(testjson.ScanConfig{
			Stdout: r, Handler: everyEvent{formatter}, IgnoreNonJSONOutputLines: true,
		})
		r.CloseWithError(err)
		h.done <- err
	}()
	return h
}

func (h *whole) show(e *result.Event, line []byte) error {
	if string(e.Action) == "output" && len(e.Test) > 0 {
		return nil
	}
	_, err := h.events.Write(append(line[:len(line):len(line)], '\n'))
	return err
}

// close waits until all events were shown.
func (h *whole) close() error {
	h.events.Close() // always nil
	return <-h.done
}

// everyEvent formats all events.
type everyEvent struct{ formatter testjson.EventFormatter }

// Event is called for each event.
func (h everyEvent) Event(e testjson.TestEvent, x *testjson.Execution) error {
	return h.formatter.Format(e, x)
}

// Err is called for lines that are no events; there are none.
func (everyEvent) Err(string) error { return nil }
