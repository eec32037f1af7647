package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner/plan"
)

const (
	idTokens = "5ad5a1a6-0000-4000-8000-000000000001"
	idRead   = "5ad5a1a6-0000-4000-8000-00000000000A"
	idGone   = "5ad5a1a6-0000-4000-8000-0000000000ff"
)

// inventory is what the selections below choose from.
func inventory() []plan.Package {
	pkg := func(path, plugin string, tests ...plan.Test) plan.Package {
		for i := range tests {
			tests[i].Package = path
		}
		return plan.Package{Path: path, Plugin: plugin, Tests: tests}
	}
	return []plan.Package{
		pkg("example.com/tempest/tests/identity", "tempest",
			plan.Test{Name: "TestTokens", UUID: idTokens, Attributes: []string{"smoke"}},
			plan.Test{Name: "TestTokens/Revoke"},
			plan.Test{Name: "TestTokens/Revoke/Twice", Attributes: []string{"negative"}},
			plan.Test{Name: "TestTokens/Validate"},
			plan.Test{Name: "TestUsers"},
		),
		pkg("example.com/barbican/tests", "barbican",
			plan.Test{Name: "TestSecrets"},
			plan.Test{Name: "TestSecrets/Read", UUID: idRead, Attributes: []string{"smoke"}},
			plan.Test{Name: "TestSecrets/Read#01"},
			plan.Test{Name: "TestSmoke_Signals", Attributes: []string{"slow"}},
		),
		pkg("example.com/barbican/none", "barbican"),
	}
}

