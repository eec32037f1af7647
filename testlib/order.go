package testlib

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/urlpath"
)

// Fault is something that goes wrong with some calls of a test, see [Env.Inject]. Its fields are those of
// [github.com/gotempest/tempest/testlib/embedded.Fault], where they have a counterpart.
type Fault struct {
	// Method of the calls to break. Empty means every method.
	Method string

	// Path of the calls to break: a pattern as for [path.Match], where * stands for anything within one part, and
	// "/..." at the end for whatever is below. It is compared with the whole path, as in "/v3/users/*", and
	// with the path of the resource behind endpoint, version and project, as in "/users/*", which is the same on
	// every cloud. Empty means every path.
	Path string

	// Delay is how long the call waits before anything else happens.
	Delay time.Duration

	// Cut ends the call with an error, as when the connection is closed without an answer.
	Cut bool

	// Status is the status code of the answer. 0, without Cut, makes the call as usual, after Delay.
	Status int

	// Header and Body go with Status. Without a Content-Type in Header the body is said to be JSON.
	Header http.Header
	Body   string

	// Times is how many calls are broken; the retries of one call count each. 0 means all until the fault is removed.
	Times int

	// Sent sends the request, and throws away what the service answers: it has done what it was asked. Otherwise
	// a call with Cut or Status does not leave the machine.
	Sent bool

	// Optional says that the test is right also when no call was broken. Otherwise it fails then.
	Optional bool
}

// orderedFault is a fault and what became of it.
type orderedFault struct {
	Fault

	mu    sync.Mutex
	left  int // how often still; negative means for ever
	fired int
}

// Inject breaks the calls of c that f describes, until f.Times are reached, remove is called, or the test ends.
// A nil c means all clients of the test and of its subtests; the calls of testlib itself, to make
// users and the like, are left alone. Of several faults that fit a call, the oldest counts, and those of the
// client come before those of the test. The cloud is not touched: other tests do not notice.
//
// Retries come before faults: a fault that passes, such as one 503, is hidden from the test by them, as it would
// be on a cloud. [Env.NoRetry] shows it.
func (e *Env) Inject(c *gophercloud.ServiceClient, f Fault) (remove func()) {
	e.Helper()
	if _, err := path.Match(f.Path, ""); err != nil {
		e.Fatalf("Inject: path %q of a fault: %v", f.Path, err)
	}
	if f.Status == 0 && !f.Cut && f.Delay == 0 {
		e.Fatal("Inject: the fault has neither Status nor Cut nor Delay")
	}
	if f.Status != 0 && (f.Status < minStatus || f.Status > maxStatus) {
		e.Fatalf("Inject: status %d of a fault is none of HTTP", f.Status)
	}
	o := &orderedFault{Fault: f, left: f.Times}
	if f.Times <= 0 {
		o.left = -1
	}
	if c == nil {
		e.log.mu.Lock()
		defer e.log.mu.Unlock()
		e.log.faults = append(e.log.faults, o)
	} else {
		own := e.chainOf(c, "Inject")
		own.mu.Lock()
		defer own.mu.Unlock()
		own.faults = append(own.faults, o)
		e.log.mu.Lock()
		defer e.log.mu.Unlock()
	}
	e.log.orders = append(e.log.orders, o)
	return o.remove
}

// Status codes that HTTP has and that end a call.
const (
	minStatus = 200
	maxStatus = 599
)

func (o *orderedFault) remove() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = 0
}

// take counts a call that the fault fits, and reports whether it breaks it.
func (o *orderedFault) take(r *http.Request, resource string) bool {
	if o.Method != "" && o.Method != r.Method || !urlpath.Fits(o.Path, r.URL.Path) && !urlpath.Fits(o.Path, resource) {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left == 0 {
		return false
	}
	if o.left > 0 {
		o.left--
	}
	o.fired++
	return true
}

// unfired returns the faults of the test that no call met although one had to.
func (l *callLog) unfired() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []string
	for _, o := range l.orders {
		o.mu.Lock()
		if o.fired == 0 && !o.Optional {
			list = append(list, o.String())
		}
		o.mu.Unlock()
	}
	return list
}

