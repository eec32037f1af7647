package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gotempest/tempest/runner/supervise"
)

// folderPrefix begins the name of a run folder.
const folderPrefix = "tempest-"

// aliveWait bounds how long supervisors may take to end after the run.
const aliveWait = 15 * time.Second

// Folder is the folder that one run works in. There are two kinds: that of
// [NewFolder] is temporary and goes away with the run, that of [KeepFolder] is
// for a dry run, whose command shall work when it is pasted later.
type Folder struct {
	dir   string
	guard *supervise.GuardProcess // nil for a kept folder
	close func() error
}

// NewFolder makes a temporary folder and starts the guard that removes it, even
// if this process is killed. self is the command line of tempest, to which
// "__guard" and "__exec" can be appended; empty means the running program alone.
// The folder is made in $GOTMPDIR if that is set, because test binaries are
// executed from it, else where temporary files belong. Folders there of runs all
// of whose processes were killed are removed first.
func NewFolder(self []string) (*Folder, error) {
	self, err := selfOr(self)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(cmp.Or(os.Getenv("GOTMPDIR"), os.TempDir()))
	if err != nil {
		return nil, fmt.Errorf("making the run folder: %w", err)
	}
	supervise.RemoveStale(base, folderPrefix)
	dir, err := os.MkdirTemp(base, folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("making the run folder: %w", err)
	}
	guard, err := supervise.StartGuard(self, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	f := &Folder{dir: dir, guard: guard, close: sync.OnceValue(guard.Close)}
	if err := os.Mkdir(f.Overlay(), 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing the run folder: %w", err), f.Close())
	}
	return f, nil
}

// KeepFolder makes the folder dir for a dry run. Close leaves it where it is;
// [Prune] removes it among the records of the runs, if it is one of them.
func KeepFolder(dir string) (*Folder, error) {
	f := &Folder{dir: dir}
	if err := os.MkdirAll(f.Overlay(), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the dry run: %w", err)
	}
	return f, nil
}

// Dir is the absolute path of the folder.
func (f *Folder) Dir() string { return f.dir }

// Overlay is the folder in it for the copies of go.mod and its like.
func (f *Folder) Overlay() string { return filepath.Join(f.dir, "overlay") }

// Close removes a temporary folder and ends its guard. It must be called, and may be more than once.
func (f *Folder) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// goTemp is GOTMPDIR of the go command, slots the folder of [protocol.EnvSlots], locks that of
// [protocol.EnvLocks], times the file of [protocol.EnvTimes].
func (f *Folder) goTemp() string { return filepath.Join(f.dir, "gotmp") }
func (f *Folder) slots() string  { return filepath.Join(f.dir, "slots") }
func (f *Folder) locks() string  { return filepath.Join(f.dir, "locks") }
func (f *Folder) times() string  { return filepath.Join(f.dir, "times.json") }

// accounts is the folder of [protocol.EnvAccounts].
func (f *Folder) accounts() string { return filepath.Join(f.dir, "accounts") }

// ahead is the folder of linkcache.Ahead.
func (f *Folder) ahead() string { return filepath.Join(f.dir, "links") }

// toolScript is what the go command starts its tools with, builds the pipe of [openBuilds].
func (f *Folder) toolScript() string { return filepath.Join(f.dir, "tool.sh") }
func (f *Folder) builds() string     { return filepath.Join(f.dir, "builds") }

// waitForSupervisors returns when none of them is left, or after a time.
func waitForSupervisors(ctx context.Context, lines *supervise.Lines) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aliveWait)
	defer cancel()
	return lines.Wait(ctx)
}

// selfOr is self, or the running program.
func selfOr(self []string) ([]string, error) {
	if len(self) > 0 {
		return self, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the path of tempest: %w", err)
	}
	return []string{exe}, nil
}
