package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Writer writes the ledger of one process. Its methods may be called concurrently.
type Writer struct {
	dir  string // of the run; empty for a ledger in memory
	head Head

	mu   sync.Mutex
	file *appender    // nil until something is written
	last int          // number of the last intent
	open map[int]open // what is open, by number
}

// appender appends whole lines to a locked file.
type appender struct {
	file *os.File
	path string
	size int64 // of the whole lines
	bad  error // why nothing can be appended any more
}

// append appends one line. When the disk takes a part of it only, that part is cut off again.
func (a *appender) append(text []byte) error {
	if a.bad != nil {
		return a.bad
	}
	if n, err := a.file.Write(text); err != nil {
		if n > 0 {
			if cut := a.file.Truncate(a.size); cut != nil {
				a.bad = fmt.Errorf("it ends in half a line: %w", errors.Join(err, cut))
			}
		}
		return err
	}
	a.size += int64(len(text))
	return nil
}

// remove removes the file, while it is locked, so that nobody claims it in between, and with the last one the
// folder of the run.
func (a *appender) remove() error {
	if err := errors.Join(os.Remove(a.path), a.file.Close()); err != nil {
		return fmt.Errorf("removing the ledger: %w", err)
	}
	_ = os.Remove(filepath.Dir(a.path)) // fails when there are other files
	return nil
}

// open says how many things of an intent are not gone yet.
type open struct {
	made bool
	left map[int]bool
}

// NewWriter returns the writer of a process, whose file is made in the folder dir when there is
// something to write. With an empty dir nothing is written: the ledger is in memory only.
func NewWriter(dir string, head Head) *Writer {
	head.V = Version
	return &Writer{dir: dir, head: head, open: map[int]open{}}
}

// Dir returns the folder of the run, "" for a ledger in memory.
func (w *Writer) Dir() string { return w.dir }

// Intent notes a request that is about to be sent, and returns its number. When it fails, the
// request must not be sent: nobody would know what it made.
func (w *Writer) Intent(in Intent) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.last + 1
	if err := w.write(intentLine{T: lineIntent, N: n, Intent: in}); err != nil {
		return 0, fmt.Errorf("noting %s %s in the ledger: %w", in.Method, in.URL, err)
	}
	w.last = n
	w.open[n] = open{}
	return n, nil
}

// Made notes what the request of the intent n made.
func (w *Writer) Made(n int, things ...Thing) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := map[int]bool{}
	for i := range things {
		left[i] = true
	}
	w.open[n] = open{made: true, left: left}
	return w.note(line{T: lineMade, N: n, Things: things})
}

// None notes that the request of the intent n made nothing.
func (w *Writer) None(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, n)
	return w.note(line{T: lineNone, N: n})
}

// Lost notes that there was no answer which says what the request of the intent n made, and what came instead.
func (w *Writer) Lost(n int, why string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.note(line{T: lineLost, N: n, Why: why})
}

// Going notes that the removal of a thing was accepted.
func (w *Writer) Going(k Key) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.note(line{T: lineGoing, N: k.N, I: k.I})
}

// Gone notes that a thing is gone.
func (w *Writer) Gone(k Key) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o := w.open[k.N]; o.made {
		if delete(o.left, k.I); len(o.left) == 0 {
			delete(w.open, k.N)
		}
	}
	return w.note(line{T: lineGone, N: k.N, I: k.I})
}

// Open returns how many requests there are of which something may be left.
func (w *Writer) Open() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.open)
}

// Tidy removes the file when nothing in it is open, and with the last one the folder of the run. The
// writer can go on; it then begins a new file.
func (w *Writer) Tidy() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil || len(w.open) > 0 || w.file.bad != nil {
		return nil
	}
	done := w.file
	w.file = nil
	return done.remove()
}

// note writes a line about an intent that is written already.
func (w *Writer) note(l line) error {
	if err := w.write(l); err != nil {
		return fmt.Errorf("noting in the ledger that %d is %q: %w", l.N, l.T, err)
	}
	return nil
}

func (w *Writer) write(v any) error {
	if w.dir == "" {
		return nil
	}
	if w.file == nil {
		if err := w.create(); err != nil {
			return err
		}
	}
	return w.file.append(encode(v))
}

// create makes the file, locked and with its head before it has its name: nobody finds it without
// either.
func (w *Writer) create() error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	name := fmt.Sprintf("%d-%s%s", w.head.PID, strings.ToLower(rand.Text())[:wordSize], Suffix)
	hidden := filepath.Join(w.dir, "."+name)
	f, err := os.OpenFile(hidden, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	head := encode(headLine{T: lineHead, Head: w.head})
	err = lock(f)
	if err == nil {
		_, err = f.Write(head)
	}
	path := filepath.Join(w.dir, name)
	if err == nil {
		err = os.Rename(hidden, path)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(hidden))
	}
	w.file = &appender{file: f, path: path, size: int64(len(head))}
	return nil
}

const wordSize = 8 // letters that tell files of one process, and of equal PIDs on two machines, apart

// RunID returns the ID of a run that has none: that of a process under plain go test.
func RunID(now time.Time) string {
	return "go-" + now.UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text())[:wordSize]
}
