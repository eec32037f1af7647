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

	"github.com/gotempest/tempest/runner/linkcache"
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
		case linkCommand:
			return linkcache.Exec(args[1:])
		}
	}
	signals, stop := interrupts()
	defer stop()
	return run(context.Background(), stdio{os.Stdout, os.Stderr}, signals, args)
}

// interrupts returns the signals that end a run in good order. A terminal that
// is closed is one of them, unless nohup said to ignore it. A reader of the
// output that goes away, as in `tempest run | head`, is none: the run goes on
// unseen, because ending it here would leave things in the cloud.
func interrupts() (signals chan os.Signal, stop func()) {
	signals = make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		hangups := make(chan os.Signal, 1)
		signal.Notify(hangups, syscall.SIGHUP)
		go func() {
			<-hangups
			signals <- syscall.SIGTERM
		}()
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signals, func() { signal.Stop(signals) }
}

// The commands that tempest gives to the go command and to itself.
const (
	execCommand  = "__exec"
	guardCommand = "__guard"
	linkCommand  = "__link"
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
