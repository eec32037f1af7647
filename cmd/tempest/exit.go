package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Exit codes, documented in docs/cli.md. The worst of a run applies.
const (
	exitOK          = 0
	exitFailed      = 1 // at least one test failed
	exitUsage       = 2 // a flag, an argument, the configuration or the cloud's credentials
	exitUntrusted   = 3 // a plugin did not build, tests were lost, or tempest could not do its work
	exitInterrupted = 130
	exitTerminated  = 143
	exitPipe        = 141 // nobody reads the output of a listing any more
)

// usageError is something that the user gave and that cannot be used.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// codeError ends a command with an exit code; what there was to say has been
// said by the report.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// interruptedError ends a command that a signal ended before there was a
// report.
type interruptedError struct{ signal os.Signal }

func (e interruptedError) Error() string {
	switch e.signal {
	case os.Interrupt:
		return "interrupted by SIGINT"
	case syscall.SIGTERM:
		return "interrupted by SIGTERM"
	}
	return "interrupted by " + e.signal.String()
}

// exitCode decides the exit code of err, and says err on w where that was not
// done yet.
func exitCode(std stdio, err error) int {
	if err == nil {
		return exitOK
	}
	if code, ok := errors.AsType[codeError](err); ok {
		return int(code)
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitPipe
	}
	fmt.Fprintln(std.err, "tempest:", err)
	if stop, ok := errors.AsType[interruptedError](err); ok {
		if stop.signal == syscall.SIGTERM {
			return exitTerminated
		}
		return exitInterrupted
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitUntrusted
}
