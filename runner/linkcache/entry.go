package linkcache

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// entry is a file of a cache, by what its name says.
type entry struct {
	action string // the ID of what the go command does
	key    string // of the linker's command line
	sums   string // of the binary
}

// name is action.key.sums; so a shell finds the entries of an action, too.
func (e entry) name() string { return e.action + "." + e.key + "." + e.sums }

// parseEntry reads a name.
func parseEntry(name string) (entry, bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 || !isID(parts[0]) || !isID(parts[1]) || !isID(parts[2]) {
		return entry{}, false
	}
	return entry{parts[0], parts[1], parts[2]}, true
}

// isID says whether s has only what keys, checksums and the go command's IDs are written with, and so leads nowhere
// as a part of a file's name.
func isID(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}

// path is that of an entry.
func (c Cache) path(e entry) string { return filepath.Join(c.dir, e.name()) }

// find returns the entry of a link; fs.ErrNotExist is its error when there is none. Of two, which can be when a link
// does not always give the same, it is either.
func (c Cache) find(action, key string) (entry, error) {
	dir, err := os.Open(c.dir)
	if err != nil {
		return entry{}, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		if e, ok := parseEntry(name); ok && e.action == action && e.key == key {
			return e, nil
		}
	}
	if err == nil {
		err = fs.ErrNotExist
	}
	return entry{}, err
}
