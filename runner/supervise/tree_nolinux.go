//go:build unix && !linux

package supervise

import "syscall"

// adopts says that orphans do not become children of this process.
const adopts = false

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// adoptOrphans does nothing: only Linux has child subreapers.
func adoptOrphans() error { return nil }

// killOnce kills the process group of the main process. Its members are not
// known by name.
func (t *tree) killOnce() []Process {
	if !killGroup(t.cmd.Process.Pid) {
		return nil
	}
	return []Process{{PID: t.cmd.Process.Pid, Name: "process group"}}
}

// killMarked does nothing: the environment of another process is not readable.
func killMarked(string) {}
