package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Command lines of tempest in the pages have commands and flags that there
// are, in their text and in their blocks.
func TestPagesGiveCommandLinesThatWork(t *testing.T) {
	root := newRoot(stdio{os.Stdout, os.Stderr}, nil)
	root.InitDefaultHelpFlag()
	checked := 0
	for _, page := range pages(t) {
		text := read(t, page)
		if filepath.Base(page) == "from-python.md" {
			// The first column holds the commands of another tempest.
			text = regexp.MustCompile(`(?m)^\| .*? \| `).ReplaceAllString(text, "| ")
		}
		for _, line := range commandLines(text) {
			checked++
			if wrong := wrongIn(root, strings.Fields(line)); wrong != "" {
				t.Errorf("%s: %s in %q", page, wrong, line)
			}
		}
	}
	if checked < 50 {
		t.Errorf("the pages have %d command lines; are they still read?", checked)
	}
}

// pages are the Markdown files that users read.
func pages(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "examples/*/*.md"} {
		found, err := filepath.Glob("../../" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	return slices.DeleteFunc(pages, func(page string) bool { return filepath.Base(page) == "CHANGELOG.md" })
}

// commandLines are what follows tempest in spans of code that are a command,
// and in lines of blocks.
func commandLines(text string) []string {
	block := regexp.MustCompile("(?ms)^```(?:sh|console|yaml|groovy)$.*?^```$")
	line := regexp.MustCompile(`(?m)(?:^|[ ;&|(])(?:go tool |cmd/|go run \./cmd/)?tempest(?:@\w+)? ([a-z][^#;&)|'"\n]*)`)
	var lines []string
	for _, found := range block.FindAllString(text, -1) {
		for _, m := range line.FindAllStringSubmatch(found, -1) {
			lines = append(lines, m[1])
		}
	}
	span := regexp.MustCompile("`(?:go tool )?tempest ([a-z][^`\n]*)`")
	for _, m := range span.FindAllStringSubmatch(regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(text, ""), -1) {
		lines = append(lines, strings.ReplaceAll(m[1], `\|`, "|"))
	}
	return lines
}

// wrongIn says what of a command line tempest does not know, or nothing.
func wrongIn(root *cobra.Command, words []string) string {
	cmd, rest, err := root.Find(words)
	if err != nil || cmd == root {
		return "no such command"
	}
	if cmd.HasSubCommands() && len(rest) > 0 && regexp.MustCompile(`^[a-z]+$`).MatchString(rest[0]) {
		return "no command " + rest[0]
	}
	for _, word := range rest {
		if word == "--" {
			return ""
		}
		name, _, _ := strings.Cut(word, "=")
		long, isLong := strings.CutPrefix(name, "--")
		short, isShort := strings.CutPrefix(name, "-")
		switch {
		case isLong && cmd.Flags().Lookup(long) == nil:
			return "no flag " + name
		case !isLong && isShort && len(short) == 1 && cmd.Flags().ShorthandLookup(short) == nil:
			return "no flag " + name
		}
	}
	return ""
}

// The page of the contract has each constant of a marker, each tag of an
// option, and each fault that there is, and no others.
func TestContractIsComplete(t *testing.T) {
	page := read(t, "../../docs/plugins.md")
	quoted := regexp.MustCompile(`Kind = "([a-z-]+)"`)
	faults := map[string]bool{}
	for _, m := range quoted.FindAllStringSubmatch(read(t, "../../discover/discover.go"), -1) {
		faults[m[1]] = true
		if !strings.Contains(page, "| `"+m[1]+"` |") {
			t.Errorf("docs/plugins.md does not have the fault %s", m[1])
		}
	}
	_, table, _ := strings.Cut(page, "\n| fault |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(table, -1) {
		if !faults[m[1]] {
			t.Errorf("docs/plugins.md has the fault %s, which there is not", m[1])
		}
	}
	for _, file := range []string{"marker.go", "collections.go"} {
		constants := regexp.MustCompile(`r\.(?:text|number)\("(\w+)"`)
		for _, m := range constants.FindAllStringSubmatch(read(t, "../../discover/"+file), -1) {
			if !strings.Contains(page, "| `"+m[1]+"` |") {
				t.Errorf("docs/plugins.md does not have the constant %s", m[1])
			}
		}
	}
	tags := regexp.MustCompile(`\.Get\("(\w+)"\)|flag\(st, "(\w+)"\)`)
	for _, m := range tags.FindAllStringSubmatch(read(t, "../../internal/option/option.go"), -1) {
		if tag := m[1] + m[2]; !strings.Contains(page, "`"+tag+`:"`) {
			t.Errorf("docs/plugins.md does not have the tag %s of an option", tag)
		}
	}
	if len(faults) < 10 {
		t.Errorf("found %d faults; are they still read?", len(faults))
	}
}
