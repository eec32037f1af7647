package turn

import (
	"io"
	"path/filepath"
	"sync"
)

// locker has locks, each called by a name.
type locker interface {
	// try takes a lock, against all others or beside those who do not want to be
	// alone. It returns nil when that is not possible now.
	try(name string, alone bool) (io.Closer, error)
}

// files are locks of files in a folder.
type files string

func (dir files) try(name string, alone bool) (io.Closer, error) {
	f, err := lockFile(filepath.Join(string(dir), name), alone)
	if f == nil {
		return nil, err // an interface that is nil, and not one that holds a nil file
	}
	return f, err
}

// CanLock reports whether files in a folder can be locked, so that it can be [Options.LockDir].
func CanLock(dir string) bool {
	c, err := files(dir).try(lockAll, false)
	if err != nil || !locksFiles {
		return false
	}
	if c != nil {
		_ = c.Close() // which has nothing to lose
	}
	return true
}

// memory is locks within this process.
type memory struct {
	mu   sync.Mutex
	held map[string]int // how many hold a lock; -1 for one who is alone
}

func newMemory() *memory { return &memory{held: map[string]int{}} }

const heldAlone = -1

func (m *memory) try(name string, alone bool) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.held[name]
	if n == heldAlone || alone && n > 0 {
		return nil, nil
	}
	if alone {
		m.held[name] = heldAlone
	} else {
		m.held[name]++
	}
	return &memoryLock{memory: m, name: name}, nil
}

// memoryLock is a lock that someone has.
type memoryLock struct {
	memory *memory
	name   string
	once   sync.Once
}

// Close implements [io.Closer].
func (l *memoryLock) Close() error {
	l.once.Do(func() {
		l.memory.mu.Lock()
		defer l.memory.mu.Unlock()
		if l.memory.held[l.name] > 1 {
			l.memory.held[l.name]--
		} else {
			delete(l.memory.held, l.name)
		}
	})
	return nil
}
