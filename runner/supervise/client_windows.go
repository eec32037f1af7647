package supervise

import "syscall"

// guardAttributes puts the guard into a process group of its own, which Ctrl-C
// does not reach.
func guardAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
