package linkcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// abandoned is how old an incomplete entry is when nobody can be writing it any more.
const abandoned = time.Hour

// Usage is what a cache has.
type Usage struct {
	Entries int
	Bytes   int64
	Oldest  time.Time // last use of the entry that goes first; zero without entries
}

// file is one of a cache.
type file struct {
	path string
	size int64
	used time.Time
}

// Usage counts what is there.
func (c Cache) Usage() (Usage, error) {
	list, err := c.files(time.Now())
	var u Usage
	for _, e := range list {
		u.Entries++
		u.Bytes += e.size
		if u.Oldest.IsZero() || e.used.Before(u.Oldest) {
			u.Oldest = e.used
		}
	}
	return u, err
}

// Trim removes the entries that were used least recently until there are at most limit
// bytes, and what killed processes left. It returns what it removed. Other processes may use
// the cache at the same time.
func (c Cache) Trim(limit int64) (Usage, error) {
	list, err := c.files(time.Now())
	var total int64
	for _, e := range list {
		total += e.size
	}
	slices.SortFunc(list, func(a, b file) int { return a.used.Compare(b.used) })
	var removed Usage
	var oldest time.Time // of what stays
	for _, e := range list {
		if total <= limit {
			oldest = e.used
			break
		}
		if removeErr := os.Remove(e.path); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
			continue
		}
		total -= e.size
		removed.Entries++
		removed.Bytes += e.size
	}
	return removed, errors.Join(err, c.forget(oldest))
}

// forget removes what runs remember of links that were used before oldest, or of all links when there is no oldest.
func (c Cache) forget(oldest time.Time) error {
	memos, err := os.ReadDir(filepath.Join(c.dir, lastDir))
	if err != nil {
		return nil //nolint:nilerr // where nothing can be read, no run will read it
	}
	for _, m := range memos {
		info, err := m.Info()
		if err != nil || !oldest.IsZero() && !info.ModTime().Before(oldest) {
			continue
		}
		if err := os.Remove(filepath.Join(c.dir, lastDir, m.Name())); ignoreMissing(err) != nil {
			return err
		}
	}
	return nil
}

// files lists the complete entries, and removes incomplete ones that nobody writes any more.
func (c Cache) files(now time.Time) ([]file, error) {
	var list []file
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return ignoreMissing(err)
		case d.IsDir() && path == filepath.Join(c.dir, lastDir):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return ignoreMissing(err)
		}
		if strings.HasPrefix(d.Name(), temporary) {
			if now.Sub(info.ModTime()) > abandoned {
				return ignoreMissing(os.Remove(path))
			}
			return nil
		}
		list = append(list, file{path, info.Size(), info.ModTime()})
		return nil
	})
	if err != nil {
		return list, fmt.Errorf("reading the link cache: %w", err)
	}
	return list, nil
}

// ignoreMissing forgets that something is not there: another process was quicker.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
