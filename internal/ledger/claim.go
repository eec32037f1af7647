package ledger

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Claimed is the file of a process that has ended, locked by the one who removes what it lists. It is
// for one goroutine.
type Claimed struct {
	*appender
	book  *book
	state File
}

// Claim locks the file at path and reads it. The error wraps [ErrLive] when its writer still
// runs, or another has claimed it. A torn last line is cut off.
func Claim(path string) (*Claimed, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, fmt.Errorf("claiming a ledger: %w", err)
	}
	c, err := claim(f, path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("claiming the ledger %s: %w", path, err), f.Close())
	}
	return c, nil
}

func claim(f *os.File, path string) (*Claimed, error) {
	if err := tryLock(f); err != nil {
		return nil, err
	}
	// Whoever had the lock before may have removed the file.
	now, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	mine, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(now, mine) {
		return nil, os.ErrNotExist
	}
	c := &Claimed{appender: &appender{file: f, path: path}}
	if c.state, c.book, err = read(f, path); err != nil {
		return nil, err
	}
	if err := c.mend(); err != nil {
		return nil, err
	}
	c.size, err = f.Seek(0, io.SeekEnd)
	return c, err
}

// mend makes the file end in a whole line.
func (c *Claimed) mend() error {
	switch {
	case c.state.bare:
		_, err := c.file.WriteString("\n")
		return err
	case c.state.torn > 0:
		end, err := c.file.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		return c.file.Truncate(end - c.state.torn)
	}
	return nil
}

// File returns what the file says, with what was crossed off since.
func (c *Claimed) File() File {
	c.state.Head, c.state.Entries = c.book.head, c.book.entries()
	return c.state
}

// Made notes what the intent n, which is [Perhaps], has turned out to have made.
func (c *Claimed) Made(n int, things ...Thing) error {
	return c.note(line{T: lineMade, N: n, Things: things})
}

// None notes that the intent n, which is [Perhaps], has made nothing.
func (c *Claimed) None(n int) error { return c.note(line{T: lineNone, N: n}) }

// Going notes that the removal of a thing was accepted.
func (c *Claimed) Going(k Key) error { return c.note(line{T: lineGoing, N: k.N, I: k.I}) }

// Gone notes that a thing is gone.
func (c *Claimed) Gone(k Key) error { return c.note(line{T: lineGone, N: k.N, I: k.I}) }

// note appends a line that fits to what the file says.
func (c *Claimed) note(l line) error {
	if err := c.book.applyOther(l, 0); err != nil {
		return fmt.Errorf("noting in the ledger %s: %w", c.state.Path, err)
	}
	if err := c.append(encode(l)); err != nil {
		return fmt.Errorf("noting in the ledger %s: %w", c.state.Path, err)
	}
	return nil
}

// Close gives the file up. When nothing in it is open any more and it has no problems, the file is
// removed, and with the last file the folder of the run.
func (c *Claimed) Close() error {
	if c.book.open() || len(c.state.Problems) > 0 {
		return c.file.Close()
	}
	return c.remove()
}

// Discard removes the file with all that it says, as for a cloud that is no more.
func (c *Claimed) Discard() error { return c.remove() }
