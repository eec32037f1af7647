package interop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// judgeSubtests returns the worst verdict of each test, by its ID, together with its subtests. The testing package
// lets a test pass whose subtests were all skipped, or have failed as was expected: what a guideline asks for was
// not seen then.
func judgeSubtests(results []Result) map[string]TestVerdict {
	verdicts := map[string]TestVerdict{}
	var ids []string // as in the results, so that messages do not change from call to call
	for _, r := range results {
		now := TestVerdict{ID: r.ID, Outcome: outcome(r.Status), Message: r.Message}
		before, ok := verdicts[r.ID]
		if !ok {
			ids = append(ids, r.ID)
		}
		if !ok || rank(now.Outcome) > rank(before.Outcome) {
			verdicts[r.ID] = now
		}
	}
	subtests := map[string][]string{}
	for _, id := range ids {
		if parent := parentOf(id, verdicts); parent != "" {
			subtests[parent] = append(subtests[parent], id)
		}
	}
	// Subtests before what holds them: their IDs are longer.
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, id := range ids {
		if v := verdicts[id]; v.Outcome == Passed {
			for _, sub := range subtests[id] {
				v.join(verdicts[sub], sub == subtests[id][0])
			}
			verdicts[id] = v
		}
	}
	return verdicts
}

// join makes the verdict of a test that passed that of its subtests: of the first, and then of all.
func (t *TestVerdict) join(sub TestVerdict, first bool) {
	name := strings.TrimPrefix(sub.ID, t.ID+"/")
	switch {
	case sub.Outcome == Failed && t.Outcome != Failed:
		t.Outcome, t.Message = Failed, fmt.Sprintf("passed, but not its subtest %s: %s", name, sub.Message)
	case sub.Outcome == Skipped && first:
		t.Outcome, t.Message = Skipped, fmt.Sprintf("all of its subtests were skipped, %s: %s", name, sub.Message)
	case sub.Outcome == Passed && t.Outcome == Skipped:
		t.Outcome, t.Message = Passed, ""
	}
}

// parentOf is the closest test above id that has a verdict; empty if none has. A part of the import path is none.
func parentOf(id string, verdicts map[string]TestVerdict) string {
	for {
		i := strings.LastIndexByte(id, '/')
		if i < 0 {
			return ""
		}
		id = id[:i]
		if _, ok := verdicts[id]; ok {
			return id
		}
	}
}
