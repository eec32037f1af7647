package checker

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Fix changes the place that was found, and nothing else of the file; what it cannot be sure of stays as it is.
func TestFix(t *testing.T) {
	const source = "package x\n\nfunc f() { g(1) }\n"
	tests := map[string]struct {
		source string
		edit   func(t *testing.T, file string) // between the check and the fix
		add    string
		want   string // of the file afterwards
		err    string
	}{
		"formatted": {source: source, add: ", 2", want: "package x\n\nfunc f() { g(1, 2) }\n"},
		"stays formatted": {
			source: "package x\n\nvar (\n\ta = g(1) // first\n\tbb = 2   // second\n)\n",
			want:   "package x\n\nvar (\n\ta = g(1, 2) // first\n\tbb = 2   // second\n)\n", add: ", 2",
		},
		"CRLF":        {source: crlf(source), add: ", 2", want: crlf("package x\n\nfunc f() { g(1, 2) }\n")},
		"BOM":         {source: "\uFEFF" + source, add: ", 2", want: "\uFEFFpackage x\n\nfunc f() { g(1, 2) }\n"},
		"unformatted": {source: "package  x\nfunc f() {g(1) }", add: ", 2", want: "package  x\nfunc f() {g(1, 2) }"},
		"no Go":       {source: source, add: "(", want: source, err: "mending"},
		"changed meanwhile": {
			source: source, add: ", 2", want: "package x\n\n// New.\nfunc f() { g(1) }\n",
			edit: func(t *testing.T, file string) {
				t.Helper()
				put(t, file, "package x\n\n// New.\nfunc f() { g(1) }\n")
			},
			err: "the file was changed meanwhile; check again",
		},
		"read-only": {
			source: source, add: ", 2", want: source,
			edit: func(t *testing.T, file string) {
				t.Helper()
				if err := os.Chmod(file, 0o444); err != nil {
					t.Fatal(err)
				}
			},
			err: "the file is read-only; make it writable with chmod u+w",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, link := filepath.Join(dir, "real.go"), filepath.Join(dir, "x_test.go")
			put(t, file, tt.source)
			if err := os.Symlink("real.go", link); err != nil {
				t.Fatal(err)
			}
			at := strings.Index(tt.source, "g(1") + len("g(1")
			r := &Report{Findings: []Finding{{edits: []edit{{file: link, start: at, end: at, text: []byte(tt.add)}}}}}
			r.read.Store(link, []byte(tt.source))
			if tt.edit != nil {
				tt.edit(t, file)
			}

			_, err := r.Fix()

			if got := fmt.Sprint(err); !strings.Contains(got, cmp.Or(tt.err, "<nil>")) {
				t.Errorf("Fix: %s; want %q", got, tt.err)
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != tt.want {
				t.Errorf("the file is %q, %v; want %q", got, err, tt.want)
			}
			if target, err := os.Readlink(link); target != "real.go" {
				t.Errorf("the link to the file is one no more: %v", err)
			}
		})
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
