package runner_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gotempest/tempest/internal/proctest"
)

// checkGone fails when something is left of a run.
func checkGone(tb testing.TB, mark, folder string) {
	tb.Helper()
	for _, pid := range proctest.Marked(tb, mark) {
		tb.Errorf("process %d is left: %s", pid, proctest.CommandLine(pid))
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		tb.Errorf("the run folder is left: %v", err)
	}
}

// killMarked sees to it that a test that failed leaves nothing behind.
func killMarked(tb testing.TB, mark string) {
	tb.Helper()
	for _, pid := range proctest.Marked(tb, mark) {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
}

// pids reads "ready PID PARENT" from an event.
func pids(tb testing.TB, line string) (pid, parent int) {
	tb.Helper()
	m := regexp.MustCompile(`ready (\d+) (\d+)`).FindStringSubmatch(line)
	if m == nil {
		tb.Fatalf("no process IDs in %q", line)
	}
	pid, _ = strconv.Atoi(m[1])
	parent, _ = strconv.Atoi(m[2])
	return pid, parent
}

// parentOf is the parent of a process.
func parentOf(tb testing.TB, pid int) int {
	tb.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "PPid:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(v))
			if err != nil {
				tb.Fatal(err)
			}
			return n
		}
	}
	tb.Fatalf("no parent in %s", status)
	return 0
}

// tempest is a process of its own that does a run.
type tempest struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// startTempest starts a run of waits.TestStubborn with temp as the folder for
// temporary files.
func startTempest(t *testing.T, temp, mark string) *tempest {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "__tempest", t.TempDir())
	cmd.Env = append(cmd.Environ(), mark, "TMPDIR="+temp, "GOTMPDIR="+temp, "GOWORK=off")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killMarked(t, mark) })
	return &tempest{cmd: cmd, out: bufio.NewReader(out)}
}

// line reads up to a line that has text.
func (p *tempest) line(t *testing.T, text string) string {
	t.Helper()
	for {
		line, err := p.out.ReadString('\n')
		if strings.Contains(line, text) {
			return line
		}
		if err != nil {
			t.Fatalf("tempest ended without %q: %v", text, err)
		}
	}
}
