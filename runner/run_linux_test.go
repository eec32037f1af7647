package runner_test

import (
	stdcmp "cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/proctest"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/result"
)

func TestRunOfHostilePackages(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t,
		"good TestA TestB TestB/x TestSkips", "fails TestFail TestAfter", "panics TestPanic TestAfter",
		"exits TestExit TestAfter", "vanishes TestVanish TestAfter", "fakes TestFake TestAfter",
		"floods TestFlood", "leaves TestLeave", "nomain TestNever", "nobuild TestNever",
	), nil)

	rep := s.wait()

	want := map[string]string{
		"good TestA": "passed", "good TestB": "failed", "good TestB/x": "passed", "good TestB/y": "failed",
		"good TestSkips": "skipped",
		"fails TestFail": "failed", "fails TestAfter": "passed",
		"panics TestPanic": "failed", "panics TestAfter": "lost",
		"exits TestExit": "failed", "exits TestAfter": "lost",
		"vanishes TestVanish": "lost", "vanishes TestAfter": "lost",
		"fakes TestFake": "lost", "fakes TestAfter": "lost",
		"floods TestFlood": "passed", "leaves TestLeave": "passed",
		"nomain TestNever": "lost", "nobuild TestNever": "lost",
	}
	if diff := cmp.Diff(want, statuses(rep)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if got := rep.Totals.Planned; got != 18 {
		t.Errorf("%d tests planned, want 18", got)
	}
	if code := rep.ExitCode(); code != result.ExitUntrusted {
		t.Errorf("exit code %d, want %d", code, result.ExitUntrusted)
	}
	if left := packageOf(t, rep, "leaves").Killed; len(left) == 0 || left[0].PID == 0 {
		t.Errorf("killed in leaves: %+v, want a process", left)
	}
	log, err := os.Stat(packageOf(t, rep, "floods").Log)
	if err != nil || log.Size() > 17<<20 {
		t.Errorf("log of floods: %v, %v", log, err)
	}
}

func TestRunSelectsExactlyThePlan(t *testing.T) {
	t.Parallel()
	spaced := filepath.Join(t.TempDir(), "it's a tempest")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, spaced); err != nil {
		t.Fatal(err)
	}
	envFile := filepath.Join(t.TempDir(), "env")
	p := planOf(t, "good TestB/x TestEnv", `odd TestOdd/a_b TestOdd/a|b TestOdd/[d TestOdd/\d TestOdd/#00 TestOdd/a_b#01`)
	p.Packages[1].Tests = append(p.Packages[1].Tests, planOf(t, "odd TestOdd/é/ü").Packages[0].Tests[1])
	s := begin(t, p, func(o *runner.Options) {
		o.Self, o.Concurrency = []string{spaced}, 3
		o.AddEnv = append(o.AddEnv, "SUITE_ENV_FILE="+envFile)
	})

	rep := s.wait()

	want := map[string]string{
		"good TestB/x": "passed", "good TestEnv": "passed",
		"odd TestOdd/a_b": "passed", "odd TestOdd/a|b": "passed", "odd TestOdd/[d": "passed", `odd TestOdd/\d`: "passed",
		"odd TestOdd/#00": "passed", "odd TestOdd/a_b#01": "passed", "odd TestOdd/é/ü": "passed",
	}
	if diff := cmp.Diff(want, statuses(rep)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if code := rep.ExitCode(); code != result.ExitPassed {
		t.Errorf("exit code %d: %+v", code, rep)
	}
	checkEnv(t, envFile, s)
	checkRecords(t, s)
}

