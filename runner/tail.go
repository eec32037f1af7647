package runner

import (
	"fmt"
	"io"
	"sync"
)

// tailSize is how many bytes of the go command's standard error are kept.
const tailSize = 16 << 10

// tail passes on what is written to it and keeps the end.
type tail struct {
	next io.Writer
	kept []byte
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	_, _ = t.next.Write(b)
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return string(t.kept) }

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// warnings writes to one place from several goroutines.
type warnings struct {
	mu sync.Mutex
	w  io.Writer // may be nil
}

// Write never fails.
func (w *warnings) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.w != nil {
		_, _ = w.w.Write(b)
	}
	return len(b), nil
}

// tell writes a line of tempest's own.
func (w *warnings) tell(line string) { _, _ = fmt.Fprintln(w, "tempest: "+line) }
