package runner

import (
	"testing"
	"time"

	"github.com/gotempest/tempest/runner/plan"
)

func TestTestsThatTakeTurnsMayAllBegin(t *testing.T) {
	t.Parallel()
	turns := func(names ...string) *plan.Package {
		p := &plan.Package{Path: "p"}
		for _, n := range names {
			p.Tests = append(p.Tests, plan.Test{Package: "p", Name: n, TakesTurn: true})
		}
		return p
	}
	mixed := turns("TestA", "TestB")
	mixed.Tests[1].TakesTurn = false
	groups := turns("TestA", "TestB", "TestC", "TestD", "TestE")
	groups.Tests = append(groups.Tests, plan.Test{Package: "p", Name: "TestA/sub"})
	tests := map[string]struct {
		pkg    *plan.Package
		o      Options
		paste  bool
		expect int
	}{
		"all of them":             {groups, Options{Concurrency: 2}, false, 5},
		"no less than in flight":  {turns("TestA"), Options{Concurrency: 7}, false, 7},
		"one takes no turn":       {mixed, Options{Concurrency: 2}, false, 0},
		"one at a time":           {groups, Options{Concurrency: 1}, false, 0},
		"serial":                  {groups, Options{Concurrency: 2, Serial: true}, false, 0},
		"an order is asked for":   {groups, Options{Concurrency: 2, Shuffle: "on"}, false, 0},
		"nothing after a failure": {groups, Options{Concurrency: 2, FailFast: true}, false, 0},
		"a command for the shell": {groups, Options{Concurrency: 2}, true, 0},
		"times do not matter here": {
			groups, Options{Concurrency: 2, Expect: map[string]time.Duration{"p.TestA": 1}}, false, 5,
		},
	}
	for name, tt := range tests {
		if got := parallel(tt.pkg, tt.o, !tt.paste); got != tt.expect {
			t.Errorf("%s: %d, want %d", name, got, tt.expect)
		}
	}
}
