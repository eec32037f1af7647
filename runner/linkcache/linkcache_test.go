package linkcache

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const aKey = "0123456789abcdef"

// filled returns a cache with one entry, and the text that it holds.
func filled(t *testing.T) (c Cache, content string) {
	t.Helper()
	c = New(filepath.Join(t.TempDir(), "links"))
	made := filepath.Join(t.TempDir(), "made")
	content = strings.Repeat("binary ", 100_000)
	if err := os.WriteFile(made, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.put(aKey, made); err != nil {
		t.Fatalf("putting: %v", err)
	}
	return c, content
}

func TestEntryIsGivenBack(t *testing.T) {
	t.Parallel()
	c, content := filled(t)
	out := filepath.Join(t.TempDir(), "out")

	if err := c.get(aKey, out); err != nil {
		t.Fatalf("getting: %v", err)
	}

	got, err := os.ReadFile(out)
	if err != nil || string(got) != content {
		t.Errorf("got %d bytes, %v; want the %d that were put", len(got), err, len(content))
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("mode %v, %v; want an executable", info.Mode(), err)
	}
}

func TestNoEntryIsAMiss(t *testing.T) {
	t.Parallel()
	c, _ := filled(t)
	if err := c.get("another"+aKey, filepath.Join(t.TempDir(), "out")); !errors.Is(err, errMiss) {
		t.Errorf("error %v, want %v", err, errMiss)
	}
}

// The file of the linker must be as if the cache had never been there.
func TestDamagedEntryIsRemoved(t *testing.T) {
	t.Parallel()
	damages := map[string]func([]byte) []byte{
		"a bit":        func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"a checksum":   func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":          func(b []byte) []byte { return b[:len(b)-1] },
		"cut to half":  func(b []byte) []byte { return b[:len(b)/2] },
		"cut to a sum": func(b []byte) []byte { return b[:sumSize] },
		"empty":        func([]byte) []byte { return nil },
		"longer":       func(b []byte) []byte { return append(b, 'x') },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := filled(t)
			data, err := os.ReadFile(c.path(aKey))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(c.path(aKey), damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out")

			err = c.get(aKey, out)

			if err == nil || errors.Is(err, errMiss) {
				t.Errorf("error %v, want one that says what is wrong", err)
			}
			for _, path := range []string{out, c.path(aKey)} {
				if _, err := os.Stat(path); err == nil {
					t.Errorf("%s is still there", path)
				}
			}
		})
	}
}

// A reader sees all of an entry or none of it, whoever writes.
func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	c, content := filled(t)
	made := filepath.Join(t.TempDir(), "made")
	if err := os.WriteFile(made, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		out := filepath.Join(t.TempDir(), fmt.Sprint(i))
		all.Go(func() {
			for range 20 {
				if err := c.put(aKey, made); err != nil {
					t.Errorf("putting: %v", err)
				}
				if err := c.get(aKey, out); err != nil {
					t.Errorf("getting: %v", err)
				}
			}
		})
	}
	all.Wait()
	entries, err := os.ReadDir(filepath.Dir(c.path(aKey)))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v; want the entry alone", len(entries), err)
	}
}

func TestCacheWithoutAPlaceKeepsNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := New(filepath.Join(file, "links"))
	if err := c.put(aKey, file); err == nil {
		t.Error("putting: no error")
	}
	if err := c.get(aKey, filepath.Join(t.TempDir(), "out")); err == nil {
		t.Error("getting: no error")
	}
}

