//go:build unix

package supervise

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// tree is a started process and all below it.
type tree struct {
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd has ended; status is set
	empty  chan struct{} // closed when this process has no children left
	status exitStatus
	sig    int // number of the signal that ended cmd, if any
}

// startTree starts cmd in a process group of its own. From then on every child
// of this process is reaped here: cmd.Wait must not be called, and no other
// process may be started before the tree is empty. On Linux the caller must have
// locked its thread, because cmd dies with the thread that started it.
func startTree(cmd *exec.Cmd) (*tree, error) {
	cmd.SysProcAttr = childAttributes()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &tree{cmd: cmd, ended: make(chan struct{}), empty: make(chan struct{})}
	go t.reap()
	return t, nil
}

// reap waits for every child, those that were adopted too.
func (t *tree) reap() {
	defer close(t.empty)
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil: // ECHILD: none is left
			return
		}
		if pid != t.cmd.Process.Pid {
			continue
		}
		t.status = exitStatus{Code: ws.ExitStatus()}
		if ws.Signaled() {
			t.status = exitStatus{Code: -1, Signal: unix.SignalName(ws.Signal())}
			t.sig = int(ws.Signal())
		}
		close(t.ended)
	}
}

// signal sends sig to the main process, unless it has ended.
func (t *tree) signal(sig os.Signal) {
	select {
	case <-t.ended:
	default:
		// The process may end at this moment: then there is nothing to do.
		_ = t.cmd.Process.Signal(sig)
	}
}

// quit asks the main process for its stacks: the Go runtime prints them and exits.
func (t *tree) quit() { t.signal(syscall.SIGQUIT) }

// killGroup kills the process group of the main process and says whether there
// was anything in it.
func (t *tree) killGroup() bool {
	return syscall.Kill(-t.cmd.Process.Pid, syscall.SIGKILL) == nil
}
