package calls

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// DefaultLimit is how large the file of one process gets, in bytes. From three quarters of it on, calls are
// written without headers and bodies; at the end nothing is written any more.
const DefaultLimit = 64 << 20

// Writer writes the file of one process. Its methods may be called concurrently.
type Writer struct {
	secrets Secrets

	mu      sync.Mutex
	file    *os.File // nil when nothing is written any more
	size    int64
	limit   int64
	slim    bool  // calls have no messages any more
	failure error // of the file, not told yet
}

// Secrets are what must not be in a file. [secret.Scrubber] is one.
type Secrets interface {
	// Generation changes whenever a secret becomes known.
	Generation() uint64
	// Text removes the secrets that are known.
	Text(string) string
}

// Create makes a file in dir, and dir too. The zero values of h.Version, h.PID and h.Limit mean the usual.
func Create(dir string, h Head, s Secrets) (*Writer, error) {
	if h.Version == 0 {
		h.Version = Version
	}
	if h.PID == 0 {
		h.PID = os.Getpid()
	}
	if h.Limit <= 0 {
		h.Limit = DefaultLimit
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the call log: %w", err)
	}
	name := fmt.Sprintf("%d-%s%s", h.PID, strings.ToLower(rand.Text()[:6]), Suffix)
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the call log: %w", err)
	}
	w := &Writer{secrets: s, file: f, limit: h.Limit}
	w.write(line(kindHead, h))
	if w.failure != nil {
		return nil, w.failure
	}
	return w, nil
}

// line returns one line of a file.
func line(kind string, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // only a time beyond year 9999 can be refused
		return nil
	}
	return append([]byte(`{"t":"`+kind+`",`), b.Bytes()[1:]...)
}

// Call adds a call. generation is that of the secrets before they were removed from c: what became known since
// is removed here. The error is the one that ended the file; it is returned once.
func (w *Writer) Call(c *Call, generation uint64) error {
	text := line(kindCall, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	if !w.slim && w.size+int64(len(text)) > w.limit/4*3 {
		w.slim = true
		w.write(line(kindLimit, Limit{Without: WithoutMessages, Size: w.size}))
	}
	if w.slim {
		slim := *c
		slim.Sent, slim.Received = nil, nil
		text = line(kindCall, &slim)
	}
	if w.secrets.Generation() != generation {
		text = []byte(w.secrets.Text(string(text)))
	}
	if w.size+int64(len(text)) > w.limit {
		w.write(line(kindLimit, Limit{Without: WithoutCalls, Size: w.size}))
		w.end()
	} else {
		w.write(text)
	}
	err := w.failure
	w.failure = nil
	return err
}

// write adds a line, in one write, so that a process that is killed leaves at most one that is torn.
func (w *Writer) write(text []byte) {
	if w.file == nil {
		return
	}
	n, err := w.file.WriteAt(text, w.size)
	w.size += int64(n)
	if err != nil {
		w.failure = fmt.Errorf("writing the call log: %w; calls are not in it from here on", err)
		w.end()
	}
}

// end closes the file.
func (w *Writer) end() {
	if err := w.file.Close(); err != nil && w.failure == nil {
		w.failure = fmt.Errorf("writing the call log: %w", err)
	}
	w.file = nil
}

// Close ends the file. A process may as well end without.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	w.end()
	err := w.failure
	w.failure = nil
	return err
}

// eraseBuffer is how much of a file is looked through at once, in bytes.
const eraseBuffer = 1 << 20

// Erase overwrites what is in the file already of a secret that has just become known. forms is how it may be
// written.
func (w *Writer) Erase(forms []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	longest := 0
	for _, form := range forms {
		longest = max(longest, len(form))
	}
	if longest == 0 {
		return nil
	}
	buf := make([]byte, min(max(eraseBuffer, 2*longest), int(w.size)))
	for at := int64(0); at < w.size; {
		n, err := w.file.ReadAt(buf[:min(int64(len(buf)), w.size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("removing a secret from the call log: %w", err)
		}
		if err := w.eraseIn(buf[:n], at, forms); err != nil {
			return fmt.Errorf("removing a secret from the call log: %w", err)
		}
		if at+int64(n) >= w.size || n <= longest {
			return nil
		}
		at += int64(n - longest + 1) // a secret may lie across the border
	}
	return nil
}

// eraseIn overwrites the forms in part, which stands at offset in the file. What takes their place is as long,
// and has no meaning in JSON.
func (w *Writer) eraseIn(part []byte, offset int64, forms []string) error {
	for _, form := range forms {
		if form == "" {
			continue
		}
		for from := 0; ; {
			i := bytes.Index(part[from:], []byte(form))
			if i < 0 {
				break
			}
			stars := bytes.Repeat([]byte("*"), len(form))
			from += i + copy(part[from+i:], stars)
			if _, err := w.file.WriteAt(stars, offset+int64(from-len(form))); err != nil {
				return err
			}
		}
	}
	return nil
}
