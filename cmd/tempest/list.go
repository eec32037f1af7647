package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/plan"
)

func newList(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f runFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [flags] [PACKAGE…]",
		Short: "Print the IDs of the tests, without building them",
		RunE: func(cmd *cobra.Command, args []string) error {
			patterns, extra := splitArgs(cmd, args)
			if len(extra) > 0 {
				return usagef("list takes nothing after --; it does not run go test")
			}
			r := &testRun{std: std, signals: signals, flags: f, patterns: patterns}
			var p plan.Plan
			err := withFolder(func(overlay string) (err error) {
				_, p, err = r.plan(cmd.Context(), overlay)
				return err
			})
			r.explainFaults(p.Faults)
			if err != nil {
				return err
			}
			return printTests(std.out, p, asJSON)
		},
	}
	f.suiteFlags.register(cmd)
	f.selectFlags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object for each test")
	return cmd
}

// withFolder gives f a temporary folder for the copy of go.mod. It is gone
// afterwards, whatever ends the command.
func withFolder(f func(overlay string) error) error {
	folder, err := runner.NewFolder(nil)
	if err != nil {
		return err
	}
	return errors.Join(f(folder.Overlay()), folder.Close())
}

// listedTest is a test in the output of `tempest list --json`.
type listedTest struct {
	ID         string              `json:"id"`
	Package    string              `json:"package"`
	Name       string              `json:"name"`
	UUID       string              `json:"uuid,omitempty"`
	Attributes []string            `json:"attributes,omitempty"`
	Services   []string            `json:"services,omitempty"`
	Options    map[string][]string `json:"options,omitempty"`
	Plugin     string              `json:"plugin"`
	File       string              `json:"file"`
	Line       int                 `json:"line"`
}

func printTests(w io.Writer, p plan.Plan, asJSON bool) error {
	if !asJSON {
		return printIDs(w, p.Packages)
	}
	all := []listedTest{}
	for _, pkg := range p.Packages {
		for _, t := range selected([]plan.Package{pkg}) {
			all = append(all, listedTest{
				ID: t.ID(), Package: t.Package, Name: t.Name, UUID: t.UUID, Attributes: t.Attributes,
				Services: t.Services, Options: t.Options, Plugin: pkg.Plugin, File: t.File, Line: t.Line,
			})
		}
	}
	return writeJSON(w, all)
}

// printIDs prints what --load-list reads.
func printIDs(w io.Writer, packages []plan.Package) error {
	for _, t := range selected(packages) {
		if _, err := fmt.Fprintln(w, t.TaggedID()); err != nil {
			return fmt.Errorf("printing the tests: %w", err)
		}
	}
	return nil
}

// selected are the tests of packages without those that run only because a
// subtest of theirs was selected.
func selected(packages []plan.Package) []plan.Test {
	var all []plan.Test
	for _, pkg := range packages {
		for _, t := range pkg.Tests {
			if !t.Implied {
				all = append(all, t)
			}
		}
	}
	return all
}

// sortedKeys returns the keys of a set in order.
func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// count says "1 test", "2 tests".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
