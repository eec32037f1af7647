//go:build tempest && unix

package leaves

import (
	"os/exec"
	"syscall"
	"testing"
)

// TestLeave starts a process in a session of its own, which ignores what it can.
func TestLeave(t *testing.T) {
	cmd := exec.Command("sh", "-c", "trap '' INT TERM HUP QUIT; echo; while :; do sleep 600; done")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}
