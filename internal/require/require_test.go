package require_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotempest/tempest/internal/require"
)

// What another command has written is not lost.
func TestCommitRefusesWhatChangedMeanwhile(t *testing.T) {
	for _, name := range []string{"go.mod", "go.sum"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module m\n\ngo 1.26\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := require.Open(t.Context(), dir, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		const others = "module m // of others\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(others), 0o600); err != nil {
			t.Fatal(err)
		}

		err = e.Commit(map[string][]byte{"plugins.go": []byte("package m\n")})

		if err == nil || !strings.Contains(err.Error(), name+" was changed meanwhile") {
			t.Errorf("Commit after a change of %s = %v, want an error that names it", name, err)
		}
		if data, _ := os.ReadFile(filepath.Join(dir, name)); string(data) != others {
			t.Errorf("%s holds %q, want what others wrote", name, data)
		}
		if _, err := os.Stat(filepath.Join(dir, "plugins.go")); err == nil {
			t.Error("plugins.go was written")
		}
	}
}
