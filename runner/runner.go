// Package runner runs the tests of a plan in exactly one `go test`, and returns
// what became of each of them.
//
// A run works in a [Folder], which is removed in the end whatever happens, with
// every process that the run has started: see package supervise for how. What
// stays are the records of the last runs, see [DefaultRecords].
//
// The run never trusts what it sees alone: the results are joined with the plan,
// so that a test without a result is lost and not forgotten.
package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/supervise"
)

const (
	// defaultGrace is how long an interrupted test binary may clean up.
	defaultGrace = 60 * time.Second

	// drainWait bounds how long the events are read once go test has ended.
	drainWait = 5 * time.Second
)

// Options configures [Run]. The zero value, with a Folder, runs the packages of
// the current directory's module, as many at once as [DefaultConcurrency] says,
// without a time limit.
type Options struct {
	// Dir is where go test runs, and what relative paths in GoTestArgs start
	// from: a folder of the main module. Empty means the current directory.
	Dir string

	// Env is the environment of the user; nil means that of this process.
	// AddEnv is what the run adds for go test and the tests.
	Env, AddEnv []string

	// BuildFlags select the overlay go.mod; Tags are build tags beyond "tempest".
	BuildFlags, Tags []string

	// Concurrency is how many tests may be in flight, over all packages.
	// Less than 1 means DefaultConcurrency. Serial means 1, whatever
	// Concurrency says.
	Concurrency int
	Serial      bool

	// Timeout bounds each test binary, counting neither its build nor the time in
	// which all of its tests wait for their places in the run. 0 means none.
	// When it is over, the binary is told to print its stacks (SIGQUIT), and
	// after Grace it is killed.
	Timeout time.Duration

	// Grace is how long test binaries may clean up after an interrupt or
	// Timeout. 0 means one minute.
	Grace time.Duration

	// FailFast starts nothing new after the first failure.
	FailFast bool

	// Shuffle is "on", "off" or a seed for the order of tests in each package;
	// empty means their order in source.
	Shuffle string

	// Seed is the seed of the random data of the tests, a decimal number of up to 64 bits. Empty leaves it to each
	// test process.
	Seed string

	// Cloud says in words what the tests run against, for reports.
	Cloud string

	// GoTestArgs are further arguments for go test; see [CheckArgs].
	GoTestArgs []string

	// Folder is where the run works. It serves one run. Required.
	Folder *Folder

	// RunID names the run, see [NewRunID]. Required.
	RunID string

	// Self is the command line of tempest, to which "__exec" can be appended.
	// Empty means the running program alone.
	Self []string

	// Expect is how long top-level tests will take, by ID, as far as that is known. Tests that wait for
	// their turn get it longest first.
	Expect map[string]time.Duration

	// LinkCache is the folder of package linkcache in which linked test binaries are
	// kept for the next run. Empty means that each is linked again.
	LinkCache string

	// Screen receives the events, normalised as result.Options says; nil
	// discards them.
	Screen io.Writer

	// Warnings receives what go test writes to its standard error, and lines of
	// tempest's own, one Write after the other. Nil discards them.
	Warnings io.Writer

	// Records is where this run and others leave their records. Empty means
	// DefaultRecords.
	Records string

	// Signals interrupt the run: at the first, running tests are asked to stop
	// and nothing new is started; at the second everything is killed. Nil means
	// that there are none.
	Signals <-chan os.Signal
}

func (o Options) grace() time.Duration {
	if o.Grace > 0 {
		return o.Grace
	}
	return defaultGrace
}

// check finds the mistakes of the user, all of type [*ArgError].
func (o Options) check() error {
	if err := CheckArgs(o.GoTestArgs); err != nil {
		return err
	}
	return CheckGoFlags(o.baseEnv())
}

