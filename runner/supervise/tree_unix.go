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
	ended := false
	for {
		var ws syscall.WaitStatus
		options := 0
		if t.status.set && !ended {
			// If nothing is left below, that is known before the end of the
			// main process is: then nobody has to search.
			options = syscall.WNOHANG
		}
		pid, err := syscall.Wait4(-1, &ws, options, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil: // ECHILD: none is left
			close(t.empty)
			if !ended {
				close(t.ended)
			}
			return
		case pid == 0:
			ended = true
			close(t.ended)
		case pid == t.cmd.Process.Pid:
			t.status = statusOf(ws)
		}
	}
}

func statusOf(ws syscall.WaitStatus) exitStatus {
	if ws.Signaled() {
		return exitStatus{set: true, Code: -1, Signal: unix.SignalName(ws.Signal()), number: int(ws.Signal())}
	}
	return exitStatus{set: true, Code: ws.ExitStatus()}
}

// signal sends sig to the main process, unless it has ended.
func (t *tree) signal(sig os.Signal) {
	select {
	case <-t.ended:
	default:
		// The process may end at this moment: then there is nothing to do.
		_ = t.cmd.Process.Signal(sig)
		// One that is stopped would hear of it never.
		_ = t.cmd.Process.Signal(syscall.SIGCONT)
	}
}

// quit asks the main process for its stacks: the Go runtime prints them and exits.
func (t *tree) quit() { t.signal(syscall.SIGQUIT) }

// killGroup kills all processes of a group at once, so that none can start
// another in between, and says whether there were any.
func killGroup(group int) bool { return syscall.Kill(-group, syscall.SIGKILL) == nil }