// checkEnv checks the environment that TestEnv wrote.
func checkEnv(t *testing.T, file string, s *started) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	if err := json.Unmarshal(data, &env); err != nil {
		t.Fatal(err)
	}
	for _, kv := range []string{
		protocol.EnvVersion + "=1", protocol.EnvRun + "=" + s.options.RunID, s.mark,
		protocol.EnvSlots + "=3:" + filepath.Join(s.folder.Dir(), "slots"),
		protocol.EnvLocks + "=" + filepath.Join(s.folder.Dir(), "locks"),
	} {
		if !slices.Contains(env, kv) {
			t.Errorf("the tests do not have %s", kv)
		}
	}
	for _, kv := range env {
		if strings.HasPrefix(kv, "GOTMPDIR=") && strings.Contains(kv, s.folder.Dir()) {
			t.Errorf("the tests have %s", kv)
		}
	}
	temp := slices.IndexFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "TMPDIR="+s.folder.Dir()) })
	if temp < 0 {
		t.Error("TMPDIR of the tests is not in the run folder")
	}
}

// checkRecords checks what a run leaves.
func checkRecords(t *testing.T, s *started) {
	t.Helper()
	dir := filepath.Join(s.options.Records, s.options.RunID)
	events, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(events), `"Action":"pass","Package":"example.com/suite/good","Test":"TestEnv"`) {
		t.Errorf("events lack a result: %s", events)
	}
	log, err := os.ReadFile(packageOf(t, s.report, "good").Log)
	if err != nil || !strings.Contains(string(log), "--- PASS: TestEnv") {
		t.Errorf("log %q, %v", log, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "plan.json")); err != nil {
		t.Error(err)
	}
	if w := s.warnings.String(); w != "" {
		t.Errorf("warnings %q", w)
	}
}

func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		signal os.Signal
		name   string
		code   int
	}{
		"SIGINT":  {os.Interrupt, "SIGINT", result.ExitInterrupted},
		"SIGTERM": {syscall.SIGTERM, "SIGTERM", result.ExitTerminated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// One package at a time, so that the second has not started.
			s := begin(t, planOf(t, "waits TestWait TestZ", "good TestA"), func(o *runner.Options) { o.Serial = true })
			s.waitReady()

			s.signals <- tt.signal
			rep := s.wait()

			if rep.Interrupted != tt.name || rep.ExitCode() != tt.code {
				t.Errorf("interrupted by %q, exit code %d", rep.Interrupted, rep.ExitCode())
			}
			want := "tempest: interrupted by " + tt.name +
				": running tests have 1m0s to clean up; interrupt again to kill them\n"
			if got := s.warnings.String(); got != want {
				t.Errorf("warnings %q, want %q", got, want)
			}
			if !strings.Contains(s.screen.String(), "cleaned up") {
				t.Error("the test could not clean up")
			}
			got := statuses(rep)
			if got["waits TestWait"] != "failed" || got["good TestA"] != "skipped" || rep.Totals.Planned != 3 {
				t.Errorf("results %v", got)
			}
		})
	}
}

func TestRunInterruptedTwiceKillsAtOnce(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "waits TestStubborn TestZ"), nil)
	s.waitReady()

	s.signals <- os.Interrupt
	s.signals <- os.Interrupt
	rep := s.wait()

	if rep.ExitCode() != result.ExitInterrupted {
		t.Errorf("exit code %d", rep.ExitCode())
	}
	got := statuses(rep)
	if got["waits TestStubborn"] != "lost" || rep.Totals.Planned != 2 || len(got) != 2 {
		t.Errorf("results %v", got)
	}
}

func TestRunInterruptedKillsAfterTheGrace(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "waits TestStubborn"), func(o *runner.Options) { o.Grace = time.Millisecond })
	s.waitReady()

	s.signals <- os.Interrupt
	rep := s.wait()

	if got := packageOf(t, rep, "waits").Message; !strings.Contains(got, "was killed") {
		t.Errorf("message %q", got)
	}
}