// Run runs p and returns what became of each test in it. The error says why
// there was no run; an [*ArgError] is a mistake of the user. Whatever goes wrong
// once go test has been started is part of the report.
//
// When ctx ends everything is killed, and the report says that the run was
// interrupted by SIGINT.
func Run(ctx context.Context, p plan.Plan, o Options) (*result.Report, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	warn := &warnings{w: o.Warnings}
	rec := openRecords(o.Records, o.RunID, p, warn.tell)
	defer rec.close()
	collector := result.NewCollector(p, result.Options{Screen: o.Screen, Raw: rec})
	if len(p.Packages) == 0 {
		return collector.Finish(result.End{}), nil
	}
	r := &run{o: o, warn: warn, records: rec, collector: collector}
	defer r.rememberLinks()
	defer r.closeBuilds()
	if err := r.start(ctx, p); err != nil {
		return nil, fmt.Errorf("starting the run: %w", err)
	}
	rep := collector.Finish(r.attend(ctx))
	rep.Seed, rep.Cloud = o.Seed, o.Cloud
	return rep, nil
}

// run is a started run.
type run struct {
	o         Options
	warn      *warnings
	records   *records
	collector *result.Collector
	lines     *supervise.Lines
	stdout    *os.File // events
	stderr    *tail
	ahead     func()            // ends the taking of links
	builds    *os.File          // the places of compilers and linkers; nil when they need none
	logs      map[string]string // by import path

	interrupted string // name of the signal
	killed      bool
}

func (r *run) start(ctx context.Context, p plan.Plan) error {
	f := r.o.Folder
	if f == nil || f.guard == nil {
		return errors.New("it has no run folder with a guard")
	}
	args, err := Command(p, r.o)
	if err != nil {
		return err
	}
	list, err := jobs(p, r.o, true)
	if err != nil {
		return err
	}
	r.records.logs(list)
	r.logs = make(map[string]string, len(list))
	for _, j := range list {
		r.logs[j.Package] = j.Log
	}
	if err := errors.Join(supervise.WriteJobs(f.Dir(), list), writeToolScript(r.o), writeTimes(r.o)); err != nil {
		return err
	}
	if err := errors.Join(makeSlots(f, r.o.Workers()), r.openBuilds()); err != nil {
		return err
	}
	if r.lines, err = supervise.NewLines(f.Dir()); err != nil {
		return err
	}
	r.stderr = &tail{next: r.warn}
	r.takeLinks(ctx, p)
	cmd := supervise.Command{Args: args, Env: append(goEnv(r.o), r.records.env()...), Dir: r.o.Dir}
	r.stdout, err = f.guard.Start(cmd, r.stderr)
	if err != nil {
		r.lines.Kill()
	}
	return err
}

// makeSlots makes the files of protocol.EnvSlots, and the folders of the locks and of the go command.
func makeSlots(f *Folder, n int) error {
	for _, dir := range []string{f.slots(), f.locks(), f.goTemp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	for i := range n {
		slot, err := os.Create(f.slots() + string(os.PathSeparator) + strconv.Itoa(i))
		if err != nil {
			return err
		}
		if err := slot.Close(); err != nil {
			return err
		}
	}
	return nil
}

// attend follows go test until nothing of it is left.
func (r *run) attend(ctx context.Context) result.End {
	guard := r.o.Folder.guard
	count := &counter{r: r.stdout}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_ = r.collector.Read(count) // a stream that broke off lacks results: they are lost
	}()
	r.wait(ctx, guard, read)
	<-read

	// On Linux all supervisors are gone by now, unless the guard was killed.
	r.lines.Kill()
	if err := waitForSupervisors(ctx, r.lines); err != nil {
		r.warn.tell(fmt.Sprintf("after %v: %v", aliveWait, err))
	}
	return r.end(guard, count.n)
}

// wait returns when go test has ended, and with it its events.
func (r *run) wait(ctx context.Context, guard *supervise.GuardProcess, read <-chan struct{}) {
	ended, gone, done := guard.Ended(), guard.Gone(), ctx.Done()
	for ended != nil || read != nil {
		select {
		case <-read:
			read = nil
		case <-ended:
			ended = nil
			r.bound()
		case <-gone:
			ended, gone = nil, nil
			r.lines.Kill()
			r.bound()
		case sig := <-r.o.Signals:
			r.interrupt(guard, sig)
		case <-done:
			done = nil
			r.interrupted = "SIGINT"
			r.kill(guard)
		}
	}
}

