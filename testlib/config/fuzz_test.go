package config

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/BurntSushi/toml"
)

// seeds are documents that reach every corner of the scanner.
var seeds = []string{
	"a = 1\nb.c = 'x'\n[auth]\n  cloud = \"a\" # c\n",
	"[a.b]\nc = '''\nx = 1\n'''\nd = \"\"\"\n[x]\n\\\"\"\"\"\"\n",
	"x = [1, [2, 3], { a = 1, b = [ {c = 2} ] }, # ]\n 'z']\n",
	"[[l]]\nk = 1\n[l.sub]\nz = 1\n[[l]]\nk = {}\n[[l.m]]\nq = 1\n",
	"\"quoted.key\".'other key' = 1979-05-27 07:32:00\r\n3.14 = 1e5\n",
	"[auth]\ncloud: x\n", "[a]\nb=1\nb=2\n", "a = \"\xff\"", "a = '", "[a\nb=1", "\ufeffa = 1\n", "a=\"\"\"\\\"\"\"\"",
	"[adopt]\n", "adopt = [{name = 'x'}, {name = 'y', tests = ['z']}]\n", "= 1", "a.b.c = 1\na.b.d = 2\n",
}

// FuzzScan checks that the scanner finds the keys that the parser finds, in the
// same order, each where it says.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		var tree map[string]any
		md, err := toml.Decode(doc, &tree)
		if err != nil {
			return
		}
		var want []string
		for _, k := range md.Keys() {
			want = append(want, joinKey(k))
		}
		var got []string
		for _, p := range scan(doc) {
			got = append(got, p.path)
			if p.offset < 0 || p.offset > len(doc) {
				t.Fatalf("offset %d of %s outside of %q", p.offset, p.path, doc)
			}
		}
		for _, k := range want {
			if !slices.Contains(got, k) {
				t.Errorf("scan(%q) = %v, want %v: %s is missing", doc, got, want, k)
			}
		}
	})
}

// FuzzParse checks that no document makes the loader panic, and that each problem has a
// place inside of the document.
func FuzzParse(f *testing.F) {
	core, err := CoreGroups()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		layers, lists, problems := parse("f", doc)
		v := &Values{layers: layers, lists: lists, warnings: &warnings{}, core: core}
		for _, p := range problems {
			v.problems = append(v.problems, p.Problem)
		}
		k, err := v.known(nil, nil, onlyKnownNames)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(doc, "\n")
		for _, p := range v.check(k) {
			if p.Origin.Line < 1 || p.Origin.Line > len(lines) {
				t.Fatalf("%q: %s: line is not in the document", doc, p)
			}
			if p.Origin.Column < 1 || p.Origin.Column > len(lines[p.Origin.Line-1])+1 {
				t.Fatalf("%q: %s: column is not in the line", doc, p)
			}
			if strings.ContainsFunc(p.String(), unicode.IsControl) {
				t.Fatalf("%q: %s: more than one line", doc, p)
			}
		}
	})
}
