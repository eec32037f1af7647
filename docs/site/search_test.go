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
	_, sections := index(t, folder)
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

// The search finds names in code, parts of names, and words with a letter
// missing.
func TestSearchFinds(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node.js to run the search with")
	}
	want := map[string]string{ // the first section that is found
		"OS_CLIENT_CONFIG_FILE": "configuration.html#which-cloud",
		"cleanup ledger":        "cleanup.html#tempest-cleanup",
		"junit gitlab":          "ci.html#gitlab",
		"jenkns":                "ci.html#jenkins",
		"member reads":          "index.html#write-a-plugin", // in TestMemberReadsItsProject
		"zzqqxx":                "",
	}
	queries := make([]string, 0, len(want))
	for q := range want {
		queries = append(queries, q)
	}
	asked, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := filepath.Abs("assets")
	if err != nil {
		t.Fatal(err)
	}
	data, _ := index(t, build(t))
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module")
	cmd.Stdin = strings.NewReader(`import { finder } from ` + quote(t, "file://"+filepath.ToSlash(assets)+"/find.mjs") + `;
const find = finder(` + string(data) + `);
console.log(JSON.stringify(` + string(asked) + `.map((q) => find(q)[0] ?? {})));`)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("searching: %v\n%s", err, &stderr)
	}
	var first []struct {
		URL     string
		Excerpt []string
	}
	if err := json.Unmarshal(out, &first); err != nil || len(first) != len(queries) {
		t.Fatalf("the search printed %s (%v)", out, err)
	}
	for i, q := range queries {
		if first[i].URL != want[q] {
			t.Errorf("%q finds %s first, want %s", q, first[i].URL, want[q])
		}
		if want[q] != "" && (len(first[i].Excerpt) != 3 || first[i].Excerpt[1] == "") {
			t.Errorf("%q is shown in %q", q, first[i].Excerpt)
		}
	}
}

// index is the index of a built site, as JSON and read.
func index(t *testing.T, folder string) ([]byte, []section) {
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
	return data, sections
}

func quote(t *testing.T, s string) string {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
