package supervise

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/linkcache"
)

// drainWait bounds how long output is read after everything was killed: only a
// process that could not be killed still holds the pipe then.
const drainWait = 2 * time.Second

// exitBroken is the exit code of a supervisor that could not do its work.
const exitBroken = 3

// Exec is the supervisor of one test binary: the work of `tempest __exec FOLDER
// BINARY ARG…`, which `go test -exec` calls in the package's folder. It returns
// the exit code, that of the test binary where there is one. It takes over the
// signals, the standard output and the children of the process, so it must be
// all that the process does.
func Exec(args []string) int {
	runtime.LockOSThread() // the test binary is killed when this thread ends
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "tempest: __exec is called by go test: __exec FOLDER BINARY ARG…")
		return exitBroken
	}
	job, err := findJob(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "tempest: supervising a test binary:", err)
		return exitBroken
	}
	s := &supervisor{folder: args[0], job: job, binary: args[1], args: args[2:]}
	s.end = End{Package: job.Package, Filters: job.Filters, State: Running, Started: time.Now()}
	return s.run()
}

// supervisor runs one test binary.
type supervisor struct {
	folder, binary string
	args           []string
	job            Job
	sink           sink
	end            End

	signals   chan os.Signal
	interrupt <-chan struct{} // closed when the run is interrupted
	lifeline  <-chan struct{} // closed when tempest is gone or wants an end
	deadline  <-chan time.Time
	started   time.Time     // of the first test binary
	idleFile  string        // of the test binary that runs; empty for none
	idle      time.Duration // of those before
}

func (s *supervisor) run() int {
	s.sink.out, s.sink.broken = os.Stdout, make(chan struct{})
	if err := s.prepare(); err != nil {
		return s.broken(err)
	}
	if isClosed(s.interrupt) || isClosed(s.lifeline) {
		s.end.State, s.end.Interrupted = NotStarted, true
		s.sink.note("%s was not started: interrupted", s.job.Package)
		s.finish()
		return 1
	}
	if s.started = time.Now(); s.job.Timeout > 0 {
		s.deadline = time.After(s.job.Timeout)
	}
	code := 0
	for _, filter := range s.job.Filters {
		c, err := s.runOnce(filter)
		if err != nil {
			return s.broken(err)
		}
		code = max(code, c)
		if s.end.Interrupted || s.end.Killed || s.end.Deadline > 0 {
			break
		}
	}
	if code == 0 && s.end.Deadline > 0 {
		code = 1
	}
	s.end.State = Ended
	s.finish()
	return code
}

// prepare opens everything that must be there before the test binary starts.
func (s *supervisor) prepare() error {
	if err := adoptOrphans(); err != nil {
		return err
	}
	s.signals = make(chan os.Signal, 4)
	// SIGPIPE is caught so that a go command that is gone does not end this
	// process before the test binary. Caught, not ignored: that would be inherited.
	signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if s.job.Attended {
		if err := s.attach(); err != nil {
			return err
		}
	}
	if s.job.Log != "" {
		s.sink.log, s.sink.logErr = newBoundedLog(s.job.Log, s.job.LogLimit)
	}
	s.record()
	if err := linkcache.Deliver(s.binary); err != nil {
		return fmt.Errorf("taking the test binary from the link cache: %w", err)
	}
	return nil
}

// attach connects this supervisor to the tempest that holds the run folder.
func (s *supervisor) attach() error {
	err := stayAlive(s.folder)
	if err == nil {
		s.lifeline, err = watch(filepath.Join(s.folder, lifelineFile))
	}
	if err == nil {
		s.interrupt, err = watch(filepath.Join(s.folder, interruptFile))
	}
	return err
}

