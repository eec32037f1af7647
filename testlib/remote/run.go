package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Output is what a command has printed, up to [Options].Output bytes of each stream, from its beginning.
type Output struct {
	Stdout, Stderr string // from their beginnings
	Cut            int64  // bytes that are missing at the ends of both
}

// An ExitError says that a command has ended otherwise than with 0.
type ExitError struct {
	Command string // without the password
	Host    string // user and host, as [Client.String] has them
	Status  int    // the exit status; -1 when a signal ended it, or the host did not say
	Signal  string // as "KILL"; empty when none ended it
	Output  Output // what it printed until then
}

// shownStderr is how much of what a command printed stands in the error.
const shownStderr = 500

// Error says which command, how it ended, and the end of what it printed on standard error.
func (e *ExitError) Error() string {
	how := fmt.Sprintf("exit status %d", e.Status)
	switch {
	case e.Signal != "":
		how = "killed by SIG" + e.Signal
	case e.Status < 0:
		how = "ended without a status, as when the connection is lost"
	}
	s := fmt.Sprintf("running %q on %s: %s", e.Command, e.Host, how)
	said := strings.TrimSpace(e.Output.Stderr)
	if len(said) > shownStderr {
		said = "…" + strings.ToValidUTF8(said[len(said)-shownStderr:], "")
	}
	if said != "" {
		s += ": " + said
	}
	return s
}

// Run runs a command with the shell of the user, without input, and returns what it printed. The error is an
// [*ExitError] when the command failed; the output is then returned too. When ctx ends, the command is sent SIGKILL
// and left, and the error is the cause of ctx.
func (c *Client) Run(ctx context.Context, command string) (Output, error) {
	limit := c.o.Output
	if limit <= 0 {
		limit = DefaultOutput
	}
	stdout, stderr := &head{limit: limit}, &head{limit: limit}
	err := c.Stream(ctx, command, nil, stdout, stderr)
	out := Output{Stdout: stdout.String(), Stderr: stderr.String(), Cut: stdout.cut() + stderr.cut()}
	if exit, ok := errors.AsType[*ExitError](err); ok {
		exit.Output = out
		exit.Output.Stderr = c.hide(out.Stderr)
	}
	return out, err
}

// Stream runs a command as [Client.Run] does, and connects its input and its outputs to readers and writers as it runs.
// Each may be nil. An error of stdin fails the command. The Output of an [*ExitError] is empty.
func (c *Client) Stream(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) error {
	start := time.Now()
	err := c.stream(ctx, command, stdin, stdout, stderr)
	took := time.Since(start).Round(time.Millisecond)
	exit, failed := errors.AsType[*ExitError](err)
	switch {
	case err == nil:
		c.log("%s: %s: done in %s", c, command, took)
	case failed && exit.Signal == "":
		c.log("%s: %s: exit status %d in %s", c, command, exit.Status, took)
	default:
		c.log("%s: %s: %v in %s", c, command, err, took)
	}
	return err
}

func (c *Client) stream(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) error {
	doing := fmt.Sprintf("running %q on %s", c.hide(command), c)
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	}
	session, err := c.session(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, c.explain(err))
	}
	defer session.Close()
	out, errOut := &gate{w: stdout}, &gate{w: stderr}
	defer out.shut()
	defer errOut.shut()
	session.Stdout, session.Stderr = out, errOut
	input, err := feed(session, stdin)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, c.explain(err))
	}
	ended := make(chan error, 1)
	go func() { ended <- session.Run(strings.TrimSpace(c.o.Prologue + " " + command)) }()
	select {
	case err = <-ended:
	case <-ctx.Done(): // the host may go on for as long as the command does
		_ = session.Signal(ssh.SIGKILL) // Dropbear and many OpenSSH do not pass it on
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	}
	select {
	case readErr := <-input:
		if readErr != nil {
			return fmt.Errorf("%s: its input: %w", doing, readErr)
		}
	default: // the command did not want all of it
	}
	failed := &ExitError{Command: c.hide(command), Host: c.String(), Status: -1}
	if exit, ok := errors.AsType[*ssh.ExitError](err); ok {
		if failed.Signal = exit.Signal(); failed.Signal == "" {
			failed.Status = exit.ExitStatus()
		}
		return failed
	}
	if _, ok := errors.AsType[*ssh.ExitMissingError](err); ok && !c.isLost() {
		return failed
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, c.explain(err))
	}
	return nil
}

// session opens a session, for which a host that is silent may take for ever.
func (c *Client) session(ctx context.Context) (*ssh.Session, error) {
	type opened struct {
		session *ssh.Session
		err     error
	}
	result := make(chan opened, 1)
	go func() {
		s, err := c.conn.NewSession()
		result <- opened{s, err}
	}()
	select {
	case o := <-result:
		return o.session, o.err
	case <-ctx.Done():
		go func() {
			if o := <-result; o.err == nil {
				o.session.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// gate passes writes on until it is shut. What is written later, or to nothing, is dropped.
type gate struct {
	mu sync.Mutex
	w  io.Writer
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.w == nil {
		return len(p), nil
	}
	return g.w.Write(p)
}

func (g *gate) shut() {
	g.mu.Lock()
	g.w = nil
	g.mu.Unlock()
}

// feed gives a command its input. What reading it came to is in the channel before the command sees its end.
func feed(session *ssh.Session, stdin io.Reader) (<-chan error, error) {
	result := make(chan error, 1)
	if stdin == nil {
		return result, nil
	}
	w, err := session.StdinPipe()
	if err != nil {
		return nil, err
	}
	go func() {
		in := &noting{r: stdin}
		_, _ = io.Copy(w, in) // a command that reads no further is no error
		result <- in.err
		w.Close()
	}()
	return result, nil
}

// noting keeps the error of a reader, apart from those of the writer.
type noting struct {
	r   io.Reader
	err error
}

func (n *noting) Read(p []byte) (int, error) {
	got, err := n.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return got, err
}

// head keeps the beginning of what is written to it.
type head struct {
	limit int

	mu      sync.Mutex
	kept    bytes.Buffer
	dropped int64
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(len(p), h.limit-h.kept.Len())
	h.kept.Write(p[:n])
	h.dropped += int64(len(p) - n)
	return len(p), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kept.String()
}

func (h *head) cut() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dropped
}
