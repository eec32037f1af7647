package discover

import (
	"fmt"
	"go/build"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readTests reads one test file, and describes each test in a line: its name
// below TestX, "?" when it is conditional, and what its options say.
func readTests(tb testing.TB, source string) []string {
	tb.Helper()
	dir := files(tb, "-- x_test.go --\n"+source)
	j := job{folder: folder{path: "p", dir: dir}}
	testlib := map[string]namedText{
		"Smoke": {"Attribute", "smoke"}, "Slow": {"Attribute", "slow"}, "Serial": {"Attribute", "serial"},
		"ProjectMember": {"Persona", "project_member"},
	}
	if err := j.read(&build.Default, true, testlib); err != nil {
		tb.Fatal(err)
	}
	if j.problem != nil {
		tb.Fatalf("problem: %+v", *j.problem)
	}
	if j.pkg == nil {
		return nil
	}
	var lines []string
	for _, t := range j.pkg.Tests {
		line := strings.TrimPrefix(t.Name, "TestX/")
		if t.Conditional {
			line += " ?"
		}
		if t.UUID != "" {
			line += " id=" + t.UUID
		}
		if len(t.Attributes) > 0 {
			line += fmt.Sprint(" ", t.Attributes)
		}
		if len(t.Services) > 0 {
			line += fmt.Sprint(" ", t.Services)
		}
		if len(t.Options) > 0 {
			line += fmt.Sprint(" ", t.Options)
		}
		lines = append(lines, line)
	}
	return lines
}

// subtests is the body of a function TestX(t *testing.T), and the lines that
// readTests makes of it.
type subtests struct {
	body string
	want []string
}

func checkSubtests(t *testing.T, tests map[string]subtests) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readTests(t, `package p

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestX(t *testing.T) {
	`+tt.body+`
}

const (
	constantID = "5ad5a1a6-0000-4000-8000-" + "000000000001"
	lockName   = "flavor"
	word       = "one"

	tier    testlib.Attribute = "tier1"
	typedID testlib.ID        = "5ad5a1a6-0000-4000-8000-000000000002"
	other   time.Duration     = 1
)

func testShared(z *testing.T) { z.Run("shared", nil) }

func testEndless(z *testing.T) { z.Run("again", testEndless) }
`)
			want := tt.want
			if len(want) == 0 || !strings.HasPrefix(want[0], "TestX") {
				want = append([]string{"TestX"}, want...)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("tests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSubtests(t *testing.T) {
	t.Parallel()
	checkSubtests(t, map[string]subtests{
		"any name of the variable": {
			`t.Run("a", func(tt *testing.T) { tt.Run("b", func(s *testing.T) { s.Run("c", nil) }) })`,
			[]string{"a", "a/b", "a/b/c"},
		},
		"the outer variable in a closure": {
			`t.Run("a", func(s *testing.T) { t.Run("b", nil) })`, []string{"a", "b ?"},
		},
		"a hidden variable": {
			`t.Run("a", func(t *testing.T) { t.Run("b", nil) }); { t := other(); t.Run("c", nil) }; t.Run("d", nil)`,
			[]string{"a", "a/b", "d"},
		},
		"a name that is no literal": {
			`n := "a"; t.Run(n, func(s *testing.T) { s.Run("b", nil) }); t.Run("x"+"y", nil); t.Run(n+"z", nil)`,
			[]string{"xy"},
		},
		"repeated names": {
			`t.Run("a b", nil); t.Run("a b", nil); t.Run("a_b", func(s *testing.T) { s.Run("", nil) })`,
			[]string{"a_b", "a_b#01", "a_b#02", "a_b#02/#00"},
		},
	})
}

func TestSubtestsThatMayNotRun(t *testing.T) {
	t.Parallel()
	checkSubtests(t, map[string]subtests{
		"conditions": {
			`if ok { t.Run("if", nil) } else { t.Run("else", nil) }
			for range 2 { t.Run("for", nil) }
			switch n { case 1: t.Run("case", nil) }
			select { default: t.Run("select", nil) }
			func() { t.Run("called", nil) }()
			f := func() { t.Run("literal", nil) }
			go t.Run("go", nil)
			_ = ok && t.Run("and", nil)
			if t.Run("in if", nil) && ok { }
			t.Run("last", nil)`,
			[]string{
				"if ?", "else ?", "for ?", "case ?", "select ?", "called", "literal ?", "go ?", "and ?", "in_if", "last",
			},
		},
		"after a way out": {
			`t.Run("a", nil); if ok { return }; t.Run("b", func(s *testing.T) { s.Run("c", nil) })`,
			[]string{"a", "b ?", "b/c"},
		},
		"a way out of a closure is none": {
			`f := func() { return }; t.Run("a", func(s *testing.T) { if ok { return }; s.Run("b", nil) }); t.Run("c", nil)`,
			[]string{"a", "a/b ?", "c"},
		},
		"a way out of a block": {
			`{ if ok { return } }; t.Run("a", nil)`, []string{"a ?"},
		},
		"one name in two branches": {
			`if ok { t.Run("a", nil) } else { t.Run("a", nil) }`, []string{"a ?", "a#01 ?"},
		},
		"one name, sometimes before": {
			`if ok { t.Run("a", nil) }; t.Run("a", nil)`, []string{"a", "a#01 ?"},
		},
	})
}

func TestSubtestsOfFunctionsAndOptions(t *testing.T) {
	t.Parallel()
	checkSubtests(t, map[string]subtests{
		"declared function": {
			`t.Run("a", testShared); t.Run("b", testShared); t.Run("c", testEndless)`,
			[]string{"a", "a/shared", "b", "b/shared", "c", "c/again"},
		},
		"local function": {
			`f := func(x *testing.T) { x.Run("in f", nil) }; t.Run("a", f); var g = f; t.Run("b", g)`,
			[]string{"a", "a/in_f", "b", "b/in_f"},
		},
		"testlib": {
			`e := testlib.Start(t, testlib.ID("u1"), testlib.Services("b_c", "a", "b-c"), testlib.Smoke,
				testlib.Credentials(testlib.Slow))
			e.Run("a", func(e *testlib.Env) {
				e.Run("b", func(*testlib.Env) {}, testlib.ID("u3"))
			}, testlib.ID("u2"), testlib.Attribute("zed"), testlib.Slow)
			e.T.Run("c", func(t *testing.T) { testlib.Start(t, testlib.ID("u4")) })`,
			[]string{"TestX id=u1 [smoke] [a b-c] map[Credentials:[slow]]",
				"a id=u2 [slow zed] [a b-c]", "a/b id=u3 [a b-c]", "c id=u4 [a b-c]"},
		},
		"start in a chain": {
			`testlib.Start(t, testlib.Smoke).Run("a", func(e *testlib.Env) {}, testlib.ID("u1"))`,
			[]string{"TestX [smoke]", "a id=u1"},
		},
		"helper that starts": {
			`e := start(t, testlib.ID("u1")); e.Run("a", func(e *testlib.Env) {}); e.Run("b", 1)
			c := newClient(t); c.Run("c", func(n int) {}); c.Run("d", func(t *testing.T) {})`,
			[]string{"TestX id=u1", "a", "d ?"},
		},
		"assigned later": {
			`var e *testlib.Env; e = testlib.Start(t); e.Run("a", func(e *testlib.Env) {})`, []string{"a"},
		},
		"other names for the same test": {
			`f := func() { t.Run("a", nil) }; f(); (t).Run("b", nil); var _, s = 1, t; s.Run("c", nil)`,
			[]string{"a ?", "b", "c"},
		},
		"label and goto": {
			`again: t.Run("a", nil); if ok { goto again }; t.Run("b", nil)`, []string{"a", "b ?"},
		},
		"range hides": {
			`for _, t := range list { t.Run("a", nil) }`, nil,
		},
		"something else that runs": {`exec.Command("x").Run(); suite.Run("a", nil); var s suite; s.Run("b", nil)`, nil},
	})
}

func TestOnlyTestFunctionsAreTests(t *testing.T) {
	t.Parallel()
	got := readTests(t, `package p

import (
	check "testing"

	lib "github.com/gotempest/tempest/testlib"
)

type T = check.T

func Test(t *check.T)                  { lib.Start(t, lib.ID("u1")) }
func Test_x(*check.T)                  {}
func Test1(_ *check.T)                 {}
func TestÉ(t *check.T)                 {}
func TestAlias(t *T)                   { t.Run("a", func(t *T) {}) }
func TestElsewhere(t *other.T)         {}
func TestNotT(t *other.X)              {}
func Testimony(t *check.T)             {}
func TestMain(m *check.M)              {}
func TestTwo(a, b *check.T)            {}
func TestNone()                        {}
func TestResult(t *check.T) int        { return 0 }
func TestGeneric[P any](t *check.T)    {}
func (r receiver) TestMethod(*check.T) {}
func BenchmarkX(b *check.B)            {}
`)
	want := []string{"Test id=u1", "Test_x", "Test1", "TestÉ", "TestAlias", "TestAlias/a", "TestElsewhere"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
}

func TestSubtestsThatMultiplyAreBounded(t *testing.T) {
	t.Parallel()
	source := "package p\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { f0(t); t.Run(\"a\", f0) }\n"
	for i := range 30 {
		source += fmt.Sprintf("func f%d(t *testing.T) { t.Run(\"a\", f%d); t.Run(\"b\", f%d) }\n", i, i+1, i+1)
	}
	if n := len(readTests(t, source)); n != maxSubtests+1 {
		t.Errorf("%d tests, want the bound of %d and the parent", n, maxSubtests)
	}
}

func TestConstraintNamesTag(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		head string
		want bool
	}{
		"plain":                {"//go:build tempest\n\npackage p\n", true},
		"with others":          {"//go:build slow && (tempest || never)\n\npackage p\n", true},
		"after comments":       {"// Copyright.\n\n/* licence */ /* more\n*/\n//go:build tempest\n\npackage p\n", true},
		"after a byte mark":    {"\ufeff//go:build tempest\n\npackage p\n", true},
		"carriage returns":     {"//go:build tempest\r\n\r\npackage p\r\n", true},
		"none":                 {"package p\n", false},
		"another tag":          {"//go:build tempestuous\n\npackage p\n", false},
		"after the package":    {"package p\n\n//go:build tempest\n", false},
		"in a comment":         {"/*\n//go:build tempest\n*/\npackage p\n", false},
		"a line that is wrong": {"//go:build tempest &&\n\npackage p\n", false},
		"empty":                {"", false},
		"comment without end":  {"/* x", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := namesTag([]byte(tt.head)); got != tt.want {
				t.Errorf("namesTag(%q) = %v, want %v", tt.head, got, tt.want)
			}
		})
	}
}

func FuzzBuildConstraint(f *testing.F) {
	f.Add("//go:build tempest\n\npackage p\n")
	f.Add("/* x */ // y\n//go:build !tempest")
	f.Fuzz(func(t *testing.T, s string) {
		if namesTag([]byte(s)) && !strings.Contains(s, Tag) {
			t.Errorf("namesTag(%q) = true", s)
		}
	})
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern   string
		match, no []string
	}{
		"everything":      {"./...", []string{".", "a", "a/b"}, nil},
		"root":            {".", []string{"."}, []string{"a"}},
		"root with slash": {"./", []string{"."}, []string{"a"}},
		"folder":          {"./a", []string{"a"}, []string{"a/b", "ab", "."}},
		"below a folder":  {"./a/...", []string{"a", "a/b", "a/b/c"}, []string{"ab", "."}},
		"part of a name":  {"./a...", []string{"a", "ab", "a/b"}, []string{"b/a"}},
		"in the middle":   {"./a/.../z", []string{"a/b/z", "a/b/c/z"}, []string{"a/z/b"}},
		"special letters": {"./a+b/...", []string{"a+b", "a+b/c"}, []string{"aab"}},
		"an import path": {
			"example.com/x/...", []string{"example.com/x", "example.com/x/y"}, []string{"example.com/xy", "exampleXcom/x"},
		},
		"trailing slashes": {"./a/", []string{"a"}, []string{"a/b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			match := matcher(tt.pattern)
			for _, s := range tt.match {
				if !match(s) {
					t.Errorf("%q does not match %q", tt.pattern, s)
				}
			}
			for _, s := range tt.no {
				if match(s) {
					t.Errorf("%q matches %q", tt.pattern, s)
				}
			}
		})
	}
}

