package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
)

func newPluginUpdate(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f requireFlags
	cmd := &cobra.Command{
		Use:   "update [MODULE|NAME[@VERSION]…]",
		Short: "Move plugins to another version, the latest unless said otherwise",
		Long: `update moves the plugins that go.mod requires to their latest version, or to
@VERSION, and says what else changes its version, and why. Without arguments it
moves all of them, but for those that a replace of go.mod stands for.`,
		Example: "  tempest plugin update\n  tempest plugin update octavia@v1.3.0",
		RunE: func(cmd *cobra.Command, args []string) error {
			return editRequirements(cmd.Context(), std, signals, f, func(ctx context.Context, e *editing) error {
				inv, err := e.plugins(ctx)
				if err != nil {
					return err
				}
				if len(args) == 0 {
					args = updatable(inv)
				}
				if len(args) == 0 {
					return usagef("there is no plugin to update: those of folders have no other versions, " +
						"and those that plugins.allow refuses stay as they are; add one with 'tempest plugin add'")
				}
				for _, arg := range args {
					if err := e.update(ctx, inv, arg); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f.register(cmd)
	return cmd
}

// updatable are the modules of the plugins that have versions.
func updatable(inv *discover.Inventory) []string {
	var paths []string
	for i := range inv.Plugins {
		if p := &inv.Plugins[i]; !p.Main && !p.InTree && !p.Adopted && p.Replace == "" && !p.Refused {
			paths = append(paths, p.Module)
		}
	}
	return paths
}

// update moves one plugin.
func (e *editing) update(ctx context.Context, inv *discover.Inventory, arg string) error {
	name, version, given := strings.Cut(arg, "@")
	if given && version == "" {
		return usagef("%s: want a version, as @v1.2.3 or @latest", arg)
	}
	p := inv.Plugin(name)
	if err := e.ownModule(p, arg); err != nil {
		return err
	}
	if p == nil {
		return usagef("%s: there is no such plugin; see 'tempest list-plugins', or add it with 'tempest plugin add'", arg)
	}
	if p.Replace != "" {
		return usagef("%s: go.mod replaces %s by %s, which has no other versions", arg, p.Module, p.Replace)
	}
	if version == "none" {
		return usagef("%s: 'tempest plugin remove' removes a plugin", arg)
	}
	if err := e.allowed(p.Module); err != nil {
		return err
	}
	return e.get(ctx, p.Module, version)
}
