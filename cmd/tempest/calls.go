package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/calls"
)

// callsFlags are the flags of `tempest calls`.
type callsFlags struct {
	test     string
	failed   bool
	services []string
	statuses []string
	methods  []string
	who      string
	slow     time.Duration
	retried  bool

	verbose bool
	summary bool
	json    bool
	mask    bool
}

func newCalls(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f callsFlags
	cmd := &cobra.Command{
		Use:   "calls [flags] [RUN]",
		Short: "Print what the tests of a run asked the cloud, and what it answered",
		Long: `calls prints the calls of the tests of a run. RUN is the identifier of one of the
last runs or the start of it, or a folder with call logs; without it, it is the last run.`,
		Example: "  tempest calls --failed -v\n" +
			"  tempest calls -t TestSecrets --status 5xx 20261122-1518",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("calls takes one run, got %q", args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return interruptible(cmd.Context(), signals, func(ctx context.Context) error {
				return showCalls(ctx, std, f, args)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.test, "test", "t", "", "only calls of tests whose ID matches `REGEX`")
	flags.BoolVar(&f.failed, "failed", false, "only calls of tests that failed or never ended")
	flags.StringSliceVar(&f.services, "service", nil, "only calls of service `TYPE`, as in the catalogue; repeatable")
	flags.StringSliceVar(&f.statuses, "status", nil,
		"only calls answered with `STATUS`: 404, 4xx, or none for no answer; repeatable")
	flags.StringSliceVar(&f.methods, "method", nil, "only calls with `METHOD`; repeatable")
	flags.StringVar(&f.who, "who", "", "only calls of `PERSONA`; admin is tempest itself")
	flags.DurationVar(&f.slow, "slow", 0, "only calls that took `DURATION` or longer")
	flags.BoolVar(&f.retried, "retried", false, "only calls that were made again, every attempt")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print headers and bodies too")
	flags.BoolVar(&f.summary, "summary", false, "print numbers and times by service and by test instead")
	flags.BoolVar(&f.json, "json", false, "print one JSON object a line, or with --summary one in all")
	flags.BoolVar(&f.mask, "mask", false, "print nothing that differs between runs: no times, IDs and addresses")
	return cmd
}

// testCall is a call with the ID of its test.
type testCall struct {
	ID string `json:"id"`
	*calls.Call
}

// showCalls reads the calls of a run, and prints those that the flags ask for.
func showCalls(ctx context.Context, std stdio, f callsFlags, args []string) error {
	filter, err := newCallFilter(f)
	if err != nil {
		return err
	}
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	run, err := findCalls(name)
	if err != nil {
		return err
	}
	if f.failed {
		if filter.failed, err = run.failedTests(); err != nil {
			return err
		}
	}
	var list []testCall
	files, err := calls.ReadDir(run.dir, func(h calls.Head, c *calls.Call) {
		filter.seen++
		if ctx.Err() == nil && filter.fits(h, c) {
			if !f.verbose && !f.json {
				slim(c)
			}
			list = append(list, testCall{h.ID(c), c})
		}
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // no test of the run called
		return usagef("%w; the file is damaged: remove it, or name another run", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	list = filter.attempts(list)
	slices.SortStableFunc(list, compareCalls)
	explainCallFiles(std, files)
	if err := filter.explain(std, run, list); err != nil {
		return err
	}
	return printCalls(std.out, f, list)
}

// slim leaves of a call what is counted and printed without --verbose: a run may have gigabytes of bodies.
func slim(c *calls.Call) {
	for _, m := range []*calls.Message{c.Sent, c.Received} {
		if m != nil {
			m.Header, m.Body = nil, ""
		}
	}
}

// explainCallFiles says what is missing in the files.
func explainCallFiles(std stdio, files []*calls.File) {
	for _, f := range files {
		what := fmt.Sprintf("tempest: the calls of %s (process %d)", f.Head.Program, f.Head.PID)
		if f.Torn {
			fmt.Fprintf(std.err, "%s end in the middle of a line: the process was killed, or still runs\n", what)
		}
		switch {
		case f.Limit == nil:
		case f.Limit.Without == calls.WithoutCalls:
			fmt.Fprintf(std.err, "%s are not complete: their file has reached its limit of %d MiB\n", what, f.Head.Limit>>20)
		default:
			fmt.Fprintf(std.err, "%s are without headers and bodies after the first %d MiB\n", what, f.Limit.Size>>20)
		}
	}
}
