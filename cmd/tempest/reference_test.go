package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

//go:generate go test -run TestReferenceIsCurrent -update

const commandReference = "../../docs/reference/commands.md"

// ownExits says, for each command that has exit codes of its own, what they mean
// beyond those of all commands.
var ownExits = map[string]map[int]string{
	"tempest account-generator": {exitFailed: "something is left in the cloud"},
	"tempest cleanup": {
		exitFailed:    "something is left, or `--dry-run` has found something",
		exitUntrusted: "a ledger cannot be read; what the others hold was removed",
	},
	"tempest config check": {
		exitFailed:    "with `--cloud`: the cloud is not as the configuration says",
		exitUsage:     "the configuration has mistakes",
		exitUntrusted: "a plugin's options cannot be read, or a service did not answer",
	},
	"tempest config sample": {exitUntrusted: "a plugin's options cannot be read; the others are printed"},
	"tempest config schema": {exitUntrusted: "a plugin's options cannot be read; the others are printed"},
	"tempest config show":   {exitUntrusted: "a plugin's options cannot be read; the others are printed"},
	"tempest interop":       {exitFailed: "a component of the guideline is not met"},
	"tempest plugin add":    requireExits,
	"tempest plugin check":  {exitFailed: "something was found", exitUntrusted: "a plugin has a fault: it could not run"},
	"tempest plugin remove": requireExits,
	"tempest plugin update": requireExits,
	"tempest run": {
		exitFailed:    "tests failed, or something was left in the cloud",
		exitUntrusted: "a plugin has a fault or did not build, tests were lost, or results were not planned",
	},
}

// requireExits are those of the commands that change which plugins are required.
var requireExits = map[int]string{
	exitUsage:     "it cannot be done, and nothing has changed",
	exitUntrusted: "it is done, and a plugin has a fault, or what the plugins hold cannot be said",
}

// everyExit are the exit codes that all commands have.
var everyExit = map[int]string{
	exitOK:          "done",
	exitUsage:       "a flag, an argument, the configuration or the cloud's credentials cannot be used",
	exitUntrusted:   "tempest could not do its work",
	exitInterrupted: "interrupted by SIGINT",
	exitTerminated:  "interrupted by SIGTERM or SIGHUP",
	exitPipe:        "nobody reads the output of a listing any more",
}

// docs/reference/commands.md is what the commands say of themselves.
func TestReferenceIsCurrent(t *testing.T) {
	root := newRoot(stdio{os.Stdout, os.Stderr}, nil)
	text := reference(root)
	if *update {
		if err := os.WriteFile(commandReference, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if read(t, commandReference) != text {
		t.Error("docs/reference/commands.md is not what the commands say; run: go generate ./cmd/tempest")
	}
	for name := range ownExits {
		if cmd, _, err := root.Find(strings.Fields(name)[1:]); err != nil || cmd.CommandPath() != name {
			t.Errorf("exit codes of %q, which is no command", name)
		}
	}
}

// reference is the page of all commands.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(`# Reference of the commands

<!-- Written by: go generate ./cmd/tempest -->

What ` + "`tempest COMMAND --help`" + ` says, on one page. [Commands](../cli.md) is the guide to them.

| command | what it does |
|---|---|
`)
	var all []*cobra.Command
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.HasParent() && !cmd.Hidden {
			all = append(all, cmd)
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	slices.SortFunc(all, func(a, b *cobra.Command) int { return cmp.Compare(a.CommandPath(), b.CommandPath()) })
	for _, cmd := range all {
		name := cmd.CommandPath()
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", name, strings.ReplaceAll(name, " ", "-"), cell(cmd.Short))
	}
	b.WriteString("\n## Exit codes of all commands\n\n")
	writeExits(&b, everyExit)
	b.WriteString("\nThe worst applies. Commands that have others say so below.\n")
	for _, cmd := range all {
		writeCommand(&b, cmd)
	}
	return b.String()
}

// writeCommand writes the section of one command.
func writeCommand(b *strings.Builder, cmd *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n%s.\n\n", cmd.CommandPath(), strings.TrimSuffix(cmd.Short, "."))
	fmt.Fprintf(b, "```text\n%s\n```\n", cmd.UseLine())
	if cmd.Long != "" {
		fmt.Fprintf(b, "\n```text\n%s\n```\n", strings.TrimSpace(cmd.Long))
	}
	if cmd.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", outdent(cmd.Example))
	}
	if cmd.HasAvailableLocalFlags() {
		b.WriteString("\n| flag | default | meaning |\n|---|---|---|\n")
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && f.Name != "help" {
				writeFlag(b, f)
			}
		})
	}
	if own := ownExits[cmd.CommandPath()]; own != nil {
		b.WriteString("\n")
		writeExits(b, own)
	}
}

// writeFlag writes the row of a flag.
func writeFlag(b *strings.Builder, f *pflag.Flag) {
	value, usage := pflag.UnquoteUsage(f)
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + "`, `" + name
	}
	if value != "" {
		name += " " + value
	}
	def := ""
	if zero := map[string]bool{"": true, "false": true, "0": true, "0s": true, "[]": true}; !zero[f.DefValue] {
		def = "`" + cell(f.DefValue) + "`"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s |\n", cell(name), def, cell(usage))
}

func writeExits(b *strings.Builder, meanings map[int]string) {
	b.WriteString("| exit code | meaning |\n|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(meanings)) {
		fmt.Fprintf(b, "| %d | %s |\n", code, meanings[code])
	}
}

// cell makes text fit a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// outdent takes the two spaces away that examples begin with.
func outdent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}
