package runner_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/plan"
)

func TestNewRunID(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if id := runner.NewRunID(at); !regexp.MustCompile(`^20260102-030405-[0-9a-f]{4}$`).MatchString(id) {
		t.Errorf("NewRunID = %s", id)
	}
}

func TestPruneKeepsTheNewest(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	start := time.Now()
	for i := range 5 {
		dir := filepath.Join(base, strconv.Itoa(i))
		if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
			t.Fatal(err)
		}
		at := start.Add(time.Duration(-i) * time.Hour) // 0 is the newest
		if err := os.Chtimes(dir, at, at); err != nil {
			t.Fatal(err)
		}
	}

	if err := runner.Prune(base, 3); err != nil {
		t.Fatal(err)
	}

	if got := names(t, base); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("kept %v", got)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestRunOfFaultsAloneIsReported(t *testing.T) {
	t.Parallel()
	p := plan.Plan{Faults: []plan.Fault{{Plugin: "broken", Message: "does not compile"}}}

	rep, err := runner.Run(t.Context(), p, runner.Options{RunID: "x", Records: t.TempDir()})

	if err != nil || len(rep.Faults) != 1 || rep.ExitCode() != 3 {
		t.Errorf("Run = %+v, %v", rep, err)
	}
}

func TestRunNeedsAFolder(t *testing.T) {
	t.Parallel()
	if _, err := runner.Run(t.Context(), planOf(t, "good TestA"), runner.Options{Records: t.TempDir()}); err == nil {
		t.Error("Run works without a folder")
	}
}
