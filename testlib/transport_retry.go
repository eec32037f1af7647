package testlib

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib/config"
)

// NoRetry leaves the calls of a test as they are: an answer that says to come again later, or a connection that
// fails, is what the test gets. [Env.NoRetry] says it of one client.
const NoRetry callOption = "no retry"

type callOption string

func (o callOption) apply(s *settings) { s.noRetry = s.noRetry || o == NoRetry }

// NoRetry has the calls of a client made once only, whatever comes of them.
func (e *Env) NoRetry(c *gophercloud.ServiceClient) {
	e.Helper()
	own := e.chainOf(c, "NoRetry")
	own.mu.Lock()
	defer own.mu.Unlock()
	own.noRetry = true
}

// retryPolicy says how often and when calls are made again.
type retryPolicy struct {
	max     int           // retries of one call, 0 for none
	longest time.Duration // wait before one of them
}

func newRetryPolicy(core config.Core) retryPolicy {
	return retryPolicy{max: core.HTTP.MaxRetries, longest: core.HTTP.MaxRetryWait}
}

const (
	// firstWait is the wait before the first retry of a call whose answer does not say how long. It doubles.
	firstWait = 250 * time.Millisecond

	// maxReplay is how much of a body is kept to be sent again, in bytes, where it cannot be read again.
	maxReplay = 64 << 10

	// maxDrain is how much of an answer is read before a retry, in bytes, so that the connection can be kept.
	maxDrain = 64 << 10

	// statusRateLimited is Swift's 429.
	statusRateLimited = 498
)

// retrier makes calls again that failed for reasons that pass, where that is safe.
type retrier struct {
	next  http.RoundTripper
	chain *chain
}

// RoundTrip makes a call, more than once if need be.
func (t *retrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.off() {
		return t.next.RoundTrip(r)
	}
	log := t.chain.env.log
	body := newReplay(r)
	var before attempt // those before this one, in sum
	for n := 1; ; n++ {
		this := &try{number: n}
		ctx := context.WithValue(r.Context(), attemptKey, this)
		resp, err := t.next.RoundTrip(body.request(r, ctx, n)) //nolint:bodyclose // given back, or closed by drain
		now := judge(r, resp, err)
		if before.arrived && r.Method == http.MethodDelete && now.status == http.StatusNotFound {
			log.printf("404 counts as done, because an attempt before, %s, may have arrived: %s", before.what, log.nameOf(r))
			return gone(resp), nil
		}
		wait := now.wait(n, log.retry.longest)
		if !now.again || n > log.retry.max || !body.ready() || !waitFor(r.Context(), wait) {
			return resp, err
		}
		drain(resp)
		if !this.broken { // what the test ordered says nothing of the cloud
			log.countRetry()
		}
		log.printf("made again in %s, because it was %s: %s", wait.Round(time.Millisecond), now.what, log.nameOf(r))
		before = attempt{what: now.what, arrived: before.arrived || now.arrived}
	}
}

// off reports whether calls are made once only. Authors who have their own retries in the client get no others
// below them: each of theirs would be as many.
func (t *retrier) off() bool {
	c := t.chain
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.provider
	return c.noRetry || c.env.log.retry.max <= 0 || p != nil && (p.RetryFunc != nil || p.RetryBackoffFunc != nil)
}

// nameOf names a call in messages, without secrets.
func (l *callLog) nameOf(r *http.Request) string {
	return r.Method + " " + l.session.Secrets.URL(r.URL)
}

// attempt is what came of one.
type attempt struct {
	what    string        // in words
	status  int           // 0 without an answer
	again   bool          // whether the call can be made again
	arrived bool          // whether the service may have done it
	after   time.Duration // what the answer asks for; negative when it does not
}

// judge says what came of an attempt.
func judge(r *http.Request, resp *http.Response, err error) attempt {
	if err != nil {
		return judgeError(r, err)
	}
	a := attempt{
		status: resp.StatusCode, what: fmt.Sprintf("answered %d", resp.StatusCode), arrived: true,
		after: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, statusRateLimited: // refused, whatever it is
		a.again, a.arrived = true, false
	case http.StatusServiceUnavailable: // refused by the service, or by a proxy which does not know
		a.again = a.after >= 0 || idempotent(r.Method)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		a.again = idempotent(r.Method)
	}
	return a
}

