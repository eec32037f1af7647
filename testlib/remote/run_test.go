package remote_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/remote"
)

func (l *logged) printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.b, format+"\n", args...)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestRun(t *testing.T) {
	t.Parallel()
	var l logged
	c, _ := dial(t, remote.Options{Log: l.printf})
	out, err := c.Run(t.Context(), "echo out; echo err >&2")
	if err != nil || out != (remote.Output{Stdout: "out\n", Stderr: "err\n"}) {
		t.Errorf("Run = %+v, %v", out, err)
	}

	out, err = c.Run(t.Context(), "echo out; echo no geheim-4711 >&2; exit 3")
	e, ok := errors.AsType[*remote.ExitError](err)
	if !ok || e.Status != 3 || out.Stdout != "out\n" || e.Output.Stdout != "out\n" {
		t.Errorf("Run = %+v, %v, want exit status 3", out, err)
	}
	want := fmt.Sprintf(`running "echo out; echo no *** >&2; exit 3" on %s: exit status 3: no ***`, c)
	if err.Error() != want {
		t.Errorf("error = %s\nwant    %s", err, want)
	}

	_, err = c.Run(t.Context(), "kill -KILL $$")
	e, ok = errors.AsType[*remote.ExitError](err)
	if !ok || e.Signal != "KILL" || !strings.Contains(err.Error(), "SIGKILL") {
		t.Errorf("a command that was killed: %v", err)
	}
	if log := l.String(); strings.Contains(log, "geheim") || strings.Count(log, "\n") != 3 ||
		!strings.Contains(log, "exit status 3 in") || !strings.Contains(log, "done in") {
		t.Errorf("log:\n%s", log)
	}
}

func TestPrologueStandsBeforeCommands(t *testing.T) {
	t.Parallel()
	c, _ := dial(t, remote.Options{Prologue: "set -u; answer=42;"})
	if out, err := c.Run(t.Context(), "echo $answer"); err != nil || out.Stdout != "42\n" {
		t.Errorf("Run = %+v, %v", out, err)
	}
	_, err := c.Run(t.Context(), "echo $question")
	if e, ok := errors.AsType[*remote.ExitError](err); !ok || e.Command != "echo $question" {
		t.Errorf("Run error = %v", err)
	}
}

func TestRunKeepsSomeOutput(t *testing.T) {
	t.Parallel()
	c, _ := dial(t, remote.Options{Output: 1000})
	out, err := c.Run(t.Context(), "i=0; while [ $i -lt 500 ]; do echo 123456789; echo 123456789 >&2; i=$((i+1)); done")
	if err != nil || len(out.Stdout) != 1000 || len(out.Stderr) != 1000 || out.Cut != 8000 {
		t.Errorf("Run kept %d and %d bytes, %d cut, %v", len(out.Stdout), len(out.Stderr), out.Cut, err)
	}
}

// begun is a writer that tells when something is written.
type begun func()