// FuzzSubtests holds that any body of a test can be read, and that no two
// tests get one name.
func FuzzSubtests(f *testing.F) {
	f.Add(`t.Run("a", func(s *testing.T) { s.Run("b", nil) }); if ok { return }; t.Run("a", nil)`)
	f.Add(`e := testlib.Start(t, testlib.ID("u")); for { e.Run("a b", func(*testlib.Env) {}) }; goto x`)
	f.Add(`f := func(t *testing.T) { t.Run("", f) }; var g, h = f, t; h.Run("x"+"y", g); switch t.(type) { default: }`)
	f.Add(`select { case t := <-c: t.Run("a", nil); case c <- t.Run("b", nil): }; L: for range t { break L }`)
	f.Add(`testlib.Start(t, testlib.Smoke.When(x).When(y), (testlib.Unstable("1").When()), When, a.When(testlib.Smoke))`)
	f.Fuzz(func(t *testing.T, body string) {
		dir := files(t, "-- x_test.go --\npackage p\n\nimport (\n\t\"testing\"\n\n"+
			"\t\"github.com/gotempest/tempest/testlib\"\n)\n\nfunc TestX(t *testing.T) {\n"+body+"\n}\n")
		j := job{folder: folder{path: "p", dir: dir}}
		if err := j.read(&build.Default, true, map[string]namedText{"Smoke": {"Attribute", "smoke"}}); err != nil {
			t.Fatal(err)
		}
		if j.problem != nil || j.pkg == nil {
			return
		}
		seen := make(map[string]bool)
		for _, test := range j.pkg.Tests {
			if seen[test.Name] {
				t.Errorf("two tests are called %q", test.Name)
			}
			seen[test.Name] = true
		}
	})
}

