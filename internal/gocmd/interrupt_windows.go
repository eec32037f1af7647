package gocmd

import "os"

// interrupt ends p. Windows has no interrupt that one process can send to
// another.
func interrupt(p *os.Process) error { return p.Kill() }
