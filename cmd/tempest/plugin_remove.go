package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/gocmd"
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
				for _, arg := range args {
					if err := e.remove(ctx, arg); err != nil {
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

// ownModule is the error for a plugin that no requirement of go.mod brings in.
func (e *editing) ownModule(p *discover.Plugin, arg string) error {
	switch {
	case p == nil || !p.Main:
		return nil
	case p.Module == e.editor.Path:
		return usagef("%s is this module: go.mod does not require it", arg)
	}
	return usagef("%s is a module that go.work uses, in %s: go.mod does not require it", arg, p.Dir)
}

// required finds the module of a plugin, by its path or its name, and the version in which go.mod requires it. The
// module graph is read only for a name, so that what breaks it can be removed by its path.
func (e *editing) required(ctx context.Context, arg string) (path, version string, err error) {
	if version, err = e.editor.Requires(arg); version != "" || err != nil {
		return arg, version, err
	}
	if module, _, ok := strings.Cut(arg, "@"); ok {
		return "", "", usagef("%s: a plugin is removed in whatever version it has; write %s", arg, module)
	}
	inv, err := e.plugins(ctx)
	if err != nil {
		return "", "", err
	}
	p := inv.Plugin(arg)
	if err := e.ownModule(p, arg); err != nil {
		return "", "", err
	}
	if p != nil {
		version, err = e.editor.Requires(p.Module)
	}
	if version == "" && err == nil {
		err = usagef("%q: go.mod requires no such module, and no plugin has that name; see 'tempest list-plugins'", arg)
	}
	if err != nil {
		return "", "", err
	}
	return p.Module, version, nil
}

// remove removes one plugin.
func (e *editing) remove(ctx context.Context, arg string) error {
	path, version, err := e.required(ctx, arg)
	if err != nil {
		return err
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
	e.report.Plugins = append(e.report.Plugins, &requirement{Module: path, Before: version})
	if err := e.editor.Drop(path); err != nil {
		return fmt.Errorf("removing the requirement of %s: %w", path, err)
	}
	return e.stillThere(ctx, path)
}

// stillThere notes what a removed module leaves: its replacement, and requirements of others.
func (e *editing) stillThere(ctx context.Context, path string) error {
	replaced, err := e.editor.Replaced(path)
	if err != nil {
		return err
	}
	if replaced {
		e.report.Notes = append(e.report.Notes, fmt.Sprintf("go.mod still replaces %s; remove that too with: "+
			"go mod edit -dropreplace=%s", path, path))
	}
	g, err := e.editor.Graph(ctx)
	if _, unreadable := errors.AsType[*gocmd.Error](err); unreadable {
		e.report.Notes = append(e.report.Notes, fmt.Sprintf("whether another module requires %s cannot be said: %v", path,
			plainGo(err)))
		return nil
	}
	if err != nil {
		return usageError{plainGo(err)}
	}
	required, err := e.editor.Requires(path)
	if required != "" || err != nil {
		return err
	}
	if chain := g.ChainToModule(path); chain != nil {
		e.report.Notes = append(e.report.Notes, fmt.Sprintf("%s stays in the module graph: %s", path,
			strings.Join(chain, " requires ")))
	}
	return nil
}
