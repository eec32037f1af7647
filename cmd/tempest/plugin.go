package main

import (
	"os"

	"github.com/spf13/cobra"
)

// newPlugin is the group of commands about plugins.
func newPlugin(std stdio, signals <-chan os.Signal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Make, check, add, update and remove plugins",
		Args:  groupArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newPluginNew(std, signals),
		newPluginCheck(std, signals),
		newPluginAdd(std, signals),
		newPluginRemove(std, signals),
		newPluginUpdate(std, signals),
	)
	return cmd
}
