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
		entries, err := parseList("file", strings.NewReader(text))
		checkEntries(t, text, entries, err)
		entries, err = parseLoadList("file", strings.NewReader(text))
		checkEntries(t, text, entries, err)
	})
}

func checkEntries(t *testing.T, text string, entries []*entry, err error) {
	t.Helper()
	if err != nil && !strings.Contains(err.Error(), "file") {
		t.Errorf("error %q does not name the file", err)
	}
	if lines := strings.Count(text, "\n") + 1; len(entries) > lines {
		t.Errorf("%d entries in %d lines", len(entries), lines)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.place, "file:") || e.text == "" || !e.listed {
			t.Errorf("entry %+v", e)
		}
		if (e.re == nil) == (e.id == "" && e.uuid == "") {
			t.Errorf("entry %+v is neither an expression nor a name", e)
		}
	}
}