// fullDisk takes some bytes and then no more.
type fullDisk struct{ room int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(b []byte) (int, error) {
	n := min(len(b), d.room)
	d.room -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestFullDiskIsAnError(t *testing.T) {
	t.Parallel()
	src := bytes.Repeat([]byte("x"), 1000)
	for _, room := range []int{0, 999, 1000, 1000 + sumSize - 1} {
		if err := fill(&fullDisk{room}, bytes.NewReader(src)); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v, want %v", room, err, errFull)
		}
	}
	if err := fill(io.Discard, bytes.NewReader(nil)); err == nil {
		t.Error("an empty file was kept")
	}
}

func TestTrimRemovesWhatWasUsedLongestAgo(t *testing.T) {
	t.Parallel()
	c, content := filled(t)
	made := filepath.Join(t.TempDir(), "made")
	if err := os.WriteFile(made, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		key := fmt.Sprintf("%02d%s", i, aKey)
		if err := c.put(key, made); err != nil {
			t.Fatal(err)
		}
		used := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(c.path(key), used, used); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.get("00"+aKey, filepath.Join(t.TempDir(), "out")); err != nil { // which makes it the newest
		t.Fatal(err)
	}
	left := filepath.Join(filepath.Dir(c.path(aKey)), temporary+"left")
	fresh := filepath.Join(filepath.Dir(c.path(aKey)), temporary+"fresh")
	for _, path := range []string{left, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(left, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}

	size := int64(len(content) + sumSize)
	removed, err := c.Trim(3*size + 1)
	if err != nil {
		t.Fatal(err)
	}

	if removed.Entries != 2 || removed.Bytes != 2*size {
		t.Errorf("removed %+v, want 2 entries", removed)
	}
	for path, want := range map[string]bool{
		c.path("00" + aKey): true, c.path("01" + aKey): false, c.path("02" + aKey): false, c.path("03" + aKey): true,
		c.path(aKey): true,
		left:         false, // by a killed process
		fresh:        true,  // another process is writing it
	} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", path, err == nil, want)
		}
	}
	if u, err := c.Usage(); err != nil || u.Entries != 3 || u.Bytes != 3*size {
		t.Errorf("usage %+v, %v; want 3 entries", u, err)
	}
}

func TestACacheThatIsNotThereIsEmpty(t *testing.T) {
	t.Parallel()
	c := New(filepath.Join(t.TempDir(), "none"))
	if u, err := c.Usage(); err != nil || u != (Usage{}) {
		t.Errorf("usage %+v, %v", u, err)
	}
	if u, err := c.Trim(0); err != nil || u != (Usage{}) {
		t.Errorf("trim %+v, %v", u, err)
	}
}

func TestParseLink(t *testing.T) {
	t.Parallel()
	line := func(words string) []string { return strings.Fields(words) }
	const tool = "/go/pkg/tool/linux_amd64/link"
	base, ok := parseLink(tool, line("-o W/a.test -importcfg W/cfg -s -buildmode=pie -buildid=A/B/C/A -extld=gcc W/p.a"))
	if !ok || base.out != "W/a.test" {
		t.Fatalf("parseLink = %+v, %v", base, ok)
	}
	same := []string{
		"-o X/a.test -importcfg X/cfg -s -buildmode=pie -buildid=A/B/C/A -extld=gcc X/p.a",
		"-o=X/a.test -importcfg=X/cfg -s -buildmode=pie -buildid=A/B/C/A -extld=gcc X/p.a",
	}
	for _, words := range same {
		if l, ok := parseLink(tool+".exe", line(words)); !ok || l.key != base.key || l.out != "X/a.test" {
			t.Errorf("%s: another key", words)
		}
	}
	other := []string{
		"-o W/a.test -importcfg W/cfg -s -buildmode=pie -buildid=Z/B/C/Z -extld=gcc W/p.a",
		"-o W/a.test -importcfg W/cfg -buildmode=pie -buildid=A/B/C/A -extld=gcc W/p.a",
		"-o W/a.test -importcfg W/cfg -s -race -buildmode=pie -buildid=A/B/C/A -extld=gcc W/p.a",
		"-o W/a.test -importcfg W/cfg -s -buildmode=pie -buildid=A/B/C/A -extld=clang W/p.a",
		"-o W/a.test -importcfg W/cfg -s -X main.v=1 -buildmode=pie -buildid=A/B/C/A -extld=gcc W/p.a",
	}
	for _, words := range other {
		if l, ok := parseLink(tool, line(words)); !ok || l.key == base.key {
			t.Errorf("%s: the same key", words)
		}
	}
	not := map[string]string{
		"/go/pkg/tool/linux_amd64/compile": "-o W/a -buildid=A/A W/p.go",
		tool:                               "-V=full",
		tool + "/":                         "-o W/a.so -buildmode=c-shared -buildid=A/A W/p.a",
		tool + "//":                        "-o W/a.test -importcfg W/cfg W/p.a",
		tool + "///":                       "-buildid=A/A W/p.a",
		tool + "////":                      "-buildid=A/A -o",
		tool + "/////":                     "-v -o W/a -buildid=A/A W/p.a",
		tool + "//////":                    "-o W/a -buildid= W/p.a",
	}
	for name, words := range not {
		if _, ok := parseLink(name, line(words)); ok {
			t.Errorf("%s %s: taken for a link to keep", name, words)
		}
	}
	if _, ok := parseLink(tool, nil); ok {
		t.Error("no arguments: taken for a link to keep")
	}
}
