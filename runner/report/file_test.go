package report_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner/report"
)

// entries are the names in dir.
func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "folder", "report.xml")

	for _, text := range []string{"first, a long one", "second"} {
		if err := report.WriteFile(path, write(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, %v, want %q", got, err, text)
		}
		if got := entries(t, filepath.Dir(path)); got != "report.xml" {
			t.Errorf("the folder holds %s", got)
		}
	}
}

// What fails leaves the old file, and nothing else.
func TestWriteFileThatFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.xml")
	if err := report.WriteFile(path, write("old")); err != nil {
		t.Fatal(err)
	}

	err := report.WriteFile(path, func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
			return err
		}
		return errFull
	})

	if !errors.Is(err, errFull) || !strings.Contains(err.Error(), path) {
		t.Errorf("WriteFile = %v, want %v and the path", err, errFull)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("the file holds %.20q", got)
	}
	if got := entries(t, dir); got != "report.xml" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestWriteFileWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	for _, path := range []string{filepath.Join(file, "report.xml"), dir} {
		if err := report.WriteFile(path, write("x")); err == nil || !strings.Contains(err.Error(), file) && path != dir {
			t.Errorf("WriteFile(%s) = %v, want an error that names it", path, err)
		}
	}
	if got := entries(t, dir); got != "file" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestWriteFileFollowsALink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}

	if err := report.WriteFile(link, write("new")); err != nil {
		t.Fatal(err)
	}

	if got, _ := os.ReadFile(target); string(got) != "new" {
		t.Errorf("the target holds %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info, err)
	}
}

func TestCheckFile(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.xml")
	if err := os.WriteFile(old, []byte("old"), 0o444); err != nil {
		t.Fatal(err)
	}
	for path, ok := range map[string]bool{
		filepath.Join(dir, "new.xml"):            true,
		old:                                      true,
		os.DevNull:                               true,
		dir:                                      false,
		filepath.Join(dir, "missing", "new.xml"): false,
		filepath.Join(old, "new.xml"):            false,
		filepath.Join("/proc", "self", "new.xml"): false,
	} {
		if err := report.CheckFile(path); (err == nil) != ok {
			t.Errorf("CheckFile(%s) = %v, want success %t", path, err, ok)
		} else if err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("CheckFile(%s) = %v, which does not name it", path, err)
		}
	}
	text, err := os.ReadFile(old)
	if left := entries(t, dir); left != "old.xml" || string(text) != "old" {
		t.Errorf("left are %s, and in old.xml %q, %v", left, text, err)
	}
}
