package ledger

import "errors"

// Claimed is the file of a process that has ended, locked by the one who removes what it lists.
type Claimed struct{}

// Claim locks the file at path and reads it. The error wraps [ErrLive] when its writer still
// runs, or another has claimed it. A torn last line is cut off.
func Claim(path string) (*Claimed, error) { return nil, errors.ErrUnsupported }

// File returns what the file says, with what was crossed off since.
func (c *Claimed) File() File { return File{} }

// Made notes what the intent n, which is [Perhaps], has turned out to have made.
func (c *Claimed) Made(n int, things ...Thing) error { return errors.ErrUnsupported }

// None notes that the intent n, which is [Perhaps], has made nothing.
func (c *Claimed) None(n int) error { return errors.ErrUnsupported }

// Going notes that the removal of a thing was accepted.
func (c *Claimed) Going(k Key) error { return errors.ErrUnsupported }

// Gone notes that a thing is gone.
func (c *Claimed) Gone(k Key) error { return errors.ErrUnsupported }

// Close gives the file up. When nothing in it is open any more and it has no problems, the file is
// removed, and with the last file the folder of the run.
func (c *Claimed) Close() error { return nil }