// judgeError says what came of an attempt without an answer. One that took as long as it may is not repeated:
// it has waited enough.
func judgeError(r *http.Request, err error) attempt {
	a := attempt{what: "cut off", arrived: true, after: -1}
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") {
		a.what, a.arrived = "not connected", false
	}
	var timeout net.Error
	if r.Context().Err() != nil || errors.As(err, &timeout) && timeout.Timeout() || permanent(err) {
		return a
	}
	a.again = !a.arrived || idempotent(r.Method)
	return a
}

// permanent reports whether an error will be the same the next time.
func permanent(err error) bool {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &certificate) || errors.As(err, &authority) ||
		errors.As(err, &host) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch) ||
		strings.Contains(err.Error(), "unsupported protocol scheme") // which has no type
}

// idempotent reports whether a call that is made twice does what it does once.
//
// Source: RFC 9110, section 9.2.2
func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// retryAfter reads the header Retry-After: a number of seconds, or a date. It returns a negative duration for
// none, or for what is neither.
//
// Source: RFC 9110, section 10.2.3
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if n, err := strconv.ParseUint(value, 10, 63); err == nil {
		const most = uint64(1<<63-1) / uint64(time.Second)
		return time.Duration(min(n, most)) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return -1
}

// wait returns how long to wait after attempt n. Without a word of the service it is a part of firstWait that
// differs from test to test, so that those that fail together do not come again together.
func (a attempt) wait(n int, longest time.Duration) time.Duration {
	if a.after >= 0 {
		return min(a.after, longest)
	}
	full := firstWait << min(n-1, 20)
	half := full / 2
	return min(half+rand.N(half), longest)
}

// waitFor waits, unless ctx ends before.
func waitFor(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// drain reads the rest of an answer that nobody gets.
func drain(resp *http.Response) {
	if resp == nil || resp.Body == nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxDrain) // what cannot be read costs a new connection, no more
	_ = resp.Body.Close()
}

// gone makes of the answer that there is no such thing one that it has been deleted.
func gone(resp *http.Response) *http.Response {
	drain(resp)
	done := *resp
	done.StatusCode, done.Status = http.StatusNoContent, "204 No Content"
	done.Body, done.ContentLength = http.NoBody, 0
	done.Header = resp.Header.Clone()
	done.Header.Del("Content-Length")
	done.Header.Del("Content-Type")
	return &done
}

// replay gives a request its body again.
type replay struct {
	get func() (io.ReadCloser, error) // of the request; nil when it cannot
	own *recorder                     // instead of get; nil when there is no body
	err error                         // why a body could not be had again
}

func newReplay(r *http.Request) *replay {
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return &replay{}
	case r.GetBody != nil:
		return &replay{get: r.GetBody}
	}
	return &replay{own: &recorder{from: r.Body}}
}

// request returns the request for attempt n.
func (p *replay) request(r *http.Request, ctx context.Context, n int) *http.Request { //nolint:revive // ctx is r's
	again := r.Clone(ctx)
	switch {
	case p.own != nil && n == 1:
		again.Body = p.own
	case p.own != nil:
		again.Body = io.NopCloser(bytes.NewReader(p.own.bytes()))
	case p.get != nil && n > 1:
		again.Body, p.err = p.get()
	}
	if p.err != nil {
		again.Body = io.NopCloser(failedReader{p.err})
	}
	return again
}

// ready reports whether the body can be sent once more.
func (p *replay) ready() bool { return p.own == nil || p.own.complete() }

// recorder keeps a body while it is sent, if it is short.
type recorder struct {
	from io.ReadCloser

	mu   sync.Mutex // the connection may still read when the answer is there
	buf  []byte
	long bool
	end  bool
}

// Read reads the body and keeps it.
func (c *recorder) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.buf)+n > maxReplay {
		c.long, c.buf = true, nil
	}
	if !c.long {
		c.buf = append(c.buf, p[:n]...)
	}
	c.end = c.end || errors.Is(err, io.EOF)
	return n, err
}

// Close closes the body.
func (c *recorder) Close() error { return c.from.Close() }

// complete reports whether all of the body is kept.
func (c *recorder) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end && !c.long
}

func (c *recorder) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf
}

// countRetry counts a call that is made again.
func (l *callLog) countRetry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retries++
}
