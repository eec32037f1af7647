//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the largest resident set that the process had, in bytes.
func peak(s *os.ProcessState) int64 {
	r, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	n := int64(r.Maxrss)
	if runtime.GOOS != "darwin" {
		n *= 1 << 10 // darwin counts bytes, others kilobytes
	}
	return n
}
