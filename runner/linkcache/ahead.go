package linkcache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Ahead takes binaries out of the cache before the go command asks for their links: while it loads packages there is
// time. [Script] then says where they are, and starts no tempest. It is for one run.
type Ahead struct {
	cache Cache
	dir   string  // of the binaries, by the action of their links
	memo  string  // what the last run of the same packages linked
	limit int64   // bytes of copies
	found []entry // what was taken
}

const (
	usedFile = ".used" // in the folder of a run: a line for each link that the cache served or kept
	lastDir  = "last"  // in the cache: a file for each list of packages
)

// Binaries lie where temporary files do, which may be memory, and must leave to the go command what it needs there:
// where they have to be copied, they take aheadLimit bytes at most, and one part of what is free, of aheadParts. What
// does not fit is copied when its link is asked for.
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

// Take takes what the last run linked, until ctx ends. It copies nothing when that run was before changed, because
// then other binaries will be linked. That one cannot be taken is no error: the link is served without.
func (a *Ahead) Take(ctx context.Context, changed time.Time) {
	info, err := os.Stat(a.memo)
	if err != nil {
		return
	}
	last, err := readEntries(a.memo)
	if err != nil {
		return
	}
	if !info.ModTime().After(changed) {
		a.limit = 0
	}
	for _, e := range last {
		if ctx.Err() != nil {
			return
		}
		if a.take(e) == nil {
			a.found = append(a.found, e)
		}
	}
}

// take makes one binary, which has its name when it is complete.
func (a *Ahead) take(e entry) error {
	part := filepath.Join(a.dir, temporary+e.action)
	err := a.cache.link(e, part)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !isDamage(err) {
		err = a.copy(e, part)
	}
	if err != nil {
		return err
	}
	return os.Rename(part, filepath.Join(a.dir, e.action))
}

// copy copies a binary, within the limit.
func (a *Ahead) copy(e entry, part string) error {
	info, err := os.Stat(a.cache.path(e))
	if err != nil {
		return err
	}
	if info.Size() > a.limit {
		return errors.New("no room for a copy")
	}
	a.limit -= info.Size()
	return a.cache.copy(e, part)
}

// Remember keeps for the next run what this one linked. It must not be called before Take has returned.
func (a *Ahead) Remember() error {
	used, err := readEntries(filepath.Join(a.dir, usedFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remembering links: %w", err)
	}
	var text strings.Builder
	for _, e := range append(a.taken(), used...) {
		text.WriteString(e.name() + "\n")
	}
	if text.Len() == 0 {
		return nil
	}
	err = store(a.memo, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, text.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("remembering links: %w", err)
	}
	return nil
}

// taken returns those of the binaries that [Deliver] has moved away.
func (a *Ahead) taken() []entry {
	var taken []entry
	for _, e := range a.found {
		if _, err := os.Stat(filepath.Join(a.dir, e.action)); errors.Is(err, fs.ErrNotExist) {
			taken = append(taken, e)
		}
	}
	return taken
}

// note adds an entry to those that a run has used, whose folder dir is. Others do at the same time. What cannot be
// noted is not taken ahead the next time.
func (e entry) note(dir string) {
	f, err := os.OpenFile(filepath.Join(dir, usedFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.WriteString(e.name() + "\n")
	_ = f.Close()
}

// readEntries reads what note and Remember write. A line that is damaged is left out.
func readEntries(path string) ([]entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []entry
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if e, ok := parseEntry(lines.Text()); ok {
			list = append(list, e)
		}
	}
	return list, nil
}
