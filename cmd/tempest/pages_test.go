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
