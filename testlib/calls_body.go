package testlib

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gotempest/tempest/internal/secret"
)

// maxBody is how much of a body is looked at: for secrets, and to be logged.
const maxBody = 64 << 10

// peekable reports whether the start of the answer's body is read before the caller gets it: only where it
// is there at once. A download, or text that is sent bit by bit, passes as it comes.
func peekable(r *http.Request, resp *http.Response) bool {
	if resp.Body == nil || r.Method == http.MethodHead || !secret.IsText(resp.Header) {
		return false
	}
	return resp.StatusCode >= http.StatusBadRequest || strings.Contains(resp.Header.Get("Content-Type"), "json") ||
		resp.ContentLength >= 0 && resp.ContentLength <= maxBody
}

// peekBody returns the start of a body, whether that is all of it, and a body that still has it.
func peekBody(body io.ReadCloser) (start []byte, whole bool, again io.ReadCloser) {
	start, err := io.ReadAll(io.LimitReader(body, maxBody))
	rest := io.Reader(body)
	if err != nil {
		rest = failedReader{err}
	}
	return start, err == nil && len(start) < maxBody, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), body}
}

// failedReader gives the error that came while a body was read for the log to
// the one it is for.
type failedReader struct{ err error }

func (r failedReader) Read([]byte) (int, error) { return 0, r.err }

// capture keeps the start of what is read through it. The connection may still send
// a body when the answer is there already. The zero value is an empty body.
type capture struct {
	mu  sync.Mutex
	buf bytes.Buffer
	n   int64
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
	c.n += int64(len(p))
	return len(p), nil
}

func (c *capture) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.buf.Bytes())
}

// size returns how much was read so far.
func (c *capture) size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
