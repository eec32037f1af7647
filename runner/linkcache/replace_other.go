//go:build !unix

package linkcache

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// replace runs the tool beside this process: the system cannot do more.
func replace(tool string, args []string) int {
	cmd := exec.Command(tool, args...) //nolint:noctx // the go command ends it with this process's group
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	fmt.Fprintf(os.Stderr, "tempest: running %s: %v\n", tool, err)
	return 1
}
