package discover

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"
)

// markerIn reads a marker of one file.
func markerIn(tb testing.TB, source string) marker {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m.go"), []byte(source), 0o600); err != nil {
		tb.Fatal(err)
	}
	m := readMarker(dir, "1.26", &build.Default)
	if m.problem != nil {
		m.problem.place = strings.TrimPrefix(m.problem.place, dir)
	}
	return m
}

const goodConstants = "const API, Name = 1, \"x\"\n"

// badMarker is a marker and the problem it has.
type badMarker struct {
	source string // without the package clause
	kind   Kind
	text   string // in the message
	place  string
}

func checkProblems(t *testing.T, tests map[string]badMarker) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := markerIn(t, "package tempestplugin\n"+tt.source).problem
			if p == nil {
				t.Fatal("no problem found")
			}
			if p.kind != tt.kind || !strings.Contains(p.message, tt.text) || filepath.ToSlash(p.place) != tt.place {
				t.Errorf("problem = %+v\nwant %s with %q at %q", *p, tt.kind, tt.text, tt.place)
			}
		})
	}
}

func TestMarkerProblemsOfConstants(t *testing.T) {
	t.Parallel()
	checkProblems(t, map[string]badMarker{
		"syntax":          {"const API = \n", DoesNotCompile, "expected", "/m.go:2"},
		"name of no type": {goodConstants + "var x nothing\n", DoesNotCompile, "undefined: nothing", "/m.go:3"},
		"import of tempest": {
			"import _ \"github.com/gotempest/tempest\"\n" + goodConstants, BadMarker,
			`the marker imports "github.com/gotempest/tempest"`, "/m.go:2",
		},
		"no API":  {`const Name = "x"` + "\n", BadMarker, "the constant API is missing", ""},
		"no Name": {"const API = 1\n", BadMarker, "the constant Name is missing", ""},
		"API is a string": {
			`const API, Name = "1", "x"` + "\n", BadMarker, "API is not an integer constant", "/m.go:2",
		},
		"API is a variable": {
			"var API = 1\n" + `const Name = "x"` + "\n", BadMarker, "API is not an integer constant", "/m.go:2",
		},
		"API is huge":         {`const API, Name = 1 << 70, "x"` + "\n", BadMarker, "API is out of range", "/m.go:2"},
		"API from the future": {`const API, Name = 2, "x"` + "\n", UnknownAPI, "API is 2", "/m.go:2"},
		"Name is a number":    {"const API, Name = 1, 2\n", BadMarker, "Name is not a string constant", "/m.go:2"},
		"Name with capitals":  {`const API, Name = 1, "Octavia"` + "\n", BadMarker, `Name is "Octavia"`, "/m.go:2"},
		"Tests outside": {
			goodConstants + `const Tests = "./a ../b"` + "\n", BadMarker, `"../b" in Tests is not below`, "/m.go:3",
		},
		"Tests by import path": {
			goodConstants + `const Tests = "tests/..."` + "\n", BadMarker, `"tests/..." in Tests is not below`, "/m.go:3",
		},
		"Tests is empty": {goodConstants + `const Tests = " "` + "\n", BadMarker, "Tests is empty", "/m.go:3"},
		"Collections without a path": {
			goodConstants + `const Collections = "trips launches"` + "\n", BadMarker,
			`"trips launches" in Collections is no collection`, "/m.go:3",
		},
		"Collections is a number": {
			goodConstants + "const Collections = 1\n", BadMarker, "Collections is not a string constant", "/m.go:3",
		},
		"Tags that are no tags": {
			goodConstants + `const Tags = "a !b"` + "\n", BadMarker, `"!b" in Tags is no build tag`, "/m.go:3",
		},
	})
}

