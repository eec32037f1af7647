package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/screen"
	"github.com/gotempest/tempest/runner/timings"
)

func newRun(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] [PACKAGE…] [-- GO TEST FLAG…]",
		Short: "Run the tests of the main module, the in-tree suite and all plugins",
		Example: "  tempest run --smoke --junit report.xml\n" +
			"  tempest run --plugin keymanager -r TestSecrets -- -race",
		RunE: func(cmd *cobra.Command, args []string) error {
			patterns, extra := splitArgs(cmd, args)
			r := &testRun{std: std, signals: signals, flags: f, patterns: patterns, extra: extra, forecast: &timings.Forecast{}}
			return r.run(cmd.Context())
		},
	}
	f.register(cmd)
	return cmd
}

// splitArgs separates package patterns from what follows "--".
func splitArgs(cmd *cobra.Command, args []string) (patterns, extra []string) {
	at := cmd.ArgsLenAtDash()
	if at < 0 {
		return args, nil
	}
	return args[:at], args[at:]
}

// testRun is one `tempest run`.
type testRun struct {
	std      stdio
	signals  <-chan os.Signal
	flags    runFlags
	patterns []string
	extra    []string
	id       string
	forecast *timings.Forecast

	interrupts *signalCount
	left       string // what is still in the cloud, and how to remove it; empty for nothing
}

// run finds and selects the tests, then does with them what the flags say.
func (r *testRun) run(ctx context.Context) error {
	if err := r.check(); err != nil {
		return err
	}
	r.id = runner.NewRunID(time.Now())
	r.interrupts = countSignals(r.signals)
	defer r.interrupts.stop()
	r.signals = r.interrupts.out
	folder, err := r.folder()
	if err != nil {
		return err
	}
	defer folder.Close()
	ws, p, err := r.plan(ctx, folder.Overlay())
	listing := r.flags.listTests || r.flags.dryRun
	switch {
	case errors.Is(err, errOnlyFaults) && !listing:
		rep, err := runner.Run(ctx, p, r.options(ws, p, folder))
		if err != nil {
			return err
		}
		return r.finish(rep)
	case err != nil:
		r.explainFaults(p.Faults)
		return err
	case r.flags.listTests:
		return printIDs(r.std.out, p.Packages)
	case r.flags.dryRun:
		return r.printPlan(ws, p, folder)
	}
	return r.test(ctx, ws, p, folder)
}

// folder returns the folder that this run works in. That of a dry run stays
// for the command to be pasted, among the records of the last runs.
func (r *testRun) folder() (*runner.Folder, error) {
	if !r.flags.dryRun || r.flags.listTests {
		return runner.NewFolder(nil)
	}
	records, err := runner.DefaultRecords()
	if err != nil {
		return nil, err
	}
	folder, err := runner.KeepFolder(filepath.Join(records, r.id))
	if err != nil {
		return nil, err
	}
	return folder, runner.Prune(records, runner.KeptRuns)
}

// check refuses what cannot work before anything is read or built.
func (r *testRun) check() error {
	if n := r.flags.concurrency; n < 0 || n > mostConcurrency {
		return usagef("--concurrency %d: want a number of tests, 1 to %d", n, mostConcurrency)
	}
	if err := checkShuffle(r.flags.shuffle); err != nil {
		return err
	}
	if err := r.chooseSeed(); err != nil {
		return err
	}
	if r.flags.serial && r.flags.concurrency > 1 {
		return usagef("--serial and --concurrency %d exclude each other", r.flags.concurrency)
	}
	if r.flags.quiet && r.flags.verbose {
		return usagef("--quiet and --verbose exclude each other")
	}
	if r.flags.timeout < 0 {
		return usagef("--timeout %s: want a duration, or 0 for none", r.flags.timeout)
	}
	if r.flags.format != "" && !slices.Contains(screen.Formats(), r.flags.format) {
		return usagef("--format %q: want one of %s", r.flags.format, strings.Join(screen.Formats(), ", "))
	}
	if err := errors.Join(runner.CheckArgs(r.extra), runner.CheckGoFlags(os.Environ())); err != nil {
		return usageError{err}
	}
	return r.checkReports()
}

// mostConcurrency is more tests than one machine keeps in flight: each has a
// file of the run, and a place in the go command.
const mostConcurrency = 1000

// checkShuffle refuses what go test would.
func checkShuffle(s string) error {
	if s == "" || s == "on" || s == "off" {
		return nil
	}
	if _, err := strconv.ParseInt(s, 10, 64); err != nil {
		return usagef("--shuffle %q: want a number, on or off", s)
	}
	return nil
}

