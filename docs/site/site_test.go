// Package site holds the test of the site that ./build makes.
package site

import (
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const repository = "https://github.com/gotempest/tempest/blob/main/"

// page is what a built page has: its links, and what they can lead to.
type page struct {
	links    []string
	ids      map[string]bool
	headings []string // their IDs
}

// Every link of the site leads to a page, a heading or a file of the
// repository that there is, and every page can be reached from each other one.
func TestLinksOfTheSiteLeadSomewhere(t *testing.T) {
	folder := build(t)
	pages := read(t, folder)
	for _, name := range sources(t) {
		if _, ok := pages[name]; !ok {
			t.Errorf("the site lacks %s", name)
		}
	}
	for name, p := range pages {
		reached := map[string]bool{}
		for _, link := range p.links {
			if target := check(t, folder, pages, name, link); target != "" {
				reached[target] = true
			}
		}
		for other := range pages {
			if !reached[other] {
				t.Errorf("%s does not lead to %s, which the menu should have", name, other)
			}
		}
	}
}

// build builds the site in a folder of the test.
func build(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "./build", folder).CombinedOutput(); err != nil {
		t.Fatalf("building the site: %v\n%s", err, out)
	}
	return folder
}

// check follows a link of a page, and returns the page that it leads to.
func check(t *testing.T, folder string, pages map[string]page, name, link string) string {
	t.Helper()
	if file, ours := strings.CutPrefix(link, repository); ours {
		file, _, _ = strings.Cut(file, "#")
		if _, err := os.Stat(filepath.Join("../..", file)); err != nil {
			t.Errorf("%s links to %s: %v", name, link, err)
		}
		return ""
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Errorf("%s links to %s: %v", name, link, err)
		return ""
	}
	if u.Scheme != "" {
		return "" // another site; nothing is fetched
	}
	target := name
	if u.Path != "" {
		target = path.Join(path.Dir(name), u.Path)
	}
	to, isPage := pages[target]
	if _, err := os.Stat(filepath.Join(folder, target)); err != nil {
		t.Errorf("%s links to %s: %v", name, link, err)
	} else if isPage && u.Fragment != "" && !to.ids[u.Fragment] {
		t.Errorf("%s links to %s, and there is no such heading", name, link)
	}
	return target
}

// The recordings are asciinema's of version 2, the screens are XML, and what
// they show ended well.
func TestRecordingsCanBePlayed(t *testing.T) {
	casts, err := filepath.Glob("../casts/*.cast")
	if err != nil || len(casts) == 0 {
		t.Fatalf("no recordings (%v)", err)
	}
	for _, file := range casts {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		var head struct{ Version, Width, Height int }
		if err := json.Unmarshal([]byte(lines[0]), &head); err != nil || head.Version != 2 || head.Width < 80 {
			t.Errorf("%s begins with %s (%v)", file, lines[0], err)
		}
		last, shown := 0.0, ""
		for i, line := range lines[1:] {
			var at float64
			var kind, text string
			if err := json.Unmarshal([]byte(line), &[]any{&at, &kind, &text}); err != nil || kind != "o" || at < last {
				t.Errorf("%s:%d: %v in %s", file, i+2, err, line)
			}
			last, shown = at, shown+text
		}
		if !strings.Contains(shown, "$ ") || strings.Contains(shown, "FAIL") {
			t.Errorf("%s shows no command, or a failure", file)
		}
		drawing, err := os.ReadFile(strings.TrimSuffix(file, ".cast") + ".svg")
		if err != nil {
			t.Error(err)
		} else if err := xml.Unmarshal(drawing, new(struct{ XMLName xml.Name })); err != nil {
			t.Errorf("the screen of %s: %v", file, err)
		}
	}
}

// sources are the pages that the site must have.
func sources(t *testing.T) []string {
	t.Helper()
	names := []string{"index.html"}
	for _, pattern := range []string{"*.md", "reference/*.md"} {
		found, err := filepath.Glob("../" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			name := strings.TrimSuffix(filepath.ToSlash(file), ".md") + ".html"
			names = append(names, strings.TrimPrefix(name, "../"))
		}
	}
	if len(names) < 15 {
		t.Fatalf("found %d pages in docs; are they still there?", len(names))
	}
	return names
}

// read reads the pages of a built site, by their path in it.
func read(t *testing.T, folder string) map[string]page {
	t.Helper()
	pages := map[string]page{}
	root := os.DirFS(folder)
	err := fs.WalkDir(root, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".html" {
			return err
		}
		file, err := root.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		doc, err := html.Parse(file)
		if err != nil {
			return err
		}
		pages[name] = pageOf(t, name, doc)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// pageOf is what a document has.
func pageOf(t *testing.T, name string, doc *html.Node) page {
	t.Helper()
	p := page{ids: map[string]bool{}}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				if p.ids[a.Val] {
					t.Errorf("%s has two of #%s", name, a.Val)
				}
				p.ids[a.Val] = true
				if n.Data == "h1" || n.Data == "h2" || n.Data == "h3" {
					p.headings = append(p.headings, a.Val)
				}
			case "href", "src":
				p.links = append(p.links, a.Val)
			}
		}
	}
	return p
}
