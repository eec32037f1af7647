// Package gocmd starts the go command.
//
// Every go command that tempest runs goes through [Cmd]: explicit directory and
// environment, an interrupt before the kill when the context ends, a bounded
// wait after it, and standard error inside a typed [*Error]. Arguments are a
// slice, never a shell string. Secrets of a cloud stay out of the environment.
package gocmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// killDelay is how long an interrupted go command may take by default: it
// removes its temporary files when it is given the time.
const killDelay = 5 * time.Second

// maxStderr bounds what is kept of standard error, in bytes. The end is kept:
// that is where the go command says what stopped it.
const maxStderr = 1 << 20

// Cmd is one go command. The zero value runs "go" alone, in the current
// directory, with the environment of this process.
type Cmd struct {
	// Args follow "go", the verb first.
	Args []string

	// Dir is the working directory. Empty means the current one.
	Dir string

	// Env is the whole environment. Nil means that of this process.
	Env []string

	// Extra is added to the environment. On a duplicate, Extra wins.
	Extra []string

	// KillDelay is how long the command may take to end after the interrupt
	// before it is killed. 0 means 5 seconds.
	KillDelay time.Duration
}

// Error reports a go command that ran and failed, or could not be started.
type Error struct {
	Args   []string // what followed "go"
	Dir    string   // working directory
	Stderr string   // what it printed to standard error, trimmed
	Err    error    // an [*exec.ExitError] when it ran
}

// Error is one line, unless the go command printed several.
func (e *Error) Error() string {
	verb := "go"
	if len(e.Args) > 0 {
		verb += " " + e.Args[0]
	}
	if e.Stderr == "" {
		return fmt.Sprintf("%s in %s: %v", verb, e.dir(), e.Err)
	}
	return fmt.Sprintf("%s in %s: %s", verb, e.dir(), e.Stderr)
}

// Unwrap returns what the operating system said.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) dir() string {
	if e.Dir == "" {
		return "the current directory"
	}
	return e.Dir
}

// Command returns c ready to start, for a caller that connects its own pipes.
// When ctx ends, the go command is interrupted, then killed after KillDelay;
// Wait returns no later than that, even when a process that it started keeps a
// pipe open. The go command is the one on the PATH of this process, whatever
// Env says.
func (c Cmd) Command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", c.Args...)
	cmd.Dir = c.Dir
	env := cmd.Environ() // sets PWD to Dir
	if c.Env != nil {
		env = append(slices.Clone(c.Env), c.pwd()...)
	}
	cmd.Env = WithoutSecrets(append(env, c.Extra...))
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = cmp.Or(c.KillDelay, killDelay)
	return cmd
}

// pwd tells the go command the name of Dir, which may lead over symbolic links.
func (c Cmd) pwd() []string {
	dir, err := filepath.Abs(c.Dir)
	if c.Dir == "" || err != nil {
		return nil
	}
	return []string{"PWD=" + dir}
}

// Output runs c and returns its standard output. The error is an [*Error] when
// the command failed, and the cause of ctx when that ended first. What the
// command wrote before it failed is returned in either case.
func (c Cmd) Output(ctx context.Context) ([]byte, error) {
	var out bytes.Buffer
	err := c.Run(ctx, &out)
	return out.Bytes(), err
}

// Run runs c and copies its standard output to stdout as it comes. Errors are
// those of [Cmd.Output].
func (c Cmd) Run(ctx context.Context, stdout io.Writer) error {
	cmd := c.Command(ctx)
	var stderr tail
	cmd.Stdout, cmd.Stderr = stdout, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		err = fmt.Errorf("%w (install Go and put it on the PATH: https://go.dev/doc/install)", err)
	}
	return &Error{Args: c.Args, Dir: c.Dir, Stderr: stderr.String(), Err: err}
}

// tail keeps the last maxStderr bytes written to it.
type tail struct{ buf []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*maxStderr { // trim rarely: each trim copies
		t.buf = append([]byte(nil), t.buf[len(t.buf)-maxStderr:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	b := t.buf[max(0, len(t.buf)-maxStderr):]
	return strings.TrimSpace(string(b))
}
