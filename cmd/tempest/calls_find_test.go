package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner"
)

// A short run takes less than a second, and what is random in its name says nothing of the order.
func TestRunsOfOneSecondAreInTheirOrder(t *testing.T) {
	t.Parallel()
	records := t.TempDir()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := []string{"20260102-030404-ffff", "20260102-030405-bbbb", "20260102-030405-aaaa", "20260102-030406-0000"}
	for i, name := range want {
		events := filepath.Join(records, name, runner.EventsFile)
		if err := os.MkdirAll(filepath.Dir(events), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(events, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ended := start.Add(time.Duration(i) * time.Millisecond)
		if name == want[0] {
			ended = start.Add(time.Hour) // it took longer than those that began after it
		}
		if err := os.Chtimes(events, ended, ended); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(records, "20260102-030407-dry"), 0o700); err != nil {
		t.Fatal(err)
	}

	got, err := runsIn(records)

	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}
