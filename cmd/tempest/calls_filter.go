package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/calls"
	"github.com/gotempest/tempest/internal/cloud"
)

// callFilter says which calls are printed.
type callFilter struct {
	test     *regexp.Regexp // nil for all
	failed   map[string]bool
	services []string
	statuses []statusRange
	methods  []string
	who      string
	slow     time.Duration
	retried  bool

	again map[string]bool // global identifiers of calls that were made again
	seen  int             // calls looked at
	tests int             // of them, those of tests that fit
}

// statusRange is from one status to another; both are 0 for no answer.
type statusRange struct{ from, to int }

func newCallFilter(f callsFlags) (*callFilter, error) {
	c := &callFilter{who: f.who, slow: f.slow, retried: f.retried, again: map[string]bool{}}
	if f.slow < 0 {
		return nil, usagef("--slow %s: want a duration that is not negative", f.slow)
	}
	if f.summary && f.verbose {
		return nil, usagef("--summary and --verbose exclude each other")
	}
	if f.test != "" {
		var err error
		if c.test, err = regexp.Compile(f.test); err != nil {
			return nil, usagef("--test %q: %w", f.test, err)
		}
	}
	for _, s := range f.services {
		c.services = append(c.services, cloud.ServiceType(s))
	}
	for _, m := range f.methods {
		c.methods = append(c.methods, strings.ToUpper(m))
	}
	for _, s := range f.statuses {
		r, ok := parseStatus(s)
		if !ok {
			return nil, usagef("--status %q: want a status such as 404, a class such as 4xx, or none", s)
		}
		c.statuses = append(c.statuses, r)
	}
	return c, nil
}

// parseStatus reads 404, 4xx or none.
func parseStatus(s string) (statusRange, bool) {
	const digits = 3
	s = strings.ToLower(s)
	if s == "none" {
		return statusRange{}, true
	}
	if len(s) != digits || s[0] < '1' || s[0] > '5' {
		return statusRange{}, false
	}
	if class := int(s[0]-'0') * 100; s[1:] == "xx" {
		return statusRange{class, class + 99}, true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return statusRange{int(n), int(n)}, err == nil
}

// fits reports whether a call is printed.
func (f *callFilter) fits(h calls.Head, c *calls.Call) bool {
	id := h.ID(c)
	if c.Attempt > 1 {
		f.again[c.Global] = true
	}
	if f.test != nil && !f.test.MatchString(id) || f.failed != nil && !f.failed[id] {
		return false
	}
	f.tests++
	return (len(f.services) == 0 || slices.Contains(f.services, c.Service)) &&
		(len(f.methods) == 0 || slices.Contains(f.methods, c.Method)) &&
		(f.who == "" || f.who == c.Who) && duration(c) >= f.slow && f.fitsStatus(c.Status)
}

func (f *callFilter) fitsStatus(status int) bool {
	return len(f.statuses) == 0 || slices.ContainsFunc(f.statuses, func(r statusRange) bool {
		return r.from <= status && status <= r.to
	})
}

func duration(c *calls.Call) time.Duration { return time.Duration(c.Seconds * float64(time.Second)) }

// attempts leaves out calls that were made once, when it is asked to: all attempts at one call have one global
// identifier.
func (f *callFilter) attempts(list []testCall) []testCall {
	if !f.retried {
		return list
	}
	return slices.DeleteFunc(list, func(c testCall) bool { return !f.again[c.Global] })
}

// explain says why nothing is printed. That no test fits is a mistake of the user.
func (f *callFilter) explain(std stdio, run callRun, list []testCall) error {
	switch {
	case len(list) > 0:
	case f.seen == 0:
		fmt.Fprintf(std.err, "tempest: %s has no calls: no test of it used testlib, or it was of an older tempest\n",
			run.name)
	case f.tests == 0 && f.test != nil:
		return usagef("no test of %s with calls fits --test %s%s", run.name, f.test, f.alsoFailed())
	case f.tests == 0:
		fmt.Fprintf(std.err, "tempest: no test of %s that failed made a call\n", run.name)
	default:
		fmt.Fprintf(std.err, "tempest: none of %s of %s fits\n", count(f.seen, "call"), run.name)
	}
	return nil
}

func (f *callFilter) alsoFailed() string {
	if f.failed == nil {
		return ""
	}
	return " and failed"
}

// compareCalls orders calls by test and by time.
func compareCalls(a, b testCall) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), a.Start.Compare(b.Start))
}
