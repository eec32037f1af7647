package linkcache

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	anAction = "AcTi0n-_"
	aKey     = "0123456789abcdef"
)

// sampleSize is the size of what sample makes.
const sampleSize = 7 * 100_000

// sample makes a file to keep.
func sample(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "made")
	if err := os.WriteFile(path, bytes.Repeat([]byte("binary "), sampleSize/7), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// noHardLinks is what a file system says that has none, or is another one.
func noHardLinks(string, string) error { return errors.New("invalid cross-device link") }

// caches are one for each way to share files.
func caches(t *testing.T) map[string]Cache {
	t.Helper()
	linking, copying := New(filepath.Join(t.TempDir(), "links")), New(filepath.Join(t.TempDir(), "links"))
	copying.hardLink = noHardLinks
	return map[string]Cache{"with hard links": linking, "with copies": copying}
}

// fill puts one entry into a cache.
func fill(t *testing.T, c Cache) entry {
	t.Helper()
	e, err := c.put(anAction, aKey, sample(t))
	if err != nil {
		t.Fatalf("putting: %v", err)
	}
	return e
}

func TestEntryIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, c := range caches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			put := fill(t, c)
			out := filepath.Join(t.TempDir(), "out")

			e, err := c.find(anAction, aKey)
			if err != nil || e != put {
				t.Fatalf("found %v, %v; want %v", e, err, put)
			}
			if err := c.get(e, out); err != nil {
				t.Fatalf("getting: %v", err)
			}

			got, err := os.ReadFile(out)
			if err != nil || len(got) != sampleSize {
				t.Errorf("got %d bytes, %v; want the %d that were put", len(got), err, sampleSize)
			}
			info, err := os.Stat(out)
			if err != nil || info.Mode().Perm()&0o100 == 0 {
				t.Errorf("mode %v, %v; want an executable", info.Mode(), err)
			}
			kept, err := os.Stat(c.path(e))
			if err != nil || os.SameFile(info, kept) != (name == "with hard links") {
				t.Errorf("the same file: %v, %v", os.SameFile(info, kept), err)
			}
		})
	}
}

// A binary that was copied into the cache may be another name of what runs the next time.
func TestACopyInTheCacheCanBeRun(t *testing.T) {
	t.Parallel()
	c := caches(t)["with copies"]
	e := fill(t, c)
	c.hardLink = os.Link
	out := filepath.Join(t.TempDir(), "out")
	if err := c.get(e, out); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("mode %v, %v; want an executable", info.Mode(), err)
	}
}

func TestNoEntryIsAMiss(t *testing.T) {
	t.Parallel()
	for name, c := range caches(t) {
		out := filepath.Join(t.TempDir(), "out")
		if _, err := c.find(anAction, aKey); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: finding in none: %v", name, err)
		}
		e := fill(t, c)
		for _, other := range [][2]string{{anAction, "another"}, {"another", aKey}} {
			if _, err := c.find(other[0], other[1]); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: finding %v: %v, want that there is none", name, other, err)
			}
		}
		e.key = "another"
		if err := c.get(e, out); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: getting: %v, want that there is none", name, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: there is a file all the same", name)
		}
	}
}

// The file of the linker must be as if the cache had never been there.
func TestDamagedEntryIsRemoved(t *testing.T) {
	t.Parallel()
	damages := map[string]func([]byte) []byte{
		"a bit":       func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"cut":         func(b []byte) []byte { return b[:len(b)-1] },
		"cut to half": func(b []byte) []byte { return b[:len(b)/2] },
		"empty":       func([]byte) []byte { return nil },
		"longer":      func(b []byte) []byte { return append(b, 'x') },
		"zeros":       func(b []byte) []byte { return make([]byte, len(b)) },
	}
	for name, damage := range damages {
		for how, c := range caches(t) {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				e := fill(t, c)
				change(t, c.path(e), damage)
				out := filepath.Join(t.TempDir(), "out")

				if err := c.get(e, out); !isDamage(err) {
					t.Errorf("error %v, want one that says what is wrong", err)
				}

				for _, path := range []string{out, c.path(e)} {
					if _, err := os.Stat(path); err == nil {
						t.Errorf("%s is still there", path)
					}
				}
			})
		}
	}
}

// change writes to a file what a function makes of it.
func change(t *testing.T, path string, to func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, to(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What lies in the place of a binary is not the cache's.
func TestAFileInTheWayStays(t *testing.T) {
	t.Parallel()
	for name, c := range caches(t) {
		out := filepath.Join(t.TempDir(), "out")
		if err := os.WriteFile(out, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.get(fill(t, c), out); err == nil {
			t.Errorf("%s: no error", name)
		}
		if text, err := os.ReadFile(out); err != nil || string(text) != "mine" {
			t.Errorf("%s: %q, %v is there now", name, text, err)
		}
	}
}

// A reader sees all of an entry or none of it, whoever writes.
func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	for name, c := range caches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, outs := sample(t), t.TempDir()
			e := fill(t, c)
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					for j := range 20 {
						_, put := c.put(anAction, aKey, made)
						got := c.get(e, filepath.Join(outs, fmt.Sprint(i, "-", j)))
						if err := errors.Join(put, got); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			files, err := os.ReadDir(c.dir)
			if err != nil || len(files) != 1 {
				t.Errorf("%d files are left, %v; want the entry alone", len(files), err)
			}
		})
	}
}

func TestCacheWithoutAPlaceKeepsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range caches(t) {
		if err := os.WriteFile(c.dir, []byte("no folder"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.put(anAction, aKey, sample(t)); err == nil {
			t.Errorf("%s: putting: no error", name)
		}
		if _, err := c.find(anAction, aKey); err == nil {
			t.Errorf("%s: finding: no error", name)
		}
	}
}

func TestAnEmptyFileIsNotKept(t *testing.T) {
	t.Parallel()
	for name, c := range caches(t) {
		empty := filepath.Join(t.TempDir(), "empty")
		if err := os.WriteFile(empty, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := c.put(anAction, aKey, empty); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A full disk is told by the last write, or by closing the file.
func TestWhatCannotBeWrittenLeavesNothing(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	path := filepath.Join(t.TempDir(), "folder", "file")
	err := store(path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, full)
	})
	if !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 0 {
		t.Errorf("%d files are left, %v; want none", len(files), err)
	}
}

func TestTrimRemovesWhatWasUsedLongestAgo(t *testing.T) {
	t.Parallel()
	c := New(filepath.Join(t.TempDir(), "links"))
	var list []entry
	for i := range 5 {
		e, err := c.put(anAction, fmt.Sprint(i), sample(t))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
		used := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(c.path(e), used, used); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.get(list[0], filepath.Join(t.TempDir(), "out")); err != nil { // which makes it the newest
		t.Fatal(err)
	}
	left := filepath.Join(c.dir, temporary+"left")
	fresh := filepath.Join(c.dir, temporary+"fresh")
	for _, path := range []string{left, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(left, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}

	removed, err := c.Trim(3*sampleSize + 1)
	if err != nil {
		t.Fatal(err)
	}

	if removed.Entries != 2 || removed.Bytes != 2*sampleSize {
		t.Errorf("removed %+v, want 2 entries", removed)
	}
	for path, want := range map[string]bool{
		c.path(list[0]): true, c.path(list[1]): false, c.path(list[2]): false, c.path(list[3]): true,
		c.path(list[4]): true,
		left:            false, // by a killed process
		fresh:           true,  // another process is writing it
	} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", path, err == nil, want)
		}
	}
	if u, err := c.Usage(); err != nil || u.Entries != 3 || u.Bytes != 3*sampleSize {
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