func (b begun) Write(p []byte) (int, error) {
	b()
	return len(p), nil
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c, s := dial(t, remote.Options{})
	s.stubborn.Store(true) // as OpenSSH without privilege separation
	interrupt := errors.New("the run was interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	start := time.Now()
	err := c.Stream(ctx, "echo begun; exec sleep 30", nil, begun(func() { cancel(interrupt) }), nil)
	if !errors.Is(err, interrupt) || time.Since(start) > 20*time.Second {
		t.Errorf("Stream: %v after %s", err, time.Since(start))
	}
	if _, err := c.Run(ctx, "echo again"); !errors.Is(err, interrupt) {
		t.Errorf("Run with a context that is over: %v", err)
	}
	if _, err := c.Run(t.Context(), "true"); err != nil {
		t.Errorf("the next command: %v", err)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	c, _ := dial(t, remote.Options{})
	blob := data.NewBlob(data.New(1, t.Name()), 3<<20)
	var got bytes.Buffer
	if err := c.Stream(t.Context(), "cat", blob.Reader(), &got, nil); err != nil {
		t.Fatal(err)
	}
	all, _ := io.ReadAll(blob.Reader())
	if !bytes.Equal(got.Bytes(), all) {
		t.Errorf("%d bytes came back, other than the %d that went", got.Len(), len(all))
	}

	broken := errors.New("bad disk")
	err := c.Stream(t.Context(), "cat", io.MultiReader(strings.NewReader("some"), iotest.ErrReader(broken)), nil, nil)
	if !errors.Is(err, broken) {
		t.Errorf("with an input that breaks: %v", err)
	}
	r, w := io.Pipe() // never ends
	defer w.Close()
	if err := c.Stream(t.Context(), "exit 0", r, nil, nil); err != nil {
		t.Errorf("a command that does not read: %v", err)
	}
}

func TestCommandsFailWithTheConnection(t *testing.T) {
	t.Parallel()
	c, s := dial(t, remote.Options{})
	s.abrupt.Store(true)
	_, err := c.Run(t.Context(), "true")
	if e, ok := errors.AsType[*remote.ExitError](err); !ok || e.Status != -1 {
		t.Errorf("a command without a status: %v", err)
	}
	c.Close()
	if _, err := c.Run(t.Context(), "true"); err == nil {
		t.Error("a command ran after Close")
	}
}

func TestKeepAliveFindsADeadHost(t *testing.T) {
	t.Parallel()
	c, s := dial(t, remote.Options{KeepAlive: 20 * time.Millisecond})
	s.silent.Store(true)
	_, err := c.Run(t.Context(), "exec sleep 20")
	if err == nil || !strings.Contains(err.Error(), "has not answered for 60ms") {
		t.Errorf("Run error = %v, want one that says that the host is silent", err)
	}
}

func TestKeepAliveKeepsALiveHost(t *testing.T) {
	t.Parallel()
	c, s := dial(t, remote.Options{KeepAlive: 150 * time.Millisecond})
	for range 4 {
		<-s.asked
	}
	if _, err := c.Run(t.Context(), "true"); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	c, _ := dial(t, remote.Options{})
	blob := data.NewBlob(data.New(1, t.Name()), 300_000)
	path := filepath.Join(t.TempDir(), "it's $(a) file")
	if err := c.WriteFile(t.Context(), path, blob.Reader(), 0o640); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o640 || info.Size() != blob.Size() {
		t.Errorf("file: %v, %v", info, err)
	}
	var got bytes.Buffer
	if err := c.ReadFile(t.Context(), path, &got); err != nil || int64(got.Len()) != blob.Size() {
		t.Errorf("ReadFile: %d bytes, %v", got.Len(), err)
	}

	broken := errors.New("bad disk")
	r := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))
	if err := c.WriteFile(t.Context(), path, r, 0o600); !errors.Is(err, broken) {
		t.Errorf("WriteFile of half a file: %v", err)
	}
	left, _ := os.ReadDir(filepath.Dir(path))
	if info, err := os.Stat(path); err != nil || info.Size() != blob.Size() || len(left) != 1 {
		t.Errorf("after half a file: %v, %v, %d files", info, err, len(left))
	}
	err = c.ReadFile(t.Context(), path+"-not", io.Discard)
	if err == nil || !strings.Contains(err.Error(), "No such file") {
		t.Errorf("ReadFile of what is not there: %v", err)
	}
	if err := c.WriteFile(t.Context(), path+"/below", blob.Reader(), 0o600); err == nil {
		t.Error("WriteFile below a file: no error")
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	c, _ := dial(t, remote.Options{})
	for _, o := range data.Odds() {
		if strings.Contains(o.Value, "\x00") { // no shell takes it
			continue
		}
		if out, err := c.Run(t.Context(), "printf %s "+remote.Quote(o.Value)); err != nil || out.Stdout != o.Value {
			t.Errorf("%s: %q came back as %q, %v", o.Name, o.Value, out.Stdout, err)
		}
	}
}