// chosen lists the names of pkgs; implied ones in brackets, those to skip after
// a minus.
func chosen(pkgs []plan.Package) string {
	var b strings.Builder
	for _, p := range pkgs {
		b.WriteString(filepath.Base(filepath.Dir(p.Path)) + ":")
		for _, t := range p.Tests {
			switch {
			case t.Implied:
				b.WriteString(" (" + t.Name + ")")
			default:
				b.WriteString(" " + t.Name)
			}
		}
		for _, s := range p.Skip {
			b.WriteString(" -" + s)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const everything = "tests: TestTokens TestTokens/Revoke TestTokens/Revoke/Twice TestTokens/Validate TestUsers\n" +
	"barbican: TestSecrets TestSecrets/Read TestSecrets/Read#01 TestSmoke_Signals\n"

// lists are files of a selection: "regex.txt" etc. in s stand for them.
func TestSelect(t *testing.T) { //nolint:funlen // a table
	const identity = "example.com/tempest/tests/identity"
	tests := map[string]struct {
		s       plan.Selection
		include string
		exclude string
		load    string
		want    string
	}{
		"nothing said selects all": {want: everything},
		"a regex is searched": {
			s:    plan.Selection{Regex: []string{"Users"}},
			want: "tests: TestUsers\n",
		},
		"white space separates alternatives": {
			s:    plan.Selection{Regex: []string{" Users\tSignals  "}},
			want: "tests: TestUsers\nbarbican: TestSmoke_Signals\n",
		},
		"a flag given twice as well": {
			s:    plan.Selection{Regex: []string{"Users", "Signals"}},
			want: "tests: TestUsers\nbarbican: TestSmoke_Signals\n",
		},
		"an empty regex is none": {s: plan.Selection{Regex: []string{" "}}, want: everything},
		"a $ is the end of the name": {
			s:    plan.Selection{Regex: []string{"Read$"}},
			want: "barbican: (TestSecrets) TestSecrets/Read\n",
		},
		"the suffix is part of what is searched": {
			s:    plan.Selection{Regex: []string{`\[.*\bnegative\b.*\]`}},
			want: "tests: (TestTokens) (TestTokens/Revoke) TestTokens/Revoke/Twice\n",
		},
		"the id too": {
			s:    plan.Selection{Regex: []string{`id-` + idRead}},
			want: "barbican: (TestSecrets) TestSecrets/Read\n",
		},
		"smoke is the attribute": {
			s: plan.Selection{Smoke: true},
			want: "tests: TestTokens TestTokens/Revoke TestTokens/Revoke/Twice TestTokens/Validate\n" +
				"barbican: (TestSecrets) TestSecrets/Read\n",
		},
		"a test brings its subtests": {
			s:    plan.Selection{Regex: []string{`TestSecrets$`}},
			want: "barbican: TestSecrets TestSecrets/Read TestSecrets/Read#01\n",
		},
		"a subtest brings its parents as implied": {
			s:    plan.Selection{Regex: []string{`Revoke$`}},
			want: "tests: (TestTokens) TestTokens/Revoke TestTokens/Revoke/Twice\n",
		},
		"an include list is united with a regex": {
			s:       plan.Selection{Regex: []string{"Users"}},
			include: "# what Barbican has\n\n  Signals   # slow\nRead#01$# no space\n",
			want:    "tests: TestUsers\nbarbican: (TestSecrets) TestSecrets/Read#01 TestSmoke_Signals\n",
		},
		"and with smoke": {
			s:       plan.Selection{Smoke: true},
			include: "Users\n",
			want:    everything[:strings.Index(everything, "\n")] + "\nbarbican: (TestSecrets) TestSecrets/Read\n",
		},
		"a tagged id in an include list is a name": {
			include: identity + ".TestTokens[id-" + idTokens + ",smoke] # all of it\n",
			want:    "tests: TestTokens TestTokens/Revoke TestTokens/Revoke/Twice TestTokens/Validate\n",
		},
		"an excluded subtest is skipped": {
			exclude: "Revoke$ # bug 1\n",
			want: "tests: TestTokens TestTokens/Validate TestUsers -TestTokens/Revoke\n" +
				everything[strings.Index(everything, "\n")+1:],
		},
		"an excluded test takes its subtests along": {
			s:    plan.Selection{Regex: []string{"identity"}, ExcludeRegex: `TestTokens\[`},
			want: "tests: TestUsers\n",
		},
		"also those that were selected alone": {
			s:    plan.Selection{Regex: []string{"Validate Users"}, ExcludeRegex: `TestTokens\[`},
			want: "tests: TestUsers\n",
		},
		"both exclusions apply": {
			s:       plan.Selection{ExcludeRegex: "Signals"},
			exclude: "identity\n",
			want:    "barbican: TestSecrets TestSecrets/Read TestSecrets/Read#01\n",
		},
		"exclusion goes before everything": {
			s:       plan.Selection{Smoke: true},
			exclude: "smoke\n",
			include: "Users\n",
			want:    "tests: TestUsers\n",
		},
		"a load list has names": {
			load: "# kept by hand\n" + identity + ".TestUsers\r\n\nexample.com/barbican/tests.TestSecrets/Read#01\n",
			want: "tests: TestUsers\nbarbican: (TestSecrets) TestSecrets/Read#01\n",
		},
		"their order is of no matter": {
			load: "example.com/barbican/tests.TestSmoke_Signals[slow]\n" + identity + ".TestUsers\n",
			want: "tests: TestUsers\nbarbican: TestSmoke_Signals\n",
		},
		"names are whole": {
			load: "example.com/barbican/tests.TestSecrets/Read\n",
			want: "barbican: (TestSecrets) TestSecrets/Read\n",
		},
		"a UUID is a name": {
			load: idTokens + "\nid-" + strings.ToLower(idRead) + "\n",
			want: "tests: TestTokens TestTokens/Revoke TestTokens/Revoke/Twice TestTokens/Validate\n" +
				"barbican: (TestSecrets) TestSecrets/Read\n",
		},
		"an id of Python Tempest is found by its UUID": {
			load: "tempest.api.identity.v3.test_tokens.TokensV3Test.test_tokens[compute,id-" + idTokens + ",smoke]\n",
			want: "tests: TestTokens TestTokens/Revoke TestTokens/Revoke/Twice TestTokens/Validate\n",
		},
		"a load list narrows": {
			s:    plan.Selection{Regex: []string{"identity"}},
			load: identity + ".TestUsers\nexample.com/barbican/tests.TestSecrets\n",
			want: "tests: TestUsers\n",
		},
		"what it names is all of a test": {
			s:    plan.Selection{Regex: []string{"Validate"}},
			load: identity + ".TestTokens\n" + identity + ".TestTokens/Validate\n",
			want: "tests: (TestTokens) TestTokens/Validate\n",
		},
		"plugins": {
			s: plan.Selection{Plugins: []string{"barbican"}}, want: everything[strings.Index(everything, "\n")+1:],
		},
		"without plugin": {
			s: plan.Selection{NoPlugins: []string{"barbican"}}, want: everything[:strings.Index(everything, "\n")+1],
		},
		"an entry for a plugin left out matches": {
			s:    plan.Selection{Plugins: []string{"barbican"}, Regex: []string{"Users Signals"}},
			want: "barbican: TestSmoke_Signals\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tt.s
			s.IncludeList, s.ExcludeList, s.LoadList = list(t, tt.include), list(t, tt.exclude), list(t, tt.load)

			got, err := plan.Select(inventory(), s)

			if err != nil {
				t.Fatalf("Select: %v", err)
			}
			if diff := cmp.Diff(tt.want, chosen(got)); diff != "" {
				t.Errorf("selection (-want +got):\n%s", diff)
			}
		})
	}
}

// list writes a file, unless it would be empty.
func list(t *testing.T, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	path := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSelectRefuses(t *testing.T) {
	tests := map[string]struct {
		s       plan.Selection
		include string
		exclude string
		load    string
		want    []string // in the error; LIST is the path
	}{
		"smoke with a regex": {
			s: plan.Selection{Smoke: true, Regex: []string{"x"}}, want: []string{"--smoke and --regex exclude each other"},
		},
		"a regex that finds nothing": {
			s:    plan.Selection{Regex: []string{"Users Nobody Nothing"}},
			want: []string{`--regex: "Nobody" matches no test`, `--regex: "Nothing" matches no test`},
		},
		"an exclusion that finds nothing": {
			s: plan.Selection{ExcludeRegex: "Nobody"}, want: []string{`--exclude-regex: "Nobody" matches no test`},
		},
		"a line that finds nothing": {
			include: "Users\n\n# a comment\nNobody # why\n", want: []string{"LIST:4: Nobody matches no test"},
		},
		"a line of an exclude list that finds nothing": {
			exclude: "Nobody", want: []string{"LIST:1: Nobody matches no test"},
		},
		"a name that nothing has": {
			load: "example.com/barbican/tests.TestSecret\n",
			want: []string{"LIST:1: example.com/barbican/tests.TestSecret matches no test"},
		},
		"a UUID that nothing has": {load: idGone, want: []string{"LIST:1: " + idGone + " matches no test"}},
		"a name with the id of another": {
			load: "example.com/tempest/tests/identity.TestTokens[id-" + idGone + "]\n",
			want: []string{"LIST:1: example.com/tempest/tests/identity.TestTokens has the id " + idTokens + ", not " + idGone},
		},
		"a regex that is none": {
			s:    plan.Selection{Regex: []string{"Test(", "[z"}},
			want: []string{"--regex: ", "missing closing )", "missing closing ]"},
		},
		"a line that is none": {include: "Users\nTest(\n", want: []string{"LIST:2: ", "missing closing )"}},
		"look-ahead": {
			include: `(?!.*\[.*\bslow\b.*\])(^tempest\.api)`,
			want:    []string{"LIST:1: ", "(?! is not supported", "--exclude-regex"},
		},
		"a list without entries": {exclude: "# nothing\n", want: []string{"LIST: the list has no entries"}},
		"a list that is not there": {
			s: plan.Selection{LoadList: "nowhere.txt"}, want: []string{"nowhere.txt"},
		},
		"a plugin that is not there": {
			s: plan.Selection{Plugins: []string{"octavia"}, NoPlugins: []string{"x"}},
			want: []string{
				`--plugin: no plugin "octavia" with tests; there are: barbican, tempest`, `--no-plugin: no plugin "x"`,
			},
		},
		"nothing left": {
			s:    plan.Selection{Regex: []string{"Users"}, ExcludeRegex: "identity", Plugins: []string{"tempest"}},
			want: []string{`no test selected by --regex "Users" --exclude-regex "identity" --plugin tempest`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tt.s
			path := ""
			lists := map[string]*string{tt.include: &s.IncludeList, tt.exclude: &s.ExcludeList, tt.load: &s.LoadList}
			for text, to := range lists { // one of them has text
				if text != "" {
					path = list(t, text)
					*to = path
				}
			}

			got, err := plan.Select(inventory(), s)

			if err == nil {
				t.Fatalf("Select = %s", chosen(got))
			}
			for _, want := range tt.want {
				if want = strings.ReplaceAll(want, "LIST", path); !strings.Contains(err.Error(), want) {
					t.Errorf("error = %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestSelectWithoutTests(t *testing.T) {
	_, err := plan.Select(nil, plan.Selection{})
	if err == nil || !strings.Contains(err.Error(), "no test selected") {
		t.Errorf("Select = %v, want an error", err)
	}
}

func TestSelectDoesNotChangeTheInventory(t *testing.T) {
	all := inventory()

	if _, err := plan.Select(all, plan.Selection{Regex: []string{"Twice Read$"}}); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(inventory(), all); diff != "" {
		t.Errorf("inventory (-before +after):\n%s", diff)
	}
}

func TestChooseKeepsTheReasonsOfAnExcludeList(t *testing.T) {
	path := list(t, "Users # bug 1234\nTokens\nSignals# slow\n")
	s := plan.Selection{ExcludeList: path, ExcludeRegex: "Read", Regex: []string{"identity Secrets"}}

	c, err := plan.Choose(inventory(), s)
	if err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, e := range c.Excluded {
		got = append(got, e.Test.Name+" "+strings.TrimPrefix(e.Place, path)+" "+e.Reason)
	}
	// Read was not taken by the list, Signals was never selected, and a subtest
	// goes with its parent.
	if want := []string{"TestTokens :2 ", "TestUsers :1 bug 1234"}; !slices.Equal(got, want) {
		t.Errorf("excluded = %q, want %q", got, want)
	}
}

func TestTaggedID(t *testing.T) {
	for want, test := range map[string]plan.Test{
		"p.TestA":                    {Package: "p", Name: "TestA"},
		"p.TestA/b[id-1-2]":          {Package: "p", Name: "TestA/b", UUID: "1-2"},
		"p.TestA[negative,smoke]":    {Package: "p", Name: "TestA", Attributes: []string{"negative", "smoke"}},
		"p.TestA[id-1-2,slow,smoke]": {Package: "p", Name: "TestA", UUID: "1-2", Attributes: []string{"slow", "smoke"}},
	} {
		if got := test.TaggedID(); got != want {
			t.Errorf("TaggedID = %s, want %s", got, want)
		}
	}
}

func TestCountLeavesOutImpliedTests(t *testing.T) {
	pkgs, err := plan.Select(inventory(), plan.Selection{Regex: []string{"Twice Read$"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := (plan.Plan{Packages: pkgs}).Count(); got != 2 {
		t.Errorf("Count = %d, want 2", got)
	}
}

// A selection by names must not take the product of both numbers.
func BenchmarkLoadList(b *testing.B) {
	const tests = 20_000
	p := plan.Package{Path: "example.com/p", Plugin: "p"}
	var text strings.Builder
	for i := range tests {
		p.Tests = append(p.Tests, plan.Test{Package: p.Path, Name: fmt.Sprintf("Test%d", i)})
		text.WriteString(p.Tests[i].ID() + "\n")
	}
	path := filepath.Join(b.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := plan.Select([]plan.Package{p}, plan.Selection{LoadList: path}); err != nil {
			b.Fatal(err)
		}
	}
}
