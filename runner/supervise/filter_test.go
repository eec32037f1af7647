package supervise_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner/supervise"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		names []string
		want  []string
	}{
		"nothing":              {},
		"one test":             {[]string{"TestA"}, []string{`^TestA$`}},
		"common prefix":        {[]string{"TestB", "TestAx", "TestA"}, []string{`^Test(A(|x)|B)$`}},
		"prefix of the others": {[]string{"Test", "TestA"}, []string{`^Test(|A)$`}},
		"a subtest alone":      {[]string{"TestA/x"}, []string{`^TestA$/^x$`}},
		"two subtests":         {[]string{"TestA/x", "TestA/y/z"}, []string{`^TestA$/^x$|^TestA$/^y$/^z$`}},
		"same subtests":        {[]string{"TestA/x", "TestB/x"}, []string{`^Test(A|B)$/^x$`}},
		"a test includes its subtests": {
			[]string{"TestA/x", "TestA", "TestB/y"}, []string{`^TestA$|^TestB$/^y$`},
		},
		"regexp syntax":  {[]string{"TestA/a.b|(c)[d]"}, []string{`^TestA$/^a\.b\|\(c\)\[d\]$`}},
		"not only ASCII": {[]string{"TestÄ", "TestÖ"}, []string{`^Test(Ä|Ö)$`}},
		"empty element":  {[]string{"TestA/x//y"}, []string{`^TestA$/^x$/^$/^y$`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, supervise.Filters(tt.names, supervise.ArgLimit)); diff != "" {
				t.Errorf("Filters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFiltersOfAHugePackageFitIntoArguments(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 20_000 {
		names = append(names, fmt.Sprintf("Test%x_WithALongTailThatIsItsOwn%d", i*2654435761, i*i))
	}

	filters := supervise.Filters(names, supervise.ArgLimit)

	if len(filters) < 2 {
		t.Fatalf("%d filters: the case does not test what it should", len(filters))
	}
	const step = 100 // regexps of this size are slow
	matched := 0
	for _, f := range filters {
		if n := len("-test.run=") + len(f) + 1; n > supervise.ArgLimit {
			t.Errorf("an argument has %d bytes", n)
		}
		re := regexp.MustCompile(f)
		for i := 0; i < len(names); i += step {
			if re.MatchString(names[i]) {
				matched++
			}
		}
	}
	if want := len(names) / step; matched != want {
		t.Errorf("%d matches, want one for each of %d names", matched, want)
	}
}

// node is a test that runs its subtests.
type node struct {
	Name string // as given to t.Run
	Subs []node
}

// matchCase asks the testing package which of Tests run with a filter.
type matchCase struct {
	Tests     []node
	Run, Skip string
}

// answersFollow separates what the testing package prints from the answers.
const answersFollow = "\nanswers follow\n"

// matchMain answers the cases on standard input with the names that ran, as the
// testing package printed them.
func matchMain(m *testing.M) int {
	var cases []matchCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	os.Args = []string{os.Args[0], "-test.run=^$"}
	m.Run() // runs nothing, but sets up the testing package
	answers := make([][]string, len(cases))
	for i, c := range cases {
		_ = flag.Set("test.run", c.Run)
		_ = flag.Set("test.skip", c.Skip)
		var run func(n node) func(*testing.T)
		run = func(n node) func(*testing.T) {
			return func(t *testing.T) { //nolint:thelper // it is a test
				answers[i] = append(answers[i], t.Name())
				for _, s := range n.Subs {
					t.Run(s.Name, run(s))
				}
			}
		}
		var tests []testing.InternalTest
		for _, n := range c.Tests {
			tests = append(tests, testing.InternalTest{Name: n.Name, F: run(n)})
		}
		testing.RunTests(regexp.MatchString, tests)
	}
	fmt.Print(answersFollow)
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		return 1
	}
	return 0
}

// match has the testing package answer cases.
func match(t *testing.T, cases []matchCase) [][]string {
	t.Helper()
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "__match")
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ = bytes.Cut(out, []byte(answersFollow))
	var answers [][]string
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v: %.200q", err, out)
	}
	return answers
}

// oddNames are names for subtests that are hard to select.
func oddNames() []string {
	return []string{
		"a", "ab", "b", "", " ", "x y", "a/b", "a|b", "(", ")", "[", "]", "[a", "a]", "(a|b)", "\\", "\\d", "^a$", ".*", "a+",
		"é", "日本", "\x00", "\n", "#00", "a#01", "//", "{2}", "-", "\u200b", "\xff",
	}
}

