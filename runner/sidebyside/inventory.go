package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// inventories are the names of the tests of both tools, by UUID.
type inventories struct {
	ours, theirs map[string][]string
}

func (b *bench) inventory(ctx context.Context) (inventories, error) {
	ours, err := b.ours.list(ctx)
	if err != nil {
		return inventories{}, err
	}
	theirs, err := b.theirs.list(ctx)
	if err != nil {
		return inventories{}, err
	}
	return inventories{ours, theirs}, nil
}

// pairing is what the tools have in common of one suite.
type pairing struct {
	both     []same   // sorted by UUID
	unpaired []string // names of Python Tempest's tests that tempest has not, sorted
}

// same is one test, with the names that each tool has for it.
type same struct {
	uuid         string
	ours, theirs []string
}

// pair finds the tests of both whose name in Python Tempest starts with prefix.
func pair(ours, theirs map[string][]string, prefix string) pairing {
	var p pairing
	for _, uuid := range slices.Sorted(maps.Keys(theirs)) {
		names := theirs[uuid]
		switch {
		case !strings.HasPrefix(names[0], prefix):
		case len(ours[uuid]) == 0:
			p.unpaired = append(p.unpaired, names...)
		default:
			p.both = append(p.both, same{uuid, ours[uuid], names})
		}
	}
	slices.Sort(p.unpaired)
	return p
}

// loadLists are the files for --load-list.
type loadLists struct {
	ours, theirs string
}

func (b *bench) writeLists(suite string, p pairing) (loadLists, error) {
	var ours, theirs []string
	for _, s := range p.both {
		ours = append(ours, s.ours...)
		theirs = append(theirs, s.theirs...)
	}
	stem := filepath.Join(b.dir, strings.ReplaceAll(suite, " ", "-"))
	lists := loadLists{stem + "-ours.list", stem + "-theirs.list"}
	for path, lines := range map[string][]string{lists.ours: ours, lists.theirs: theirs} {
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			return loadLists{}, fmt.Errorf("writing a list of tests: %w", err)
		}
	}
	return lists, nil
}

// The verdicts, from the worst to the best.
const (
	verdictLost = "lost" // no result
	verdictFail = "fail"
	verdictSkip = "skip"
	verdictPass = "pass"
)

// worst returns the worst verdict of the tests that names list.
func worst(verdicts map[string]string, names []string) string {
	order := []string{verdictLost, verdictFail, verdictSkip, verdictPass}
	rank := func(name string) int { return max(0, slices.Index(order, verdicts[name])) }
	return order[rank(slices.MinFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) }))]
}

// tally counts verdicts, as "12 pass, 1 skip".
func tally(verdicts map[string]string) string {
	count := map[string]int{}
	for _, v := range verdicts {
		count[v]++
	}
	var parts []string
	for _, v := range []string{verdictPass, verdictFail, verdictSkip, verdictLost} {
		if count[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[v], v))
		}
	}
	return strings.Join(parts, ", ")
}
