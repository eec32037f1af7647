package linkcache

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// longAgo is before all that a test does.
var longAgo = time.Unix(0, 0)

// ahead returns the copies for one run of the module.
func (m *module) ahead() *Ahead {
	m.t.Helper()
	a, err := m.cache.Ahead(filepath.Join(m.t.TempDir(), "it's ahead"), []string{m.dir})
	if err != nil {
		m.t.Fatal(err)
	}
	return a
}

// linkedOnce returns a module whose test was linked in a run that is remembered.
func linkedOnce(t *testing.T) *module {
	t.Helper()
	m := newModule(t)
	first := m.ahead()
	first.Copy(t.Context(), longAgo)
	want(t, m.testWith(m.script(first.dir, asTempest(t))), "says one")
	if err := first.Remember(); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestACopyAheadIsUsedWithoutTempest(t *testing.T) {
	t.Parallel()
	m := linkedOnce(t)
	for range 2 { // what was copied ahead is remembered, too
		m.poison()
		a := m.ahead()
		a.Copy(t.Context(), longAgo)

		want(t, m.testWith(m.script(a.dir, "/nowhere/tempest")), "says poison")

		if err := a.Remember(); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(a.dir); err != nil || len(left) != 0 {
			t.Errorf("%d files are left, %v; want none", len(left), err)
		}
	}
}

func TestACopyOfAnotherLinkIsNotUsed(t *testing.T) {
	t.Parallel()
	m := linkedOnce(t)
	a := m.ahead()
	a.Copy(t.Context(), longAgo)
	m.says("two")

	want(t, m.testWith(m.script(a.dir, asTempest(t))), "says two")

	if len(a.found) != 1 || len(a.taken()) != 0 {
		t.Errorf("%d copies, of them %d taken; want one that is not", len(a.found), len(a.taken()))
	}
}

func TestNothingIsCopiedAhead(t *testing.T) {
	t.Parallel()
	tests := map[string]func(m *module, a *Ahead) time.Time{
		"after a change": func(*module, *Ahead) time.Time { return time.Now().Add(time.Minute) },
		"that is damaged": func(m *module, _ *Ahead) time.Time {
			list, err := m.cache.entries(time.Now())
			if err != nil || len(list) != 1 {
				m.t.Fatalf("%d entries, %v", len(list), err)
			}
			if err := os.Truncate(list[0].path, list[0].size-1); err != nil {
				m.t.Fatal(err)
			}
			return longAgo
		},
		"that is not there any more": func(m *module, _ *Ahead) time.Time {
			if _, err := m.cache.Trim(0); err != nil {
				m.t.Fatal(err)
			}
			return longAgo
		},
		"into a folder that is gone": func(m *module, a *Ahead) time.Time {
			if err := os.Remove(a.dir); err != nil {
				m.t.Fatal(err)
			}
			return longAgo
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := linkedOnce(t)
			a := m.ahead()
			changed := spoil(m, a)

			a.Copy(t.Context(), changed)

			if files, err := filepath.Glob(filepath.Join(a.dir, "*")); err != nil || len(files)+len(a.found) != 0 {
				t.Errorf("%v was copied, %v", files, err)
			}
		})
	}
}

// A file of the cache that somebody else has written must not lead out of the folder of the run.
func TestDamagedLinesAreLeftOut(t *testing.T) {
	t.Parallel()
	key := keyOf([]string{"x"})
	path := filepath.Join(t.TempDir(), "uses")
	text := strings.Join([]string{
		"", "action", "action ", " " + key, "../action " + key, "action ../" + key[3:], "used " + key, "action short",
		"good-_1 " + key, "cut " + key[1:],
	}, "\n")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	got, err := readUses(path)

	if err != nil || len(got) != 1 || got[0] != (use{"good-_1", key}) {
		t.Errorf("got %v, %v; want the good line alone", got, err)
	}
}

func TestCopiesStayWithinTheirLimit(t *testing.T) {
	t.Parallel()
	c := New(filepath.Join(t.TempDir(), "links"))
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, aheadLimit/4); err != nil { // takes no place on the disk
		t.Fatal(err)
	}
	a, err := c.Ahead(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.limit <= 0 || a.limit > aheadLimit {
		t.Errorf("the limit is %d bytes, want more than none and %d at most", a.limit, aheadLimit)
	}
	a.limit = aheadLimit
	for i := range 5 {
		u := use{fmt.Sprint("action", i), keyOf([]string{fmt.Sprint(i)})}
		if err := os.MkdirAll(filepath.Dir(c.path(u.key)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(large, c.path(u.key)); err != nil {
			t.Fatal(err)
		}
		u.note(a.dir)
	}
	if err := a.Remember(); err != nil {
		t.Fatal(err)
	}
	copied := 0

	a.each(t.Context(), longAgo, func(use) error { copied++; return nil })

	if copied != 4 {
		t.Errorf("%d are copied, want the 4 that fit", copied)
	}
}

func TestTrimForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	m := linkedOnce(t)
	memos := func() int {
		files, err := filepath.Glob(filepath.Join(m.cache.dir, lastDir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if _, err := m.cache.Trim(1 << 40); err != nil || memos() != 1 {
		t.Errorf("%v, %d runs are remembered; want the one whose links are there", err, memos())
	}
	if _, err := m.cache.Trim(0); err != nil || memos() != 0 {
		t.Errorf("%v, %d runs are remembered; want none without links", err, memos())
	}
}