func TestRunInterruptedBeforeAnyTest(t *testing.T) {
	t.Parallel()
	signals := make(chan os.Signal, 1)
	signals <- os.Interrupt
	s := begin(t, planOf(t, "waits TestStubborn", "good TestA"), func(o *runner.Options) { o.Signals = signals })

	rep := s.wait()

	want := map[string]string{"waits TestStubborn": "skipped", "good TestA": "skipped"}
	if diff := cmp.Diff(want, statuses(rep)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if rep.ExitCode() != result.ExitInterrupted || rep.Err != "" {
		t.Errorf("exit code %d, error %q", rep.ExitCode(), rep.Err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	// begin uses the context of a test, which ends before its cleanups.
	var s *started
	t.Run("run", func(t *testing.T) {
		s = begin(t, planOf(t, "waits TestStubborn"), nil)
		s.waitReady()
	})
	s.tb = t
	if rep := s.wait(); rep.ExitCode() != result.ExitInterrupted {
		t.Errorf("exit code %d", rep.ExitCode())
	}
}

func TestRunDeadline(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "waits TestHang TestZ"), func(o *runner.Options) { o.Timeout = 2 * time.Second })

	rep := s.wait()

	pkg := packageOf(t, rep, "waits")
	if want := "did not end within its timeout of 2s"; !strings.Contains(pkg.Message, want) {
		t.Errorf("message %q, want %q", pkg.Message, want)
	}
	if !strings.Contains(s.screen.String(), "waits.hangsHere(") {
		t.Error("the stacks were not printed")
	}
	got := statuses(rep)
	if got["waits TestHang"] == "passed" || got["waits TestZ"] != "lost" || rep.ExitCode() != result.ExitUntrusted {
		t.Errorf("results %v, exit code %d", got, rep.ExitCode())
	}
}

// Secrets of the cloud are for tests. The go command, and what it starts to build them, gets none.
func TestOnlyTestsGetSecrets(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "waits TestWait"), func(o *runner.Options) {
		o.Env = append(os.Environ(), "OS_PASSWORD=not for you", "TEMPEST_AUTH__ADMIN_SECRET=nor this")
	})
	binary, supervisor := s.waitReady()

	for _, pid := range []int{binary, supervisor, parentOf(t, supervisor)} {
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			t.Fatal(err)
		}
		has := strings.Contains(string(env), "not for you") || strings.Contains(string(env), "nor this")
		if want := pid == binary; has != want {
			t.Errorf("%s has secrets: %v, want %v", proctest.CommandLine(pid), has, want)
		}
	}
	s.signals <- os.Interrupt
	s.wait()
}

// The go command collects less garbage; what it starts does as the user says, or as Go does.
func TestGarbageOfTestsIsTheirOwn(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]string{"not set": "", "set by the user": "GOGC=77"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, planOf(t, "waits TestWait"), func(o *runner.Options) {
				o.LinkCache = t.TempDir()
				o.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GOGC=") })
				if set != "" {
					o.Env = append(o.Env, set)
				}
			})
			binary, supervisor := s.waitReady()

			for pid, want := range map[int]string{binary: set, parentOf(t, supervisor): stdcmp.Or(set, "GOGC=400")} {
				if got := gcOf(t, pid); got != want {
					t.Errorf("%s has %q, want %q", proctest.CommandLine(pid), got, want)
				}
			}
			s.signals <- os.Interrupt
			s.wait()
		})
	}
}

// gcOf returns the setting of GOGC in the environment of a process, empty for none.
func gcOf(t *testing.T, pid int) string {
	t.Helper()
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		t.Fatal(err)
	}
	for kv := range strings.SplitSeq(string(env), "\x00") {
		if strings.HasPrefix(kv, "GOGC=") {
			return kv
		}
	}
	return ""
}