func TestMarkerProblemsOfConfig(t *testing.T) {
	t.Parallel()
	option := func(field string) string {
		return goodConstants + "type Config struct {\n\tG struct {\n\t\t" + field + "\n\t} `toml:\"g\"`\n}\n"
	}
	checkProblems(t, map[string]badMarker{
		"Config is a constant": {goodConstants + "const Config = 1\n", BadMarker, "Config is not a type", "/m.go:3"},
		"Config is a map": {
			goodConstants + "type Config map[string]int\n", BadMarker, "Config is not a struct", "/m.go:3",
		},
		"group is a string": {
			goodConstants + "type Config struct {\n\tG string `toml:\"g\"`\n}\n", BadMarker, `group "g" is not a struct`,
			"/m.go:4",
		},
		"embedded group of a group": {option("time"), DoesNotCompile, "undefined: time", "/m.go:5"},
		"group twice": {
			goodConstants + "type Config struct {\n\tG struct{} `toml:\"g\"`\n\tH struct{} `toml:\"g\"`\n}\n", BadMarker,
			`group "g" is declared twice`, "/m.go:5",
		},
		"option that is private": {
			option("o string `toml:\"o\"`"), BadMarker, "field o is not an exported, named field", "/m.go:5",
		},
		"option with a bad key": {option("O string `toml:\"o o\"`"), BadMarker, `"o o" is no key`, "/m.go:5"},
		"option of a bad type": {
			option("O map[string]int `toml:\"o\"`"), BadMarker, `option "o" has type map[string]int`, "/m.go:5",
		},
		"list of lists": {option("O [][]int `toml:\"o\"`"), BadMarker, `option "o" has type [][]int`, "/m.go:5"},
		"default of a bad type": {
			option("O int `toml:\"o\" default:\"many\"`"), BadMarker, `default is "many", and the type is int`, "/m.go:5",
		},
		"default out of range": {
			option("O int `toml:\"o\" default:\"0\" min:\"1\"`"), BadMarker, "outside of min and max", "/m.go:5",
		},
		"default not among them": {
			option("O string `toml:\"o\" default:\"c\" choices:\"a,b\"`"), BadMarker, "not among the choices", "/m.go:5",
		},
		"min on a string": {
			option("O string `toml:\"o\" min:\"1\"`"), BadMarker, `min is "1", and the type is string`, "/m.go:5",
		},
		"renamed to itself": {
			option("O int `toml:\"o\" renamed:\"o\"`"), BadMarker, "renamed is its own name", "/m.go:5",
		},
		"resource of an int": {
			option("O int `toml:\"o\" resource:\"image\"`"), BadMarker, `resource is "image"`, "/m.go:5",
		},
		"min above max": {
			option("O int `toml:\"o\" min:\"2\" max:\"1\"`"), BadMarker, "min 2 is above max 1", "/m.go:5",
		},
		"required that is neither": {
			option("O int `toml:\"o\" required:\"maybe\"`"), BadMarker, `required is "maybe"`, "/m.go:5",
		},
	})
}

