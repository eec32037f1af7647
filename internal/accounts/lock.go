package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Locks keep two tests from using one account, in whatever processes they are. A lock is a file, and held by
// who has locked it: the system frees it when its holder dies.
type Locks struct{ dir string }

// NewLocks returns the locks in a folder, which is made when there is none.
func NewLocks(dir string) (*Locks, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for locks of accounts: %w", err)
	}
	return &Locks{dir: dir}, nil
}

// Folder returns the folder for locks of accounts that all runs of a user share.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for the folder for locks of accounts: %w", err)
	}
	return filepath.Join(cache, "tempest", "accounts-locks"), nil
}

// Try takes the lock that is called by names, or returns nil when another has it. Closing it frees it.
func (l *Locks) Try(names ...string) (io.Closer, error) {
	h := sha256.New()
	for _, n := range names {
		fmt.Fprintf(h, "%d:%s,", len(n), n)
	}
	return TryFile(filepath.Join(l.dir, hex.EncodeToString(h.Sum(nil))[:nameSize]))
}

const nameSize = 32 // digits of the hash

// TryFile takes the lock of the file at path, which is made when there is none, or returns nil when another has it.
func TryFile(path string) (io.Closer, error) {
	f, err := lockFile(path)
	if f == nil {
		return nil, err // an interface that is nil, and not one that holds a nil file
	}
	return f, err
}
