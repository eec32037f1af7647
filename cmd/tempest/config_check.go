package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/testlib/config"
)

func newConfigCheck(std stdio, signals <-chan os.Signal) *cobra.Command {
	c := configCheck{std: std}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSurvey(cmd.Context(), signals, c.flags, c.run)
		},
	}
	c.flags.register(cmd)
	cmd.Flags().BoolVar(&c.asJSON, "json", false, "print a JSON object")
	return cmd
}

// configCheck is one `tempest config check`.
type configCheck struct {
	std    stdio
	flags  suiteFlags
	asJSON bool
}

// checkReport is the output of `tempest config check --json`.
type checkReport struct {
	File     string         `json:"file,omitempty"` // empty without one
	Problems []checkProblem `json:"problems"`
	Warnings []checkProblem `json:"warnings"`
}

// checkProblem is one thing that is wrong, or deprecated.
type checkProblem struct {
	Message string `json:"message"`
	shownOrigin
}

func (c *configCheck) run(ctx context.Context, ws *workspace) error {
	err := ws.check()
	bad, isBad := errors.AsType[*config.Error](err)
	if err != nil && !isBad {
		return err
	}
	if c.asJSON {
		report := checkReport{File: ws.config, Problems: []checkProblem{}, Warnings: []checkProblem{}}
		if isBad {
			for _, p := range bad.Problems {
				report.Problems = append(report.Problems, checkProblem{p.Message, shown(p.Origin)})
			}
		} else {
			for _, w := range ws.values.Warnings() {
				report.Warnings = append(report.Warnings, checkProblem{w.Message, shown(w.Origin)})
			}
		}
		if err := writeJSON(c.std.out, report); err != nil {
			return err
		}
	}
	switch {
	case isBad && c.asJSON:
		return codeError(exitUsage)
	case isBad:
		return err
	}
	if !c.asJSON {
		ws.warn(c.std.err)
	}
	if err := ws.unread(c.std.err); err != nil {
		return err
	}
	if !c.asJSON {
		fmt.Fprintln(c.std.out, "the configuration has no mistakes")
	}
	return nil
}