func TestMarkerReads(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		want   marker
	}{
		"the least": {goodConstants, marker{api: 1, name: "x", patterns: []string{"./tests/..."}, tags: []string{}}},
		"computed constants": {
			"const base = \"./te\"\nconst (\n\tAPI = 2 - 1\n\tName = \"a-\" + \"b\"\n" +
				"\tTests = base + \"sts\"\n\tTags = `p q,r`\n)\n",
			marker{api: 1, name: "a-b", patterns: []string{"./tests"}, tags: []string{"p", "q", "r"}},
		},
		"no tags, an embedded struct, a list of groups": {
			goodConstants + "type base struct {\n\tB struct{ One int }\n}\n" +
				"type Config struct {\n\tbase\n\tList []struct{ Two []string `default:\"a b\"` } `toml:\"l\"`\n}\n",
			marker{
				api: 1, name: "x", patterns: []string{"./tests/..."}, tags: []string{},
				groups: []option.Group{
					{Name: "b", Options: []option.Option{{Name: "one", Type: "int"}}},
					{Name: "l", List: true, Options: []option.Option{{Name: "two", Type: "[]string", Default: "a b"}}},
				},
			},
		},
		"an alias, a named type, a unit of time": {
			"import \"time\"\n" + goodConstants +
				"type level int\ntype wait = time.Duration\nconst second = 2 * time.Second\n" +
				"type Config struct {\n\t// G is a group.\n\tG struct {\n" +
				"\t\tL level `toml:\"l\" default:\"3\"`\n\t\tW []wait `toml:\"w\" default:\"1s,2m\" max:\"1h\"`\n" +
				"\t\tF float64 `toml:\"f\" default:\"0.5\"`\n\t} `toml:\"g\"`\n}\n",
			marker{
				api: 1, name: "x", patterns: []string{"./tests/..."}, tags: []string{},
				groups: []option.Group{{Name: "g", Help: "G is a group.", Options: []option.Option{
					{Name: "l", Type: "int", Default: "3"},
					{Name: "w", Type: "[]duration", Default: "1s,2m", Max: "1h"},
					{Name: "f", Type: "float", Default: "0.5"},
				}}},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := markerIn(t, "package tempestplugin\n"+tt.source)
			if got.problem != nil {
				t.Fatalf("problem = %+v", *got.problem)
			}
			for _, g := range got.groups {
				for i := range g.Options {
					g.Options[i].Position = ""
				}
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(marker{})); diff != "" {
				t.Errorf("marker (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarkerKeepsNameOfBrokenFile(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"syntax": "const Name = \"x\"\nconst API = \n",
		"types":  "const Name = \"x\"\nvar _ int = Name\n",
	} {
		if m := markerIn(t, "package tempestplugin\n"+source); m.name != "x" || m.problem == nil {
			t.Errorf("%s: name = %q, problem = %v; want x and a problem", name, m.name, m.problem)
		}
	}
}

func TestMarkerWithoutFiles(t *testing.T) {
	t.Parallel()
	if m := readMarker(t.TempDir(), "1.26", &build.Default); m.problem == nil || m.problem.kind != BadMarker {
		t.Errorf("problem = %+v, want a bad marker", m.problem)
	}
}

func TestMarkerLeavesOutFilesOfOtherSystems(t *testing.T) {
	t.Parallel()
	dir := files(t, "-- a.go --\npackage tempestplugin\n"+goodConstants+
		"-- b_plan9.go --\npackage tempestplugin\nconst API = 3\n-- c_test.go --\npackage wrong\n")
	bc := build.Default
	bc.GOOS = "linux"
	if m := readMarker(dir, "1.26", &bc); m.problem != nil || m.api != 1 {
		t.Errorf("marker = %+v, problem = %+v", m, m.problem)
	}
}

// FuzzMarker holds that any file is either a marker or a problem, never a
// panic, and that a marker has what the contract asks for.
func FuzzMarker(f *testing.F) {
	f.Add(goodConstants)
	f.Add(goodConstants + "type Config struct { G struct { O int `toml:\"o\" default:\"1\"` } `toml:\"g\"` }\n")
	f.Add("import \"time\"\n" + goodConstants + "type Config struct { time.Duration }\n")
	f.Add("type Config Config\nconst API, Name = 1 / 0, Name\n")
	f.Add("type T[P any] struct{}\ntype Config T[Config]\n" + goodConstants)
	f.Fuzz(func(t *testing.T, source string) {
		m := markerIn(t, "package tempestplugin\n"+source)
		switch {
		case m.problem != nil && m.problem.message == "":
			t.Error("problem without a message")
		case m.problem != nil:
		case m.api != MarkerAPI || !pluginName().MatchString(m.name) || len(m.patterns) == 0:
			t.Errorf("marker = %+v, accepted", m)
		}
		for _, g := range m.groups {
			for _, o := range g.Options {
				if o.Name == "" || o.Type == "" {
					t.Errorf("option %+v of %s, accepted", o, g.Name)
				}
			}
		}
	})
}
