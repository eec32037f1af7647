package runner

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner/plan"
)

func TestLastChange(t *testing.T) {
	t.Parallel()
	old, recent := time.Unix(1_000_000, 0), time.Unix(2_000_000, 0)
	for name, c := range map[string]struct {
		touch string
		want  time.Time
	}{
		"nothing":     {"", old},
		"a file":      {"a_test.go", recent},
		"the folder":  {".", recent}, // as when a file is removed
		"no Go":       {"notes.txt", old},
		"another one": {"b.go", recent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, file := range []string{"a_test.go", "b.go", "notes.txt"} {
				if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, file := range []string{"a_test.go", "b.go", "notes.txt", "."} {
				setTime(t, filepath.Join(dir, file), old)
			}
			if c.touch != "" {
				setTime(t, filepath.Join(dir, c.touch), recent)
			}

			got := lastChange(plan.Plan{Packages: []plan.Package{{Path: "p", Dir: dir}}})

			if !got.Equal(c.want) {
				t.Errorf("changed at %v, want %v", got, c.want)
			}
		})
	}
}

func setTime(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatIsGoneHasChanged(t *testing.T) {
	t.Parallel()
	before := time.Now()
	p := plan.Plan{Packages: []plan.Package{{Path: "p", Dir: filepath.Join(t.TempDir(), "gone")}}}
	if got := lastChange(p); got.Before(before) {
		t.Errorf("changed at %v, want now", got)
	}
}

// The order of packages comes from their times, and says nothing of what is linked.
func TestLinkWords(t *testing.T) {
	t.Parallel()
	o := Options{Dir: "/m", Tags: []string{"slow"}, GoTestArgs: []string{"-race"}}
	words := func(o Options, paths ...string) []string {
		var p plan.Plan
		for _, path := range paths {
			p.Packages = append(p.Packages, plan.Package{Path: path})
		}
		return linkWords(p, o)
	}
	want := []string{"/m", "tempest,slow", "-race", "a", "b"}
	if diff := cmp.Diff(want, words(o, "b", "a")); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	plain, elsewhere := o, o
	plain.GoTestArgs, elsewhere.Dir = nil, "/n"
	for _, other := range [][]string{words(o, "a"), words(plain, "a", "b"), words(elsewhere, "a", "b")} {
		if cmp.Equal(want, other) {
			t.Errorf("%v for another link", other)
		}
	}
}
