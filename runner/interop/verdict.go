package interop

import "slices"

// Result is what a run says of a test.
type Result struct {
	UUID    string
	ID      string // import/path.TestName/subtest
	Status  string // as in a results file: passed, failed, known, skipped or lost
	Message string // why it did not pass
}

// Outcomes of a test of a guideline, from the best to the worst.
const (
	Passed  = "passed"
	Skipped = "skipped"
	Missing = "missing" // the run had no such test
	Failed  = "failed"  // also one that was lost, or whose failure is known
)

// Verdict says how a cloud stands to a guideline.
type Verdict struct {
	Guideline    string              `json:"guideline"`
	Cloud        []string            `json:"cloud,omitempty"` // what the tests ran against
	Platforms    []Standing          `json:"platforms"`
	Components   []Standing          `json:"components"`
	Capabilities []CapabilityVerdict `json:"capabilities"`
	Beside       []string            `json:"beside,omitempty"` // what was wrong with the runs, and no result of a test
}

// Standing says whether everything that is required of a platform or a
// component has passed.
type Standing struct {
	Name string `json:"name"`
	Met  bool   `json:"met"`
	Counts
}

// CapabilityVerdict is what the tests of one capability gave.
type CapabilityVerdict struct {
	Name     string `json:"name"`
	Advisory bool   `json:"advisory"` // no component requires it yet
	Counts
	Tests []TestVerdict `json:"tests"`
}

// Counts are numbers of tests. Required is the sum of the next four; flagged
// tests need not pass and are in none of these.
type Counts struct {
	Required int `json:"required"`
	Passed   int `json:"passed"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
	Missing  int `json:"missing"`
	Flagged  int `json:"flagged"`
}

// TestVerdict is what one test gave.
type TestVerdict struct {
	Name    string `json:"name"` // in Python Tempest
	UUID    string `json:"uuid"`
	ID      string `json:"id,omitempty"` // in the run
	Outcome string `json:"outcome"`      // passed, failed, skipped or missing
	Flagged string `json:"flagged,omitempty"`
	Message string `json:"message,omitempty"`
}

// Judge joins a guideline with the results of runs. Of several results of one
// test the worst counts. A test that passed is as good as its subtests: skipped
// when all of them were, failed when one is lost or failed as was expected.
func (g *Guideline) Judge(results []Result) *Verdict {
	byID := judgeSubtests(results)
	byUUID := map[string]TestVerdict{}
	for _, r := range results {
		if r.UUID == "" {
			continue
		}
		now := byID[r.ID]
		if before, ok := byUUID[r.UUID]; !ok || rank(now.Outcome) > rank(before.Outcome) {
			byUUID[r.UUID] = now
		}
	}
	v := &Verdict{Guideline: g.ID, Platforms: []Standing{}, Components: []Standing{}}
	required := g.required()
	for _, c := range g.Capabilities {
		v.Capabilities = append(v.Capabilities, judgeCapability(c, !required[c.Name], byUUID))
	}
	for _, c := range g.Components {
		v.Components = append(v.Components, v.standing(c.Name, []Component{c}))
	}
	for _, p := range g.Platforms {
		var all []Component
		for _, c := range g.Components {
			if slices.Contains(p.Components, c.Name) {
				all = append(all, c)
			}
		}
		v.Platforms = append(v.Platforms, v.standing(p.Name, all))
	}
	return v
}

func judgeCapability(c Capability, advisory bool, results map[string]TestVerdict) CapabilityVerdict {
	v := CapabilityVerdict{Name: c.Name, Advisory: advisory, Tests: []TestVerdict{}}
	for _, t := range c.Tests {
		test, ok := results[t.UUID]
		if !ok {
			test.Outcome = Missing
		}
		test.Name, test.UUID, test.Flagged = t.Name, t.UUID, t.Flagged
		v.add(test)
		v.Tests = append(v.Tests, test)
	}
	return v
}

// add counts a test.
func (c *Counts) add(t TestVerdict) {
	if t.Flagged != "" {
		c.Flagged++
		return
	}
	c.Required++
	switch t.Outcome {
	case Passed:
		c.Passed++
	case Skipped:
		c.Skipped++
	case Missing:
		c.Missing++
	default:
		c.Failed++
	}
}

// standing counts the tests that components require, each once. One that is
// flagged in one capability and not in another must pass.
func (v *Verdict) standing(name string, components []Component) Standing {
	s := Standing{Name: name}
	tests := map[string]TestVerdict{}
	for _, c := range v.Capabilities {
		if !slices.ContainsFunc(components, func(k Component) bool { return slices.Contains(k.Required, c.Name) }) {
			continue
		}
		for _, t := range c.Tests {
			if before, ok := tests[t.UUID]; !ok || before.Flagged != "" {
				tests[t.UUID] = t
			}
		}
	}
	for _, t := range tests {
		s.add(t)
	}
	s.Met = s.Required > 0 && s.Passed == s.Required
	return s
}

// Met reports whether every component stands.
func (v *Verdict) Met() bool {
	return !slices.ContainsFunc(v.Components, func(s Standing) bool { return !s.Met })
}

// outcome turns the status of a result into an outcome.
func outcome(status string) string {
	if status == Passed || status == Skipped {
		return status
	}
	return Failed
}

func rank(outcome string) int {
	return slices.Index([]string{Passed, Skipped, Missing, Failed}, outcome)
}