func TestOptions(t *testing.T) {
	t.Parallel()
	checkSubtests(t, map[string]subtests{
		"what changes how a test runs": {
			`e := testlib.Start(t, testlib.Serial, testlib.Exclusive("flavor-default", "b"), testlib.Unstable("123"))
			e.Run("sub", func(e *testlib.Env) {}, testlib.SkipBecause("storyboard:1").When(ok), testlib.Exclusive("c"))`,
			[]string{`TestX [serial unstable] map[Exclusive:[flavor-default b] Unstable:[123]]`,
				`sub map[Exclusive:[c] SkipBecause:[storyboard:1]]`},
		},
		"what a test needs": {
			`testlib.Start(t, testlib.Extension("network", "router", "trunk"), testlib.Extension("volume", "x"),
				testlib.Feature("compute", "resize"), testlib.Microversion("compute", "2.60", "latest"),
				testlib.Credentials(testlib.ProjectMember, persona()), testlib.Isolated())`,
			[]string{`TestX map[Credentials:[project_member] Extension:[network router trunk volume x] ` +
				`Feature:[compute resize] Microversion:[compute 2.60 latest]]`},
		},
		"conditions": {
			`testlib.Start(t, testlib.Slow.When(ok), (testlib.Unstable("1").When(a).When(b)))`,
			[]string{`TestX [slow unstable] map[Unstable:[1]]`},
		},
		"constants of the package": {
			`testlib.Start(t, testlib.ID(constantID), tier, testlib.Exclusive(lockName), testlib.Attribute(word), unknown)`,
			[]string{`TestX id=5ad5a1a6-0000-4000-8000-000000000001 [one tier1] map[Exclusive:[flavor]]`},
		},
		"an ID that is a constant": {`testlib.Start(t, typedID)`, []string{`TestX id=5ad5a1a6-0000-4000-8000-000000000002`}},
	})
}

