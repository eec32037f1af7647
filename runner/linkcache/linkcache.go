// Package linkcache keeps what the linker made. The go command links every test
// binary again on each run, also when nothing has changed; for packages that import
// clients of services that is most of the time of a second run.
//
// The go command is told to start its tools through [Script] or [Exec] (-toolexec), and to run test
// binaries through what calls [Deliver] (-exec). A link whose output is in the cache
// gives that; all other tools, and links that are not, run as if the package were not there.
// The key is the linker's command line without the places of files: its -buildid names the action, and covers sources,
// flags and toolchain.
//
// Entries and the binaries that run are names of the same file, where the file system lets a file have two: nothing
// is copied. So an entry is what the go command has made of the output of the linker, with its own build ID, which
// it does not change another time.
//
// Whatever goes wrong with the cache means a plain link. An entry is complete
// before it has its name, and its checksums are compared before it is used.
package linkcache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Cache is a folder of linked binaries. Any number of processes may use one.
type Cache struct {
	dir      string
	hardLink func(existing, another string) error
}

// New returns the cache in dir, which is made when something is put there.
func New(dir string) Cache { return Cache{dir: dir, hardLink: os.Link} }

// DefaultDir is tempest/links in the user's cache folder.
func DefaultDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder of the link cache: %w", err)
	}
	return filepath.Join(cache, "tempest", "links"), nil
}

// get makes the file out, which must not exist, the binary of an entry: another name of the same file where that can
// be, else a copy. The error says why there is none, and out does not exist then.
func (c Cache) get(e entry, out string) error {
	err := c.link(e, out)
	if err == nil || errors.Is(err, fs.ErrNotExist) || isDamage(err) {
		return err
	}
	return c.copy(e, out)
}

// link is get that makes no copy.
func (c Cache) link(e entry, out string) error {
	if err := c.hardLink(c.path(e), out); err != nil {
		return err
	}
	return c.used(e, out, compare(out, io.Discard, e.sums))
}

// copy is get that makes a copy.
func (c Cache) copy(e entry, out string) error {
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	return c.used(e, out, errors.Join(compare(c.path(e), f, e.sums), f.Close()))
}

// used ends the use of an entry, which had the given error.
func (c Cache) used(e entry, out string, err error) error {
	path := c.path(e)
	if err != nil {
		if isDamage(err) {
			err = errors.Join(err, os.Remove(path)) // or the next run would read it again for nothing
		}
		return errors.Join(err, os.Remove(out))
	}
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > touchAfter {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // a cache that is read-only has no order of use
	}
	return nil
}

// touchAfter is how old the time of the last use may get before a use renews it.
const touchAfter = time.Hour

// errDamaged says that an entry is not what was put there.
var errDamaged = errors.New("the entry is damaged: its checksums are others")

func isDamage(err error) bool { return errors.Is(err, errDamaged) }

// compare copies a file to w, and compares its checksums.
func compare(path string, w io.Writer, want string) error {
	got, _, err := copySums(path, w)
	if err == nil && got != want {
		return errDamaged
	}
	return err
}

// put makes an entry of the binary made, which nobody may change from then on: the entry is another name of the same
// file where that can be, else a copy. On an error there is none.
func (c Cache) put(action, key, made string) (entry, error) {
	sums, size, err := copySums(made, io.Discard)
	if err != nil {
		return entry{}, err
	}
	if size == 0 {
		return entry{}, fmt.Errorf("%s is empty: no linker made it", made)
	}
	e := entry{action, key, sums}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return entry{}, err
	}
	if err := c.hardLink(made, c.path(e)); err == nil || errors.Is(err, fs.ErrExist) {
		return e, nil
	}
	return e, store(c.path(e), 0o700, func(w io.Writer) error { return compare(made, w, sums) })
}

// store makes or replaces a file of the cache, which has its name when it is complete. On an error it is as it was.
func store(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), temporary+"*")
	if err != nil {
		return err
	}
	if err := errors.Join(write(tmp), tmp.Chmod(mode), tmp.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// temporary begins the names of files that are not complete.
const temporary = ".tmp-"

// copyBuffer is how many bytes are hashed and copied at a time: few enough to stay in
// the processor's cache.
const copyBuffer = 256 << 10

// copySums copies the file path to w, and returns two checksums of it: against damage, not against
// somebody who may write to the cache, and who could as well change Go's own beside it. Processors compute these
// two at the speed of memory.
func copySums(path string, w io.Writer) (sums string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	castagnoli, ieee := crc32.New(crc32.MakeTable(crc32.Castagnoli)), crc32.NewIEEE()
	from := struct{ io.Reader }{f} // without the file's own way to copy itself, which has no use for the buffer
	size, err = io.CopyBuffer(io.MultiWriter(castagnoli, ieee, w), from, make([]byte, copyBuffer))
	return hex.EncodeToString(ieee.Sum(castagnoli.Sum(nil))), size, err
}

// keyOf returns the name of the entry for a list of words.
func keyOf(words []string) string {
	sum := sha256.New()
	for _, w := range words {
		fmt.Fprintf(sum, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
