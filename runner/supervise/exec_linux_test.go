package supervise_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/proctest"
	"github.com/gotempest/tempest/runner/supervise"
)

// patience bounds every wait for something that must happen. A test that needs
// it all has failed.
const patience = 20 * time.Second

// rig is a supervisor that a test started, and the run folder it works in.
type rig struct {
	tb     testing.TB
	folder string
	job    supervise.Job
	lines  *supervise.Lines
	mark   string // variable that is in the environment of every process of the rig
	cmd    *exec.Cmd
	out    *bufio.Reader
}

// newRig prepares a run folder with one job.
func newRig(t *testing.T, change func(*supervise.Job)) *rig {
	t.Helper()
	folder, dir := t.TempDir(), t.TempDir()
	r := &rig{tb: t, folder: folder, mark: "SUPERVISE_TEST_MARK=" + folder}
	r.job = supervise.Job{
		Package: "example.com/m/p", Dir: dir, Filters: []string{"^TestA$"},
		Grace: patience, Attended: true,
		Log: filepath.Join(folder, "p.log"), LogLimit: 1 << 20,
	}
	if change != nil {
		change(&r.job)
	}
	if err := supervise.WriteJobs(folder, []supervise.Job{r.job}); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.lines, err = supervise.NewLines(folder); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.lines.Kill()
		for _, pid := range proctest.Marked(t, r.mark) {
			t.Errorf("process %d outlived the test", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return r
}

// start runs the supervisor on a test binary that plays role.
func (r *rig) start(role string, args ...string) {
	r.tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		r.tb.Fatal(err)
	}
	r.cmd = exec.CommandContext(r.tb.Context(), exe, append([]string{"__exec", r.folder, exe}, args...)...)
	r.cmd.Dir = r.job.Dir
	r.cmd.Env = append(r.cmd.Environ(), r.mark, roleVar+"="+role, "GOTMPDIR="+filepath.Join(r.folder, "gotmp"))
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		r.tb.Fatal(err)
	}
	r.out = bufio.NewReader(out)
	r.cmd.Stderr = os.Stderr
	if err := r.cmd.Start(); err != nil {
		r.tb.Fatal(err)
	}
}

// expect reads a line.
func (r *rig) expect(want string) {
	r.tb.Helper()
	line, err := r.out.ReadString('\n')
	if strings.TrimSuffix(line, "\n") != want {
		r.tb.Fatalf("supervisor printed %q (%v), want %q", line, err, want)
	}
}

// wait returns the exit code, the rest of the output and the record, once the
// supervisor has ended. Nothing may be left then.
func (r *rig) wait() (code int, out string, end supervise.End) {
	r.tb.Helper()
	rest, err := io.ReadAll(r.out)
	if err != nil {
		r.tb.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil && r.cmd.ProcessState == nil {
		r.tb.Fatal(err)
	}
	if left := proctest.Marked(r.tb, r.mark); len(left) > 0 {
		r.tb.Errorf("processes %v outlived their supervisor", left)
	}
	return r.cmd.ProcessState.ExitCode(), string(rest), r.end()
}

func (r *rig) end() supervise.End {
	r.tb.Helper()
	ends, err := supervise.ReadEnds(r.folder)
	if err != nil {
		r.tb.Fatal(err)
	}
	return ends[r.job.Package]
}

func TestExecPassesTheFilterAndTheEnvironment(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(j *supervise.Job) {
		j.Skip = "^TestA$/^b$"
		j.Env = []string{"GOTMPDIR", "ADDED=1"}
	})
	r.start("args", "-test.paniconexit0", "-test.run=other", "-test.timeout=0s")

	code, out, end := r.wait()

	var got struct{ Args, Env []string }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("output %q: %v", out, err)
	}
	want := []string{"-test.run=^TestA$", "-test.skip=^TestA$/^b$", "-test.paniconexit0", "-test.timeout=0s"}
	if !slices.Equal(got.Args, want) {
		t.Errorf("arguments = %q, want %q", got.Args, want)
	}
	if !slices.Contains(got.Env, "ADDED=1") {
		t.Error("a variable of the job is missing")
	}
	temp := ""
	for _, kv := range got.Env {
		if strings.HasPrefix(kv, "GOTMPDIR=") {
			t.Errorf("the test sees %s", kv)
		}
		if v, ok := strings.CutPrefix(kv, "TMPDIR="); ok {
			temp = v
		}
	}
	if !strings.HasPrefix(temp, r.folder) {
		t.Errorf("TMPDIR = %q, want a folder in %s", temp, r.folder)
	}
	if _, err := os.Stat(temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("TMPDIR is left behind: %v", err)
	}
	if code != 0 || end.State != supervise.Ended || !slices.Equal(end.Filters, r.job.Filters) || end.PID == 0 {
		t.Errorf("exit code %d, end %+v", code, end)
	}
}