func TestATestThatBeginsWithStartTakesItsTurn(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`e := testlib.Start(t)`:                       true,
		`testlib.Start(t, testlib.Smoke)`:             true,
		`_ = testlib.Start(t)`:                        true,
		`prepare(); testlib.Start(t)`:                 false,
		`if x { testlib.Start(t) }`:                   false,
		`e := helper(t)`:                              false,
		`e := other.Start(t)`:                         false,
		`a, b := testlib.Start(t), testlib.Start(t)`:  false,
		`t.Run("a", func(t *testing.T) { Start(t) })`: false,
		``: false,
	} {
		name := filepath.Join(t.TempDir(), "x_test.go")
		j := job{}
		const head = "package p\n\nimport (\n\t\"testing\"\n\n\t\"github.com/gotempest/tempest/testlib\"\n)\n\n"
		data := []byte(head + "func TestX(t *testing.T) {\n" + body + "\n}\n")
		j.parse([]sourceFile{{name: name, test: true, suite: true, built: true, data: data}}, nil)
		if j.problem != nil || j.pkg == nil {
			t.Fatalf("%s: %+v", body, j.problem)
		}
		if got := j.pkg.Tests[0].TakesTurn; got != want {
			t.Errorf("%s: takes its turn: %v, want %v", body, got, want)
		}
	}
}