// String says what a fault does to which calls.
func (f Fault) String() string {
	which := strings.TrimSpace(f.Method + " " + f.Path)
	if which == "" {
		which = "every call"
	}
	return f.does() + " for " + which
}

// does says what a fault does.
func (f Fault) does() string {
	var list []string
	if f.Delay > 0 {
		list = append(list, "delay "+f.Delay.String())
	}
	switch {
	case f.Cut && f.Sent:
		list = append(list, "cut after sending")
	case f.Cut:
		list = append(list, "cut")
	case f.Status != 0 && f.Sent:
		list = append(list, fmt.Sprintf("status %d after sending", f.Status))
	case f.Status != 0:
		list = append(list, fmt.Sprintf("status %d", f.Status))
	}
	return strings.Join(list, " and ")
}

// faultLayer breaks the calls for which faults were ordered.
type faultLayer struct {
	next  http.RoundTripper
	chain *chain
}

// RoundTrip makes a call, or breaks it.
func (t *faultLayer) RoundTrip(r *http.Request) (*http.Response, error) {
	o := t.chain.takeFault(r)
	if o == nil {
		return t.next.RoundTrip(r)
	}
	tryOf(r.Context()).broken = true
	start := time.Now()
	if !pause(r, o.Delay) {
		closeBody(r)
		return nil, r.Context().Err()
	}
	if !o.Cut && o.Status == 0 {
		return t.next.RoundTrip(r)
	}
	if o.Sent {
		resp, err := t.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		drain(resp)
	} else {
		closeBody(r)
	}
	log := t.chain.env.log
	c := &call{
		request: r, sent: &capture{}, who: t.chain.who, start: start, took: time.Since(start),
		fault: "ordered by the test: " + o.does(), whole: true, attempt: attemptOf(r.Context()),
	}
	if o.Cut {
		c.err = errCut
		log.add(c)
		return nil, errCut
	}
	c.response, c.received = o.response(r), []byte(o.Body)
	log.add(c)
	return c.response, nil
}

// errCut is what a call gets that is cut off.
var errCut = fmt.Errorf("a fault that the test ordered: %w", io.EOF)

// response returns the answer of a fault.
func (o *orderedFault) response(r *http.Request) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for name, values := range o.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", o.Status, http.StatusText(o.Status)), StatusCode: o.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Request: r,
		Body: io.NopCloser(bytes.NewReader([]byte(o.Body))), ContentLength: int64(len(o.Body)),
	}
}

// takeFault returns the fault for a call, nil for none, and counts it.
func (c *chain) takeFault(r *http.Request) *orderedFault {
	_, resource := c.env.session.ServiceAt(r.URL)
	c.mu.Lock()
	list := c.faults
	c.mu.Unlock()
	for e := c.env; ; e = e.parent {
		for _, o := range list {
			if o.take(r, resource) {
				return o
			}
		}
		if e == nil || c.ofTestlib() {
			return nil
		}
		e.log.mu.Lock()
		list = e.log.faults
		e.log.mu.Unlock()
	}
}

// ofTestlib reports whether the calls are those of testlib, for the test: of the administrator, or to log a persona
// in. Clients of tests have a provider, or are nobody's.
func (c *chain) ofTestlib() bool { return c.who == adminName || c.who != "" && c.provider == nil }

// pause waits, unless the call ends before.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// closeBody does for a request that is not sent what the connection does for others.
func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close() // nothing is lost
	}
}

// checkFaults fails a test that ordered a fault which no call met. It runs when all else is cleaned up: the fault
// may have been meant for that.
func (e *Env) checkFaults() {
	if panicking() || cut(e.ctx) != nil || e.Skipped() {
		return
	}
	for _, f := range e.log.unfired() {
		e.Errorf("no call met the fault that the test ordered: %s", f)
	}
}
