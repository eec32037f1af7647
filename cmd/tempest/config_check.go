package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/cloudcheck"
	"github.com/gotempest/tempest/testlib/config"
)

func newConfigCheck(std stdio, signals <-chan os.Signal) *cobra.Command {
	c := configCheck{std: std}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration, and with --cloud whether the cloud is as it says",
		Long: `check tells every mistake in the configuration, with its place, and ends with 2. With
--cloud it also compares the configuration with the cloud: services, roles, the resources
that options name, microversions and features. A mismatch ends with 1. Notes are about
tests that are skipped, and change nothing.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSurvey(cmd.Context(), signals, c.flags, c.run)
		},
	}
	c.flags.register(cmd)
	cmd.Flags().BoolVar(&c.cloud, "cloud", false, "compare with the cloud too")
	cmd.Flags().BoolVar(&c.asJSON, "json", false, "print a JSON object")
	return cmd
}

// configCheck is one `tempest config check`.
type configCheck struct {
	std    stdio
	flags  suiteFlags
	cloud  bool
	asJSON bool
}

// checkReport is the output of `tempest config check --json`.
type checkReport struct {
	File     string         `json:"file,omitempty"` // empty without one
	Problems []checkProblem `json:"problems"`
	Warnings []checkProblem `json:"warnings"`
	Cloud    *cloudReport   `json:"cloud,omitempty"` // with --cloud, when there are no problems
}

// checkProblem is one thing that is wrong, or deprecated.
type checkProblem struct {
	Message string `json:"message"`
	shownOrigin
}

// cloudReport is how the configuration compares with the cloud.
type cloudReport struct {
	Name      string         `json:"name"`
	Findings  []cloudFinding `json:"findings"`
	Checked   []string       `json:"checked"`
	Unchecked []string       `json:"unchecked"`
}

// cloudFinding is one difference.
type cloudFinding struct {
	Level  string `json:"level"` // mismatch, unknown or note
	Option string `json:"option"`
	Value  string `json:"value"` // as in tempest.toml
	Cloud  string `json:"cloud"` // what the cloud has
	Remedy string `json:"remedy,omitempty"`
	shownOrigin
}

func (c *configCheck) run(ctx context.Context, ws *workspace) error {
	err := ws.check()
	bad, isBad := errors.AsType[*config.Error](err)
	switch {
	case err != nil && (!isBad || !c.asJSON):
		return err
	case isBad:
		return errors.Join(writeJSON(c.std.out, c.problems(ws, bad.Problems)), codeError(exitUsage))
	}
	if !c.asJSON {
		ws.warn(c.std.err)
	}
	report := c.problems(ws, nil)
	for _, w := range ws.values.Warnings() {
		report.Warnings = append(report.Warnings, checkProblem{w.Message, shown(w.Origin)})
	}
	var found cloudcheck.Report
	if c.cloud {
		if found, report.Cloud, err = c.compare(ctx, ws); err != nil {
			return err
		}
	}
	unread := ws.unread(c.std.err)
	switch {
	case c.asJSON:
		err = writeJSON(c.std.out, report)
	case c.cloud:
		c.print(report, found)
	case unread == nil:
		fmt.Fprintln(c.std.out, "the configuration has no mistakes")
	}
	return errors.Join(err, verdict(found, unread))
}

func (c *configCheck) problems(ws *workspace, problems []config.Problem) checkReport {
	report := checkReport{File: ws.config, Problems: []checkProblem{}, Warnings: []checkProblem{}}
	for _, p := range problems {
		report.Problems = append(report.Problems, checkProblem{p.Message, shown(p.Origin)})
	}
	return report
}

// compare compares the configuration with the cloud. The error says why nobody can log in.
func (c *configCheck) compare(ctx context.Context, ws *workspace) (cloudcheck.Report, *cloudReport, error) {
	s, err := cloud.Open(ctx, ws.core)
	if err != nil {
		return cloudcheck.Report{}, nil, usageError{err}
	}
	defer s.Close()
	found, err := cloudcheck.Check(ctx, s, ws.values, ws.groups(c.flags))
	if err != nil {
		return found, nil, usageError{err}
	}
	report := &cloudReport{
		Name: cloudName(s.Cloud), Findings: []cloudFinding{}, Checked: found.Checked, Unchecked: found.Unchecked,
	}
	for _, f := range found.Findings {
		report.Findings = append(report.Findings, cloudFinding{
			f.Level.String(), f.Option, f.Value, f.Cloud, f.Remedy, shown(f.Origin),
		})
	}
	return found, report, nil
}

func cloudName(c cloud.Cloud) string {
	switch {
	case c.IsEmbedded:
		return "the embedded cloud"
	case c.Name != "":
		return fmt.Sprintf("cloud %q", c.Name)
	}
	return c.Auth.IdentityEndpoint
}

func (c *configCheck) print(report checkReport, found cloudcheck.Report) {
	counts := map[cloudcheck.Level]int{}
	for level := cloudcheck.Mismatch; level >= cloudcheck.Note; level-- {
		for _, f := range found.Findings {
			if f.Level == level {
				counts[level]++
				fmt.Fprintf(c.std.out, "%-8s  %s\n", level, f)
			}
		}
	}
	fmt.Fprintf(c.std.out, "%s: %d options compared: %d mismatches, %d unknown, %d notes; %d of features cannot be seen\n",
		report.Cloud.Name, len(found.Checked), counts[cloudcheck.Mismatch], counts[cloudcheck.Unknown],
		counts[cloudcheck.Note], len(found.Unchecked))
}

// verdict is the exit code of a check: unread is what speaks against its being whole.
func verdict(found cloudcheck.Report, unread error) error {
	switch found.Worst() {
	case cloudcheck.Mismatch:
		if unread == nil {
			return codeError(exitFailed)
		}
	case cloudcheck.Unknown:
		return codeError(exitUntrusted)
	}
	return unread
}
