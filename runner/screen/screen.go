// Package screen shows a run to a person: test events while they come, in the
// formats of gotestsum, and a summary of the report at the end.
//
// A [Screen] takes the normalised events of [result.Collector] and drives
// gotestsum's formatters. These want a testjson.Execution, which remembers
// every test and all output of failed ones; for a million tests that is too
// much. But each format looks only at a small part of it at a time, and a
// Screen gives it an Execution of just that part: see [Screen.Write].
package screen

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fatih/color"
	"gotest.tools/gotestsum/testjson"

	"github.com/gotempest/tempest/runner/result"
)

// Formats that [Options] default to.
const (
	DefaultFormat = "testname"
	VerboseFormat = "standard-verbose"
	QuietFormat   = "none"
)

// Formats returns the names of all formats, in the order in which a help text
// should show them. They are those of gotestsum, and their aliases.
//
// Source: gotestsum v1.13.0, testjson/format.go.
func Formats() []string {
	return []string{
		"testname", "short-verbose",
		"pkgname", "short",
		"pkgname-and-test-fails", "short-with-failures",
		"testdox", "gotestdox",
		"dots", "dots-v1", "dots-v2",
		"github-actions", "github-action",
		"standard-quiet", "standard-verbose", "standard-json",
		"debug", "none",
	}
}

// Options configures a [Screen]. The zero value shows each test when it ends,
// without colour.
type Options struct {
	// Format is one of Formats. Empty means DefaultFormat, or VerboseFormat
	// with Verbose, or QuietFormat with Quiet.
	Format string

	// Verbose shows all that tests print, Quiet only the summary. Format goes
	// before both.
	Verbose, Quiet bool

	// Color allows colours.
	Color bool

	// Total is the number of tests planned, for the line of progress.
	Total int

	// Progress keeps a line at the bottom that says what is running. Only for
	// a terminal.
	Progress bool
}

// A Screen shows the events written to it.
type Screen struct {
	out    *bufio.Writer
	show   func(*result.Event, []byte) error
	event  result.Event
	err    error
	closed bool
}

// New returns a screen that writes to w.
//
// It sets whether package color of fatih, which gotestsum's formatters use,
// writes colours at all, so that a process can have one kind of Screen only.
func New(w io.Writer, o Options) (*Screen, error) {
	format := o.Format
	switch {
	case format != "":
	case o.Verbose:
		format = VerboseFormat
	case o.Quiet:
		format = QuietFormat
	default:
		format = DefaultFormat
	}
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("unknown format %q; there are: %s", format, strings.Join(Formats(), ", "))
	}
	color.NoColor = !o.Color
	s := &Screen{out: bufio.NewWriter(w)}
	f := &formatted{formatter: newFormatter(s.out, format)}
	s.show = f.show
	return s, nil
}

// newFormatter returns gotestsum's formatter. It would turn "testname" into
// "github-actions" when GITHUB_ACTIONS is "true"; a format that was asked for
// stays what it is.
func newFormatter(w io.Writer, format string) testjson.EventFormatter {
	const variable = "GITHUB_ACTIONS"
	if value, ok := os.LookupEnv(variable); ok {
		os.Unsetenv(variable)           //nolint:errcheck // cannot fail for a constant name
		defer os.Setenv(variable, value) //nolint:errcheck // as above
	}
	return testjson.NewEventFormatter(w, format, testjson.FormatOptions{})
}

// Write shows whole lines of normalised events.
func (s *Screen) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if s.err != nil {
			return 0, s.err
		}
		if s.event.Parse([]byte(line)) == nil {
			s.err = s.show(&s.event, []byte(strings.TrimSuffix(line, "\n")))
		}
	}
	if err := s.out.Flush(); s.err == nil {
		s.err = err
	}
	return len(p), s.err
}

// Close ends the output.
func (s *Screen) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.out.Flush()
}

// formatted drives one formatter.
type formatted struct {
	formatter testjson.EventFormatter
}

func (f *formatted) show(*result.Event, []byte) error { return nil }

// SummaryOptions configures [Summary].
type SummaryOptions struct {
	Color bool
	// Tail is how many lines of a failed test's output are shown. 0 means 40.
	Tail int
}

// Summary writes what came of a run.
func Summary(w io.Writer, r *result.Report, o SummaryOptions) error {
	t := r.Totals
	_, err := fmt.Fprintf(w, "%d tests: %d passed, %d failed, %d skipped, %d lost\n",
		t.Planned+t.Extra, t.Passed, t.Failed, t.Skipped, t.Lost)
	return err
}
