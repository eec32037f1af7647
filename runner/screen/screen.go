// Package screen shows a run to a person: test events while they come, in the
// formats of gotestsum, and a summary of the report at the end.
//
// A [Screen] takes the normalised events of a [result.Collector] and drives
// gotestsum's formatters. These want a testjson.Execution, which remembers
// every test and all output of those that failed; for a million tests that is
// too much. But each format looks only at a small part of it at a time, and a
// Screen gives it an Execution of just that part: see view.go. One format,
// dots-v2, shows all of it at once and gets the whole.
package screen

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"
	"golang.org/x/term"

	"github.com/gotempest/tempest/runner/result"
)

// Formats that stand for a flag.
const (
	DefaultFormat = "testname"         // without a flag
	VerboseFormat = "standard-verbose" // --verbose
	QuietFormat   = "none"             // --quiet
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
	// Format is one of Formats. Empty means VerboseFormat with Verbose,
	// QuietFormat with Quiet, else DefaultFormat.
	Format string

	// Verbose shows all that tests print, Quiet only the summary. A Format
	// that is given goes before both.
	Verbose, Quiet bool

	// Color allows colours in what gotestsum's formats and the progress line
	// add. What tests print is shown as it is.
	Color bool

	// Progress keeps a line at the bottom that says what is running. Set it
	// only for a terminal.
	Progress bool

	// Total is the number of tests planned, for the line of progress.
	Total int

	// Expect is how long top-level tests will take, by ID, and Workers how many run at once:
	// the line of progress then says how long the run will still take.
	Expect  map[string]time.Duration
	Workers int

	// Turns are the IDs of tests that have begun only when they say that they have waited for
	// their turn.
	Turns map[string]bool

	// Now is the clock. Nil means time.Now.
	Now func() time.Time

	// Width is that of the terminal, for the line of progress. 0 means 80.
	Width int
}

// format is the format that o asks for.
func (o Options) format() string {
	switch {
	case o.Format != "":
		return o.Format
	case o.Verbose:
		return VerboseFormat
	case o.Quiet:
		return QuietFormat
	}
	return DefaultFormat
}

// A Screen shows the events written to it. Its methods must not be called
// concurrently.
type Screen struct {
	out      *tracked
	show     shower
	progress *progress // nil without
	event    result.Event
	err      error // of an earlier Write
}

// A shower shows one event, whose line is given too, without its line end.
type shower interface {
	show(e *result.Event, line []byte) error
	close() error
}

// New returns a screen that writes to w. An unknown format is an error that
// lists those there are.
//
// Two settings of the process matter to gotestsum's formatters. New sets
// color.NoColor of package github.com/fatih/color, so that a process can have
// Screens of one kind only. And it hides GITHUB_ACTIONS for a moment, which
// would replace one format by another: call it before anything that reads the
// environment concurrently.
func New(w io.Writer, o Options) (*Screen, error) {
	format := o.format()
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("unknown format %q; there are: %s", format, strings.Join(Formats(), ", "))
	}
	color.NoColor = !o.Color
	s := &Screen{out: &tracked{Writer: bufio.NewWriterSize(w, writeSize)}}
	whole := format == "dots-v2" && term.IsTerminal(int(os.Stdout.Fd()))
	if whole {
		s.show = newWhole(w)
		return s, nil // it draws its own progress
	}
	s.show = newView(s.out, format)
	if o.Progress && format != "standard-json" {
		s.progress = newProgress(o)
	}
	return s, nil
}

// writeSize is how many bytes are written at once, when there are so many.
const writeSize = 32 << 10

// Write shows whole lines of normalised events. Lines that are no events are
// ignored. An error of the writer is returned now and from every later Write.
func (s *Screen) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.progress != nil {
		s.progress.erase(s.out)
	}
	for rest := p; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		if s.event.Parse(line) != nil {
			continue
		}
		if s.progress != nil {
			s.progress.note(&s.event)
		}
		if s.err = s.show.show(&s.event, line); s.err != nil {
			return 0, s.err
		}
	}
	if s.progress != nil {
		s.progress.draw(s.out)
	}
	s.err = s.out.Flush()
	return len(p), s.err
}

// Close ends the output: the line of progress is removed.
func (s *Screen) Close() error {
	if s.err == nil && s.progress != nil {
		s.progress.erase(s.out)
	}
	err := s.show.close()
	if ferr := s.out.Flush(); err == nil {
		err = ferr
	}
	return err
}