// checkReports finds out before the run that a report will have no place.
func (r *testRun) checkReports() error {
	junit, json := r.flags.junit, r.flags.json
	for _, file := range []string{junit, json, r.flags.timings} {
		if file == "" {
			continue
		}
		if err := report.CheckFile(file); err != nil {
			return usageError{err}
		}
	}
	if junit != "" && filepath.Clean(junit) == filepath.Clean(json) {
		return usagef("--junit and --json name the same file, %s", junit)
	}
	return nil
}

// plan finds the plugins and selects the tests. A signal ends it. When the
// selection fails the plan has the faults: they may be why.
func (r *testRun) plan(ctx context.Context, overlay string) (*workspace, plan.Plan, error) {
	var ws *workspace
	err := interruptible(ctx, r.signals, func(ctx context.Context) (err error) {
		ws, err = open(ctx, r.flags.suiteFlags, overlay, r.patterns)
		return err
	})
	if err != nil {
		return nil, plan.Plan{}, err
	}
	ws.warn(r.std.err)
	p := plan.Plan{Faults: ws.faults()}
	choice, err := ws.choose(r.selection())
	if err != nil {
		return ws, p, usageError{err}
	}
	p.Packages, p.Excluded = choice.Packages, choice.Excluded
	times, err := r.readTimings()
	if err != nil {
		return ws, p, err
	}
	r.forecast = times.Forecast(p.Packages)
	r.forecast.Order(p.Packages)
	return ws, p, nil
}

func (r *testRun) selection() plan.Selection {
	f := r.flags.selectFlags
	return plan.Selection{
		Regex: f.regex, ExcludeRegex: f.excludeRegex, IncludeList: f.includeList,
		ExcludeList: f.excludeList, LoadList: f.loadList, Smoke: f.smoke,
	}
}

// explainFaults says what is wrong with plugins when a selection fails: that
// may be why.
func (r *testRun) explainFaults(faults []plan.Fault) {
	for _, f := range faults {
		fmt.Fprintf(r.std.err, "tempest: plugin %s: %s\n", f.Plugin, f.Message)
	}
}

// options of the runner for this run.
func (r *testRun) options(ws *workspace, p plan.Plan, folder *runner.Folder) runner.Options {
	return runner.Options{
		Dir: ".", AddEnv: ws.environment(),
		BuildFlags: ws.inventory.BuildFlags, Tags: ws.inventory.Tags,
		Concurrency: r.flags.concurrency, Serial: r.flags.serial, Timeout: r.flags.timeout,
		FailFast: r.flags.failfast, Shuffle: r.flags.shuffle, Seed: r.flags.seed, GoTestArgs: r.extra,
		Folder: folder, RunID: r.id, Signals: r.signals, Warnings: r.std.err,
		LinkCache: linkCacheDir(ws.core), Expect: r.forecast.Tests(p.Packages),
	}
}

// test runs the plan and writes the reports.
func (r *testRun) test(ctx context.Context, ws *workspace, p plan.Plan, folder *runner.Folder) error {
	if err := checkSkew(r.std.err, ws.inventory.Testlib); err != nil {
		return err
	}
	info, err := r.preflight(ctx, ws)
	if err != nil {
		return err
	}
	ledgers, err := ledgerEnv(r.id, info)
	if err != nil {
		return err
	}
	view, err := screen.New(r.std.out, r.screenOptions(p))
	if err != nil {
		return usageError{err}
	}
	r.announce(ws, p, info)
	for _, hint := range []string{unnamedCloud(ws.core, info), leftBefore(ws.core)} {
		if hint != "" && !r.flags.quiet {
			fmt.Fprintln(r.std.err, hint)
		}
	}
	debug.SetGCPercent(result.GCPercent)
	o := r.options(ws, p, folder)
	o.AddEnv = append(append(o.AddEnv, info.Env...), ledgers...)
	o.Screen, o.Cloud = view, info.String()
	fmt.Fprint(view, "") // shows what there is before the first event
	rep, err := runner.Run(ctx, p, o)
	if closeErr := view.Close(); err == nil && closeErr != nil {
		fmt.Fprintln(r.std.err, "tempest: showing the run:", closeErr)
	}
	if err != nil {
		return err
	}
	r.explainBuilds(ctx, ws.inventory, rep)
	r.sweep(ctx, ws, rep)
	return r.end(ws, folder, rep)
}

// end tells the results while it puts away what the run needed.
func (r *testRun) end(ws *workspace, folder *runner.Folder, rep *result.Report) error {
	var timed error
	var behind sync.WaitGroup
	behind.Go(func() { _ = folder.Close() })
	behind.Go(func() { trimLinks(r.std.err, ws.core) })
	behind.Go(func() { timed = r.writeTimings(rep) })
	err := r.finish(rep)
	behind.Wait()
	return errors.Join(timed, err)
}

