package testlib

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/secret"
)

// callLog writes the calls of one test into its log.
type callLog struct {
	session   *session
	userAgent string

	mu  sync.Mutex
	out io.Writer // nil when the test has ended
}

func newCallLog(out io.Writer, s *session, test string) *callLog {
	return &callLog{session: s, out: out, userAgent: userAgent(test)}
}

// close ends the log: a goroutine that outlives its test must not write into it.
func (l *callLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = nil
}

// printf writes one entry, without secrets.
func (l *callLog) printf(format string, args ...any) {
	text := l.session.Secrets.Text(fmt.Sprintf(format, args...))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out != nil {
		_, _ = io.WriteString(l.out, text+"\n") // a log that cannot be written cannot say so
	}
}

// userAgent names tempest, the package under test and the test.
func userAgent(test string) string {
	version, program := "devel", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		program = strings.TrimSuffix(info.Path, ".test")
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == "github.com/gotempest/tempest" && m.Version != "" && m.Version != "(devel)" {
				version = m.Version
			}
		}
	}
	return fmt.Sprintf("tempest/%s (%s)", version, plainASCII(program+"."+test))
}

// plainASCII replaces what may not stand in a comment of a User-Agent.
func plainASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == '(' || r == ')' || r == '\\' {
			return '_'
		}
		return r
	}, s)
}

// transport is the [http.RoundTripper] below every client of a test.
type transport struct {
	next http.RoundTripper
	log  *callLog
	who  string // persona, "" for nobody
}

// maxBody is how much of a body is kept to be logged; maxShown is how much of that
// is.
const (
	maxBody  = 64 << 10
	maxShown = 4 << 10
)

// RoundTrip makes the call and logs it.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", strings.TrimSpace(t.log.userAgent+" "+r.Header.Get("User-Agent")))
	s := t.log.session.Secrets
	s.LearnHeaders(r.Header)
	sent := &capture{}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = sent.tee(r.Body)
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(r)
	c := call{request: r, sent: sent, response: resp, took: time.Since(start), err: err, who: t.who}
	if err == nil {
		s.LearnHeaders(resp.Header)
		if secret.IsText(resp.Header) && resp.Body != nil {
			c.received, resp.Body = peek(resp.Body)
		}
	}
	t.log.printf("%s", c.describe(s, t.log.session.Core.Log.Bodies))
	return resp, err
}

// call is one call and its answer.
type call struct {
	request  *http.Request
	response *http.Response // nil after an error
	err      error
	sent     *capture
	received []byte // start of the answer's body
	took     time.Duration
	who      string
}

// describe returns the entry of the call in the log. bodies is the option log.bodies.
func (c *call) describe(s *secret.Scrubber, bodies string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", c.request.Method, s.URL(c.request.URL))
	if c.who != "" {
		fmt.Fprintf(&b, " as %s", c.who)
	}
	took := c.took.Round(time.Millisecond)
	if c.err != nil {
		fmt.Fprintf(&b, ": %s after %s", strings.Join(strings.Fields(c.err.Error()), " "), took)
		return b.String()
	}
	fmt.Fprintf(&b, ": %d in %s", c.response.StatusCode, took)
	if id := requestID(c.response.Header); id != "" {
		b.WriteString(" " + id)
	}
	// Bodies are read even when they are not shown, to learn the secrets in them.
	sent := s.Body(c.sent.bytes(), c.request.Header)
	received := s.Body(c.received, c.response.Header)
	if payloadOf(c.request.URL.Path) && c.response.StatusCode < http.StatusBadRequest {
		sent, received = bytesOnly(sent), bytesOnly(received)
	} else if payloadOf(c.request.URL.Path) {
		sent = bytesOnly(sent)
	}
	if bodies == "all" || bodies == "errors" && c.response.StatusCode >= http.StatusBadRequest {
		writeMessage(&b, "> ", s, c.request.Header, sent)
		writeMessage(&b, "< ", s, c.response.Header, received)
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
	case "Accept", "Connection", "Content-Length", "Date", "Server", "User-Agent", "Vary", "X-Openstack-Request-Id":
		return true
	}
	return false
}

// writeMessage writes headers and body, each line after prefix.
func writeMessage(b *strings.Builder, prefix string, s *secret.Scrubber, h http.Header, body string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if plainHeader(name) {
			continue
		}
		for _, v := range h[name] {
			fmt.Fprintf(b, "\n  %s%s: %s", prefix, name, s.Header(name, v))
		}
	}
	if len(body) > maxShown {
		body = fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(body[:maxShown], ""), len(body))
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

// peek returns the start of a body and a body that still has it.
func peek(body io.ReadCloser) ([]byte, io.ReadCloser) {
	start, err := io.ReadAll(io.LimitReader(body, maxBody))
	rest := io.Reader(body)
	if err != nil {
		rest = failedReader{err}
	}
	return start, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), body}
}

// failedReader gives the error that came while a body was read for the log to
// the one it is for.
type failedReader struct{ err error }

func (r failedReader) Read([]byte) (int, error) { return 0, r.err }

// capture keeps the start of what is read through it. The connection may still send
// a body when the answer is there already.
type capture struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (c *capture) tee(body io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.TeeReader(body, c), body}
}

// Write keeps p as far as there is room.
func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf.Write(p[:min(len(p), maxBody-c.buf.Len())])
	return len(p), nil
}

func (c *capture) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.buf.Bytes())
}
