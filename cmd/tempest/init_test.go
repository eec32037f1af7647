package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/mod/modfile"
)

// The templates do not know tempest's go.mod: a workspace must ask for at least
// the same Go.
func TestWorkspaceAsksForTempestsGo(t *testing.T) {
	data, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if mod.Go.Version != goDirective {
		t.Errorf("goDirective is %s, tempest's go.mod says %s", goDirective, mod.Go.Version)
	}
}

// Nothing in a workspace is absolute, and only go.mod names a version: files
// that are never written again must not go stale.
func TestWorkspaceDoesNotGoStale(t *testing.T) {
	for ci := range ciFiles {
		plan, err := planWorkspace(filepath.Join(t.TempDir(), "ws"), initFlags{ci: ci, tempest: "v1.2.3"})
		if err != nil {
			t.Fatalf("--ci %s: %v", ci, err)
		}
		for _, file := range plan.files {
			if bytes.Contains(file.data, []byte(os.TempDir())) {
				t.Errorf("--ci %s: %s holds an absolute path", ci, file.name)
			}
			if file.name != "go.mod" && bytes.Contains(file.data, []byte("v1.2.3")) {
				t.Errorf("--ci %s: %s names the version of tempest", ci, file.name)
			}
		}
		last := plan.files[len(plan.files)-1]
		mod, err := modfile.Parse(last.name, last.data, nil)
		if err != nil {
			t.Errorf("--ci %s: %v", ci, err)
			continue
		}
		if formatted := modfile.Format(mod.Syntax); !bytes.Equal(last.data, formatted) {
			t.Errorf("--ci %s: the go command would write go.mod as\n%s", ci, formatted)
		}
	}
}

// A signal, or a file that cannot be written, leaves what was there before and
// nothing else.
func TestUnfinishedWorkspaceIsRemoved(t *testing.T) {
	interrupt := make(chan os.Signal, 1)
	interrupt <- syscall.SIGTERM
	tooLong := newFile{name: strings.Repeat("x", 300), data: []byte("x")}
	tests := map[string]struct {
		files   []newFile
		signals chan os.Signal
		want    func(error) bool
	}{
		"Interrupted": {
			files:   []newFile{{name: "a/b/one"}, {name: "two"}},
			signals: interrupt,
			want: func(err error) bool {
				stop, ok := errors.AsType[interruptedError](err)
				return ok && stop.signal == syscall.SIGTERM
			},
		},
		"Refused": {
			files: []newFile{{name: "a/b/one"}, {name: "here/two"}, tooLong},
			want:  func(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) },
		},
		"ExistsByNow": { // made by someone else after the check for clashes
			files: []newFile{{name: "a/one"}, {name: "here/mine"}},
			want:  func(err error) bool { return errors.Is(err, os.ErrExist) },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			mine := filepath.Join(root, "here", "mine")
			if err := os.Mkdir(filepath.Dir(mine), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(mine, []byte("mine"), 0o666); err != nil {
				t.Fatal(err)
			}
			plan := &workspacePlan{files: tt.files}
			if err := plan.makeIn(root, tt.signals); err == nil || !tt.want(err) {
				t.Errorf("error: %v", err)
			}
			if got := strings.Join(under(t, root), " "); got != "here here/mine" {
				t.Errorf("left behind: %s", got)
			}
			if data, err := os.ReadFile(mine); err != nil || string(data) != "mine" {
				t.Errorf("the user's file: %q, %v", data, err)
			}
		})
	}
}

// under returns the paths of everything below root.
func under(t *testing.T, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if path != root {
			paths = append(paths, strings.TrimPrefix(path, root+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
