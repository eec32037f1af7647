package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/cleanup"
	"github.com/gotempest/tempest/internal/ledger"
)

// cleanupReport is what `tempest cleanup` did. Its text is printed as things happen, its JSON at the end.
type cleanupReport struct {
	DryRun     bool           `json:"dry_run"`
	Found      []cleanedThing `json:"found,omitempty"` // of a dry run: would be removed, in this order
	Removed    []cleanedThing `json:"removed"`
	Left       []cleanedThing `json:"left"`
	Skipped    []skippedRun   `json:"skipped,omitempty"`
	Unreadable []string       `json:"unreadable,omitempty"`
	Warnings   []string       `json:"warnings,omitempty"`
	Notes      []string       `json:"notes,omitempty"`

	// Interrupted says that the report is not whole: what is not in it was not looked at.
	Interrupted bool `json:"interrupted,omitempty"`

	out     *os.File
	quiet   bool // text is not wanted
	asked   bool // a run that was asked for still runs
	mu      sync.Mutex
	printed bool
}

// cleanedThing is one thing in the JSON.
type cleanedThing struct {
	Service string     `json:"service,omitempty"`
	Type    string     `json:"type,omitempty"`
	ID      string     `json:"id,omitempty"`
	Name    string     `json:"name,omitempty"`
	Project string     `json:"project,omitempty"`
	Run     string     `json:"run,omitempty"`
	Test    string     `json:"test,omitempty"`
	Account bool       `json:"account,omitempty"`
	Made    *time.Time `json:"made,omitempty"`
	Why     string     `json:"why,omitempty"`
	Reason  string     `json:"reason,omitempty"` // why it is left
}

// skippedRun is a run whose things are left alone.
type skippedRun struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
}

func cleaned(t *cleanup.Thing) cleanedThing {
	c := cleanedThing{
		Service: t.Service, Type: t.Type, ID: t.ID, Name: t.Name, Project: t.Project, Run: t.Run, Test: t.Test,
		Account: t.Account, Why: t.Why,
	}
	if !t.Made.IsZero() {
		c.Made = &t.Made
	}
	return c
}

// describe says in a line what a thing is and where it comes from.
func describe(t *cleanup.Thing) string {
	var from []string
	if t.Test != "" {
		from = append(from, "of "+t.Test)
	}
	if t.Why != "" {
		from = append(from, t.Why)
	}
	return strings.Join(append([]string{t.String()}, from...), ", ")
}

// say prints a line of text.
func (r *cleanupReport) say(format string, args ...any) {
	if !r.quiet {
		fmt.Fprintf(r.out, format+"\n", args...)
		r.printed = true
	}
}

// note tells of something that is no trouble.
func (r *cleanupReport) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
	r.say(format, args...)
}

// gone tells of a thing that was removed.
func (r *cleanupReport) gone(t *cleanup.Thing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Removed = append(r.Removed, cleaned(t))
	r.say("removed %s", describe(t))
}

// warn tells of what could not be done beside the removals.
func (r *cleanupReport) warn(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range strings.Split(err.Error(), "\n") {
		r.Warnings = append(r.Warnings, line)
		r.say("warning: %s", line)
	}
}

// would tells what a dry run has found.
func (r *cleanupReport) would(found []*cleanup.Thing, unknown []cleanup.Unknown) {
	for _, t := range found {
		r.Found = append(r.Found, cleaned(t))
		r.say("would remove %s", describe(t))
	}
	for _, u := range unknown {
		r.unknown(u)
	}
}

// result tells what could not be removed.
func (r *cleanupReport) result(result cleanup.Result, unknown []cleanup.Unknown) {
	for _, l := range result.Left {
		c := cleaned(l.Thing)
		c.Reason = l.Reason.Error()
		r.Left = append(r.Left, c)
		r.say("left    %s: %s", describe(l.Thing), oneLine(c.Reason))
	}
	for _, u := range unknown {
		r.unknown(u)
	}
}

func (r *cleanupReport) unknown(u cleanup.Unknown) {
	r.Left = append(r.Left, cleanedThing{
		Service: u.Intent.Service, Type: u.Intent.Type, Name: u.Intent.Name, Project: u.Intent.Project,
		Test: u.Intent.Test, Made: &u.Intent.Time, Reason: u.Reason.Error(),
	})
	r.say("left    %s, of %s: the process ended before the answer, and %s", u, u.Intent.Test, oneLine(u.Reason.Error()))
}

// fail tells of something else that is left.
func (r *cleanupReport) fail(err error) {
	for _, line := range strings.Split(err.Error(), "\n") {
		r.Left = append(r.Left, cleanedThing{Reason: line})
		r.say("left    %s", line)
	}
}

// skip tells of a run whose things are left alone.
func (r *cleanupReport) skip(run, reason string) {
	r.Skipped = append(r.Skipped, skippedRun{run, reason})
	r.say("run %s %s", run, reason)
}

// live tells of a run that goes on. It was asked for by its name, or is one of all.
func (r *cleanupReport) live(run string, asked bool) {
	r.asked = r.asked || asked
	r.skip(run, "still runs, or another cleanup has it: left alone")
}

// unreadable tells of ledgers that cannot be read.
func (r *cleanupReport) unreadable(err error) {
	if err == nil {
		return
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		r.Unreadable = append(r.Unreadable, line)
		r.say("unreadable: %s", line)
	}
}

// left reports whether anything is left.
func (r *cleanupReport) left() bool { return len(r.Left) > 0 || len(r.Found) > 0 || r.asked }

// print ends the report.
func (r *cleanupReport) print(asJSON bool) error {
	if asJSON {
		r.Removed, r.Left = some(r.Removed), some(r.Left)
		return writeJSON(r.out, r)
	}
	var lines []string
	switch {
	case r.DryRun && len(r.Found) > 0:
		lines = append(lines, fmt.Sprintf("tempest: %s would be removed; this was a dry run", things(len(r.Found))))
	case len(r.Removed) > 0 || len(r.Left) > 0:
		lines = append(lines, fmt.Sprintf("tempest: %s removed, %d left", things(len(r.Removed)), len(r.Left)))
	case r.Interrupted:
		lines = append(lines, "tempest: nothing removed yet; run it again")
	case len(r.Unreadable) == 0 && len(r.Skipped) == 0:
		lines = append(lines, "tempest: nothing to remove")
	}
	if len(r.Unreadable) > 0 {
		lines = append(lines, "tempest: what the unreadable lines are about may be in the cloud still: look with "+
			"'tempest cleanup --prefix tempest- --dry-run', then drop the ledger with 'tempest cleanup --forget ID'")
	}
	var errs []error
	for _, line := range lines {
		_, err := fmt.Fprintln(r.out, line)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// some makes an empty list of none, for JSON.
func some(list []cleanedThing) []cleanedThing {
	if list == nil {
		return []cleanedThing{}
	}
	return list
}

func things(n int) string { return count(n, "thing") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cloudText says which cloud a ledger is about.
func cloudText(c ledger.Cloud) string {
	text := "the cloud at " + cmp.Or(c.AuthURL, "an unknown address")
	if c.Name != "" {
		text = fmt.Sprintf("cloud %q at %s", c.Name, c.AuthURL)
	}
	if c.Region != "" {
		text += ", region " + c.Region
	}
	return text
}
