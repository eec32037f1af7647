package testlib

import (
	"net/http"
	"testing"
	"time"
)

// callLog writes the calls of one test into its log.
type callLog struct {
	t *testing.T
}

func newCallLog(t *testing.T, _ *session) *callLog { return &callLog{t: t} }

func (s *session) httpClient(l *callLog, who string) *http.Client {
	return &http.Client{Transport: &transport{next: s.net, log: l, who: who}}
}

// transport is the [http.RoundTripper] below every client of a test.
type transport struct {
	next http.RoundTripper
	log  *callLog
	who  string
}

// RoundTrip makes the call and logs it.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := t.next.RoundTrip(r)
	took := time.Since(start).Round(time.Millisecond)
	if err != nil {
		t.log.t.Logf("%s %s %s: %v after %s", t.who, r.Method, r.URL.Redacted(), err, took)
		return nil, err
	}
	t.log.t.Logf("%s %s %s: %d in %s %s", t.who, r.Method, r.URL.Redacted(), resp.StatusCode, took,
		resp.Header.Get("X-Openstack-Request-Id"))
	return resp, nil
}