// bound sees to it that reading the events ends, even if a process that could
// not be killed still has the pipe.
func (r *run) bound() { _ = r.stdout.SetReadDeadline(time.Now().Add(drainWait)) }

// interrupt deals with a signal to tempest.
func (r *run) interrupt(guard *supervise.GuardProcess, sig os.Signal) {
	if r.interrupted != "" {
		r.warn.tell("interrupted again: killing everything")
		r.kill(guard)
		return
	}
	r.interrupted = "SIGINT"
	if sig == syscall.SIGTERM {
		r.interrupted = "SIGTERM"
	}
	r.warn.tell(fmt.Sprintf("interrupted by %s: running tests have %v to clean up; interrupt again to kill them",
		r.interrupted, r.o.grace()))
	r.lines.Interrupt()
	guard.Interrupt()
}

func (r *run) kill(guard *supervise.GuardProcess) {
	r.killed = true
	r.lines.Kill()
	guard.Kill()
}

// end says what the events do not.
func (r *run) end(guard *supervise.GuardProcess, events int64) result.End {
	end := result.End{Interrupted: r.interrupted, FailFast: r.o.FailFast}
	if !r.killed {
		end.GoErr = r.goError(guard, events)
	}
	ends, err := supervise.ReadEnds(r.o.Folder.Dir())
	if err != nil {
		r.records.complain(err)
	}
	for path, e := range ends {
		if e.Message != "" {
			r.records.complain(fmt.Errorf("%s: %s", path, e.Message))
		}
		end.Packages = append(end.Packages, result.PackageEnd{
			Path: path, Died: died(e, r.killed), Killed: killed(e.Left), Log: r.logs[path],
		})
	}
	return end
}

// goError is what was wrong with go test itself. Its exit code does not tell: it
// is 1 for a failed test, and for a module graph that cannot be loaded; but then
// there are no events.
func (r *run) goError(guard *supervise.GuardProcess, events int64) string {
	e, ok := guard.Result()
	switch {
	case !ok:
		return "the guard of the run was killed, and go test with it"
	case e.Message != "":
		return "starting go test: " + e.Message
	case r.interrupted != "" && e.Signal == "SIGINT": // it came while packages were loaded
	case e.Signal != "":
		return "go test was ended by a signal: " + e.Signal
	case r.interrupted != "": // go test fails when it is
	case e.ExitCode != 0 && (events == 0 || e.ExitCode != 1):
		text := strings.TrimSpace(r.stderr.String())
		if text == "" {
			text = "no reason given"
		}
		return fmt.Sprintf("exit status %d: %s", e.ExitCode, text)
	}
	return ""
}

// died says how the test binary of a package ended, unless it ended by itself.
func died(e supervise.End, runKilled bool) string {
	how := ""
	switch {
	case e.State == supervise.Running && runKilled:
		how = "was killed"
	case e.State == supervise.Running:
		how = "was killed together with its supervisor"
	case e.State == supervise.NotStarted:
		how = "was not started"
	case e.State == supervise.Broken:
		how = "could not be run"
	case e.Deadline > 0:
		how = fmt.Sprintf("did not end within its timeout of %v", e.Deadline)
	case e.Killed:
		how = "was killed"
	case e.Cut:
		how = "ended with exit status 0, but did not print the PASS that ends its tests"
	case e.Signal != "":
		how = "was ended by " + e.Signal
	case e.ExitCode != 0 && e.ExitCode != 1:
		how = fmt.Sprintf("ended with exit status %d", e.ExitCode)
	}
	if how != "" && e.Message != "" {
		how += ": " + e.Message
	}
	return how
}

func killed(left []supervise.Process) []result.Process {
	var list []result.Process
	for _, p := range left {
		list = append(list, result.Process{PID: p.PID, Name: p.Name})
	}
	return list
}
