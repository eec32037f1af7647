package protocol

import (
	"encoding/binary"
	"io"
	"os"
	"time"
)

// EnvIdle names the file in which a test process keeps how long it has been idle: all of its tests waited for
// their places. The supervisor does not count that against the deadline.
const EnvIdle = "TEMPEST_IDLE"

// idleSize is that of the file: nanoseconds so far, then the time since when, in nanoseconds since 1970, or 0
// while the process is not idle.
const idleSize = 16

// WriteIdle writes the file of [EnvIdle]: the process was idle for so long, and is again since a time that is
// not zero.
func WriteIdle(w io.WriterAt, before time.Duration, since time.Time) error {
	data := binary.BigEndian.AppendUint64(nil, uint64(before)) //nolint:gosec // never negative
	var start uint64
	if !since.IsZero() {
		start = uint64(since.UnixNano()) //nolint:gosec // after 1970
	}
	_, err := w.WriteAt(binary.BigEndian.AppendUint64(data, start), 0)
	return err
}

// ReadIdle returns how long a process has been idle until now. Without a file that can be read it is 0.
func ReadIdle(file string, now time.Time) time.Duration {
	data, err := os.ReadFile(file)
	if err != nil || len(data) != idleSize {
		return 0
	}
	idle := time.Duration(binary.BigEndian.Uint64(data))               //nolint:gosec // as it was written
	if start := int64(binary.BigEndian.Uint64(data[8:])); start != 0 { //nolint:gosec // as it was written
		idle += now.Sub(time.Unix(0, start))
	}
	return max(0, idle)
}
