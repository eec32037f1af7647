// Package proctest finds the processes that a test started, however far they
// got away from it, by a variable that they inherited in their environment.
package proctest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// Marked is [Find] for a test, which an error fails.
func Marked(tb testing.TB, mark string) []int {
	tb.Helper()
	found, err := Find(mark)
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// Find lists the living processes, but for this one, with mark, a NAME=value,
// in their environment. It finds none where the system has no /proc.
func Find(mark string) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		// The environment of a zombie is empty.
		env, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if slices.ContainsFunc(bytes.Split(env, []byte{0}), func(kv []byte) bool { return string(kv) == mark }) {
			found = append(found, pid)
		}
	}
	return found, nil
}

// CommandLine returns the arguments of a process with spaces between them;
// empty when it has ended.
func CommandLine(pid int) string {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return string(bytes.ReplaceAll(bytes.TrimRight(line, "\x00"), []byte{0}, []byte{' '}))
}
