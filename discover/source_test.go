package discover

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// A file is of the suite to who has parsed it as it is to Find, which has its text.
func TestInSuiteAgreesWithFind(t *testing.T) {
	for name, tt := range map[string]struct {
		source string
		want   bool
	}{
		"tag":              {"//go:build tempest\n\npackage x\n", true},
		"behind a licence": {"// Copyright.\n\n//go:build tempest && slow\n\npackage x\n", true},
		"CRLF":             {"//go:build linux || tempest\r\n\r\npackage x\r\n", true},
		"another":          {"//go:build linux\n\npackage x\n", false},
		"behind package":   {"package x\n\n//go:build tempest\n", false},
		"in a block":       {"/*\n//go:build tempest\n*/\n\npackage x\n", false},
		"in words":         {"// See //go:build tempest\n\npackage x\n", false},
		"none":             {"package x\n", false},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", tt.source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if parsed, text := InSuite(file), namesTag([]byte(tt.source)); parsed != tt.want || text != tt.want {
			t.Errorf("%s: InSuite = %v, Find says %v, want %v", name, parsed, text, tt.want)
		}
	}
}

// Tests are read from files of the suite, with functions and constants of the others.
func TestReadTests(t *testing.T) {
	const head = "package x\n\nimport (\n\t\"testing\"\n\n\t\"github.com/gotempest/tempest/testlib\"\n)\n\n"
	set := token.NewFileSet()
	var files []*ast.File
	for _, source := range []string{
		"//go:build tempest\n\n" + head + "func TestA(t *testing.T) {\n\te := testlib.Start(t, testlib.ID(known))\n" +
			"\te.Run(\"Sub\", body)\n}\n",
		head + "const known = \"one\"\n\nfunc body(e *testlib.Env) { e.Run(\"Deep\", nil, testlib.ID(\"two\")) }\n\n" +
			"func TestUnit(t *testing.T) {}\n",
	} {
		file, err := parser.ParseFile(set, "x_test.go", source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	got := map[string]string{}
	for _, test := range ReadTests(set, files) {
		got[test.Name] = test.UUID
	}
	if len(got) != 3 || got["TestA"] != "one" || got["TestA/Sub/Deep"] != "two" {
		t.Errorf("ReadTests found %v", got)
	}
}

func TestPluginMatches(t *testing.T) {
	p := Plugin{Module: "example.com/p", Patterns: []string{"./tests/...", "./more"}}
	for path, want := range map[string]bool{
		"example.com/p/tests": true, "example.com/p/tests/api": true, "example.com/p/more": true,
		"example.com/p": false, "example.com/p/more/below": false, "example.com/plus/tests": false,
	} {
		if got := p.Matches(path); got != want {
			t.Errorf("Matches(%q) = %v, want %v", path, got, want)
		}
	}
	if root := (&Plugin{Module: "example.com/p", Patterns: []string{"./..."}}); !root.Matches("example.com/p") {
		t.Error("./... does not match the root of the module")
	}
}