func TestRunWithSomethingKilled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		victim func(tb testing.TB, binary, supervisor int) int
		errs   string // substring of Report.Err
		died   string // substring of the message of the package
	}{
		"test binary": {
			victim: func(_ testing.TB, binary, _ int) int { return binary },
			died:   "was ended by SIGKILL",
		},
		"supervisor": {
			victim: func(_ testing.TB, _, supervisor int) int { return supervisor },
			died:   "was killed together with its supervisor",
		},
		"go": {
			victim: func(tb testing.TB, _, supervisor int) int {
				tb.Helper()
				return parentOf(tb, supervisor)
			},
			errs: "go test was ended by a signal: SIGKILL",
		},
		"guard": {
			victim: func(tb testing.TB, _, supervisor int) int {
				tb.Helper()
				return parentOf(tb, parentOf(tb, supervisor))
			},
			errs: "the guard of the run was killed",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, planOf(t, "waits TestStubborn TestZ"), nil)
			binary, supervisor := s.waitReady()

			if err := syscall.Kill(tt.victim(t, binary, supervisor), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			rep := s.wait()

			got := statuses(rep)
			want := map[string]string{"waits TestStubborn": "lost", "waits TestZ": "lost"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if !strings.Contains(rep.Err, tt.errs) || (tt.errs == "") != (rep.Err == "") ||
				rep.ExitCode() != result.ExitUntrusted {
				t.Errorf("exit code %d, error %q, want %q", rep.ExitCode(), rep.Err, tt.errs)
			}
			if got := packageOf(t, rep, "waits").Message; !strings.Contains(got, tt.died) {
				t.Errorf("message %q, want %q", got, tt.died)
			}
		})
	}
}

func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	meet := filepath.Join(t.TempDir(), "meet")
	if err := syscall.Mkfifo(meet, 0o600); err != nil {
		t.Fatal(err)
	}
	hold, err := os.OpenFile(meet, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	records := t.TempDir()
	change := func(o *runner.Options) {
		o.Records, o.AddEnv = records, append(o.AddEnv, "SUITE_MEET="+meet)
	}
	first := begin(t, planOf(t, "waits TestMeet"), change)
	second := begin(t, planOf(t, "waits TestMeet"), change)
	first.waitReady()
	second.waitReady()
	third := begin(t, planOf(t, "good TestA"), change)
	if rep := third.wait(); rep.ExitCode() != result.ExitPassed {
		t.Errorf("the run beside two others: exit code %d", rep.ExitCode())
	}
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}

	for _, s := range []*started{first, second} {
		if rep := s.wait(); rep.ExitCode() != result.ExitPassed {
			t.Errorf("exit code %d", rep.ExitCode())
		}
	}
}

func TestRunReportsWhatStopsGoTest(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "good TestA"), func(o *runner.Options) {
		o.BuildFlags = []string{"-modfile=/nowhere/go.mod"}
	})

	rep := s.wait()

	if !strings.Contains(rep.Err, "/nowhere/go.mod") || rep.ExitCode() != result.ExitUntrusted {
		t.Errorf("error %q, exit code %d", rep.Err, rep.ExitCode())
	}
	if got := statuses(rep)["good TestA"]; got != "lost" {
		t.Errorf("TestA is %s, want lost", got)
	}
}

func TestRunSurvivesAFullDiskForItsRecords(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "good TestA"), func(o *runner.Options) {
		dir := filepath.Join(o.Records, o.RunID)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/dev/full", filepath.Join(dir, "events.jsonl")); err != nil {
			t.Fatal(err)
		}
	})

	rep := s.wait()

	if rep.ExitCode() != result.ExitPassed {
		t.Errorf("exit code %d", rep.ExitCode())
	}
	w := s.warnings.String()
	if strings.Count(w, "\n") != 1 || !strings.HasPrefix(w, "tempest: the records of this run are incomplete: ") ||
		!strings.Contains(w, "no space left on device") {
		t.Errorf("warnings %q, want one line", w)
	}
}

