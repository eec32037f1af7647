package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/cleanup"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
	"github.com/gotempest/tempest/testlib/config"
)

// cleanupFlags are the flags of `tempest cleanup`.
type cleanupFlags struct {
	configFlags

	run         string
	list        bool
	forget      string
	prefix      string
	allProjects bool
	services    []string
	olderThan   time.Duration
	dryRun      bool
	yes         bool
	json        bool
}

func newCleanup(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f cleanupFlags
	cmd := &cobra.Command{
		Use:   "cleanup",
		Short: "Remove from the cloud what ended runs have left there",
		Long: `cleanup removes what the ledgers of ended runs still hold: what tests and tempest itself have made in the
configured cloud, and could not remove because they were killed or failed. Runs that go on are left alone.
With --prefix it removes what has such a name, whoever made it, and whatever made it.`,
		Example: "  tempest cleanup --dry-run\n  tempest cleanup --run last\n" +
			"  tempest cleanup --prefix tempest- --older-than 24h --yes",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(cmd.Flags().Changed("prefix")); err != nil {
				return err
			}
			c := &cleaning{std: std, signals: signals, flags: f, searching: cmd.Flags().Changed("prefix")}
			return c.do(cmd.Context())
		},
	}
	f.register(cmd)
	return cmd
}

func (f *cleanupFlags) register(cmd *cobra.Command) {
	f.configFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.run, "run", "", "only what the run `ID` has left; last is the newest that has left anything")
	flags.BoolVar(&f.list, "list", false, "list the runs that have left anything, remove nothing")
	flags.StringVar(&f.forget, "forget", "",
		"remove the ledgers of run `ID` and nothing from any cloud, as for one that is no more")
	flags.StringVar(&f.prefix, "prefix", "", "remove what has a name that begins with `PREFIX` instead, found by listing")
	flags.BoolVar(&f.allProjects, "all-projects", false,
		"with --prefix: in all projects, not only in the administrator's and those of the prefix")
	flags.StringSliceVar(&f.services, "service", nil, "with --prefix: only of service `TYPE`, as compute; repeatable")
	flags.DurationVar(&f.olderThan, "older-than", 0, "only what was made, or runs that began, `DURATION` ago or earlier")
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "say what would be removed; write nothing, in the cloud or here")
	flags.BoolVarP(&f.yes, "yes", "y", false, "with --prefix: do remove it")
	flags.BoolVar(&f.json, "json", false, "print one JSON document")
}

// leastPrefix is the fewest characters of a prefix: a shorter one would match what nobody meant.
const leastPrefix = 3

// check refuses flags that do not fit together.
func (f *cleanupFlags) check(searching bool) error {
	if f.olderThan < 0 {
		return usagef("--older-than %s: want a duration of the past, as 24h", f.olderThan)
	}
	for name, id := range map[string]string{"--run": f.run, "--forget": f.forget} {
		if id != filepath.Base(id) && id != "" || strings.HasPrefix(id, ".") {
			return usagef("%s %q: want the ID of a run; see 'tempest cleanup --list'", name, id)
		}
	}
	modes := 0
	for _, on := range []bool{f.run != "", f.list, f.forget != "", searching} {
		if on {
			modes++
		}
	}
	if modes > 1 {
		return usagef("--run, --list, --forget and --prefix exclude each other")
	}
	if f.forget != "" && f.dryRun {
		return usagef("--forget and --dry-run exclude each other")
	}
	if !searching {
		return f.checkLedgers()
	}
	if len(f.prefix) < leastPrefix {
		return usagef("--prefix %q: want at least %d characters", f.prefix, leastPrefix)
	}
	if !f.yes && !f.dryRun {
		return usagef("--prefix removes what it finds by name, also what other runs on this cloud are using: " +
			"look with --dry-run, then add --yes")
	}
	return nil
}

// checkLedgers refuses flags that are for --prefix.
func (f *cleanupFlags) checkLedgers() error {
	switch {
	case f.allProjects:
		return usagef("--all-projects is for --prefix: ledgers know the projects")
	case len(f.services) > 0:
		return usagef("--service is for --prefix: what ledgers hold is removed together")
	}
	return nil
}

// cleaning is one `tempest cleanup`.
type cleaning struct {
	std       stdio
	signals   <-chan os.Signal
	flags     cleanupFlags
	searching bool
	types     []resource.Type // of plugins

	core   config.Core
	path   string // of the configuration file; empty without one
	report cleanupReport
}

// do cleans up and says what became of it.
func (c *cleaning) do(ctx context.Context) error {
	var err error
	c.core, c.path, err = config.LoadCore(c.flags.source())
	if err != nil {
		return usageError{err}
	}
	folder, err := ledger.Folder()
	if err != nil {
		return err
	}
	runs, readErr := ledger.Runs(folder)
	c.report = cleanupReport{DryRun: c.flags.dryRun, out: c.std.out, quiet: c.flags.json}
	switch {
	case c.flags.list:
		return c.list(runs, readErr)
	case c.flags.forget != "":
		return c.forget(runs)
	}
	c.report.unreadable(readErr)
	ctx, stop := cancelOn(ctx, c.signals)
	defer stop()
	if c.searching {
		err = c.search(ctx, runs)
	} else {
		err = c.ledgers(ctx, runs)
	}
	if interrupted, ok := errors.AsType[interruptedError](context.Cause(ctx)); ok {
		c.report.Interrupted = true
		return errors.Join(c.report.print(c.flags.json), interrupted)
	}
	if err != nil {
		return err
	}
	return c.end()
}

