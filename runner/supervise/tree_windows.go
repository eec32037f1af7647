package supervise

import (
	"os"
	"os/exec"
)

// adopts says that orphans do not become children of this process.
const adopts = false

// tree is a started process. On Windows nothing is known of those below it.
type tree struct {
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd has ended; status is set
	empty  chan struct{} // the same
	status exitStatus
}

func startTree(cmd *exec.Cmd) (*tree, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &tree{cmd: cmd, ended: make(chan struct{})}
	t.empty = t.ended
	go func() {
		_ = cmd.Wait() // the state says how it ended
		t.status = exitStatus{set: true, Code: cmd.ProcessState.ExitCode()}
		close(t.ended)
	}()
	return t, nil
}

// signal kills the process: a console program cannot be signalled from another
// console.
func (t *tree) signal(os.Signal) { _ = t.cmd.Process.Kill() }

// quit kills the process, for the same reason.
func (t *tree) quit() { _ = t.cmd.Process.Kill() }

func (t *tree) killOnce() []Process {
	if t.cmd.Process.Kill() != nil {
		return nil
	}
	return []Process{{PID: t.cmd.Process.Pid, Name: t.cmd.Path}}
}

// killGroup does nothing: there are no process groups.
func killGroup(int) bool { return false }

func adoptOrphans() error { return nil }

func killMarked(string) {}
