// Command tempest runs integration tests against an OpenStack cloud: the
// in-tree suite and the tests of every plugin that the main module requires.
//
// Results go to standard output, everything else to standard error. The exit
// codes are those of docs/cli.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/gotempest/tempest/runner/supervise"
)

func main() {
	os.Exit(start(os.Args[1:]))
}

// start separates what the go command and tempest itself call, which must be
// quick and silent, from what users call.
func start(args []string) int {
	if len(args) > 0 {
		switch args[0] {
		case execCommand:
			return supervise.Exec(args[1:])
		case guardCommand:
			return supervise.Guard(args[1:])
		}
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	return run(context.Background(), stdio{os.Stdout, os.Stderr}, signals, args)
}

// The two commands that tempest gives to the go command and to itself.
const (
	execCommand  = "__exec"
	guardCommand = "__guard"
)

// stdio is where a command writes: results to out, everything else to err.
type stdio struct{ out, err *os.File }

// terminal says whether someone watches the results.
func (s stdio) terminal() bool { return term.IsTerminal(int(s.out.Fd())) }

// width is that of the terminal, 0 when it is not known.
func (s stdio) width() int {
	width, _, err := term.GetSize(int(s.out.Fd()))
	if err != nil {
		return 0
	}
	return width
}
