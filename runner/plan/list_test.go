package plan

import (
	"strings"
	"testing"
)

func TestCutComment(t *testing.T) {
	for line, want := range map[string][2]string{
		"":                      {"", ""},
		"  \t":                  {"", ""},
		"TestA":                 {"TestA", ""},
		" TestA \t":             {"TestA", ""},
		"TestA # why":           {"TestA", "why"},
		"TestA#why # so":        {"TestA", "why # so"},
		"TestA#":                {"TestA", ""},
		"# TestA":               {"", "TestA"},
		"  ## TestA":            {"", "# TestA"},
		"TestA/b#01":            {"TestA/b#01", ""},
		"TestA/b#01/c#12 # why": {"TestA/b#01/c#12", "why"},
		"TestA #01 is broken":   {"TestA", "01 is broken"},
		"#01":                   {"", "01"},
		"TestA#0":               {"TestA", "0"},
	} {
		if text, comment := cutComment(line); text != want[0] || comment != want[1] {
			t.Errorf("cutComment(%q) = %q, %q, want %q", line, text, comment, want)
		}
	}
}

// FuzzLists reads any text as a list. Every entry must have its line, and what
// says that it is a name must be one.
func FuzzLists(f *testing.F) {
	f.Add("Users\n# comment\nRead#01 # why\n")
	f.Add("p.TestA[id-5ad5a1a6-0000-4000-8000-000000000001,smoke]\r\n\ufeffid-5ad5a1a6-0000-4000-8000-000000000001")
	f.Add("a[b]\n[id-]\n]\n[\n(?!x)")
	f.Fuzz(func(t *testing.T, text string) {
		for name, parse := range map[string]func(string, string) ([]*entry, error){
			"list":      func(p, s string) ([]*entry, error) { return parseList(p, strings.NewReader(s)) },
			"load list": func(p, s string) ([]*entry, error) { return parseLoadList(p, strings.NewReader(s)) },
		} {
			entries, err := parse("file", text)
			if err != nil && !strings.Contains(err.Error(), "file") {
				t.Errorf("%s: error %q does not name the file", name, err)
			}
			if lines := strings.Count(text, "\n") + 1; len(entries) > lines {
				t.Errorf("%s: %d entries in %d lines", name, len(entries), lines)
			}
			for _, e := range entries {
				if !strings.HasPrefix(e.place, "file:") || e.text == "" || !e.listed {
					t.Errorf("%s: entry %+v", name, e)
				}
				if (e.re == nil) == (e.id == "" && e.uuid == "") {
					t.Errorf("%s: entry %+v is neither an expression nor a name", name, e)
				}
			}
		}
	})
}
