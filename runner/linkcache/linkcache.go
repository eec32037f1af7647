// Package linkcache keeps what the linker made. The go command links every test
// binary again on each run, also when nothing has changed; for packages that import
// clients of services that is most of the time of a second run.
//
// The go command is told to start its tools through [Exec] (-toolexec). A link
// whose output is in the cache is a copy; all other tools, and links that are not,
// run as if the package were not there. The key is the linker's command line
// without the places of files: its -buildid names the action, and covers sources,
// flags and toolchain.
//
// Whatever goes wrong with the cache means a plain link. An entry is complete
// before it has its name, and its checksum is compared before it is used.
package linkcache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Cache is a folder of linked binaries. Any number of processes may use one.
type Cache struct {
	dir string
}

// New returns the cache in dir, which is made when something is put there.
func New(dir string) Cache { return Cache{dir: dir} }

// DefaultDir is tempest/links in the user's cache folder.
func DefaultDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder of the link cache: %w", err)
	}
	return filepath.Join(cache, "tempest", "links"), nil
}

// An entry is the binary, and behind it two checksums of it: against damage, not against
// somebody who may write there, and who could as well change Go's own cache beside it.
const sumSize = 2 * crc32.Size

// sums is the checksums of what was written to it. Processors compute these two at the speed of memory.
type sums struct{ castagnoli, ieee hash.Hash32 }

func newSums() sums {
	return sums{crc32.New(crc32.MakeTable(crc32.Castagnoli)), crc32.NewIEEE()}
}

// Write never fails.
func (s sums) Write(b []byte) (int, error) {
	_, _ = s.castagnoli.Write(b)
	return s.ieee.Write(b)
}

func (s sums) bytes() []byte { return s.ieee.Sum(s.castagnoli.Sum(nil)) }

// touchAfter is how old the time of the last use may get before a use renews it.
const touchAfter = time.Hour

// path is that of an entry. Entries are spread over folders, which stay small.
func (c Cache) path(key string) string { return filepath.Join(c.dir, key[:2], key[2:]) }

// errMiss is why there is nothing to copy, if nothing is wrong.
var errMiss = fs.ErrNotExist

// get makes the file out a copy of the entry. The error is errMiss for none, and else
// says what is wrong with it; out does not exist then, and the entry is gone.
func (c Cache) get(key, out string) error {
	path := c.path(key)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := restore(f, info.Size(), out); err != nil {
		_ = os.Remove(out)
		var damage damagedError
		if errors.As(err, &damage) {
			_ = os.Remove(path) // or the next run would read it again for nothing
		}
		return err
	}
	if now := time.Now(); now.Sub(info.ModTime()) > touchAfter {
		_ = os.Chtimes(path, now, now) // a cache that is read-only has no order of use
	}
	return nil
}

// damagedError says that an entry is not what was put there.
type damagedError struct{ why string }

func (e damagedError) Error() string { return "the entry is damaged: " + e.why }

// restore copies an entry of the given size to out, and compares its checksum.
func restore(entry io.Reader, size int64, out string) error {
	if size <= sumSize {
		return damagedError{"it is too short"}
	}
	sum := newSums()
	if err := write(out, io.TeeReader(io.LimitReader(entry, size-sumSize), sum)); err != nil {
		return err
	}
	want := make([]byte, sumSize)
	if _, err := io.ReadFull(entry, want); err != nil {
		return damagedError{err.Error()}
	}
	if !bytes.Equal(sum.bytes(), want) {
		return damagedError{"its checksum is another"}
	}
	return nil
}

// write makes the executable file path with what r gives.
func write(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, r, make([]byte, copyBuffer))
	return errors.Join(err, f.Close())
}

// copyBuffer is how many bytes are hashed and copied at a time: few enough to stay in
// the processor's cache.
const copyBuffer = 256 << 10

// put makes an entry of the file made. On an error there is none.
func (c Cache) put(key, made string) error {
	src, err := os.Open(made)
	if err != nil {
		return err
	}
	defer src.Close()
	return store(c.path(key), func(w io.Writer) error { return fill(w, src) })
}

// store makes or replaces a file of the cache, which has its name when it is complete. On an error it is as it was.
func store(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), temporary+"*")
	if err != nil {
		return err
	}
	if err := errors.Join(write(tmp), tmp.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// temporary begins the names of entries that are not complete.
const temporary = "tmp-"

func fill(dst io.Writer, src io.Reader) error {
	sum := newSums()
	size, err := io.CopyBuffer(struct{ io.Writer }{dst}, io.TeeReader(src, sum), make([]byte, copyBuffer))
	if err != nil {
		return err
	}
	if size == 0 {
		return errors.New("the linker made an empty file")
	}
	_, err = dst.Write(sum.bytes())
	return err
}

// keyOf returns the name of the entry for a list of words.
func keyOf(words []string) string {
	sum := sha256.New()
	for _, w := range words {
		fmt.Fprintf(sum, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// keyLength is that of what keyOf returns.
const keyLength = 2 * sha256.Size
