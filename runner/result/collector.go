package result

import (
	"bytes"
	"cmp"
	"io"
	"strings"
	"time"

	"github.com/gotempest/tempest/runner/plan"
)

const (
	// defaultCap is the default of Options.Cap.
	defaultCap = 1 << 20

	// defaultBudget is the default of Options.Budget. Each test may take a share
	// of what is left of it, and always a little.
	defaultBudget = 256 << 20
	budgetShare   = 64
	outputFloor   = 1 << 10

	// readSize is how much of the stream is read at once, and maxLine the
	// longest line that is looked at whole: gotestsum's scanner takes 64 KiB.
	// Lines of test events are at most a few KiB; what a compiler or a stray
	// print says may be of any length. Of longer lines, and of output that was
	// held back, maxText bytes of text make one line: escaping can make six of
	// one.
	readSize = 256 << 10
	maxLine  = 60 << 10
	maxText  = 8 << 10
)

// GCPercent is what a process that reads the events of large runs should give
// debug.SetGCPercent. A million results live until the reports are written; at
// Go's default the heap grows to twice their size, while collecting more often
// costs next to nothing beside reading.
const GCPercent = 40

// Options configures a [Collector]. The zero value is ready to use.
type Options struct {
	// Cap is how many bytes of output are kept per test, and per package
	// outside its tests. 0 means 1 MiB.
	Cap int

	// Budget is how many bytes of output are kept of all tests together, about.
	// When thousands of tests fail, each keeps less, the later ones least. 0
	// means 256 MiB.
	Budget int64

	// Screen receives the events, normalised: one JSON object a line, none
	// longer than 64 KiB, only actions that gotestsum knows, output cut as in
	// the results, and a "fail" for each test that a package left unfinished.
	// Each Write is whole lines. Nil discards them; an error ends them.
	Screen io.Writer

	// Raw receives the stream as it is read. Nil discards it; an error ends it.
	Raw io.Writer

	// Now is the clock of Report.Started and Elapsed. Nil means time.Now.
	Now func() time.Time
}

// A Collector reads the events of one run. Its methods must not be called
// concurrently.
type Collector struct {
	o        Options
	plan     plan.Plan
	packages []*packageState // those of the plan in its order, then others
	byPath   map[string]*packageState
	last     *packageState    // of the event before
	builds   map[string]*clip // by import path as build events give it
	stray    clip
	event    Event
	out      []byte // lines for the screen
	kept     int64  // bytes of output in results
	pool     []*running
	started  time.Time
}

// NewCollector returns a collector of the results of p.
func NewCollector(p plan.Plan, o Options) *Collector {
	o.Cap = cmp.Or(o.Cap, defaultCap)
	o.Budget = cmp.Or(o.Budget, defaultBudget)
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Collector{
		o: o, plan: p,
		byPath:  make(map[string]*packageState, len(p.Packages)),
		builds:  make(map[string]*clip),
		stray:   clip{limit: o.Cap},
		started: o.Now(),
	}
	for i := range p.Packages {
		c.add(newPackageState(&p.Packages[i], p.Packages[i].Path, o.Cap))
	}
	return c
}

func (c *Collector) add(ps *packageState) {
	c.packages = append(c.packages, ps)
	c.byPath[ps.res.Path] = ps
}

// Read reads events until r ends. The error is that of r: nothing that stands
// in the stream is one. What was read counts also when Read fails. Read can be
// called again for another part of the stream.
func (c *Collector) Read(r io.Reader) error {
	buf := make([]byte, readSize)
	n := 0
	long := false // within a line whose beginning was dealt with
	for {
		m, err := r.Read(buf[n:])
		c.writeRaw(buf[n : n+m])
		data := buf[:n+m]
		if long {
			i := bytes.IndexByte(data, '\n')
			long = i < 0
			data = data[i+1:]
			if long {
				data = nil
			}
		}
		rest := c.lines(data)
		if len(rest) > maxLine {
			c.line(rest)
			rest, long = nil, true
		}
		if err != nil {
			c.line(rest)
			c.flush()
			if err == io.EOF {
				return nil
			}
			return err
		}
		n = copy(buf, rest)
		c.flush()
	}
}

