package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// callTally is what is counted of some calls.
type callTally struct {
	Name     string  `json:"name"`     // service type or ID of a test; empty for what is in no catalogue
	Calls    int     `json:"calls"`    // attempts that were sent
	Refused  int     `json:"refused"`  // answered 4xx
	Broken   int     `json:"broken"`   // answered 5xx, or not at all
	Retries  int     `json:"retries"`  // attempts after the first
	Faults   int     `json:"faults"`   // not sent, or answered by a fault that the test ordered
	Seconds  float64 `json:"seconds"`  // in sum
	Slowest  float64 `json:"slowest"`  // seconds of the slowest
	Received int64   `json:"received"` // bytes of bodies, as far as they are known
}

// callSummary is the numbers of a run.
type callSummary struct {
	Total    callTally   `json:"total"`
	Services []callTally `json:"services"` // those with the most calls first
	Tests    []callTally `json:"tests"`    // those with the most calls first
}

// summarise counts calls.
func summarise(list []testCall) callSummary {
	var s callSummary
	services, tests := map[string]*callTally{}, map[string]*callTally{}
	for _, c := range list {
		s.Total.add(c)
		tally(services, c.Service).add(c)
		tally(tests, c.ID).add(c)
	}
	s.Services, s.Tests = most(services), most(tests)
	return s
}

func tally(all map[string]*callTally, name string) *callTally {
	if all[name] == nil {
		all[name] = &callTally{Name: name}
	}
	return all[name]
}

func (t *callTally) add(c testCall) {
	const client, server = 400, 500
	if c.Fault != "" {
		t.Faults++
		return
	}
	t.Calls++
	switch {
	case c.Status >= server || c.Status == 0:
		t.Broken++
	case c.Status >= client:
		t.Refused++
	}
	if c.Attempt > 1 {
		t.Retries++
	}
	t.Seconds += c.Seconds
	t.Slowest = max(t.Slowest, c.Seconds)
	if c.Received != nil && c.Received.Size > 0 {
		t.Received += c.Received.Size
	}
}

// most orders by the number of calls.
func most(all map[string]*callTally) []callTally {
	list := make([]callTally, 0, len(all))
	for _, t := range all {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b callTally) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// print prints the numbers as tables. Without times they can be compared between runs.
func (s callSummary) print(w io.Writer, noTimes bool) {
	header := func(what string) {
		fmt.Fprintf(w, "%7s  %7s  %7s  %7s  %7s", "calls", "4xx", "5xx", "retries", "faults")
		if !noTimes {
			fmt.Fprintf(w, "  %9s  %9s", "time", "slowest")
		}
		fmt.Fprintf(w, "  %s\n", what)
	}
	row := func(t callTally) {
		fmt.Fprintf(w, "%7d  %7d  %7d  %7d  %7d", t.Calls, t.Refused, t.Broken, t.Retries, t.Faults)
		if !noTimes {
			fmt.Fprintf(w, "  %9s  %9s", roundSeconds(t.Seconds), roundSeconds(t.Slowest))
		}
		fmt.Fprintf(w, "  %s\n", orDash(t.Name))
	}
	header("service")
	for _, t := range s.Services {
		row(t)
	}
	s.Total.Name = "in all"
	row(s.Total)
	fmt.Fprintln(w)
	header("test")
	for _, t := range s.Tests {
		row(t)
	}
}

func roundSeconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond)
}