// end prints the report and turns it into the exit code.
func (c *cleaning) end() error {
	if err := c.report.print(c.flags.json); err != nil {
		return err
	}
	switch {
	case len(c.report.Unreadable) > 0:
		return codeError(exitUntrusted)
	case c.report.left():
		return codeError(exitFailed)
	}
	return nil
}

// ledgers removes what the ledgers of ended runs hold.
func (c *cleaning) ledgers(ctx context.Context, runs []ledger.Run) error {
	chosen, err := c.choose(runs)
	if err != nil {
		return err
	}
	where, err := cloud.Choose(c.core)
	if err != nil {
		return usageError{err}
	}
	var ours []ledger.Run
	for _, run := range chosen {
		here, elsewhere := split(run, where)
		for _, head := range elsewhere {
			if c.flags.run != "" && len(here.Files) == 0 {
				return usagef("run %s was made in %s, and %s is configured; choose that one with OS_CLOUD or auth.cloud",
					run.ID, cloudText(head.Head.Cloud), whereText(where))
			}
			c.report.skip(run.ID, fmt.Sprintf("left %s in %s, which is not the one configured: choose that with OS_CLOUD",
				things(len(head.Open())), cloudText(head.Head.Cloud)))
		}
		switch {
		case len(here.Files) == 0:
		case here.Live() || living(run.ID):
			c.report.live(run.ID, c.flags.run != "")
		default:
			ours = append(ours, here)
		}
	}
	if len(ours) == 0 {
		return nil
	}
	return c.sweep(ctx, ours)
}

// choose returns the runs that the flags mean.
func (c *cleaning) choose(runs []ledger.Run) ([]ledger.Run, error) {
	if c.flags.olderThan > 0 {
		limit := time.Now().Add(-c.flags.olderThan)
		runs = slices.DeleteFunc(slices.Clone(runs), func(r ledger.Run) bool { return r.Time.After(limit) })
	}
	switch {
	case c.flags.run == "":
		return runs, nil
	case c.flags.run == "last" && len(runs) > 0:
		return runs[len(runs)-1:], nil
	case c.flags.run == "last":
		return nil, nil
	}
	i := slices.IndexFunc(runs, func(r ledger.Run) bool { return r.ID == c.flags.run })
	if i >= 0 {
		return runs[i : i+1], nil
	}
	if regexp.MustCompile(`^(go-)?\d{8}-\d{6}-[0-9A-Za-z]+$`).MatchString(c.flags.run) {
		return nil, nil // an ID of a run, which has left nothing
	}
	return nil, usagef("there is no run %s; 'tempest cleanup --list' shows those that have left anything", c.flags.run)
}

// sweep removes what the ledgers of runs hold.
func (c *cleaning) sweep(ctx context.Context, runs []ledger.Run) error {
	book := &cleanup.Ledgers{}
	defer book.Close()
	for _, run := range runs {
		if c.flags.dryRun {
			book.Read(run)
			continue
		}
		live, err := book.Claim(run)
		if live > 0 {
			c.report.live(run.ID, c.flags.run != "")
		}
		c.report.unreadable(err)
	}
	for _, p := range book.Problems() {
		c.report.unreadable(p)
	}
	if book.Empty() {
		return book.Close()
	}
	cl, err := c.open(ctx)
	if err != nil {
		return err
	}
	found, unknown, err := cl.Find(ctx, book)
	if err != nil {
		return err
	}
	return errors.Join(c.remove(ctx, cl, found, unknown), book.Close())
}

// open logs in.
func (c *cleaning) open(ctx context.Context) (*cleanup.Cleaner, error) {
	s, err := cloud.Open(context.WithoutCancel(ctx), c.core)
	if err != nil {
		return nil, usageError{err}
	}
	users, err := accountsOf(c.core, c.path)
	if err != nil {
		return nil, usageError{err}
	}
	cl, err := cleanup.Open(ctx, cleanup.Options{
		Session: s, Accounts: users, Table: resource.NewTable(c.types...), ReadOnly: c.flags.dryRun,
		OnGone: c.report.gone, Warn: c.report.warn,
	})
	if err != nil {
		return nil, usageError{err}
	}
	return cl, nil
}

// remove removes what was found, or says that it would.
func (c *cleaning) remove(ctx context.Context, cl *cleanup.Cleaner, found []*cleanup.Thing,
	unknown []cleanup.Unknown) error {
	if c.flags.dryRun {
		inside, err := cl.Contents(ctx, found)
		if err != nil {
			c.report.warn(err)
		}
		c.report.would(cleanup.Ordered(append(inside, found...)), unknown)
		return nil
	}
	result, err := cl.Remove(ctx, found)
	unknown, settleErr := cleanup.Settle(result, unknown)
	c.report.result(result, unknown)
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if closeErr := cl.Close(done); closeErr != nil {
		c.report.fail(closeErr)
	}
	return errors.Join(err, settleErr)
}

// closeTimeout bounds giving rights back.
const closeTimeout = 30 * time.Second
