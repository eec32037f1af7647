package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
)

func newPluginRemove(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f requireFlags
	cmd := &cobra.Command{
		Use:   "remove MODULE|NAME…",
		Short: "Remove plugins from go.mod and plugins.go",
		Long: `remove removes the requirements of plugins from go.mod, and the imports of their
markers. Requirements that came with them stay until go mod tidy. A plugin that
another module requires stays in the module graph: that is told.`,
		Example: "  tempest plugin remove octavia",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("plugin remove takes the names or module paths of plugins")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return editRequirements(cmd.Context(), std, signals, f, func(ctx context.Context, e *editing) error {
				inv, err := e.plugins(ctx)
				if err != nil {
					return err
				}
				for _, arg := range args {
					if err := e.remove(ctx, inv, arg); err != nil {
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

// plugins are those of the main module before anything is changed.
func (e *editing) plugins(ctx context.Context) (inv *discover.Inventory, err error) {
	err = withFolder(func(overlay string) error {
		ws, err := survey(ctx, e.flags.suite(), discover.Options{WorkDir: overlay, SkipTests: true})
		if err == nil {
			inv = ws.inventory
		}
		return err
	})
	return inv, err
}

// remove removes one plugin.
func (e *editing) remove(ctx context.Context, inv *discover.Inventory, arg string) error {
	path := arg
	if p := inv.Plugin(arg); p != nil {
		path = p.Module
	}
	required, err := e.editor.Requires(path)
	if err != nil {
		return err
	}
	if !required {
		return usagef("%s: go.mod requires no such module, and no plugin has that name; see 'tempest list-plugins'", arg)
	}
	imports, err := e.editor.Imports(path)
	if err != nil {
		return err
	}
	for _, i := range imports {
		if !i.Blank || i.Path != path+"/tempestplugin" {
			return usagef("%s: %s imports %s; remove that first", arg, i.Place(), i.Path)
		}
		if err := e.removeImport(i); err != nil {
			return err
		}
	}
	m, err := e.editor.Module(ctx, path)
	if err != nil {
		return usageError{plainGo(err)}
	}
	r := &requirement{Module: path}
	if m != nil {
		r.Before = m.Version
	}
	e.report.Plugins = append(e.report.Plugins, r)
	if err := e.editor.Drop(path); err != nil {
		return fmt.Errorf("removing the requirement of %s: %w", path, err)
	}
	return e.stillThere(ctx, path)
}

// stillThere notes when others require a module that was removed.
func (e *editing) stillThere(ctx context.Context, path string) error {
	g, err := e.editor.Graph(ctx)
	if err != nil {
		return usageError{plainGo(err)}
	}
	required, err := e.editor.Requires(path)
	if required || err != nil {
		return err
	}
	if chain := g.ChainToModule(path); chain != nil {
		e.report.Notes = append(e.report.Notes, fmt.Sprintf("%s stays in the module graph: %s", path,
			strings.Join(chain, " requires ")))
	}
	return nil
}
