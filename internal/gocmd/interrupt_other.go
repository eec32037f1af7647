//go:build !windows

package gocmd

import "os"

// interrupt asks p to end.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
