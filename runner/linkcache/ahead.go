package linkcache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Ahead copies binaries out of the cache before the go command asks for their links: while it loads packages there is
// time. [Script] moves such a copy to its place, and starts no tempest. It is for one run.
type Ahead struct {
	cache Cache
	dir   string // of the copies, by the action of their links
	memo  string // what the last run of the same packages linked
	limit int64  // bytes of copies
	found []use  // what was copied
}

// use is a link that the cache served or took.
type use struct{ action, key string }

const (
	usedFile = "used" // in the folder of a run: a line for each use that Exec had
	lastDir  = "last" // in the cache: a file for each list of packages
)

// Copies lie where temporary files do, which may be memory, and must leave to the go command what it needs there:
// they take aheadLimit bytes at most, and one part of what is free, of aheadParts. What does not fit is copied when
// its link is asked for.
const (
	aheadLimit = 256 << 20
	aheadParts = 4
)

// Ahead prepares the folder dir for a run. The words say which packages are linked, and how.
func (c Cache) Ahead(dir string, words []string) (*Ahead, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("preparing links: %w", err)
	}
	free, err := freeBytes(dir)
	if err != nil {
		return nil, fmt.Errorf("preparing links: looking for free space: %w", err)
	}
	memo := filepath.Join(c.dir, lastDir, keyOf(words))
	return &Ahead{cache: c, dir: dir, memo: memo, limit: min(aheadLimit, free/aheadParts)}, nil
}

// Copy copies what the last run linked, until ctx ends. It does nothing when that run was before changed, because
// then other binaries will be linked. That a copy cannot be made is no error: the link is served without.
func (a *Ahead) Copy(ctx context.Context, changed time.Time) { a.each(ctx, changed, a.copy) }

// each is Copy with the copying left to a function.
func (a *Ahead) each(ctx context.Context, changed time.Time, one func(use) error) {
	info, err := os.Stat(a.memo)
	if err != nil || !info.ModTime().After(changed) {
		return
	}
	last, err := readUses(a.memo)
	if err != nil {
		return
	}
	room := a.limit
	for _, u := range last {
		entry, err := os.Stat(a.cache.path(u.key))
		if err != nil {
			continue
		}
		if room -= entry.Size(); room < 0 || ctx.Err() != nil {
			return
		}
		if one(u) == nil {
			a.found = append(a.found, u)
		}
	}
}

// copy makes one copy, which has its name when it is complete.
func (a *Ahead) copy(u use) error {
	part := filepath.Join(a.dir, temporary+u.key)
	if err := a.cache.get(u.key, part); err != nil {
		return err
	}
	return os.Rename(part, filepath.Join(a.dir, u.action))
}

// Remember keeps for the next run what this one linked. It must not be called before Copy has returned.
func (a *Ahead) Remember() error {
	uses, err := readUses(filepath.Join(a.dir, usedFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remembering links: %w", err)
	}
	var text strings.Builder
	for _, u := range append(a.taken(), uses...) {
		text.WriteString(u.line())
	}
	if text.Len() == 0 {
		return nil
	}
	err = store(a.memo, func(w io.Writer) error {
		_, err := io.WriteString(w, text.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("remembering links: %w", err)
	}
	return nil
}

// taken returns those of the copies that the script has moved away.
func (a *Ahead) taken() []use {
	var taken []use
	for _, u := range a.found {
		if _, err := os.Stat(filepath.Join(a.dir, u.action)); errors.Is(err, os.ErrNotExist) {
			taken = append(taken, u)
		}
	}
	return taken
}

// line is how a file says it.
func (u use) line() string { return u.action + " " + u.key + "\n" }

// note adds a use to those of a run, whose folder dir is. Others do at the same time. What cannot be noted is not
// copied ahead the next time.
func (u use) note(dir string) {
	if dir == "" || u.action == "" {
		return
	}
	f, err := os.OpenFile(filepath.Join(dir, usedFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.WriteString(u.line())
	_ = f.Close()
}

// readUses reads what note and Remember write. A line that is damaged is left out.
func readUses(path string) ([]use, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []use
	for lines := bufio.NewScanner(f); lines.Scan(); {
		action, key, ok := strings.Cut(lines.Text(), " ")
		if ok && isName(action) && isName(key) && len(key) == keyLength {
			list = append(list, use{action, key})
		}
	}
	return list, nil
}

// isName says whether s can be the name of a file here: hexadecimal digits, or what the go command writes IDs with.
func isName(s string) bool {
	return s != "" && s != usedFile && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}
