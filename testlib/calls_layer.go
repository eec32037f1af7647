package testlib

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/calls"
	"github.com/gotempest/tempest/internal/secret"
)

// logLayer logs every call that it passes on, in the log of the test and in the call log of the process.
type logLayer struct {
	next http.RoundTripper
	log  *callLog
	who  string // persona, "" for nobody
}

// RoundTrip makes the call and logs it.
func (t *logLayer) RoundTrip(r *http.Request) (*http.Response, error) {
	attempt := attemptOf(r.Context())
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", strings.TrimSpace(t.log.userAgent+" "+r.Header.Get("User-Agent")))
	sent := &capture{}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = sent.tee(r.Body)
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(r)
	c := call{request: r, sent: sent, response: resp, start: start, err: err, who: t.who,
		attempt: attempt}
	c.took = time.Since(start)
	if err == nil && peekable(r, resp) {
		c.received, c.whole, resp.Body = peekBody(resp.Body)
		c.took = time.Since(start)
	}
	t.log.add(&c)
	return resp, err
}

// call is one attempt at a call, and its answer.
type call struct {
	request  *http.Request
	response *http.Response // nil after an error
	err      error
	fault    string // what an ordered fault did
	sent     *capture
	received []byte // start of the answer's body
	whole    bool   // whether received is all of it
	start    time.Time
	took     time.Duration
	who      string
	attempt  int // from 1
}

// cleaned is what may be shown of a call.
type cleaned struct {
	url, err       string
	sent, received string // bodies
}

// clean removes the secrets from a call, all of which the scrubber has learned by then: one may stand in the URL
// and be known for one by the name that it has in the answer.
func (c *call) clean(s *secret.Scrubber) cleaned {
	var shown cleaned
	s.LearnHeaders(c.request.Header)
	sent, received := s.Body(c.sent.bytes(), c.request.Header), ""
	if c.response != nil {
		s.LearnHeaders(c.response.Header)
		received = s.Body(c.received, c.response.Header)
	}
	if payloadOf(c.request.URL.Path) {
		sent = bytesOnly(sent)
		if c.response != nil && c.response.StatusCode < http.StatusBadRequest {
			received = bytesOnly(received)
		}
	}
	shown.sent, shown.received = s.Text(sent), s.Text(received)
	shown.url = s.URL(c.request.URL)
	if c.err != nil {
		shown.err = s.Text(strings.Join(strings.Fields(c.err.Error()), " "))
	}
	return shown
}

// add writes a call into both logs.
func (l *callLog) add(c *call) {
	s := l.session.Secrets
	generation := s.Generation()
	shown := c.clean(s)
	l.printf("%s", c.describe(s, &shown, l.session.Core.Log.Bodies, l.session.Core.Log.BodyLimit))
	if problem := l.session.calls.add(l.record(c, &shown), generation); problem != nil {
		l.printf("%v", problem)
	}
}

// record returns the entry of a call in the call log of the process.
func (l *callLog) record(c *call, shown *cleaned) *calls.Call {
	if !l.session.calls.kept() {
		return nil
	}
	s, limit := l.session.Secrets, l.session.Core.Log.BodyLimit
	service, _ := l.session.ServiceAt(c.request.URL)
	rec := &calls.Call{
		Test: l.test, Who: c.who, Service: service, Method: c.request.Method, URL: shown.url,
		Start: c.start.UTC(), Seconds: c.took.Seconds(), Global: c.request.Header.Get(globalHeader), Fault: c.fault,
		Error: shown.err, Sent: message(s, c.request.Header, shown.sent, limit),
	}
	if n := c.attempt; n > 1 {
		rec.Attempt = n
	}
	rec.Sent.Size = max(c.request.ContentLength, c.sent.size())
	rec.Sent.Cut = rec.Sent.Cut || rec.Sent.Body == "" && rec.Sent.Size != 0
	if c.response != nil {
		rec.Status, rec.Request = c.response.StatusCode, requestID(c.response.Header)
		rec.Received = message(s, c.response.Header, shown.received, limit)
		rec.Received.Size = c.size()
		rec.Received.Cut = rec.Received.Cut || !c.whole && rec.Received.Size != 0
	}
	return rec
}

