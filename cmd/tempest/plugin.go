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
		Args:  pluginArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
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

// pluginArgs refuses a word that is no command.
func pluginArgs(cmd *cobra.Command, args []string) error { return rootArgs(cmd, args) }
