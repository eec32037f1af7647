package site

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// section is an entry of the search's index.
type section struct{ URL, Page, Title, Text string }

// The index of the search has each heading of each page, with the text below
// it, and leads to it.
func TestIndexHasEverySection(t *testing.T) {
	folder := build(t)
	pages := read(t, folder)
	sections := index(t, folder)
	found := map[string]section{}
	for _, s := range sections {
		page, id, _ := strings.Cut(s.URL, "#")
		if !pages[page].ids[id] {
			t.Errorf("the index leads to %s, which there is not", s.URL)
		}
		if s.Page == "" || s.Title == "" || strings.ContainsAny(s.Page+s.Title, "<>") {
			t.Errorf("the section %s is called %q of %q", s.URL, s.Title, s.Page)
		}
		found[s.URL] = s
	}
	for name, p := range pages {
		for _, id := range p.headings {
			if _, ok := found[name+"#"+id]; !ok {
				t.Errorf("the index lacks %s#%s", name, id)
			}
		}
	}
	if text := found["ci.html#gitlab"].Text; !strings.Contains(text, "after_script: - go tool tempest cleanup") {
		t.Errorf("the section on GitLab is indexed as %q", text)
	}
}

// searched are sections to search in, apart from the pages, whose words change.
const searched = `[
	{"url": "a", "page": "Cleaning up", "title": "tempest cleanup", "text": "is locked"},
	{"url": "b", "page": "In CI", "title": "Jenkins", "text": "clouds: --locked, OS_CLIENT_CONFIG_FILE"},
	{"url": "c", "page": "In CI", "title": "GitLab", "text": "no config of OS; TestMemberReadsItsProject"},
	{"url": "d", "page": "Configuration", "title": "Which cloud", "text": "cleanup is told elsewhere"}
]`

// The search finds names in code and parts of them, titles before text, what
// was typed before its words apart, and words with a letter missing.
func TestSearchFinds(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node.js to run the search with")
	}
	assets, err := filepath.Abs("assets")
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{ // the URLs, the best first
		"OS_CLIENT_CONFIG_FILE": "b",
		"member":                "c",
		"cleanup":               "a d",
		"--locked":              "b a",
		"jenkns":                "b",
		"jenk":                  "b",
		"jenkins whatever":      "b",
		"zzqqxx":                "",
	} {
		cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "-", query)
		cmd.Stdin = strings.NewReader(`const { finder } = await import("file://" + process.argv[3]);
console.log(finder(` + searched + `)(process.argv[2]).map((s) => s.url).join(" "));`)
		cmd.Args = append(cmd.Args, filepath.ToSlash(filepath.Join(assets, "find.mjs")))
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q finds %q, want %q (%v)", query, got, want, err)
		}
	}
}

// index reads the index of a built site.
func index(t *testing.T, folder string) []section {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(folder, "search-index.js"))
	if err != nil {
		t.Fatal(err)
	}
	data, isScript := bytes.CutPrefix(bytes.TrimSpace(script), []byte("globalThis.searchIndex = "))
	data, ends := bytes.CutSuffix(data, []byte(";"))
	var sections []section
	if err := json.Unmarshal(data, &sections); err != nil || !isScript || !ends {
		t.Fatalf("search-index.js is no script that sets searchIndex: %v", err)
	}
	return sections
}
