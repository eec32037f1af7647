package discover

import (
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A folder that goes away while the main module is read, as temporary ones do, is no error.
func TestFolderThatGoesAwayIsPassedOver(t *testing.T) {
	t.Parallel()
	root := files(t, "-- a/b/x.go --\npackage b\n-- c/x.go --\npackage c\n")
	var visited []string

	err := walkFolders(root, ".", true, nil, func(rel string) {
		visited = append(visited, rel)
		if rel == "a" {
			if err := os.RemoveAll(filepath.Join(root, "a")); err != nil {
				t.Error(err)
			}
		}
	})

	if err != nil || !slices.Equal(visited, []string{".", "a", "c"}) {
		t.Errorf("walkFolders = %v after %q, want all that is there", err, visited)
	}
	if read, err := readFolder(filepath.Join(root, "a"), &build.Default, false); err != nil || len(read) > 0 {
		t.Errorf("readFolder of a folder that is gone = %v, %v, want nothing", read, err)
	}
}
