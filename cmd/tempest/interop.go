package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/interop"
	"github.com/gotempest/tempest/runner/report"
)

// interopFlags are the flags of `tempest interop`.
type interopFlags struct {
	targets []string
	regex   bool
	json    bool
}

func newInterop(std stdio) *cobra.Command {
	var f interopFlags
	cmd := &cobra.Command{
		Use:   "interop [flags] GUIDELINE.json [RESULTS…]",
		Short: "Say what the results of a run mean for an interoperability guideline",
		Long: `interop compares the results of a run with an OpenStack interoperability
guideline, which lists the tests that a cloud must pass to be called OpenStack
Powered. RESULTS are files that "tempest run --json" wrote; without them, it is
the last run.`,
		Example: "  regex=$(tempest interop --regex --target os_powered_storage 2020.06.json) &&\n" +
			"    tempest run -r \"$regex\"\n" +
			"  tempest interop --target os_powered_storage 2020.06.json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("interop takes the file of a guideline, from https://opendev.org/openstack/interop")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return showInterop(std, f, args[0], args[1:])
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.targets, "target", nil,
		"only this platform or component of the guideline, by its `NAME`; repeatable")
	flags.BoolVar(&f.regex, "regex", false,
		"print a regular expression for 'tempest run --regex' that selects the tests which must pass; read no results")
	flags.BoolVar(&f.json, "json", false, "print one JSON document")
	return cmd
}

// showInterop prints the verdict. Exit code 1 when something is not met.
func showInterop(std stdio, f interopFlags, file string, results []string) error {
	g, err := readGuideline(file, f.targets)
	if err != nil {
		return usageError{err}
	}
	if f.regex {
		return printRegex(std.out, g)
	}
	cases, name, err := readResults(results)
	if err != nil {
		return err
	}
	v := g.Judge(interopResults(cases))
	v.Cloud, v.Beside = namedClouds(cases), besideTests(cases)
	if f.json {
		err = writeJSON(std.out, v)
	} else {
		err = printInterop(std.out, v, name)
	}
	if err == nil && !v.Met() {
		err = codeError(exitFailed)
	}
	return err
}

// printRegex prints what selects the tests that must pass. Of no tests it would select all.
func printRegex(out io.Writer, g *interop.Guideline) error {
	uuids := g.UUIDs()
	if len(uuids) == 0 {
		return usagef("guideline %s has no test that must pass", g.ID)
	}
	_, err := fmt.Fprintf(out, "id-(%s)\n", strings.Join(uuids, "|"))
	return err
}

func readGuideline(file string, targets []string) (*interop.Guideline, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the guideline: %w", err)
	}
	g, err := interop.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading the guideline %s: %w", file, err)
	}
	if len(targets) == 0 {
		return g, nil
	}
	if err := g.Narrow(targets...); err != nil {
		return nil, fmt.Errorf("--target: %w", err)
	}
	return g, nil
}

// readResults reads results files, those of the last run when there are none,
// and says in words what it has read.
func readResults(files []string) ([]report.Case, string, error) {
	name := strings.Join(files, ", ")
	if len(files) == 0 {
		run, err := findCalls("")
		if err != nil {
			return nil, "", err
		}
		file := filepath.Join(filepath.Dir(run.dir), runner.ResultsFile)
		if !exists(file) {
			return nil, "", usagef("%s has not ended, or left no results; give a file of 'tempest run --json'", run.name)
		}
		files, name = []string{file}, run.name
	}
	var all []report.Case
	for _, file := range files {
		cases, err := readCases(file)
		if err != nil {
			return nil, "", usageError{err}
		}
		all = append(all, cases...)
	}
	return all, name, nil
}

// readCases reads one results file.
func readCases(file string) ([]report.Case, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading results: %w", err)
	}
	defer f.Close()
	var cases []report.Case
	in := bufio.NewReader(f)
	for line := 1; ; line++ {
		data, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading results: %w", err)
		}
		if len(bytes.TrimSpace(data)) > 0 {
			var c report.Case
			if err := json.Unmarshal(data, &c); err != nil || c.ID == "" || c.Status == "" {
				return nil, fmt.Errorf("%s:%d: no result of a test; want a file of 'tempest run --json'", file, line)
			}
			cases = append(cases, c)
		}
		if err != nil {
			break
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("%s holds no results; want a file of 'tempest run --json'", file)
	}
	return cases, nil
}

// interopResults are the results of tests: what was left in the cloud and faults
// of plugins are none.
func interopResults(cases []report.Case) []interop.Result {
	var results []interop.Result
	for i := range cases {
		c := &cases[i]
		if !c.OfTest() {
			continue
		}
		results = append(results, interop.Result{
			UUID: strings.ToLower(c.UUID), ID: c.ID, Status: c.Status, Message: c.Message,
		})
	}
	return results
}

// besideTests are one line each for what was wrong with the runs and is no result of a test.
func besideTests(cases []report.Case) []string {
	var lines []string
	for i := range cases {
		if c := &cases[i]; c.BesideTests() {
			first, _, _ := strings.Cut(c.Message, "\n")
			lines = append(lines, strings.TrimSuffix(c.ID+": "+first, ": "))
		}
	}
	return lines
}

// namedClouds are what the tests ran against, each once.
func namedClouds(cases []report.Case) []string {
	var names []string
	for i := range cases {
		if c := cases[i].Cloud; c != "" && !slices.Contains(names, c) {
			names = append(names, c)
		}
	}
	return names
}
