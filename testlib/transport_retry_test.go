package testlib

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/secret"
)

// answers is a cloud that gives one answer after the other.
type answers struct {
	list   []oneAnswer
	bodies []string // that it was sent
	global []string
	at     []time.Time
}

// oneAnswer is a status, or an error.
type oneAnswer struct {
	status int
	after  string // Retry-After
	err    error
	early  bool // does not read the body
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	now := a.list[min(len(a.at), len(a.list)-1)]
	body := ""
	if r.Body != nil {
		if !now.early {
			data, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			body = string(data)
		}
		_ = r.Body.Close()
	}
	a.at, a.bodies = append(a.at, time.Now()), append(a.bodies, body)
	a.global = append(a.global, r.Header.Get(globalHeader))
	if now.err != nil {
		return nil, now.err
	}
	h := http.Header{}
	if now.after != "" {
		h.Set("Retry-After", now.after)
	}
	return &http.Response{
		StatusCode: now.status, Header: h, Body: io.NopCloser(strings.NewReader("x")), Request: r, ContentLength: 1,
	}, nil
}

// retrying returns a client with retries above next, and the log of its test.
func retrying(next http.RoundTripper) (*chain, *bytes.Buffer) {
	s := &session{Session: &cloud.Session{Secrets: &secret.Scrubber{}}}
	s.Core.HTTP.MaxRetries, s.Core.HTTP.MaxRetryWait = 3, 30*time.Second
	var log bytes.Buffer
	c := &chain{env: &Env{session: s, log: newCallLog(&log, s, "TestX")}}
	c.next = &retrier{next: next, chain: c}
	return c, &log
}

func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// retryCase is what a cloud answers, and what comes of it.
type retryCase struct {
	method   string
	answers  []oneAnswer
	attempts int
	min, max time.Duration // between the first attempt and the last
	status   int           // that the caller gets, 0 for an error
}

