package protocol_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
)

func TestIdle(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "idle")
	now := time.Unix(1700000000, 5)
	if got := protocol.ReadIdle(path, now); got != 0 {
		t.Errorf("without a file idle = %v, want 0", got)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := protocol.ReadIdle(path, now); got != 0 {
		t.Errorf("before anything was written idle = %v, want 0", got)
	}
	for _, tt := range []struct {
		before time.Duration
		since  time.Time
		want   time.Duration
	}{
		{since: now.Add(-time.Minute), want: time.Minute},
		{before: time.Minute, want: time.Minute},
		{before: time.Minute, since: now.Add(-time.Second), want: 61 * time.Second},
		{before: time.Second, since: now.Add(time.Hour), want: 0}, // the clock was set back
	} {
		if err := protocol.WriteIdle(file, tt.before, tt.since); err != nil {
			t.Fatal(err)
		}
		if got := protocol.ReadIdle(path, now); got != tt.want {
			t.Errorf("idle for %v and since %v = %v, want %v", tt.before, tt.since, got, tt.want)
		}
	}
}
