package testlib

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadTimes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "times.json")
	text := `{"example.com/p.TestA": 1.5, "example.com/p.TestB": 0, "example.com/p2.TestA": 7, "example.com/p/q.TestA": 7}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	got, err := readTimes(file, "example.com/p")
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(map[string]time.Duration{"TestA": 1500 * time.Millisecond, "TestB": 0}, got); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
	if got, err := readTimes("", "example.com/p"); got != nil || err != nil {
		t.Errorf("without a file: %v, %v", got, err)
	}
	if _, err := readTimes(file+"x", "example.com/p"); err == nil {
		t.Error("a file that is not there: no error")
	}
	if err := os.WriteFile(file, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readTimes(file, "example.com/p"); err == nil {
		t.Error("a file that holds no times: no error")
	}
}