// runOnce runs the test binary with one filter and returns its exit code.
func (s *supervisor) runOnce(filter string) (int, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer closeLine(r)
	cmd := exec.Command(s.binary, testArgs(s.args, filter, s.job)...) //nolint:noctx // ended by attend
	cmd.Stdout, cmd.Stderr = w, w
	cmd.Stdin = os.Stdin
	temp := s.tempFolder()
	if temp != "" {
		defer func() { _ = RemoveAll(temp) }()
	}
	cmd.Env = environment(os.Environ(), s.job.Env, temp)
	if s.job.Attended && s.job.Timeout > 0 {
		s.idleFile = filepath.Join(s.folder, tmpDir, strconv.Itoa(os.Getpid())+".idle")
		defer s.endIdle()
		cmd.Env = append(cmd.Env, protocol.EnvIdle+"="+s.idleFile)
	}
	t, err := startTree(cmd)
	closeLine(w)
	if err != nil {
		return 0, err
	}
	s.end.PID = cmd.Process.Pid
	s.record()
	s.sink.passed, s.sink.last = false, nil
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, _ = io.Copy(&s.sink, r) // a broken pipe is the end of the output
	}()
	s.attend(t)
	s.clear(t)
	_ = r.SetReadDeadline(time.Now().Add(drainWait))
	<-copied
	if !isClosed(t.ended) {
		s.end.ExitCode = -1
		return exitBroken, nil
	}
	if s.end.ExitCode == 0 { // else an earlier filter had a worse end
		s.end.ExitCode, s.end.Signal = t.status.Code, t.status.Signal
	}
	if t.status.Code == 0 && slices.Contains(s.args, "-test.v=test2json") && !s.sink.passed {
		// go test takes the exit code for the result of the test that ran last.
		s.end.Cut = true
		return 1, nil
	}
	return t.status.shell(), nil
}

// attend waits until the test binary has ended, and sees to it that it does.
func (s *supervisor) attend(t *tree) {
	interrupt := s.interrupt
	var grace <-chan time.Time
	for {
		select {
		case <-t.ended:
			return
		case <-interrupt:
			interrupt = nil
			grace = s.ask(t)
		case sig := <-s.signals:
			switch {
			case sig == syscall.SIGPIPE, s.job.Attended: // then it is tempest that decides
			case s.end.Interrupted:
				s.kill(t)
				return
			default:
				grace = s.ask(t)
			}
		case now := <-s.deadline:
			if left := s.timeLeft(now); left > 0 {
				s.deadline = time.After(left)
				continue
			}
			s.deadline = nil
			s.end.Deadline = s.job.Timeout
			t.quit()
			grace = time.After(s.job.Grace)
		case <-grace:
			s.kill(t)
			return
		case <-s.lifeline:
			s.kill(t)
			return
		case <-s.sink.broken: // nobody reads on: go test is gone
			s.kill(t)
			return
		}
	}
}

// timeLeft returns how much of the time that the package has is left: it has the more the longer its tests did
// nothing but wait for their places.
func (s *supervisor) timeLeft(now time.Time) time.Duration {
	idle := s.idle
	if s.idleFile != "" {
		idle += protocol.ReadIdle(s.idleFile, now)
	}
	left := s.job.Timeout + idle - now.Sub(s.started)
	if left <= 0 {
		return 0
	}
	return max(left, idlePoll)
}

// idlePoll is how often it is looked whether a package still waits whose time is all but over.
const idlePoll = 10 * time.Millisecond

// endIdle keeps how long the test binary that has ended did wait.
func (s *supervisor) endIdle() {
	s.idle += protocol.ReadIdle(s.idleFile, time.Now())
	_ = os.Remove(s.idleFile) // the folder of the run is removed anyway
	s.idleFile = ""
}

// ask asks the test binary to stop, and returns what tells that it had its time.
func (s *supervisor) ask(t *tree) (grace <-chan time.Time) {
	s.end.Interrupted = true
	t.interrupt()
	return time.After(s.job.Grace)
}

// kill ends the test binary and all below it at once.
func (s *supervisor) kill(t *tree) {
	s.end.Killed = true
	if _, gone := t.kill(); !gone {
		s.complain("processes could not be killed within " + killWait.String())
	}
}

// clear kills what the test binary has left behind.
func (s *supervisor) clear(t *tree) {
	left, gone := t.kill()
	s.end.Left = append(s.end.Left, left...)
	if !gone && !s.end.Killed {
		s.complain("processes left behind could not be killed within " + killWait.String())
	}
}

