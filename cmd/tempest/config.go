package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/option"
)

// newConfig returns the commands about the configuration.
func newConfig(std stdio, signals <-chan os.Signal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show, check and convert the configuration",
		Args:  groupArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	cmd.AddCommand(
		newConfigSample(std, signals),
		newConfigSchema(std, signals),
		newConfigCheck(std, signals),
		newConfigShow(std, signals),
		newConfigImport(std, signals),
	)
	return cmd
}

// groupArgs refuses a word that is no command of a group, and names the nearest one.
func groupArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := fmt.Sprintf("; see '%s --help'", cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %q?", near[0])
	}
	return usagef("unknown command %q of %q%s", args[0], cmd.CommandPath(), hint)
}

// withSurvey finds the plugins, without their tests, and gives f what is there.
func withSurvey(
	ctx context.Context, signals <-chan os.Signal, flags suiteFlags, f func(context.Context, *workspace) error,
) error {
	return withFolder(func(overlay string) error {
		return interruptible(ctx, signals, func(ctx context.Context) error {
			ws, err := survey(ctx, flags, discover.Options{WorkDir: overlay, SkipTests: true})
			if err != nil {
				return err
			}
			return f(ctx, ws)
		})
	})
}

// groups are the options of tempest and of the plugins, joined. With --plugin they are
// only those of the plugins named, tempest being one.
func (w *workspace) groups(f suiteFlags) []option.Group {
	var parts [][]option.Group
	takes := func(p discover.Plugin) bool { return !p.Disabled }
	inTree := slices.ContainsFunc(w.inventory.Plugins, func(p discover.Plugin) bool { return p.InTree && takes(p) })
	if len(f.plugins) == 0 || inTree {
		parts = append(parts, w.tempest)
	}
	for _, p := range w.inventory.Plugins {
		if takes(p) {
			parts = append(parts, owned(p))
		}
	}
	return option.Merge(parts...)
}

// unread says on out which plugins' options are not known for sure, and returns the error to
// end with: what was printed is not the whole.
func (w *workspace) unread(out io.Writer) error {
	faults := w.inventory.Faults()
	for _, f := range faults {
		listed := listedFault{string(f.Kind), f.Message, f.Remedy, f.Place}
		fmt.Fprintf(out, "tempest: options of plugin %s: %s\n", f.Plugin, listed.text())
	}
	if len(faults) > 0 {
		return codeError(exitUntrusted)
	}
	return nil
}
