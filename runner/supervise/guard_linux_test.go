package supervise_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/proctest"
	"github.com/gotempest/tempest/runner/supervise"
)

// tempestMain plays tempest: it has a guard run a command in the folder given
// and prints what the command prints, until it is killed.
func tempestMain(args []string) {
	g, err := supervise.StartGuard([]string{os.Args[0]}, args[0])
	if err != nil {
		say(err.Error())
		return
	}
	out, err := g.Start(supervise.Command{Args: os.Args[:1], Env: append(os.Environ(), roleVar+"="+args[1])}, nil)
	if err != nil {
		say(err.Error())
		return
	}
	_, _ = io.Copy(os.Stdout, out)
	hang()
}

// guarded is a guard that a test started.
type guarded struct {
	*supervise.GuardProcess
	folder, mark string
	out          *bufio.Reader
	messages     *bytes.Buffer
}

// startGuarded has a guard run a command that plays role.
func startGuarded(t *testing.T, role string) *guarded {
	t.Helper()
	g := &guarded{folder: filepath.Join(t.TempDir(), "run"), messages: new(bytes.Buffer)}
	g.mark = "SUPERVISE_TEST_MARK=" + g.folder
	if err := os.Mkdir(g.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if g.GuardProcess, err = supervise.StartGuard([]string{exe}, g.folder); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), roleVar+"="+role, g.mark, "TMPDIR="+filepath.Join(g.folder, "tmp"))
	out, err := g.Start(supervise.Command{Args: []string{exe}, Env: env}, g.messages)
	if err != nil {
		t.Fatal(err)
	}
	g.out = bufio.NewReader(out)
	return g
}

// line reads what the command prints next.
func (g *guarded) line(t *testing.T) string {
	t.Helper()
	line, err := g.out.ReadString('\n')
	if err != nil {
		t.Fatalf("reading from the command: %q, %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// within waits for c.
func within(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
}

// gone asserts that nothing is left.
func (g *guarded) gone(t *testing.T) {
	t.Helper()
	if pids := proctest.Marked(t, g.mark); len(pids) > 0 {
		t.Errorf("processes %v are left", pids)
	}
	if _, err := os.Stat(g.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the run folder is left: %v", err)
	}
}

// parent of a process, from /proc.
func parent(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "PPid:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(v))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no parent in %s", status)
	return 0
}

func TestGuardEndsWhatTheCommandLeft(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"group", "session", "daemon"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			g := startGuarded(t, "leave:"+how)

			within(t, "the command to end", g.Ended())
			if pids := proctest.Marked(t, g.mark); len(pids) > 0 {
				t.Errorf("processes %v are left before Close", pids)
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}

			g.gone(t)
			if r, ok := g.Result(); !ok || r != (supervise.GoEnded{}) {
				t.Errorf("result %+v, %v, want exit code 0", r, ok)
			}
		})
	}
}

func TestGuardTellsHowTheCommandEnded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role string
		want supervise.GoEnded
	}{
		"exit code": {"exit:7", supervise.GoEnded{ExitCode: 7}},
		"signal":    {"die", supervise.GoEnded{ExitCode: -1, Signal: "SIGKILL"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startGuarded(t, tt.role)
			within(t, "the command to end", g.Ended())
			if r, ok := g.Result(); !ok || r != tt.want {
				t.Errorf("result %+v, %v, want %+v", r, ok, tt.want)
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
			g.gone(t)
		})
	}
}

func TestGuardPassesStandardErrorOn(t *testing.T) {
	t.Parallel()
	g := startGuarded(t, "stderr:some words")
	within(t, "the command to end", g.Ended())
	if got := g.messages.String(); got != "some words\n" {
		t.Errorf("messages %q", got)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestGuardReportsACommandThatDoesNotStart(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	g, err := supervise.StartGuard([]string{os.Args[0]}, folder)
	if err != nil {
		t.Fatal(err)
	}
	out, err := g.Start(supervise.Command{Args: []string{"no-such-program"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(out); err != nil || len(b) > 0 {
		t.Errorf("output %q, %v", b, err)
	}
	within(t, "the reply", g.Ended())
	if r, _ := g.Result(); !strings.Contains(r.Message, "no-such-program") {
		t.Errorf("result %+v does not name the program", r)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestGuardInterruptReachesTheCommandAlone(t *testing.T) {
	t.Parallel()
	g := startGuarded(t, "clean")
	g.line(t) // ready

	g.Interrupt()

	if got := g.line(t); got != "cleaned after interrupt" {
		t.Errorf("the command printed %q", got)
	}
	within(t, "the command to end", g.Ended())
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestGuardKill(t *testing.T) {
	t.Parallel()
	g := startGuarded(t, "stubborn")
	g.line(t) // ready

	g.Kill()

	within(t, "the command to end", g.Ended())
	if r, _ := g.Result(); r.Signal != "SIGKILL" {
		t.Errorf("result %+v", r)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	g.gone(t)
}

func TestGuardOutlivesTempest(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"stubborn", "leave:session", "leave:daemon"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "run")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			mark := "SUPERVISE_TEST_MARK=" + folder
			tempest := exec.CommandContext(t.Context(), os.Args[0], "__tempest", folder, role)
			tempest.Env = append(tempest.Environ(), mark)
			out, err := tempest.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := tempest.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
				t.Fatalf("the command printed %q, %v", line, err)
			}

			if err := tempest.Process.Kill(); err != nil {
				t.Fatal(err)
			}

			_ = tempest.Wait()
			proctest.WaitGone(t, mark, patience) // the guard too, so that the folder must be gone
			if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the run folder is left: %v", err)
			}
		})
	}
}

func TestGuardKilled(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"stubborn", "leavestay:session"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			g := startGuarded(t, role)
			g.line(t) // ready
			command := proctest.Marked(t, g.mark)[0]
			guard, err := os.FindProcess(parent(t, command))
			if err != nil {
				t.Fatal(err)
			}

			if err := guard.Kill(); err != nil {
				t.Fatal(err)
			}

			within(t, "the guard to be gone", g.Gone())
			if r, ok := g.Result(); ok {
				t.Errorf("result %+v of a guard that was killed", r)
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
			proctest.WaitGone(t, g.mark, patience)
			g.gone(t)
		})
	}
}
