package testlib

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// ordering returns a test whose log can be read, and the messages with which it failed.
func ordering(t *testing.T) (e *Env, log *bytes.Buffer, failures *[]string) {
	t.Helper()
	log, failures = &bytes.Buffer{}, &[]string{}
	e = newLogged(t, log)
	e.log.retry.max = 0
	e.log.fail = func(_ string, args ...any) { *failures = append(*failures, args[0].(string)) }
	return e, log, failures
}

// serviceClient returns a client of e for a service at url.
func serviceClient(e *Env, url, who string) *gophercloud.ServiceClient {
	way := e.newChain(who)
	p := &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: way}}
	way.provider = p
	return &gophercloud.ServiceClient{ProviderClient: p, Endpoint: url + "/", Type: "compute"}
}

// counting answers 200 and counts.
func counting(t *testing.T) (url string, n *atomic.Int32) {
	t.Helper()
	n = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"real": true}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, n
}

// faultCase is a fault, and two calls that meet it or not.
type faultCase struct {
	fault  Fault
	method string
	path   string
	status [2]int // 0 for an error
	sent   int32  // calls that arrive
	log    string
}

var faultCases = map[string]faultCase{
	"status": {Fault{Method: "GET", Path: "/v2.1/servers/*", Status: 409, Body: `{"no": 1}`, Times: 1},
		"GET", "/v2.1/servers/1", [2]int{409, 200}, 1, "(ordered by the test: status 409): 409 in "},
	"path of the resource": {Fault{Path: "/servers/...", Status: 500},
		"DELETE", "/v2.1/servers/1/x/y", [2]int{500, 500}, 0, ": 500"},
	"another path":   {Fault{Path: "/server", Status: 500}, "GET", "/v2.1/servers", [2]int{200, 200}, 2, ": 200"},
	"another method": {Fault{Method: "PUT", Status: 500}, "GET", "/servers", [2]int{200, 200}, 2, ": 200"},
	"cut": {Fault{Cut: true, Times: 1},
		"POST", "/servers", [2]int{0, 200}, 1, "cut): a fault that the test ordered: EOF after"},
	"cut after sending": {Fault{Cut: true, Sent: true},
		"POST", "/servers", [2]int{0, 0}, 2, "(ordered by the test: cut after sending)"},
	"status after sending": {Fault{Status: 504, Sent: true},
		"POST", "/servers", [2]int{504, 504}, 2, "status 504 after sending): 504"},
	"delay alone": {Fault{Delay: time.Millisecond}, "GET", "/servers", [2]int{200, 200}, 2, ": 200"},
}

func TestOrderedFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range faultCases {
		for _, all := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tt.try(t, all)
			})
		}
	}
}

// try makes two calls with one client, for which alone or with all others the fault is ordered.
func (tt faultCase) try(t *testing.T, all bool) {
	t.Helper()
	e, log, _ := ordering(t)
	url, sent := counting(t)
	c := serviceClient(e, url, "project_member")
	target := c
	if all {
		target = nil
	}
	e.Inject(target, tt.fault)

	for i, want := range tt.status {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, url+tt.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.HTTPClient.Do(r)
		if status := statusOf(resp); status != want || want == 0 && !errors.Is(err, io.EOF) {
			t.Errorf("call %d: %d, %v, want %d", i+1, status, err, want)
		}
	}

	if n := sent.Load(); n != tt.sent {
		t.Errorf("%d calls arrived, want %d", n, tt.sent)
	}
	want(t, log.String(), tt.log)
	other := serviceClient(e, url, adminName)
	if status := statusOf(send(t, &other.HTTPClient, tt.method, url+tt.path, "", nil)); status != http.StatusOK {
		t.Errorf("the administrator is answered %d", status)
	}
}

// statusOf closes an answer and returns its status, 0 for none.
func statusOf(resp *http.Response) int {
	if resp == nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestFaultsHaveHeaderAndBody(t *testing.T) {
	t.Parallel()
	e, _, _ := ordering(t)
	c := serviceClient(e, "http://c.invalid", "project_member")
	remove := e.Inject(c, Fault{Status: 413, Header: http.Header{"retry-after": {"3"}}, Body: `{"overLimit": {}}`})

	_, err := c.Get(t.Context(), c.ServiceURL("servers"), nil, nil)

	var code gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &code) || code.Actual != 413 || string(code.Body) != `{"overLimit": {}}` ||
		code.ResponseHeader.Get("Retry-After") != "3" || code.ResponseHeader.Get("Content-Type") != "application/json" {
		t.Errorf("error = %+v", err)
	}
	remove()
	_, err = c.Get(t.Context(), c.ServiceURL("servers"), nil, nil)
	if err == nil || gophercloud.ResponseCodeIs(err, 413) {
		t.Errorf("after remove: %v", err)
	}
}

// A fault is for one test: those below it meet it too, those beside it do not.
func TestFaultsStayInTheirTest(t *testing.T) {
	t.Parallel()
	e, _, _ := ordering(t)
	beside, _, _ := ordering(t)
	below, _, _ := ordering(t)
	below.parent = e
	url, _ := counting(t)
	e.Inject(nil, Fault{Status: 500})

	for want, at := range map[int]*Env{500: below, 200: beside} {
		if got := statusOf(send(t, at.HTTP(), http.MethodGet, url, "", nil)); got != want {
			t.Errorf("status = %d, want %d", got, want)
		}
	}
}

func TestFaultsBelowRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := &answers{list: []oneAnswer{{status: 200}}}
		c, log := retrying(nil)
		c.next.(*retrier).next = &faultLayer{next: next, chain: c}
		o := &orderedFault{Fault: Fault{Status: 503, Times: 2}, left: 2}
		c.faults = append(c.faults, o)

		got := statusOf(send(t, &http.Client{Transport: c}, http.MethodGet, "http://c/", "", nil))

		if got != http.StatusOK || o.fired != 2 {
			t.Errorf("status = %d after %d faults, want 200 after 2:\n%s", got, o.fired, log)
		}
		if n := c.env.log.retried(); n != 0 {
			t.Errorf("%d retries are counted as the cloud's, want none", n)
		}
		want(t, log.String(), "attempt 2 (ordered by the test: status 503): 503")
	})
}

func TestDelayEndsWithTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := retrying(nil)
		c.next = &faultLayer{next: &answers{list: []oneAnswer{{status: 200}}}, chain: c}
		c.faults = append(c.faults, &orderedFault{Fault: Fault{Delay: time.Hour}, left: -1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://c/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.RoundTrip(r)
		if resp != nil || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("RoundTrip = %v, %v after %s", resp, err, time.Since(start))
		}
	})
}

func TestFaultsThatNoCallMet(t *testing.T) {
	t.Parallel()
	e, _, _ := ordering(t)
	url, _ := counting(t)
	e.Inject(nil, Fault{Method: "GET", Path: "/never", Status: 500})
	e.Inject(nil, Fault{Cut: true, Path: "/never", Optional: true})
	remove := e.Inject(nil, Fault{Delay: time.Minute, Cut: true, Sent: true, Path: "/removed"})
	e.Inject(nil, Fault{Status: 404, Times: 1})
	statusOf(send(t, e.HTTP(), http.MethodGet, url, "", nil))
	remove()

	got := e.log.unfired()

	if want := "status 500 for GET /never|delay 1m0s and cut after sending for /removed"; strings.Join(got, "|") != want {
		t.Errorf("unfired = %q, want %s", got, want)
	}
}
