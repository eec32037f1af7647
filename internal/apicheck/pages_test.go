package apicheck

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// What the pages of the documentation name in their text is in the recorded
// API: `testlib.X`, `wait.X` and so on, and `e.X`, which is a method of Env.
// Blocks of code are compiled elsewhere.
func TestPagesNameWhatThereIs(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, "../../README.md")
	known := map[string]bool{}
	for _, pkg := range []string{"testlib", "config", "data", "embedded", "remote", "schema", "wait"} {
		recordedNames(t, pkg, known)
	}
	for m := range reflect.TypeFor[*testing.T]().Methods() {
		known["e."+m.Name] = true
	}
	blocks := regexp.MustCompile("(?ms)^```.*?^```$")
	spans := regexp.MustCompile("`[^`\n]+`")
	name := regexp.MustCompile(`(?:^|[^\w./])((?:testlib|config|data|embedded|remote|schema|wait|e)\.[A-Z]\w*)`)
	named := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, span := range spans.FindAllString(blocks.ReplaceAllString(string(text), ""), -1) {
			for _, found := range name.FindAllStringSubmatch(span, -1) {
				if named++; !known[found[1]] {
					t.Errorf("%s names %s, which there is not", page, found[1])
				}
			}
		}
	}
	if named < 100 {
		t.Errorf("the pages name %d identifiers; are they still read?", named)
	}
}

// recordedNames adds the exported names of a recorded package to known, as
// code spells them.
func recordedNames(t *testing.T, pkg string, known map[string]bool) {
	t.Helper()
	file := "testlib." + pkg + ".txt"
	if pkg == "testlib" {
		file = "testlib.txt"
	}
	text, err := os.ReadFile(filepath.Join("api", file))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`^(?:func|type|const|var) (?:\(\*?(\w+)\S*\) )?([A-Z]\w*)`)
	for line := range strings.Lines(string(text)) {
		switch found := declared.FindStringSubmatch(line); {
		case found == nil:
		case found[1] == "":
			known[pkg+"."+found[2]] = true
		case found[1] == "Env":
			known["e."+found[2]] = true
		}
	}
}
