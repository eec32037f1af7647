package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// sink passes the output of a test binary on and keeps it in a log file. Neither
// of the two can stop the other: a full disk costs the log, nothing else.
type sink struct {
	out     io.Writer
	log     *boundedLog   // nil when there is none
	broken  chan struct{} // closed when out takes nothing any more
	outErr  error         // why it does not
	logErr  error         // why log takes nothing any more
	partial bool          // the last line has no end yet

	// passed is set once the testing package has said that all has passed, and
	// last is the end of what came before, in case it says so in two pieces.
	passed bool
	last   []byte
}

// passMark is what the testing package prints at its very end, under
// -test.v=test2json, when nothing has failed.
const passMark = "\x16PASS\n"

// look searches p for passMark.
func (s *sink) look(p []byte) {
	if s.passed {
		return
	}
	overlap := len(passMark) - 1
	s.last = append(s.last, p[:min(len(p), overlap)]...)
	s.passed = bytes.Contains(s.last, []byte(passMark)) || bytes.Contains(p, []byte(passMark))
	if len(p) >= overlap {
		s.last = append(s.last[:0], p[len(p)-overlap:]...)
	} else if extra := len(s.last) - overlap; extra > 0 {
		s.last = append(s.last[:0], s.last[extra:]...)
	}
}

// Write never fails, so that the test binary does not block.
func (s *sink) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s.partial = p[len(p)-1] != '\n'
	s.look(p)
	if s.outErr == nil {
		if _, s.outErr = s.out.Write(p); s.outErr != nil {
			close(s.broken)
		}
	}
	if s.log != nil && s.logErr == nil {
		_, s.logErr = s.log.Write(p)
	}
	return len(p), nil
}

// note writes a line of tempest's own.
func (s *sink) note(format string, args ...any) {
	line := "tempest: " + fmt.Sprintf(format, args...) + "\n"
	if s.partial {
		line = "\n" + line
	}
	_, _ = s.Write([]byte(line))
}

// close ends the log.
func (s *sink) close() {
	if s.log == nil {
		return
	}
	s.logErr = errors.Join(s.logErr, s.log.Close())
}

// boundedLog is a file that keeps the first and the last half of what is written,
// up to a limit. While it is written, its second half is a ring.
type boundedLog struct {
	f       *os.File
	half    int64
	written int64 // in all
}

// newBoundedLog creates the file at path. limit is in bytes.
func newBoundedLog(path string, limit int64) (*boundedLog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &boundedLog{f: f, half: max(limit/2, 1)}, nil
}

// Write implements [io.Writer].
func (l *boundedLog) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		at, room := l.written, l.half-l.written
		if room <= 0 {
			ring := (l.written - l.half) % l.half
			at, room = l.half+ring, l.half-ring
		}
		k := min(int64(len(p)), room)
		if _, err := l.f.WriteAt(p[:k], at); err != nil {
			return n - len(p), err
		}
		l.written += k
		p = p[k:]
	}
	return n, nil
}

// Close puts the ring in order and closes the file.
func (l *boundedLog) Close() error {
	return errors.Join(l.unroll(), l.f.Close())
}

func (l *boundedLog) unroll() error {
	lost := l.written - 2*l.half
	if lost <= 0 {
		return nil
	}
	tail := make([]byte, l.half)
	if _, err := l.f.ReadAt(tail, l.half); err != nil {
		return err
	}
	first := lost % l.half // the oldest byte of the ring
	notice := fmt.Sprintf("\n... %d bytes are left out here ...\n", lost)
	whole := append([]byte(notice), tail[first:]...)
	_, err := l.f.WriteAt(append(whole, tail[:first]...), l.half)
	return err
}
