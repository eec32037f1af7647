package screen

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/result"
)

// progress is the line at the bottom of a terminal: how far the run is, and
// which top-level tests are running.
type progress struct {
	total, done, failed int
	width               int
	running             []string
	drawn               bool
	begun               bool // a test has
	turns               map[string]bool
	estimate            *estimate // nil when nothing is known
}

func newProgress(o Options) *progress {
	return &progress{total: o.Total, width: cmp.Or(o.Width, 80), estimate: newEstimate(o), turns: o.Turns}
}

// begins reports whether a test begins with this event. turns are those that may still wait when they have
// started.
func begins(e *result.Event, turns map[string]bool) bool {
	switch string(e.Action) {
	case "run", "cont":
		return !turns[id(e)]
	case "output":
		attr, ok := bytes.CutPrefix(e.Output, []byte("=== ATTR  "+string(e.Test)+" "))
		return ok && bytes.HasPrefix(attr, []byte(protocol.AttrWait+" "))
	}
	return false
}

// id is that of the test of an event.
func id(e *result.Event) string { return string(e.Package) + "." + string(e.Test) }

// note takes an event into account.
func (p *progress) note(e *result.Event) {
	if len(e.Test) == 0 {
		return
	}
	p.begun = true
	if p.estimate != nil {
		p.estimate.note(e)
	}
	name := string(e.Test)
	switch {
	case begins(e, p.turns):
		if !bytes.Contains(e.Test, []byte("/")) && !slices.Contains(p.running, name) {
			p.running = append(p.running, name)
		}
		return
	case string(e.Action) == "pause":
	case string(e.Action) == "pass", string(e.Action) == "skip":
		p.done++
	case string(e.Action) == "fail":
		p.done++
		p.failed++
	default:
		return
	}
	if i := slices.Index(p.running, name); i >= 0 {
		p.running = slices.Delete(p.running, i, i+1)
	}
}

// erase removes the line.
func (p *progress) erase(w *tracked) {
	if p.drawn {
		w.WriteString("\r\x1b[K") //nolint:errcheck // the writer keeps its error
		p.drawn = false
	}
}

// draw writes the line, unless the cursor is within a line.
func (p *progress) draw(w *tracked) {
	if w.last != '\n' && w.last != 0 {
		return
	}
	line := fmt.Sprintf("%d of %d", p.done, max(p.total, p.done))
	if !p.begun {
		line += "; building"
	}
	if p.failed > 0 {
		line += fmt.Sprintf(", %d failed", p.failed)
	}
	if p.estimate != nil {
		line += p.estimate.String()
	}
	if len(p.running) > 0 {
		line += "; running " + strings.Join(p.running, ", ")
	}
	if utf8.RuneCountInString(line) >= p.width {
		r := []rune(line)
		line = string(r[:max(p.width-2, 0)]) + "…"
	}
	w.WriteString(line) //nolint:errcheck // the writer keeps its error
	w.last = '\n'       // where the cursor will be when the line is erased
	p.drawn = true
}

// tracked knows the last byte written through Write.
type tracked struct {
	*bufio.Writer
	last byte // 0 if nothing was written
}

// Write writes b.
func (t *tracked) Write(b []byte) (int, error) {
	if len(b) > 0 {
		t.last = b[len(b)-1]
	}
	return t.Writer.Write(b)
}
