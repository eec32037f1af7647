package testlib

import (
	"regexp"
	"strings"
	"testing"
)

func TestNamesAreUniqueAndFit(t *testing.T) {
	t.Parallel()
	e := &Env{T: t}
	seen := map[string]bool{}
	for _, what := range []string{"project", "", "a very long word for a thing that is made", "Ünïcödé/x_y"} {
		for range 100 {
			name := e.Name(what)
			if seen[name] {
				t.Fatalf("Name(%q) returned %q twice", what, name)
			}
			seen[name] = true
			if !regexp.MustCompile(`^tempest(-[A-Za-z0-9]+)*-TestNamesAreUniqueAndFit-[a-z0-9]{8}$`).MatchString(name) {
				t.Fatalf("Name(%q) = %q", what, name)
			}
			if len(name) >= 64 {
				t.Fatalf("Name(%q) = %q, which is %d long", what, name, len(name))
			}
		}
	}
	t.Run(strings.Repeat("long_", 30), func(t *testing.T) {
		if name := (&Env{T: t}).Name("a very long word for a thing"); len(name) >= 64 {
			t.Errorf("%q is %d long", name, len(name))
		}
	})
}
