package discover

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUserFlags(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want userFlags
	}{
		"none":       {"", userFlags{rest: emptyFlags}},
		"others":     {"-modcacherw -trimpath", userFlags{rest: "-modcacherw -trimpath"}},
		"ours":       {"-mod=vendor", userFlags{rest: emptyFlags, changed: true}},
		"two dashes": {"--modfile=x.mod -v", userFlags{modFile: "x.mod", rest: "-v", changed: true}},
		"tags":       {"-v -tags=a,b", userFlags{tags: []string{"a", "b"}, rest: "-v", changed: true}},
		"quotes": {
			`'-ldflags=-s -w' "-tags=a b"`, userFlags{tags: []string{"a", "b"}, rest: "'-ldflags=-s -w'", changed: true},
		},
		"open quotes": {`'-v -x`, userFlags{rest: "'-v -x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, readUserFlags(tt.in), cmp.AllowUnexported(userFlags{})); diff != "" {
				t.Errorf("flags of %q (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestFindHonoursGoFlags(t *testing.T) {
	t.Parallel()
	dir := files(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- other.mod --\nmodule example.com/m\n\ngo 1.26\n\n"+
		"require example.com/good v1.0.0\n")

	inv := mustFind(t, dir, Options{Env: here.env("GOFLAGS=-modcacherw -modfile=other.mod -mod=mod -tags=slow")})

	if ids := testIDs(inv.Plugin("good")); !slices.Contains(ids, "tests/api.TestSlow") {
		t.Errorf("tests = %v, want those that the tag in GOFLAGS adds", ids)
	}
	if diff := cmp.Diff([]string{"tempest", "slow"}, inv.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	runTests(t, inv)
}

func TestFindInWorkspaceToleratesModFlag(t *testing.T) {
	t.Parallel()

	inv := mustFind(t, filepath.Join(files(t, workspace), "a"), Options{Env: here.env("GOFLAGS=-modcacherw -mod=mod")})

	checkGood(t, inv)
	runTests(t, inv)
}
