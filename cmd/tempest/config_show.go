package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

func newConfigShow(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f suiteFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [flags] [GROUP | GROUP.OPTION]…",
		Short: "Print the value of each option, and where it comes from",
		Long: `show prints the options in effect as TOML, each with a comment that says where its
value comes from: default, a place in a file, a variable or -o. Secrets are masked.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSurvey(cmd.Context(), signals, f, func(_ context.Context, ws *workspace) error {
				if err := ws.check(); err != nil {
					return err
				}
				ws.warn(std.err)
				groups, err := pick(ws.groups(f), args)
				if err != nil {
					return err
				}
				if err := printSettings(std.out, ws.values.Settings(groups), asJSON); err != nil {
					return err
				}
				return ws.unread(std.err)
			})
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object for each option")
	return cmd
}

// pick narrows groups to those that names name, each as a group or a group.option.
func pick(groups []option.Group, names []string) ([]option.Group, error) {
	if len(names) == 0 {
		return groups, nil
	}
	var picked []option.Group
	for _, name := range names {
		group, opt, dotted := strings.Cut(name, ".")
		i := slices.IndexFunc(groups, func(g option.Group) bool { return g.Name == group })
		if i < 0 {
			known := make([]string, len(groups))
			for j, g := range groups {
				known[j] = g.Name
			}
			return nil, usagef("there is no group %q; the nearest one is %s", group, config.Nearest(group, known))
		}
		g := groups[i]
		if dotted {
			j := slices.IndexFunc(g.Options, func(o option.Option) bool { return o.Name == opt })
			if j < 0 {
				known := make([]string, len(g.Options))
				for k, o := range g.Options {
					known[k] = o.Name
				}
				return nil, usagef("there is no option %q; the nearest one is %s.%s", name, group, config.Nearest(opt, known))
			}
			g.Options = g.Options[j : j+1]
		}
		picked = append(picked, g)
	}
	return option.Merge(picked), nil
}

// shownOption is an option in the output of `tempest config show --json`.
type shownOption struct {
	Group  string `json:"group"`
	Index  *int   `json:"index,omitempty"` // of the table, in a list of tables
	Name   string `json:"name"`
	Type   string `json:"type"`
	Value  any    `json:"value"`
	Secret bool   `json:"secret,omitempty"`
	Plugin string `json:"plugin,omitempty"`
	shownOrigin
}

// shownOrigin is where a value comes from, or what is wrong stands.
type shownOrigin struct {
	Source   string `json:"source"` // default, file, environment or override
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Variable string `json:"variable,omitempty"`
	Override string `json:"override,omitempty"`
}

func shown(o config.Origin) shownOrigin {
	sources := map[config.Kind]string{
		config.FromDefault: "default", config.FromFile: "file",
		config.FromEnvironment: "environment", config.FromOverride: "override",
	}
	return shownOrigin{sources[o.Kind], o.File, o.Line, o.Column, o.Variable, o.Text}
}

func printSettings(out io.Writer, settings []config.Setting, asJSON bool) error {
	if asJSON {
		all := make([]shownOption, len(settings))
		for i, s := range settings {
			all[i] = shownOption{
				Group: s.Group, Name: s.Option.Name, Type: s.Option.Type, Value: s.Value, Secret: s.Option.Secret,
				Plugin: s.Option.Owner, shownOrigin: shown(s.Origin),
			}
			if s.List {
				all[i].Index = &settings[i].Index
			}
		}
		return writeJSON(out, all)
	}
	var b strings.Builder
	for len(settings) > 0 {
		first := settings[0]
		n := slices.IndexFunc(settings, func(s config.Setting) bool {
			return s.Group != first.Group || s.Index != first.Index
		})
		if n < 0 {
			n = len(settings)
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		table(&b, settings[:n])
		settings = settings[n:]
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("printing the options: %w", err)
	}
	return nil
}

// widestValue is how far the comments are moved to the right.
const widestValue = 60

// table writes the settings of one group, with the comments below each other.
func table(b *strings.Builder, settings []config.Setting) {
	heading := "[" + settings[0].Group + "]"
	if settings[0].List {
		heading = "[" + heading + "]"
	}
	fmt.Fprintln(b, heading)
	width := 0
	lines := make([]string, len(settings))
	for i, s := range settings {
		lines[i] = s.Option.Name + " = " + s.TOML()
		if n := len(lines[i]); n <= widestValue {
			width = max(width, n)
		}
	}
	for i, s := range settings {
		fmt.Fprintf(b, "%-*s  # %s\n", width, lines[i], s.Origin)
	}
}
