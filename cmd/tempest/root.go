package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// run is main without the process: it returns the exit code. The first signal
// is answered by the command that runs; none of them ignores it.
func run(ctx context.Context, std stdio, signals <-chan os.Signal, args []string) int {
	root := newRoot(std, signals) //nolint:contextcheck // cobra hands the context to RunE
	root.SetArgs(args)
	return exitCode(std, root.ExecuteContext(ctx))
}

// newRoot returns the command tree.
func newRoot(std stdio, signals <-chan os.Signal) *cobra.Command {
	root := &cobra.Command{
		Use:   "tempest",
		Short: "Run integration tests against an OpenStack cloud",
		Long: `tempest runs integration tests against an OpenStack cloud: the in-tree suite
and the tests of every plugin that go.mod requires, as one suite. With no cloud
configured it runs against the embedded cloud, a simulator.`,
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		SilenceUsage:               true,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:                       rootArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newInit(std, signals),
		newAccountGenerator(std, signals),
		newRun(std, signals),
		newList(std, signals),
		newListPlugins(std, signals),
		newPlugin(std, signals),
		newCalls(std, signals),
		newInterop(std),
		newCloud(std, signals),
		newCleanup(std, signals),
		newConfig(std, signals),
		newCache(std),
		newVersion(std),
		newCompletion(std),
	)
	return root
}

// rootArgs refuses a word that is no command, and names the nearest one.
func rootArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "; see 'tempest --help'"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %q?", near[0])
	}
	return usagef("unknown command %q%s", args[0], hint)
}

// noArgs is for commands that take flags only.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// flagError says where to read about the flags that do exist.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return usagef("%w; see '%s --help'", err, cmd.CommandPath())
}

func newCompletion(std stdio) *cobra.Command {
	shells := map[string]func(*cobra.Command, io.Writer) error{
		"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) },
		"zsh":        func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) },
	}
	names := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:       "completion {" + strings.Join(names, "|") + "}",
		Short:     "Print a completion script for a shell",
		Example:   "  source <(tempest completion bash)",
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || shells[args[0]] == nil {
				return usagef("completion takes one shell: %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := shells[args[0]](cmd.Root(), std.out); err != nil {
				return fmt.Errorf("writing the completion script: %w", err)
			}
			return nil
		},
	}
}
