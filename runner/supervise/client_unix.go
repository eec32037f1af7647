//go:build unix

package supervise

import "syscall"

// guardAttributes puts the guard into a session of its own, where no signal of
// the terminal reaches it.
func guardAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