// randomNodes makes some tests, those of the top level with names of functions.
func randomNodes(rng *rand.Rand, depth int) []node {
	odd := oddNames()
	var nodes []node
	for i := range 1 + rng.IntN(4) {
		n := node{Name: odd[rng.IntN(len(odd))]}
		if depth == 0 {
			n.Name = fmt.Sprintf("Test%c%s", 'A'+rng.IntN(3), strings.Repeat("x", i))
			if slices.ContainsFunc(nodes, func(m node) bool { return m.Name == n.Name }) {
				continue
			}
		}
		if depth < 3 && rng.IntN(3) > 0 {
			n.Subs = randomNodes(rng, depth+1)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// below says whether name is parent or one of its subtests.
func below(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+"/")
}

// wanted are the names of all that run when those of selected are to run.
func wanted(all, selected []string) []string {
	var want []string
	for _, name := range all {
		if slices.ContainsFunc(selected, func(s string) bool { return below(name, s) || below(s, name) }) {
			want = append(want, name)
		}
	}
	return want
}

// addOnce adds what one filter ran to names. Parents may run once for each
// filter, what was selected may not.
func addOnce(t *testing.T, names, ran, selected []string) []string {
	t.Helper()
	for _, name := range ran {
		if !slices.Contains(names, name) {
			names = append(names, name)
		} else if slices.ContainsFunc(selected, func(s string) bool { return below(name, s) }) {
			t.Errorf("%q runs twice", name)
		}
	}
	return names
}

func TestFiltersSelectWhatTheTestingPackageRuns(t *testing.T) {
	t.Parallel()
	const trees, small = 300, 100
	rng := rand.New(rand.NewPCG(1, 2)) // a failure can be repeated
	cases := make([]matchCase, trees)
	for i := range cases {
		cases[i].Tests = randomNodes(rng, 0)
	}
	all := match(t, cases)

	var filtered []matchCase
	var from []int // tree of each filtered case
	selected := make([][]string, trees)
	for i := range cases {
		for _, name := range all[i] {
			if rng.IntN(4) == 0 {
				selected[i] = append(selected[i], name)
			}
		}
		limit := supervise.ArgLimit
		if i%2 == 0 {
			limit = small
		}
		for _, f := range supervise.Filters(selected[i], limit) {
			filtered = append(filtered, matchCase{Tests: cases[i].Tests, Run: f})
			from = append(from, i)
		}
	}
	got := make([][]string, trees)
	for k, ran := range match(t, filtered) {
		i := from[k]
		got[i] = addOnce(t, got[i], ran, selected[i])
	}

	for i := range cases {
		want := wanted(all[i], selected[i])
		slices.Sort(want)
		slices.Sort(got[i])
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Fatalf("tree %d %q, selected %q (-want +got):\n%s", i, all[i], selected[i], diff)
		}
	}
	if len(filtered) < trees*5/4 {
		t.Errorf("only %d filters: the small limit was hardly ever reached", len(filtered))
	}
}

func TestFiltersSkipWhatIsExcluded(t *testing.T) {
	t.Parallel()
	tree := []node{{Name: "TestA", Subs: []node{{Name: "x"}, {Name: "y z", Subs: []node{{Name: "w"}}}}}, {Name: "TestB"}}
	skip := supervise.Filters([]string{"TestA/y_z"}, supervise.ArgLimit)
	run := supervise.Filters([]string{"TestA"}, supervise.ArgLimit)

	got := match(t, []matchCase{{Tests: tree, Run: run[0], Skip: skip[0]}})

	if diff := cmp.Diff([][]string{{"TestA", "TestA/x"}}, got); diff != "" {
		t.Errorf("tests that ran (-want +got):\n%s", diff)
	}
}

// FuzzFilters looks for names that lead to a regexp which does not compile, or
// does not match the name.
func FuzzFilters(f *testing.F) {
	for _, name := range oddNames() {
		f.Add("TestA", name, 10)
	}
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		a, b = strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?")
		for _, filter := range supervise.Filters([]string{a, b, a + b}, limit) {
			if _, err := regexp.Compile(filter); err != nil {
				t.Errorf("filter of %q and %q: %v", a, b, err)
			}
		}
		if strings.Contains(a, "/") {
			return
		}
		only := supervise.Filters([]string{a}, limit)
		if len(only) != 1 || !regexp.MustCompile(only[0]).MatchString(a) {
			t.Errorf("filters of %q: %q", a, only)
		}
	})
}