var retries = map[string]retryCase{
	"nothing wrong":               {"GET", []oneAnswer{{status: 200}}, 1, 0, 0, 200},
	"refused by the test's fault": {"GET", []oneAnswer{{status: 500}}, 1, 0, 0, 500},
	"429 with seconds": {"POST", []oneAnswer{{status: 429, after: "7"}, {status: 201}},
		2, 7 * time.Second, 7 * time.Second, 201},
	"429 with a date": {"GET", []oneAnswer{{status: 429, after: "Sat, 01 Jan 2000 00:00:09 GMT"}, {status: 200}}, 2,
		9 * time.Second, 9 * time.Second, 200},
	"date that has passed": {"GET", []oneAnswer{{status: 429, after: "Sat, 01 Jan 1994 00:00:09 GMT"}, {status: 200}},
		2, 0, 0, 200},
	"429 without":  {"PATCH", []oneAnswer{{status: 429}, {status: 200}}, 2, firstWait / 2, firstWait, 200},
	"498 of Swift": {"POST", []oneAnswer{{status: 498}, {status: 201}}, 2, firstWait / 2, firstWait, 201},
	"longer than the cap": {"GET", []oneAnswer{{status: 503, after: "3600"}, {status: 200}},
		2, 30 * time.Second, 30 * time.Second, 200},
	"503 with, POST": {"POST", []oneAnswer{{status: 503, after: "1"}, {status: 201}},
		2, time.Second, time.Second, 201},
	"503 without, POST": {"POST", []oneAnswer{{status: 503}}, 1, 0, 0, 503},
	"503 without, GET":  {"GET", []oneAnswer{{status: 503}, {status: 200}}, 2, firstWait / 2, firstWait, 200},
	"502, PUT":          {"PUT", []oneAnswer{{status: 502}, {status: 200}}, 2, firstWait / 2, firstWait, 200},
	"504, PATCH":        {"PATCH", []oneAnswer{{status: 504}}, 1, 0, 0, 504},
	"never well": {"GET", []oneAnswer{{status: 504}}, 4, (firstWait + 2*firstWait + 4*firstWait) / 2,
		firstWait + 2*firstWait + 4*firstWait, 504},
	"refused, POST": {"POST", []oneAnswer{{err: refused()}, {status: 201}}, 2, firstWait / 2, firstWait, 201},
	"cut, POST":     {"POST", []oneAnswer{{err: io.EOF}}, 1, 0, 0, 0},
	"cut, HEAD":     {"HEAD", []oneAnswer{{err: io.EOF}, {status: 200}}, 2, firstWait / 2, firstWait, 200},
	"timeout":       {"GET", []oneAnswer{{err: &net.OpError{Op: "read", Err: context.DeadlineExceeded}}}, 1, 0, 0, 0},
	"no such host": {"GET", []oneAnswer{{err: &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}}},
		1, 0, 0, 0},
	"certificate":      {"GET", []oneAnswer{{err: x509.UnknownAuthorityError{}}}, 1, 0, 0, 0},
	"no TLS there":     {"GET", []oneAnswer{{err: http.ErrSchemeMismatch}}, 1, 0, 0, 0},
	"scheme":           {"GET", []oneAnswer{{err: errors.New(`unsupported protocol scheme "cloud"`)}}, 1, 0, 0, 0},
	"gone, after 502":  {"DELETE", []oneAnswer{{status: 502}, {status: 404}}, 2, firstWait / 2, firstWait, 204},
	"gone, after cut":  {"DELETE", []oneAnswer{{err: io.EOF}, {status: 404}}, 2, firstWait / 2, firstWait, 204},
	"not there":        {"DELETE", []oneAnswer{{status: 404}}, 1, 0, 0, 404},
	"never arrived":    {"DELETE", []oneAnswer{{err: refused()}, {status: 404}}, 2, firstWait / 2, firstWait, 404},
	"never admitted":   {"DELETE", []oneAnswer{{status: 429}, {status: 404}}, 2, firstWait / 2, firstWait, 404},
	"arrived at first": {"DELETE", []oneAnswer{{status: 502}, {err: refused()}, {status: 404}}, 3, 0, time.Second, 204},
	"not deleted":      {"GET", []oneAnswer{{status: 502}, {status: 404}}, 2, firstWait / 2, firstWait, 404},
}

func TestRetries(t *testing.T) {
	t.Parallel()
	for name, tt := range retries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, tt.try)
		})
	}
}

func (tt retryCase) try(t *testing.T) {
	t.Helper()
	next := &answers{list: tt.answers}
	c, log := retrying(next)
	const url = "http://c/v3/things?password=xyzzy"
	r, err := http.NewRequestWithContext(t.Context(), tt.method, url, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}

	resp, err := c.RoundTrip(r)

	if status := statusOf(resp); status != tt.status || len(next.at) != tt.attempts {
		t.Fatalf("%d after %d attempts, %v, want %d after %d", status, len(next.at), err, tt.status, tt.attempts)
	}
	if d := next.at[len(next.at)-1].Sub(next.at[0]); d < tt.min || d > tt.max {
		t.Errorf("the last attempt came after %s, want %s to %s", d, tt.min, tt.max)
	}
	for i := range next.bodies {
		if next.bodies[i] != "body" || next.global[i] != next.global[0] || len(next.global[i]) != len("req-")+36 {
			t.Errorf("attempt %d has body %q and global ID %q", i+1, next.bodies[i], next.global[i])
		}
	}
	if n := c.env.log.retried(); n != tt.attempts-1 {
		t.Errorf("%d retries are counted, want %d", n, tt.attempts-1)
	}
	if told := strings.Count(log.String(), "made again in "); told != tt.attempts-1 {
		t.Errorf("the log tells of %d retries, want %d:\n%s", told, tt.attempts-1, log)
	}
	if strings.Contains(log.String(), "xyzzy") {
		t.Errorf("the log has a password:\n%s", log)
	}
	if tt.method == "DELETE" && strings.Contains(log.String(), "404 counts as done") != (tt.status == 204) {
		t.Errorf("the log of a DELETE answered %d:\n%s", tt.status, log)
	}
}

