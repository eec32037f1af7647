package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gotempest/tempest/runner/interop"
)

// printInterop prints a verdict as a table, then each test that is not as
// required, then who stands.
func printInterop(out io.Writer, v *interop.Verdict, results string) error {
	var w bytes.Buffer
	against := "an unnamed cloud"
	if len(v.Cloud) > 0 {
		against = strings.Join(v.Cloud, " and ")
	}
	fmt.Fprintf(&w, "guideline %s, results of %s against %s\n\n", v.Guideline, results, against)
	table := tabwriter.NewWriter(&w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "required\tpassed\tfailed\tskipped\tmissing\tflagged\t")
	for _, c := range v.Capabilities {
		name := c.Name
		if c.Advisory {
			name += " (advisory)"
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%d\t%d\t  %s\n",
			c.Required, c.Passed, c.Failed, c.Skipped, c.Missing, c.Flagged, name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	printShortfalls(&w, v)
	if len(v.Beside) > 0 {
		fmt.Fprintln(&w, "\nNot trustworthy: results count as they are, and this was wrong beside them")
	}
	for _, line := range v.Beside {
		fmt.Fprintf(&w, "  %s\n", line)
	}
	fmt.Fprintln(&w)
	for _, s := range append(v.Platforms, v.Components...) {
		fmt.Fprintf(&w, "%s: %s\n", s.Name, standing(s))
	}
	_, err := out.Write(w.Bytes())
	return err
}

// printShortfalls prints the tests that did not pass, by capability.
func printShortfalls(w io.Writer, v *interop.Verdict) {
	for _, c := range v.Capabilities {
		if c.Passed == c.Required {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", c.Name)
		for _, t := range c.Tests {
			if t.Outcome != interop.Passed && t.Flagged == "" {
				fmt.Fprintf(w, "  %-7s  %s  %s\n", t.Outcome, t.UUID, cmp.Or(t.ID, t.Name))
			}
			if t.Outcome != interop.Passed && t.Flagged == "" && t.Message != "" {
				first, _, _ := strings.Cut(t.Message, "\n")
				fmt.Fprintf(w, "           %s\n", first)
			}
		}
	}
}

func standing(s interop.Standing) string {
	if s.Met {
		return fmt.Sprintf("met, %d of %d tests passed", s.Passed, s.Required)
	}
	return fmt.Sprintf("not met, %d of %d tests passed", s.Passed, s.Required)
}