func TestExecReportsHowTheBinaryEnded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role   string
		code   int
		exit   int
		signal string
		output string // substring
	}{
		"passed":           {role: "exit:0"},
		"failed":           {role: "exit:1", code: 1, exit: 1},
		"exit status":      {role: "exit:42", code: 42, exit: 42},
		"killed by itself": {role: "die", code: 137, exit: -1, signal: "SIGKILL", output: "ended by a signal: SIGKILL"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.start(tt.role)

			code, out, end := r.wait()

			if code != tt.code || end.ExitCode != tt.exit || end.Signal != tt.signal || end.State != supervise.Ended {
				t.Errorf("exit code %d, end %+v, want %+v", code, end, tt)
			}
			if !strings.Contains(out, tt.output) || (tt.output == "") != (out == "") {
				t.Errorf("output %q, want %q", out, tt.output)
			}
		})
	}
}

func TestExecDoesNotBelieveAnExitBeforeTheTestsEnded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role string
		code int
	}{
		"cut short": {"exit:0", 1},
		"passed":    {"pass", 0},
		"failed":    {"exit:1", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.start(tt.role, "-test.v=test2json")

			code, out, end := r.wait()

			cut := name == "cut short"
			if code != tt.code || end.Cut != cut {
				t.Errorf("exit code %d, end %+v", code, end)
			}
			if strings.Contains(out, "ended with exit status 0, but did not print the PASS that ends its tests") != cut {
				t.Errorf("output %q", out)
			}
		})
	}
}

func TestExecKillsWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"group", "session", "daemon"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.start("leave:" + how)

			code, out, end := r.wait() // asserts that nothing is left

			if code != 0 {
				t.Errorf("exit code %d, want that of the test binary", code)
			}
			if len(end.Left) != 1 || end.Left[0].PID == 0 || end.Left[0].Name == "" {
				t.Fatalf("left = %+v, want one process", end.Left)
			}
			want := "tempest: example.com/m/p left a process behind: " + end.Left[0].Name +
				" (pid " + strconv.Itoa(end.Left[0].PID) + "), killed\n"
			if !strings.HasSuffix(out, want) {
				t.Errorf("output %q, want it to end with %q", out, want)
			}
			if how != "daemon" && !strings.Contains(out, "left "+strconv.Itoa(end.Left[0].PID)+"\n") {
				t.Errorf("output %q does not name %+v", out, end.Left[0])
			}
		})
	}
}

func TestExecKillsWhatStartsItselfAnew(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("perl"); err != nil {
		t.Skip("needs perl, for a program that forks quickly")
	}
	r := newRig(t, nil)
	r.start("leave:respawn")

	_, out, end := r.wait() // asserts that nothing is left

	if len(end.Left) == 0 || end.Message != "" || !strings.Contains(out, "left something\n") {
		t.Errorf("output %q, end %+v", out, end)
	}
}

func TestExecDeadline(t *testing.T) {
	t.Parallel()
	t.Run("a Go program prints its stacks", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(j *supervise.Job) { j.Timeout = 2 * time.Second })
		r.start("wait")

		code, out, end := r.wait()

		if !strings.Contains(out, "SIGQUIT") || !strings.Contains(out, "supervise_test.hang(") {
			t.Errorf("output has no stacks: %q", out)
		}
		if code != 2 || end.Deadline != 2*time.Second || end.Killed || end.ExitCode != 2 {
			t.Errorf("exit code %d, end %+v", code, end)
		}
		if want := "took longer than 2s and was told to print its stacks\n"; !strings.HasSuffix(out, want) {
			t.Errorf("output ends with %q, want %q", out[max(0, len(out)-200):], want)
		}
	})
	t.Run("waiting for places does not count", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(j *supervise.Job) { j.Timeout = 2 * time.Second })
		r.start("idle:2s")

		_, _, end := r.wait()

		if end.Deadline != 2*time.Second || end.Elapsed < 4*time.Second {
			t.Errorf("ended after %v, want 2s for the tests and 2s that they waited; end %+v", end.Elapsed, end)
		}
	})
	t.Run("another is killed", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(j *supervise.Job) { j.Timeout, j.Grace = 2*time.Second, time.Millisecond })
		r.start("stubborn")

		code, out, end := r.wait()

		if code != 137 || end.Deadline != 2*time.Second || !end.Killed || end.Signal != "SIGKILL" {
			t.Errorf("exit code %d, end %+v", code, end)
		}
		if want := "print its stacks, then killed\n"; !strings.HasSuffix(out, want) {
			t.Errorf("output %q, want it to end with %q", out, want)
		}
	})
}

