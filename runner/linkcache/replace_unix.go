//go:build unix

package linkcache

import (
	"fmt"
	"os"
	"syscall"
)

// replace lets the tool take the place of this process. It returns when it cannot.
func replace(tool string, args []string) int {
	err := syscall.Exec(tool, append([]string{tool}, args...), os.Environ())
	fmt.Fprintf(os.Stderr, "tempest: running %s: %v\n", tool, err)
	return 1
}