// A body that cannot be read again is kept while it is sent, as far as it is short.
func TestBodiesOfRetries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		size     int
		early    bool
		attempts int
	}{
		"short": {1000, false, 2}, "long": {maxReplay + 1, false, 1}, "answered before it was read": {1000, true, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				next := &answers{list: []oneAnswer{{status: 503, after: "1", early: tt.early}, {status: 200}}}
				c, _ := retrying(next)
				body := strings.Repeat("x", tt.size)
				once := struct{ io.Reader }{strings.NewReader(body)}
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://c/", once)
				if err != nil {
					t.Fatal(err)
				}

				resp, err := c.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()

				if len(next.at) != tt.attempts || tt.attempts > 1 && next.bodies[1] != body {
					t.Errorf("%d attempts, want %d; the bodies have %d bytes", len(next.at), tt.attempts, len(next.bodies[0]))
				}
			})
		})
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
		"the deadline is nearer than the wait": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 5*time.Second)
		},
	}
	for name, ends := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := retrying(&answers{list: []oneAnswer{{status: 503, after: "20"}}})
				ctx, cancel := ends(t.Context())
				defer cancel()
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://c/", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()

				resp, err := c.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)

				if err != nil || resp.StatusCode != http.StatusServiceUnavailable || string(body) != "x" {
					t.Errorf("the caller got %d, %q, %v, want the answer that there was", resp.StatusCode, body, err)
				}
				if d := time.Since(start); d > time.Second {
					t.Errorf("it took %s", d)
				}
			})
		})
	}
}

// Each of gophercloud's retries would be as many of ours.
func TestRetriesAreNotMultiplied(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*chain){
		"backoff of gophercloud": func(c *chain) {
			c.provider = &gophercloud.ProviderClient{RetryBackoffFunc: func(
				context.Context, *gophercloud.ErrUnexpectedResponseCode, error, uint) error {
				return nil
			}}
		},
		"retries of gophercloud": func(c *chain) {
			c.provider = &gophercloud.ProviderClient{RetryFunc: func(
				context.Context, string, string, *gophercloud.RequestOpts, error, uint) error {
				return nil
			}}
		},
		"of the client":        func(c *chain) { c.noRetry = true },
		"by the configuration": func(c *chain) { c.env.log.retry.max = 0 },
	}
	for name, off := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := &answers{list: []oneAnswer{{status: 503, after: "1"}}}
			c, _ := retrying(next)
			off(c)
			resp := send(t, &http.Client{Transport: c}, http.MethodGet, "http://c/", "", nil)
			_ = resp.Body.Close()
			if len(next.at) != 1 {
				t.Errorf("%d attempts, want 1", len(next.at))
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := map[string]time.Duration{
		"": -1, "x": -1, "-1": -1, "1.5": -1, "0": 0, " 12 ": 12 * time.Second,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Friday, 02-Jan-26 03:05:05 GMT": time.Minute,
		"Fri, 02 Jan 2026 03:00:00 GMT": 0, "99999999999999999": time.Duration(1<<63-1) / time.Second * time.Second,
	}
	for in, want := range tests {
		if got := retryAfter(in, now); got != want {
			t.Errorf("retryAfter(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "7", "-7", "99999999999999999999", "Fri, 02 Jan 2026 03:05:05 GMT"} {
		f.Add(s)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		d := retryAfter(s, now)
		if wait := (attempt{after: d}).wait(1, time.Minute); wait < 0 || wait > time.Minute {
			t.Errorf("after %q the wait is %s", s, wait)
		}
	})
}

func TestWaitIsBounded(t *testing.T) {
	t.Parallel()
	for n := 1; n < 100; n++ {
		if d := (attempt{after: -1}).wait(n, 30*time.Second); d <= 0 || d > 30*time.Second {
			t.Errorf("wait after attempt %d is %s", n, d)
		}
	}
	if d := (attempt{after: -1}).wait(1, 0); d != 0 {
		t.Errorf("wait with max_retry_wait 0 is %s", d)
	}
}