func TestExecInterrupt(t *testing.T) {
	t.Parallel()
	t.Run("the test binary can clean up", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, nil)
		r.start("clean")
		r.expect("ready")

		r.lines.Interrupt()

		r.expect("cleaned after interrupt")
		if code, _, end := r.wait(); code != 1 || !end.Interrupted || end.Killed {
			t.Errorf("exit code %d, end %+v", code, end)
		}
	})
	t.Run("it is killed after the grace", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(j *supervise.Job) { j.Grace = time.Millisecond })
		r.start("stubborn")
		r.expect("ready")

		r.lines.Interrupt()

		if code, _, end := r.wait(); code != 137 || !end.Interrupted || !end.Killed {
			t.Errorf("exit code %d, end %+v", code, end)
		}
	})
	t.Run("the second time it is killed at once", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, nil) // grace is as long as patience
		r.start("stubborn")
		r.expect("ready")

		r.lines.Interrupt()
		r.lines.Kill()

		if code, _, end := r.wait(); code != 137 || !end.Killed {
			t.Errorf("exit code %d, end %+v", code, end)
		}
	})
	t.Run("nothing starts after it", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, nil)
		r.lines.Interrupt()
		r.start("exit:0")

		code, out, end := r.wait()

		if code != 1 || end.State != supervise.NotStarted || end.PID != 0 {
			t.Errorf("exit code %d, end %+v", code, end)
		}
		if want := "tempest: example.com/m/p was not started: interrupted\n"; out != want {
			t.Errorf("output %q, want %q", out, want)
		}
	})
}

func TestExecInterruptComesFromTempest(t *testing.T) {
	t.Parallel()
	t.Run("it is for tempest to decide", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, nil)
		r.start("clean")
		r.expect("ready")

		for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGHUP} {
			if err := r.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
		}
		r.lines.Interrupt()

		r.expect("cleaned after interrupt")
		if _, _, end := r.wait(); end.Killed {
			t.Errorf("end %+v", end)
		}
	})
	t.Run("a pasted command gets it from the terminal", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(j *supervise.Job) { j.Attended = false })
		r.start("clean")
		r.expect("ready")

		if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}

		r.expect("cleaned after interrupt")
		r.wait()
	})
}

func TestExecKilledTakesItsBinaryAlong(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.start("stubborn")
	r.expect("ready")

	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	proctest.WaitGone(t, r.mark, patience)
	if _, _, end := r.wait(); end.State != supervise.Running || end.PID == 0 {
		t.Errorf("end %+v, want one that is running", end)
	}
}

func TestExecRunsEveryFilter(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(j *supervise.Job) { j.Filters = []string{"^A$", "^B$"} })
	r.start("args")

	_, out, _ := r.wait()

	if strings.Count(out, `"-test.run=^A$"`) != 1 || strings.Count(out, `"-test.run=^B$"`) != 1 {
		t.Errorf("output %q, want one run for each filter", out)
	}
}

func TestExecKeepsABoundedLog(t *testing.T) {
	t.Parallel()
	const limit, size = 10_000, 1_000_000
	r := newRig(t, func(j *supervise.Job) { j.LogLimit = limit })
	r.start("print:" + strconv.Itoa(size))

	_, out, end := r.wait()

	if len(out) != size || end.Message != "" {
		t.Errorf("%d bytes passed on, want %d; end %+v", len(out), size, end)
	}
	log, err := os.ReadFile(r.job.Log)
	if err != nil {
		t.Fatal(err)
	}
	want := out[:limit/2] + "\n... 990000 bytes are left out here ...\n" + out[size-limit/2:]
	if string(log) != want {
		t.Errorf("log has %d bytes: %.40q … %.40q", len(log), log, log[len(log)-limit/2-50:])
	}
}

func TestExecSurvivesAFullDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if err := os.Symlink("/dev/full", r.job.Log); err != nil {
		t.Fatal(err)
	}
	r.start("print:100000")

	code, out, end := r.wait()

	if code != 0 || len(out) != 100000 {
		t.Errorf("exit code %d, %d bytes passed on", code, len(out))
	}
	if !strings.Contains(end.Message, "the log is incomplete: ") || !strings.Contains(end.Message, "no space left") {
		t.Errorf("message %q does not say that the log is incomplete", end.Message)
	}
}

func TestExecRefusesAPackageOutsideThePlan(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.job.Dir = t.TempDir()
	r.start("exit:0")
	if code, _, _ := r.wait(); code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
}
