package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/discover"
)

func newListPlugins(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f suiteFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list-plugins",
		Short: "Print the plugins, their modules, options and tests, and what is wrong with them",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var ws *workspace
			err := withFolder(func(overlay string) error {
				return interruptible(cmd.Context(), signals, func(ctx context.Context) (err error) {
					ws, err = open(ctx, f, overlay, nil)
					return err
				})
			})
			if err != nil {
				return err
			}
			plugins := listedPlugins(ws.inventory)
			if asJSON {
				return writeJSON(std.out, plugins)
			}
			return printPlugins(std.out, plugins, sharedTags(ws.inventory))
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object for each plugin")
	return cmd
}

// listedPlugin is a plugin in the output of `tempest list-plugins --json`.
type listedPlugin struct {
	Name     string        `json:"name"`
	Module   string        `json:"module"`
	Version  string        `json:"version,omitempty"`
	Replace  string        `json:"replace,omitempty"`
	Sum      string        `json:"sum,omitempty"`
	Kind     string        `json:"kind"` // main, in-tree, plugin or adopted
	Disabled bool          `json:"disabled,omitempty"`
	Refused  bool          `json:"refused,omitempty"` // by plugins.allow
	API      int           `json:"api,omitempty"`
	Tags     []string      `json:"tags,omitempty"`
	Groups   []listedGroup `json:"groups,omitempty"`
	Packages []listedPkg   `json:"packages,omitempty"`
	Tests    int           `json:"tests"`
	Faults   []listedFault `json:"faults,omitempty"`
}

type listedGroup struct {
	Name    string   `json:"name"`
	Options []string `json:"options"`
}

type listedPkg struct {
	Path  string `json:"path"`
	Tests int    `json:"tests"`
}

type listedFault struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	Place   string `json:"place,omitempty"`
}

func listedPlugins(inv *discover.Inventory) []listedPlugin {
	all := []listedPlugin{}
	for _, p := range inv.Plugins {
		l := listedPlugin{
			Name: p.Name, Module: p.Module, Version: p.Version, Replace: p.Replace, Sum: p.Sum,
			Kind: kindOf(p), Disabled: p.Disabled, Refused: p.Refused, API: p.API, Tags: p.Tags,
		}
		for _, g := range p.Groups {
			names := make([]string, len(g.Options))
			for i, o := range g.Options {
				names[i] = o.Name
			}
			l.Groups = append(l.Groups, listedGroup{g.Name, names})
		}
		for _, pkg := range p.Packages {
			l.Packages = append(l.Packages, listedPkg{pkg.Path, len(pkg.Tests)})
			l.Tests += len(pkg.Tests)
		}
		for _, f := range p.Faults {
			l.Faults = append(l.Faults, listedFault{string(f.Kind), f.Message, f.Remedy, f.Place})
		}
		all = append(all, l)
	}
	return all
}

func kindOf(p discover.Plugin) string {
	switch {
	case p.Adopted:
		return "adopted"
	case p.Main:
		return "main"
	case p.InTree:
		return "in-tree"
	}
	return "plugin"
}

// sharedTags are the build tags that more than one plugin understands, with
// their plugins: one run has one set of tags.
func sharedTags(inv *discover.Inventory) map[string][]string {
	users := map[string][]string{}
	for _, p := range inv.Plugins {
		for _, tag := range p.Tags {
			users[tag] = append(users[tag], p.Name)
		}
	}
	for tag, names := range users {
		if len(names) < 2 {
			delete(users, tag)
		}
	}
	return users
}

// printPlugins prints a paragraph for each plugin.
func printPlugins(w io.Writer, plugins []listedPlugin, shared map[string][]string) error {
	for _, p := range plugins {
		var b strings.Builder
		fmt.Fprintf(&b, "%s\n", p.heading())
		for _, line := range p.details() {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("printing the plugins: %w", err)
		}
	}
	tags := make(map[string]bool, len(shared))
	for tag := range shared {
		tags[tag] = true
	}
	for _, tag := range sortedKeys(tags) {
		fmt.Fprintf(w, "tag %s is understood by %s: --tags %s applies to all of them\n",
			tag, strings.Join(shared[tag], ", "), tag)
	}
	return nil
}

// heading is the plugin's name and where it comes from.
func (p listedPlugin) heading() string {
	s := p.Name + "  " + p.Module
	if p.Version != "" {
		s += "@" + p.Version
	}
	if p.Replace != "" {
		s += " => " + p.Replace
	}
	if p.Kind != "plugin" {
		s += " (" + p.Kind + ")"
	}
	switch {
	case p.Refused:
		s += " refused by plugins.allow"
	case p.Disabled:
		s += " disabled"
	}
	return s
}

// details are the lines below the heading.
func (p listedPlugin) details() []string {
	var lines []string
	if p.API != 0 {
		lines = append(lines, fmt.Sprintf("api       %d", p.API))
	}
	if p.Sum != "" {
		lines = append(lines, "sum       "+p.Sum)
	}
	if len(p.Tags) > 0 {
		lines = append(lines, "tags      "+strings.Join(p.Tags, " "))
	}
	for _, g := range p.Groups {
		lines = append(lines, fmt.Sprintf("options   [%s] %s", g.Name, strings.Join(g.Options, " ")))
	}
	for _, pkg := range p.Packages {
		lines = append(lines, fmt.Sprintf("package   %s  %s", pkg.Path, count(pkg.Tests, "test")))
	}
	for _, f := range p.Faults {
		lines = append(lines, "FAULT     "+f.text())
	}
	return lines
}

func (f listedFault) text() string {
	s := f.Kind + ": "
	if f.Place != "" {
		s += filepath.ToSlash(f.Place) + ": "
	}
	s += f.Message
	if f.Remedy != "" {
		s += "; " + f.Remedy
	}
	return s
}
