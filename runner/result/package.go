package result

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/gotempest/tempest/runner/plan"
)

// packageState is what a Collector knows of one package.
type packageState struct {
	pkg         *plan.Package // nil if not planned
	res         PackageResult
	index       map[string]int // of res.Results by name
	running     map[int]*running
	starts      int    // tests started so far
	action      string // of the last event of the package: pass, fail, skip
	failedBuild string
	out         clip
}

// running is a test that has started and not ended.
type running struct {
	at        int  // in res.Results
	order     int  // of its start
	ended     bool // it gave a result, and goes on printing
	out       clip
	attrs     []Attr
	artifacts []string
}

// maxAttrs bounds the attributes, and the folders of artifacts, of one test.
const maxAttrs = 1000

// AttrNotRun is the attribute by which a test that is skipped says that it was told to end before it was
// done. The value is the reason.
const AttrNotRun = "not_run"

// decisive says whether an attribute says how a test ended.
func decisive(key string) bool {
	return key == AttrKnownFailure || key == AttrUnexpectedPass || key == AttrNotRun
}

// attr sets an attribute.
func (r *running) attr(key, value string) {
	for i := range r.attrs {
		if r.attrs[i].Key == key {
			r.attrs[i].Value = value
			return
		}
	}
	if len(r.attrs) < maxAttrs || decisive(key) {
		r.attrs = append(r.attrs, Attr{key, value})
	}
}

// has says whether the test has set an attribute.
func (r *running) has(key string) bool {
	return slices.ContainsFunc(r.attrs, func(a Attr) bool { return a.Key == key })
}

// undeclared are the attributes that the declaration of the test does not say.
func (r *running) undeclared(test *plan.Test) []Attr {
	if test == nil || len(r.attrs) == 0 {
		return r.attrs
	}
	declared := Declared(test)
	return slices.DeleteFunc(r.attrs, func(a Attr) bool { return slices.Contains(declared, a) })
}

func newPackageState(p *plan.Package, path string, limit int) *packageState {
	ps := &packageState{pkg: p, res: PackageResult{Path: path}, running: make(map[int]*running), out: clip{limit: limit}}
	if p == nil {
		return ps
	}
	ps.res.Plugin, ps.res.Module, ps.res.Version, ps.res.Sum = p.Plugin, p.Module, p.Version, p.Sum
	ps.res.Results = make([]Result, len(p.Tests))
	for i := range p.Tests {
		t := &p.Tests[i]
		ps.res.Results[i] = Result{Name: t.Name, Test: t, planned: !t.Implied}
	}
	return ps
}

// find returns the place of the test in the results. A test that is not in the
// plan gets a new place.
func (ps *packageState) find(name []byte) int {
	ps.makeIndex()
	i, ok := ps.index[string(name)]
	if !ok {
		i = len(ps.res.Results)
		s := string(name)
		ps.res.Results = append(ps.res.Results, Result{Name: s})
		ps.index[s] = i
	}
	return i
}

// makeIndex makes the index, unless it is there.
func (ps *packageState) makeIndex() {
	if ps.index != nil {
		return
	}
	ps.index = make(map[string]int, len(ps.res.Results))
	for i := range ps.res.Results {
		ps.index[ps.res.Results[i].Name] = i
	}
}

// above returns the place of the closest test above name that meets a
// condition.
func (ps *packageState) above(name string, meets func(at int) bool) (int, bool) {
	ps.makeIndex()
	for name = plan.Parent(name); name != ""; name = plan.Parent(name) {
		if i, ok := ps.index[name]; ok && meets(i) {
			return i, true
		}
	}
	return 0, false
}

// runningTest returns the state of the test, or nil if it is not running.
func (ps *packageState) runningTest(name []byte) *running {
	if len(ps.running) == 0 {
		return nil
	}
	i, ok := ps.index[string(name)]
	if !ok {
		return nil
	}
	return ps.running[i]
}

// run notes the start of the test at place i.
func (ps *packageState) run(i int, e *Event, r *running) {
	r.at, r.order = i, ps.starts
	ps.starts++
	ps.running[i] = r
	res := &ps.res.Results[i]
	if res.started != 0 {
		return
	}
	res.started = max(e.Started().UnixNano(), unknownStart)
	if res.seen { // a result before the start is somebody else's; the real one counts
		res.seen, res.Status, res.Detail = false, None, &Detail{Repeats: 1}
	}
}

// again returns a new state for a test that prints after it gave a result, or
// nil if it gave none.
func (ps *packageState) again(name []byte, make func() *running) *running {
	i, ok := ps.index[string(name)]
	if !ok || !ps.res.Results[i].seen || ps.res.Results[i].started == 0 {
		return nil
	}
	r := make()
	r.at, r.order, r.ended = i, ps.starts, true
	ps.running[i] = r
	return r
}

// record notes a result of the test at place i. Of two results the worse
// counts.
func (ps *packageState) record(i int, next Result) {
	r := &ps.res.Results[i]
	repeats := 0
	if r.Detail != nil {
		repeats = r.Detail.Repeats
	}
	if r.seen {
		repeats++
	}
	if !r.seen || next.Status > r.Status {
		r.Status, r.Elapsed, r.Detail = next.Status, next.Elapsed, next.Detail
	}
	r.seen = true
	if repeats > 0 {
		r.detail().Repeats = repeats
	}
}

// end notes the end of the package. Of two ends the worse counts.
func (ps *packageState) end(e *Event) {
	if ps.action != actionFail {
		ps.action = string(e.Action)
	}
	if len(e.FailedBuild) > 0 {
		ps.failedBuild = string(e.FailedBuild)
	}
	ps.res.Elapsed = time.Duration(e.Elapsed * float64(time.Second))
	if len(ps.running) == 0 {
		ps.index = nil // made again if anybody asks
	}
}

// unfinished returns the tests that started and gave no result, subtests before
// what started them.
func (ps *packageState) unfinished() []*running {
	all := slices.SortedFunc(maps.Values(ps.running), func(a, b *running) int {
		return cmp.Compare(b.order, a.order)
	})
	return slices.DeleteFunc(all, func(r *running) bool { return r.ended })
}
