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
	first.Take(t.Context(), longAgo)
	want(t, m.testWith(m.script(first.dir, asTempest(t))), "says one")
	if err := first.Remember(); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhatIsAheadIsUsedWithoutTempest(t *testing.T) {
	t.Parallel()
	for name, hardLink := range map[string]func(string, string) error{"hard links": os.Link, "copies": noHardLinks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := linkedOnce(t)
			for range 2 { // what was taken ahead is remembered, too
				m.poison()
				a := m.ahead()
				a.cache.hardLink = hardLink
				a.Take(t.Context(), longAgo)

				want(t, m.testWith(m.script(a.dir, "/nowhere/tempest")), "says poison")

				if err := a.Remember(); err != nil {
					t.Fatal(err)
				}
				if left, err := os.ReadDir(a.dir); err != nil || len(left) != 0 {
					t.Errorf("%d files are left, %v; want none", len(left), err)
				}
			}
		})
	}
}

// Where a binary costs nothing, it is taken whatever has changed: another package may have, and not this one.
func TestAHardLinkIsTakenAfterAChange(t *testing.T) {
	t.Parallel()
	m := linkedOnce(t)
	a := m.ahead()
	a.Take(t.Context(), time.Now().Add(time.Minute))
	if len(a.found) != 1 {
		t.Errorf("%d were taken, want 1", len(a.found))
	}
}

func TestWhatIsAheadOfAnotherLinkIsNotUsed(t *testing.T) {
	t.Parallel()
	m := linkedOnce(t)
	a := m.ahead()
	a.Take(t.Context(), longAgo)
	m.says("two")

	want(t, m.testWith(m.script(a.dir, asTempest(t))), "says two")

	if len(a.found) != 1 || len(a.taken()) != 0 {
		t.Errorf("%d were taken ahead, of them %d used; want one that is not", len(a.found), len(a.taken()))
	}
}

func TestNothingIsTakenAhead(t *testing.T) {
	t.Parallel()
	tests := map[string]func(m *module, a *Ahead) time.Time{
		"by copying after a change": func(_ *module, a *Ahead) time.Time {
			a.cache.hardLink = noHardLinks
			return time.Now().Add(time.Minute)
		},
		"that is damaged": func(m *module, _ *Ahead) time.Time {
			list, err := m.cache.files(time.Now())
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

			a.Take(t.Context(), changed)

			if files, err := filepath.Glob(filepath.Join(a.dir, "*")); err != nil || len(files)+len(a.found) != 0 {
				t.Errorf("%v was taken, %v", files, err)
			}
		})
	}
}

// A file of the cache that somebody else has written must not lead out of the folder of the run.
func TestDamagedLinesAreLeftOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "uses")
	text := strings.Join([]string{
		"", "action", "action.", "action.key", ".key.sums", "action..sums", "action.key.", "../action.key.sums",
		"action.../key.sums", "action.key./sums", "action.key.sums.more", "good-_1.key.sums", "action.k y.sums",
	}, "\n")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	got, err := readEntries(path)

	if err != nil || len(got) != 1 || got[0] != (entry{"good-_1", "key", "sums"}) {
		t.Errorf("got %v, %v; want the good line alone", got, err)
	}
}

func TestCopiesStayWithinTheirLimit(t *testing.T) {
	t.Parallel()
	c := New(filepath.Join(t.TempDir(), "links"))
	a, err := c.Ahead(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.limit <= 0 || a.limit > aheadLimit {
		t.Errorf("the limit is %d bytes, want more than none and %d at most", a.limit, aheadLimit)
	}
	a.limit = 2*sampleSize + 1
	copied := 0
	for i := range 3 {
		e, err := c.put(fmt.Sprint("action", i), aKey, sample(t))
		if err != nil {
			t.Fatal(err)
		}
		if a.copy(e, filepath.Join(a.dir, e.action)) == nil {
			copied++
		}
	}
	if copied != 2 {
		t.Errorf("%d are copied, want the 2 that fit", copied)
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