// tempFolder makes the TMPDIR of the test binary. Without one, "" leaves the
// variable as it is.
func (s *supervisor) tempFolder() string {
	if !s.job.Attended {
		return ""
	}
	temp := filepath.Join(s.folder, tmpDir, strconv.Itoa(os.Getpid()))
	if err := os.MkdirAll(temp, 0o700); err != nil {
		s.complain("no folder for temporary files: " + err.Error())
		return ""
	}
	return temp
}

// complain adds to the message of the record.
func (s *supervisor) complain(what string) {
	if s.end.Message != "" {
		what = s.end.Message + "; " + what
	}
	s.end.Message = what
}

// broken ends a package whose test binary could not be run.
func (s *supervisor) broken(err error) int {
	s.end.State = Broken
	s.complain(err.Error())
	s.finish()
	return exitBroken
}

// finish says in the output what was unusual, and writes the record.
func (s *supervisor) finish() {
	s.end.Elapsed = time.Since(s.end.Started)
	for _, line := range s.end.notes() {
		s.sink.note("%s", line)
	}
	s.sink.close()
	if s.sink.logErr != nil {
		s.complain("the log is incomplete: " + s.sink.logErr.Error())
	}
	s.record()
}

// record writes how far the package has come.
func (s *supervisor) record() {
	err := writeJSON(filepath.Join(s.folder, endsDir, key(s.job.Dir)), s.end)
	if err != nil && s.job.Attended {
		s.sink.note("the record of %s could not be written: %v", s.job.Package, err)
	}
}

// notes are the lines that the output of the package ends with.
func (e End) notes() []string {
	var lines []string
	if e.Deadline > 0 {
		line := fmt.Sprintf("%s took longer than %v and was told to print its stacks", e.Package, e.Deadline)
		if e.Killed {
			line += ", then killed"
		}
		lines = append(lines, line)
	} else if e.Killed {
		lines = append(lines, e.Package+" was killed because the run was interrupted")
	}
	if e.Signal != "" && !e.Killed {
		lines = append(lines, fmt.Sprintf("the test binary of %s was ended by a signal: %s", e.Package, e.Signal))
	}
	if e.Cut {
		const cut = "the test binary of %s ended with exit status 0, but did not print the PASS that ends its tests"
		lines = append(lines, fmt.Sprintf(cut, e.Package))
	}
	for _, p := range e.Left {
		lines = append(lines, fmt.Sprintf("%s left a process behind: %s (pid %d), killed", e.Package, p.Name, p.PID))
	}
	if e.Message != "" {
		lines = append(lines, fmt.Sprintf("%s: %s", e.Package, e.Message))
	}
	return lines
}

// testArgs puts the filter, and what else the job says, into the arguments that go test gave, in place of
// any that are there.
func testArgs(args []string, filter string, job Job) []string {
	out := []string{"-test.run=" + filter}
	ours := []string{"-test.run", "-test.skip"}
	if job.Skip != "" {
		out = append(out, "-test.skip="+job.Skip)
	}
	if job.Parallel > 0 {
		out = append(out, "-test.parallel="+strconv.Itoa(job.Parallel))
		ours = append(ours, "-test.parallel")
	}
	for _, a := range args {
		if name, _, _ := strings.Cut(a, "="); !slices.Contains(ours, name) {
			out = append(out, a)
		}
	}
	return out
}

// environment is what the test binary gets: base, changed as [Job.Env] says,
// with its own folder for temporary files.
func environment(base, change []string, temp string) []string {
	env := slices.Clone(base)
	set := func(name string) {
		env = slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	}
	for _, kv := range change {
		name, _, given := strings.Cut(kv, "=")
		set(name)
		if given {
			env = append(env, kv)
		}
	}
	if temp == "" {
		return env
	}
	for _, name := range tempVariables() {
		set(name)
		env = append(env, name+"="+temp)
	}
	return env
}

// tempVariables are those that os.TempDir reads.
func tempVariables() []string {
	if runtime.GOOS == "windows" {
		return []string{"TMP", "TEMP"}
	}
	return []string{"TMPDIR"}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