func TestRunSurvivesAFullDiskForALog(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "good TestA"), func(o *runner.Options) {
		dir := filepath.Join(o.Records, o.RunID, "logs")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/dev/full", filepath.Join(dir, "1-example.com_suite_good.log")); err != nil {
			t.Fatal(err)
		}
	})

	rep := s.wait()

	if rep.ExitCode() != result.ExitPassed {
		t.Errorf("exit code %d", rep.ExitCode())
	}
	w := s.warnings.String()
	if strings.Count(w, "\n") != 1 || !strings.Contains(w, "example.com/suite/good: the log is incomplete: ") ||
		!strings.Contains(w, "no space left on device") {
		t.Errorf("warnings %q, want one line", w)
	}
}

func TestRunWithoutAPlaceForRecords(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "good TestA"), func(o *runner.Options) { o.Records = "/dev/null/runs" })

	rep := s.wait()

	if rep.ExitCode() != result.ExitPassed {
		t.Errorf("exit code %d", rep.ExitCode())
	}
	if w := s.warnings.String(); strings.Count(w, "\n") != 1 || !strings.Contains(w, "/dev/null") {
		t.Errorf("warnings %q, want one line", w)
	}
}

func TestRunFailFast(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "fails TestFail TestAfter", "good TestA"), func(o *runner.Options) {
		o.FailFast, o.Serial = true, true
	})

	rep := s.wait()

	want := map[string]string{"fails TestFail": "failed", "fails TestAfter": "skipped", "good TestA": "skipped"}
	if diff := cmp.Diff(want, statuses(rep)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if rep.ExitCode() != result.ExitFailed {
		t.Errorf("exit code %d", rep.ExitCode())
	}
}

func TestNextRunRemovesWhatOneLeftThatWasKilledWhole(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	mark := markVar + "=" + temp
	tempest := startTempest(t, temp, mark)
	_, supervisor := pids(t, tempest.line(t, "ready "))
	goCommand := parentOf(t, supervisor)
	guard := parentOf(t, goCommand)

	// The guard first, which then cannot clean up, and tempest before it can see that.
	for _, pid := range []int{tempest.cmd.Process.Pid, guard} {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	for _, pid := range []int{guard, tempest.cmd.Process.Pid, supervisor} {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	_ = tempest.cmd.Wait()
	proctest.WaitExit(t, guard, patience)
	proctest.WaitExit(t, supervisor, patience)
	left := names(t, temp)
	if len(left) != 1 {
		t.Fatalf("left in the folder for temporary files: %v, want one folder", left)
	}

	next := startTempest(t, temp, mark+"/next")
	next.line(t, "ready ")

	proctest.WaitGone(t, mark, patience)
	if now := names(t, temp); len(now) != 1 || now[0] == left[0] {
		t.Errorf("in the folder for temporary files: %v, want only that of the next run", now)
	}
	if err := next.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = next.cmd.Wait()
	proctest.WaitGone(t, mark+"/next", patience)
}

func TestRecordsOfALivingRunAreKept(t *testing.T) {
	t.Parallel()
	s := begin(t, planOf(t, "waits TestWait"), nil)
	s.waitReady()

	if err := runner.Prune(s.options.Records, 0); err != nil {
		t.Fatal(err)
	}

	if got := names(t, s.options.Records); !slices.Equal(got, []string{s.options.RunID}) {
		t.Errorf("records %v, want those of the run", got)
	}
	s.signals <- os.Interrupt
	s.wait()
	if err := runner.Prune(s.options.Records, 0); err != nil {
		t.Fatal(err)
	}
	if got := names(t, s.options.Records); len(got) > 0 {
		t.Errorf("records %v, want none", got)
	}
}

func TestFolderOfAKilledTempest(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mark := markVar + "=" + folder
	tempest := startTempest(t, folder, mark)
	binary, _ := pids(t, tempest.line(t, "ready "))
	if binary == 0 {
		t.Fatal("no test binary")
	}

	if err := tempest.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	_ = tempest.cmd.Wait()
	proctest.WaitGone(t, mark, patience)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the folder for temporary files: %v, %v", entries, err)
	}
}