// lines deals with each whole line of data and returns the rest.
func (c *Collector) lines(data []byte) []byte {
	for {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return data
		}
		c.line(data[:i])
		data = data[i+1:]
	}
}

// line deals with one line, or with the beginning of a line over maxLine.
func (c *Collector) line(line []byte) {
	if len(line) == 0 {
		return
	}
	e := &c.event
	if len(line) > maxLine {
		line = line[:maxLine]
		if e.ParseCut(line) != nil {
			c.strayLine(line)
			return
		}
		e.Output = append(e.Output[:min(len(e.Output), maxText):maxText], cutLine...)
		c.handle(e, encode(string(e.Action), e))
		return
	}
	if e.Parse(line) != nil {
		c.strayLine(line)
		return
	}
	c.handle(e, line)
}

// cutLine follows what is kept of a line that was too long.
const cutLine = "\n[tempest: the rest of this line is left out]\n"

func (c *Collector) strayLine(line []byte) {
	c.stray.write(line)
	c.stray.write([]byte{'\n'})
}

// handle deals with one event, whose text is line.
func (c *Collector) handle(e *Event, line []byte) {
	if len(e.Package) == 0 {
		if string(e.Action) == actionBuildOutput {
			c.buildOutput(e, line)
		}
		return
	}
	ps := c.packageOf(e.Package)
	if len(e.Test) == 0 {
		c.packageEvent(ps, e, line)
		return
	}
	c.testEvent(ps, e, line)
}

// packageOf returns the state of the package at path. One that is not in the
// plan gets a new one.
func (c *Collector) packageOf(path []byte) *packageState {
	if c.last != nil && c.last.res.Path == string(path) {
		return c.last
	}
	ps := c.byPath[string(path)]
	if ps == nil {
		ps = newPackageState(nil, string(path), c.o.Cap)
		c.add(ps)
	}
	c.last = ps
	return ps
}

func (c *Collector) buildOutput(e *Event, line []byte) {
	b := c.builds[string(e.ImportPath)]
	if b == nil {
		b = &clip{limit: c.o.Cap}
		c.builds[string(e.ImportPath)] = b
	}
	if !b.headFull() {
		c.show(line)
	}
	b.write(e.Output)
}

func (c *Collector) packageEvent(ps *packageState, e *Event, line []byte) {
	switch string(e.Action) {
	case actionStart:
		if t := e.Started(); !t.IsZero() {
			ps.res.Started = t.UTC()
		}
		c.show(line)
	case actionOutput:
		if !ps.out.headFull() {
			c.show(line)
		}
		if !verdictLine(e.Output) {
			ps.out.write(e.Output)
		}
	case actionPass, actionFail, actionSkip:
		c.endRunning(ps)
		c.showTail(&ps.out, ps.res.Path, "")
		c.show(line)
		ps.end(e)
	}
}

// endRunning tells the screen of the tests that will not end any more.
func (c *Collector) endRunning(ps *packageState) {
	for _, r := range ps.unfinished() {
		name := ps.res.Results[r.at].Name
		c.showTail(&r.out, ps.res.Path, name)
		c.show(encode(actionFail, &Event{Package: []byte(ps.res.Path), Test: []byte(name)}))
	}
}

func (c *Collector) testEvent(ps *packageState, e *Event, line []byte) {
	switch string(e.Action) {
	case actionRun:
		ps.run(ps.find(e.Test), e, c.newRunning())
		c.show(line)
	case actionPause, actionCont:
		c.show(line)
	case actionOutput:
		c.output(ps, e, line)
	case actionBench:
		c.show(line)
	case actionAttr:
		if r := ps.runningTest(e.Test); r != nil {
			r.attr(string(e.Key), string(e.Value))
		}
		c.show(line)
	case actionArtifacts:
		if r := ps.runningTest(e.Test); r != nil && len(r.artifacts) < maxAttrs {
			r.artifacts = append(r.artifacts, string(e.Path))
		}
	case actionPass, actionFail, actionSkip:
		c.final(ps, e, line)
	}
}

