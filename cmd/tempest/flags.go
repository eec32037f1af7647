package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gotempest/tempest/testlib/config"
)

// configFlags say which configuration is read. Every command that reads it has them.
type configFlags struct {
	config    string
	overrides []string
}

func (f *configFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "",
		"read the configuration from `FILE` (default: TEMPEST_CONFIG, tempest.toml here or above, the user's)")
	flags.StringArrayVarP(&f.overrides, "option", "o", nil, "set `group.option=value`; repeatable")
}

// source is what the flags say, for package config.
func (f *configFlags) source() config.Options {
	return config.Options{Path: f.config, Overrides: f.overrides}
}

// suiteFlags say which configuration is read and which plugins are looked at.
// Every command that reads the main module has them.
type suiteFlags struct {
	configFlags

	plugins   []string
	noPlugins []string
	tags      []string
	locked    bool
}

func (f *suiteFlags) register(cmd *cobra.Command) {
	f.configFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.plugins, "plugin", nil, "only the tests of plugin `NAME`; repeatable")
	flags.StringSliceVar(&f.noPlugins, "no-plugin", nil, "leave out plugin `NAME`; repeatable")
	for _, name := range []string{"plugin", "no-plugin"} {
		flag := flags.Lookup(name)
		flag.Value, flag.DefValue = named{flag.Value}, ""
	}
	flags.StringSliceVar(&f.tags, "tags", nil, "build tags `TAG,…` beyond tempest")
	flags.BoolVar(&f.locked, "locked", false, "refuse to run when go.mod or go.sum would need an addition")
}

// named is a flag that must not be empty: --plugin "$NAME" of a variable that is not set would narrow nothing.
type named struct{ pflag.Value }

func (n named) Set(value string) error {
	if value == "" {
		return errors.New("want a name")
	}
	return n.Value.Set(value)
}

// selectFlags say which tests.
type selectFlags struct {
	regex        []string
	excludeRegex string
	includeList  string
	excludeList  string
	loadList     string
	smoke        bool
}

func (f *selectFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.regex, "regex", "r", nil,
		"tests whose ID matches one of the white-space separated `REGEX`es")
	flags.StringVar(&f.excludeRegex, "exclude-regex", "", "leave out tests whose ID matches `REGEX`")
	flags.StringVar(&f.includeList, "include-list", "", "also tests that match a line of `FILE`, a regex each")
	flags.StringVar(&f.excludeList, "exclude-list", "", "leave out tests that match a line of `FILE`")
	flags.StringVar(&f.loadList, "load-list", "", "only the test IDs in `FILE`, one a line")
	flags.BoolVarP(&f.smoke, "smoke", "s", false, "tests with the attribute smoke")
}

// runFlags are the flags of `tempest run`.
type runFlags struct {
	suiteFlags
	selectFlags

	concurrency int
	serial      bool
	timeout     time.Duration
	failfast    bool
	shuffle     string
	seed        string
	dryRun      bool
	listTests   bool

	format  string
	junit   string
	timings string
	json    string
	noColor bool
	verbose bool
	quiet   bool
}

func (f *runFlags) register(cmd *cobra.Command) {
	f.suiteFlags.register(cmd)
	f.selectFlags.register(cmd)
	flags := cmd.Flags()
	flags.IntVarP(&f.concurrency, "concurrency", "w", 0,
		"top-level tests in flight, `N` (default: 2 for each CPU, from 4 to 16)")
	flags.BoolVarP(&f.serial, "serial", "t", false, "one test at a time")
	flags.DurationVar(&f.timeout, "timeout", time.Hour, "deadline of each package's tests; 0 means none")
	flags.BoolVar(&f.failfast, "failfast", false, "start no more tests after the first failure")
	flags.StringVar(&f.shuffle, "shuffle", "", "run each package's tests in the random order of `SEED`, a number or on")
	flags.StringVar(&f.seed, "seed", "", "the random data of seed `N` (default: TEMPEST_SEED, or a new one)")
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "print the go test command and the plan, run nothing")
	flags.BoolVarP(&f.listTests, "list-tests", "l", false, "print the IDs of the selected tests, run nothing")
	flags.StringVarP(&f.format, "format", "f", "", "gotestsum's output `FORMAT` (default: testname)")
	flags.StringVar(&f.junit, "junit", "", "write JUnit XML to `FILE`")
	flags.StringVar(&f.timings, "timings", "",
		"read how long tests took from `FILE`, and add this run to it (default: a file of the user's)")
	flags.StringVar(&f.json, "json", "", "write the results to `FILE`, one JSON object a line for each test")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also: NO_COLOR)")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print the output of passing tests too")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print only the summary")
}