// size returns the size of the answer's body, -1 when it is not known.
func (c *call) size() int64 {
	switch {
	case c.request.Method == http.MethodHead:
		return 0
	case c.whole:
		return int64(len(c.received))
	}
	return c.response.ContentLength
}

// message returns headers and the start of a body, without secrets.
func message(s *secret.Scrubber, h http.Header, body string, limit int) *calls.Message {
	m := &calls.Message{Header: make(http.Header, len(h))}
	for name, values := range h {
		for _, v := range values {
			m.Header[name] = append(m.Header[name], s.Header(name, v))
		}
	}
	m.Body, m.Cut = cutText(body, limit)
	return m
}

// cutText returns the start of text, at most limit bytes, and whether that is not all.
func cutText(text string, limit int) (string, bool) {
	if len(text) <= limit {
		return text, false
	}
	return strings.ToValidUTF8(text[:limit], ""), true
}

// describe returns the entry of the call in the log of the test. bodies is the option log.bodies, limit is
// log.body_limit.
func (c *call) describe(s *secret.Scrubber, shown *cleaned, bodies string, limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", c.request.Method, shown.url)
	if c.who != "" {
		fmt.Fprintf(&b, " as %s", c.who)
	}
	if n := c.attempt; n > 1 {
		fmt.Fprintf(&b, ", attempt %d", n)
	}
	took := c.took.Round(time.Millisecond)
	if c.fault != "" {
		fmt.Fprintf(&b, " (%s)", c.fault)
	}
	if c.err != nil {
		fmt.Fprintf(&b, ": %s after %s", shown.err, took)
		return b.String()
	}
	fmt.Fprintf(&b, ": %d in %s", c.response.StatusCode, took)
	if id := requestID(c.response.Header); id != "" {
		b.WriteString(" " + id)
	}
	if bodies == "all" || bodies == "errors" && c.response.StatusCode >= http.StatusBadRequest {
		writeMessage(&b, "> ", s, c.request.Header, shown.sent, limit)
		writeMessage(&b, "< ", s, c.response.Header, shown.received, limit)
	}
	return b.String()
}

// payloadOf reports whether the bodies of a call are the payload of a secret, as it is:
// Barbican's /v1/secrets/ID and /v1/secrets/ID/payload.
func payloadOf(path string) bool { return strings.Contains(path, "/secrets/") }

// bytesOnly returns what is shown of a body that is a secret, unless it is JSON, in which
// names tell what is.
func bytesOnly(body string) string {
	if first := strings.TrimSpace(body); first == "" || first[0] == '{' || first[0] == '[' {
		return body
	}
	return fmt.Sprintf("%s (%d bytes)", secret.Masked, len(body))
}

// plainHeader reports whether a header says nothing that a reader of the log wants
// to know, or that the log does not say already.
func plainHeader(name string) bool {
	switch name {
	case "Accept", "Connection", "Content-Length", "Date", "Server", "User-Agent", "Vary", globalHeader:
		return true
	}
	return false
}

// writeMessage writes headers and body, each line after prefix.
func writeMessage(b *strings.Builder, prefix string, s *secret.Scrubber, h http.Header, body string,
	limit int) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if plainHeader(name) {
			continue
		}
		for _, v := range h[name] {
			fmt.Fprintf(b, "\n  %s%s: %s", prefix, name, s.Header(name, v))
		}
	}
	if start, cut := cutText(body, limit); cut {
		body = fmt.Sprintf("%s… (%d bytes)", start, len(body))
	}
	if body = strings.TrimSpace(body); body != "" {
		fmt.Fprintf(b, "\n  %s%s", prefix, strings.ReplaceAll(body, "\n", "\n  "+prefix))
	}
}

// requestID returns the ID that a service gave a request. Services differ in
// the header: Nova and Swift have their own.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Openstack-Request-Id", "X-Compute-Request-Id", "X-Trans-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}
