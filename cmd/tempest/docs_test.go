package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/screen"
)

// Every field of the results file stands in the reference.
func TestReferenceNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for f := range reflect.TypeFor[report.Case]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/cli.md does not name the field %s", name)
		}
	}
}

// Every command, flag and shorthand stands in the reference.
func TestReferenceNamesEveryFlag(t *testing.T) {
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if c.HasParent() && !strings.Contains(text, "`"+c.CommandPath()) {
			t.Errorf("docs/cli.md does not name the command %q", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(text, "--"+f.Name) {
				t.Errorf("docs/cli.md does not name --%s of %q", f.Name, c.CommandPath())
			}
			if f.Shorthand != "" && !strings.Contains(text, "`-"+f.Shorthand+"`") {
				t.Errorf("docs/cli.md does not name -%s of %q", f.Shorthand, c.CommandPath())
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(stdio{os.Stdout, os.Stderr}, nil))
	for _, format := range screen.Formats() {
		if !strings.Contains(text, "`"+format+"`") {
			t.Errorf("docs/cli.md does not name the format %s", format)
		}
	}
}