// finish writes the reports and turns the outcome into the exit code.
func (r *testRun) finish(rep *result.Report) error {
	err := r.report(rep)
	if r.left != "" {
		fmt.Fprintln(r.std.err, r.left)
	}
	if err != nil {
		return err
	}
	code := rep.ExitCode()
	if code == exitOK && r.left != "" {
		code = exitFailed
	}
	if code != exitOK {
		return codeError(code)
	}
	return nil
}

// preflight authenticates once, so that a cloud that cannot be used is one
// line and not as many failures as there are tests. A signal ends it.
func (r *testRun) preflight(ctx context.Context, ws *workspace) (info cloud.Info, err error) {
	err = interruptible(ctx, r.signals, func(ctx context.Context) error {
		if info, err = cloud.Preflight(ctx, ws.core); err != nil {
			return usageError{err}
		}
		return nil
	})
	return info, err
}

// announce says what runs against what, and from which modules it comes.
func (r *testRun) announce(ws *workspace, p plan.Plan, info cloud.Info) {
	if r.flags.quiet {
		return
	}
	plugins := map[string]bool{}
	for _, pkg := range p.Packages {
		plugins[pkg.Plugin] = true
	}
	fmt.Fprintf(r.std.out, "tempest: %s of %s against %s, seed %s\n",
		count(p.Count(), "test"), strings.Join(sortedKeys(plugins), ", "), info, r.flags.seed)
	for i := range ws.inventory.Plugins {
		if pl := &ws.inventory.Plugins[i]; plugins[pl.Name] && pl.Module != ws.inventory.Main.Path {
			fmt.Fprintf(r.std.out, "tempest: %s is %s\n", pl.Name, origin(pl))
		}
	}
}

// origin is the module of a plugin with its version and checksum.
func origin(p *discover.Plugin) string {
	s := p.Module
	if p.Version != "" {
		s += "@" + p.Version
	}
	if p.Replace != "" {
		s += " => " + p.Replace
	}
	if p.Sum != "" {
		s += " " + p.Sum
	}
	return s
}

// report writes every file that was asked for, also when one of them cannot be
// written, and ends with the summary.
func (r *testRun) report(rep *result.Report) error {
	var errs []error
	write := func(file string, format func(io.Writer) error) {
		if file != "" {
			errs = append(errs, report.WriteFile(file, format))
		}
	}
	write(r.flags.junit, func(w io.Writer) error { return report.JUnit(w, rep, report.JUnitOptions{}) })
	write(r.flags.json, func(w io.Writer) error { return report.JSON(w, rep) })
	r.keepResults(rep)
	err := screen.Summary(r.std.out, rep, screen.SummaryOptions{Color: r.color()})
	if !errors.Is(err, syscall.EPIPE) { // nobody looks: that says nothing of the tests
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// keepResults leaves the results among the records of the run. That the records
// cannot be written was told before.
func (r *testRun) keepResults(rep *result.Report) {
	records, err := runner.DefaultRecords()
	if err != nil {
		return
	}
	file := filepath.Join(records, r.id, runner.ResultsFile)
	_ = report.WriteFile(file, func(w io.Writer) error { return report.JSON(w, rep) })
}

// screenOptions are what the flags, the environment and the terminal say about
// live output.
func (r *testRun) screenOptions(p plan.Plan) screen.Options {
	workers := runner.Options{Concurrency: r.flags.concurrency, Serial: r.flags.serial}.Workers()
	return screen.Options{
		Expect: r.forecast.Tests(p.Packages), Workers: workers, Turns: takeTurns(p.Packages),
		Format: r.flags.format, Quiet: r.flags.quiet, Verbose: r.flags.verbose,
		Color: r.color(), Progress: r.std.terminal() && !r.flags.quiet, Total: p.Count(), Width: r.std.width(),
	}
}

// color says whether output may have colours; https://no-color.org.
func (r *testRun) color() bool {
	return !r.flags.noColor && os.Getenv("NO_COLOR") == "" && r.std.terminal()
}

// takeTurns are the IDs of the tests that begin when they have waited for their turn.
func takeTurns(pkgs []plan.Package) map[string]bool {
	ids := map[string]bool{}
	for i := range pkgs {
		for j := range pkgs[i].Tests {
			if t := &pkgs[i].Tests[j]; t.TakesTurn {
				ids[t.ID()] = true
			}
		}
	}
	return ids
}

// printPlan prints the command that a run would start, and what it would run.
func (r *testRun) printPlan(ws *workspace, p plan.Plan, folder *runner.Folder) error {
	command, err := runner.DryRun(p, r.options(ws, p, folder))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(r.std.out, command); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	for _, f := range p.Faults {
		fmt.Fprintf(r.std.out, "# fault of %s: %s\n", f.Plugin, f.Message)
	}
	for _, t := range selected(p.Packages) {
		fmt.Fprintf(r.std.out, "# %s\n", t.TaggedID())
	}
	return nil
}