// output keeps what a test prints. What comes in the name of a test that never
// started belongs to the package.
func (c *Collector) output(ps *packageState, e *Event, line []byte) {
	to := &ps.out
	r := ps.runningTest(e.Test)
	if r == nil {
		r = ps.again(e.Test, c.newRunning)
	}
	if r != nil {
		to = &r.out
	}
	if !to.headFull() {
		c.show(line)
	}
	if !framing(e.Output) {
		to.write(e.Output)
	}
}

// final deals with a result.
func (c *Collector) final(ps *packageState, e *Event, line []byte) {
	i := ps.find(e.Test)
	run := ps.running[i]
	next := Result{Elapsed: time.Duration(e.Elapsed * float64(time.Second))}
	switch string(e.Action) {
	case actionPass:
		next.Status = Passed
	case actionSkip:
		next.Status = Skipped
	default:
		next.Status = Failed
	}
	switch {
	case run != nil:
		if next.Status == Skipped && run.has(AttrKnownFailure) {
			next.Status = Known
		}
		c.describe(&next, run, ps.res.Results[i].Test)
		c.showTail(&run.out, ps.res.Path, ps.res.Results[i].Name)
		delete(ps.running, i)
		c.pool = append(c.pool, run)
	case ps.res.Results[i].seen:
		next.detail().Message = "gave a second result: " + strings.ToUpper(string(e.Action))
	default:
		if next.Status != Failed {
			next.Status = Lost
		}
		next.detail().Message = "gave the result " + strings.ToUpper(string(e.Action)) + " without having started"
	}
	ps.record(i, next)
	c.show(line)
}

// describe gives r, a result of test, the details that the events of its run
// had.
func (c *Collector) describe(r *Result, run *running, test *plan.Test) {
	if attrs := run.undeclared(test); len(attrs) > 0 {
		r.detail().Attrs = attrs
	}
	if len(run.artifacts) > 0 {
		r.detail().Artifacts = run.artifacts
	}
	if r.Status == Passed {
		return
	}
	text, cut := run.out.text()
	d := r.detail()
	if r.Status == Skipped || r.Status == Known {
		d.Message = cmp.Or(lastLog(text), "no reason given")
	} else {
		d.Message = failure(text)
	}
	c.keep(d, text, cut)
}

// keep stores text in d, as far as the budget allows.
func (c *Collector) keep(d *Detail, text string, cut int64) {
	allowed := max((c.o.Budget-c.kept)/budgetShare, outputFloor)
	text, more := Shorten(text, int(min(allowed, int64(c.o.Cap)+maxLine)))
	d.Output, d.Cut = text, cut+more
	c.kept += int64(len(text))
}

func (c *Collector) newRunning() *running {
	if n := len(c.pool); n > 0 {
		r := c.pool[n-1]
		c.pool = c.pool[:n-1]
		out := r.out
		out.reset()
		*r = running{out: out}
		return r
	}
	return &running{out: clip{limit: c.o.Cap}}
}

// show queues a line for the screen.
func (c *Collector) show(line []byte) {
	if c.o.Screen == nil {
		return
	}
	c.out = append(append(c.out, line...), '\n')
	if len(c.out) > readSize {
		c.flush()
	}
}

// showTail shows what of a text was held back while it was written.
func (c *Collector) showTail(from *clip, pkg, test string) {
	if c.o.Screen == nil || from.total == int64(len(from.head)) {
		return
	}
	for part := range Pieces(from.tail(), maxText) {
		c.show(encode(actionOutput, &Event{Package: []byte(pkg), Test: []byte(test), Output: part}))
	}
}

// flush writes the queued lines to the screen.
func (c *Collector) flush() {
	if len(c.out) == 0 {
		return
	}
	if _, err := c.o.Screen.Write(c.out); err != nil {
		c.o.Screen = nil // a run does not end because nobody looks
	}
	c.out = c.out[:0]
}

func (c *Collector) writeRaw(b []byte) {
	if c.o.Raw == nil || len(b) == 0 {
		return
	}
	if _, err := c.o.Raw.Write(b); err != nil {
		c.o.Raw = nil // as above
	}
}
