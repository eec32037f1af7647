package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/gotempest/tempest/internal/gocmd"
)

// newPluginFlags are the flags of `tempest plugin new`.
type newPluginFlags struct {
	name        string
	serviceType string
	layout      string
	dir         string
	tempest     string
	license     string
	author      string
	ci          string
	noTidy      bool
}

// Layouts of a plugin.
const (
	ownModule    = "module"
	insideModule = "inside"
)

func newPluginNew(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f newPluginFlags
	cmd := &cobra.Command{
		Use:   "new MODULE",
		Short: "Make a plugin: a module with tests that run at once",
		Long: `new makes a plugin in a new folder, or with --dir in another: a marker with an
option, a client of the service, a simulator of it for tempest's embedded cloud,
API and scenario tests with IDs, a unit test, README, licence, and files for CI
and editors. All tests pass at once; then put your service in the place of the
things that it has.

There are two layouts. As a module of its own (the default) the plugin has its own
versions and requirements: who uses the service's code does not get tempest, and
tests can be released when the service is not. Inside an existing module
(--layout inside) tests and code change in one commit and have one version, but
every user of the module gets tempest into the requirements, and a fix of a test
needs a release of the module.`,
		Example: "  tempest plugin new example.com/octavia-tests --name octavia --service-type load-balancer\n" +
			"  tempest plugin new example.com/octavia --layout inside --dir .",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("plugin new takes the path of one module, as example.com/octavia-tests")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return makePlugin(cmd.Context(), std.out, signals, args[0], f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "`NAME` of the plugin (default: from the end of the module path)")
	flags.StringVar(&f.serviceType, "service-type", "", "`TYPE` of the service in the catalogue (default: the name)")
	flags.StringVar(&f.layout, "layout", ownModule, "`LAYOUT`: module, a module of its own, or inside, a part of one")
	flags.StringVar(&f.dir, "dir", "",
		"make it in `DIR` (default: a folder called as the module; for inside: the current one)")
	flags.StringVar(&f.tempest, "tempest", "",
		"require this `VERSION` of tempest, or the checkout in this folder (default: what this command is)")
	flags.StringVar(&f.license, "license", "apache-2.0", "`LICENCE`: apache-2.0, mit, bsd-3-clause or none")
	flags.StringVar(&f.author, "author", "", "copyright holder `NAME` in the licence (default: the authors of the plugin)")
	flags.StringVar(&f.ci, "ci", "github", "write a file for `SYSTEM`: github, gitlab or none")
	flags.BoolVar(&f.noTidy, "no-tidy", false, "do not call go mod tidy, which needs the network")
	return cmd
}

// makePlugin makes the plugin and says on w what comes next.
func makePlugin(ctx context.Context, w io.Writer, signals <-chan os.Signal, modPath string, f newPluginFlags) error {
	dir := f.dir
	if dir == "" && f.layout == ownModule {
		dir = folderName(modPath)
	} else if dir == "" {
		dir = "."
	}
	p, err := planPlugin(dir, modPath, f)
	if err != nil {
		return err
	}
	if err := p.makeIn(dir, signals); err != nil {
		return err
	}
	next := p.next
	tidied, why := p.tidy(ctx, signals, dir, f)
	if tidied {
		next = next[p.tidySteps:]
	} else if why != nil {
		p.notes = append(p.notes, "go mod tidy is still to be done: "+plainGo(why).Error())
	}
	p.tell(w, dir)
	fmt.Fprintln(w, "\nNext:")
	if at, err := filepath.Abs(dir); err == nil && !isCurrent(at) {
		fmt.Fprintln(w, "  "+changeTo(dir))
	}
	for _, command := range next {
		fmt.Fprintln(w, "  "+command)
	}
	if interrupted, ok := errors.AsType[interruptedError](why); ok {
		return interrupted // all files are there, and what is left to do was said
	}
	return nil
}

// folderName is what a module is called, without the version in its path: octavia of example.com/octavia/v2.
func folderName(path string) string {
	path = strings.TrimSuffix(path, "/")
	if prefix, _, ok := module.SplitPathVersion(path); ok {
		path = prefix
	}
	return path[strings.LastIndex(path, "/")+1:]
}

// tidy completes go.mod and go.sum, so that the tests can run at once.
func (p *pluginPlan) tidy(ctx context.Context, signals <-chan os.Signal, dir string, f newPluginFlags) (bool, error) {
	if f.noTidy {
		return false, nil
	}
	err := interruptible(ctx, signals, func(ctx context.Context) error {
		for _, args := range p.goCommands {
			if _, err := (gocmd.Cmd{Args: args, Dir: dir, Extra: []string{"GOWORK=off"}}).Output(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}
