package replace

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder returns what the files of a folder hold, by name.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			files[e.Name()] = "a folder"
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "go.mod", "old")
	write(t, dir, "same", "same")

	err := All(dir, map[string][]byte{
		"go.mod": []byte("new"), "same": []byte("same"), "more": []byte("more"), "go.sum": nil,
	})
	if err != nil {
		t.Fatal(err)
	}

	want := map[string]string{"go.mod": "new", "same": "same", "more": "more"}
	if diff := cmp.Diff(want, folder(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode of go.mod = %v (%v), want it as it was", info.Mode(), err)
	}
}

// A file that is a link stays one: it may be shared.
func TestAllFollowsLinks(t *testing.T) {
	t.Parallel()
	dir, shared := t.TempDir(), t.TempDir()
	write(t, shared, "go.mod", "old")
	if err := os.Symlink(filepath.Join(shared, "go.mod"), filepath.Join(dir, "go.mod")); err != nil {
		t.Skip(err)
	}

	if err := All(dir, map[string][]byte{"go.mod": []byte("new")}); err != nil {
		t.Fatal(err)
	}

	if info, err := os.Lstat(filepath.Join(dir, "go.mod")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("go.mod is no link any more (%v)", err)
	}
	for _, d := range []string{dir, shared} {
		if diff := cmp.Diff(map[string]string{"go.mod": "new"}, folder(t, d)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	}
}

// When one of the files cannot be put into its place, all are as before.
func TestAllOrNone(t *testing.T) {
	t.Parallel()
	for _, obstacle := range []string{"before", "after"} { // it is read, or only found when it is renamed
		dir := t.TempDir()
		write(t, dir, "a", "old")
		files := map[string][]byte{"a": []byte("new"), "b": []byte("new"), "z": []byte("new")}
		if obstacle == "before" {
			if err := os.Mkdir(filepath.Join(dir, "z"), 0o700); err != nil {
				t.Fatal(err)
			}
		} else {
			delete(files, "z")
			files["missing/z"] = []byte("new")
		}
		before := folder(t, dir)

		err := All(dir, files)

		if err == nil {
			t.Errorf("%s: All = nil, want an error", obstacle)
		}
		if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", obstacle, diff)
		}
	}
}

func TestTakeBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "was", "new")
	write(t, dir, "is new", "new")

	err := takeBack([]replacement{
		{path: filepath.Join(dir, "was"), existed: true, old: []byte("old")}, {path: filepath.Join(dir, "is new")},
	})

	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"was": "old"}, folder(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
