package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

func newConfigSample(std stdio, signals <-chan os.Signal) *cobra.Command {
	return printer(std, signals, config.Sample, &cobra.Command{
		Use:   "sample",
		Short: "Print a tempest.toml with every option of tempest and of the plugins in a comment",
		Args:  noArgs,
	})
}

func newConfigSchema(std stdio, signals <-chan os.Signal) *cobra.Command {
	return printer(std, signals, config.Schema, &cobra.Command{
		Use:   "schema",
		Short: "Print a JSON Schema of tempest.toml, for editors",
		Long: `schema prints a JSON Schema of tempest.toml with the options of tempest and of the
plugins. An editor with a TOML language server completes and checks the file with it,
once the first line of tempest.toml names it: #:schema ./tempest.schema.json`,
		Args: noArgs,
	})
}

// printer makes cmd print what write makes of all options.
func printer(
	std stdio, signals <-chan os.Signal, write func([]option.Group) []byte, cmd *cobra.Command,
) *cobra.Command {
	var f suiteFlags
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withSurvey(cmd.Context(), signals, f, func(_ context.Context, ws *workspace) error {
			if _, err := std.out.Write(write(ws.groups(f))); err != nil {
				return fmt.Errorf("printing the options: %w", err)
			}
			return ws.unread(std.err)
		})
	}
	f.register(cmd)
	return cmd
}
