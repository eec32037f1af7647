package gocmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test binary a go command when it is called "go".
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); strings.TrimSuffix(name, ".exe") == "go" {
		os.Exit(fakeGo(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeGo is a go command that does as it is told.
func fakeGo(args []string) int {
	switch args[0] {
	case "say":
		wd, _ := os.Getwd()
		fmt.Println(wd, os.Getenv("PWD"), os.Getenv("A"), os.Getenv("B"))
	case "fail":
		fmt.Println("some output")
		fmt.Fprintf(os.Stderr, "\ngo: first line\nsecond line\n\n")
		return 3
	case "flood":
		for range 5000 {
			fmt.Fprintln(os.Stderr, strings.Repeat("x", 1000))
		}
		fmt.Fprintln(os.Stderr, "the end")
		return 1
	case "wait", "stubborn":
		interrupts := make(chan os.Signal, 1)
		signal.Notify(interrupts, os.Interrupt)
		fmt.Println("ready")
		<-interrupts
		fmt.Println("interrupted")
		if args[0] == "stubborn" {
			<-interrupts // which never comes
		}
		return 1
	}
	return 0
}

// install puts the fake go command on the PATH.
func install(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := "go"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
		t.Skipf("needs symbolic links: %v", err)
	}
	t.Setenv("PATH", dir)
}

func TestDirectoryAndEnvironment(t *testing.T) {
	install(t)
	t.Setenv("A", "of the process")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		cmd  Cmd
		want string
	}{
		"inherited": {Cmd{}, "of the process"},
		"added to":  {Cmd{Extra: []string{"B=extra"}}, "of the process extra"},
		"overruled": {Cmd{Env: []string{"A=env", "B=env"}, Extra: []string{"B=extra"}}, "env extra"},
		"replaced":  {Cmd{Env: []string{"B=env"}}, " env"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.cmd.Args, tt.cmd.Dir = []string{"say"}, dir
			out, err := tt.cmd.Output(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.TrimSpace(string(out)), strings.TrimSpace(dir+" "+dir+" "+tt.want); got != want {
				t.Errorf("output = %q, want %q", got, want)
			}
		})
	}
}

func TestErrorHoldsStderr(t *testing.T) {
	install(t)
	out, err := Cmd{Args: []string{"fail", "x"}, Dir: t.TempDir()}.Output(t.Context())

	ge, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *Error", err)
	}
	if ge.Stderr != "go: first line\nsecond line" || ge.Args[1] != "x" || string(out) != "some output\n" {
		t.Errorf("error = %+v with output %q", ge, out)
	}
	if ee, ok := errors.AsType[*exec.ExitError](err); !ok || ee.ExitCode() != 3 {
		t.Errorf("cause = %v, want exit code 3", ge.Err)
	}
	if want := "go fail in " + ge.Dir + ": go: first line\nsecond line"; err.Error() != want {
		t.Errorf("error reads %q, want %q", err, want)
	}
}

func TestErrorBoundsStderr(t *testing.T) {
	install(t)
	_, err := Cmd{Args: []string{"flood"}}.Output(t.Context())

	ge, ok := errors.AsType[*Error](err)
	if !ok || len(ge.Stderr) > maxStderr || !strings.HasSuffix(ge.Stderr, "the end") {
		t.Errorf("error is %T with %d bytes, want at most %d and the end", err, len(ge.Stderr), maxStderr)
	}
}

func TestErrorSaysHowToGetGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Cmd{Args: []string{"version"}}.Output(t.Context())

	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("error = %v, want one that says to install Go", err)
	}
}

func TestEndOfContext(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs interrupts")
	}
	install(t)
	tests := map[string]struct {
		verb  string
		delay time.Duration
	}{
		"interrupts":                {"wait", time.Hour},
		"kills what does not end":   {"stubborn", time.Millisecond},
		"kills at once after delay": {"stubborn", time.Nanosecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			why := errors.New("changed our mind")
			ctx, cancel := context.WithCancelCause(t.Context())
			r, w := io.Pipe()
			done := make(chan error)
			go func() {
				done <- Cmd{Args: []string{tt.verb}, KillDelay: tt.delay}.Run(ctx, w)
				w.Close()
			}()
			out := bufio.NewScanner(r)
			if !out.Scan() || out.Text() != "ready" {
				t.Fatalf("output = %q, want ready", out.Text())
			}

			cancel(why)
			rest := make(chan string)
			go func() {
				var s string
				for out.Scan() {
					s += out.Text()
				}
				rest <- s
			}()

			if err := <-done; !errors.Is(err, why) {
				t.Errorf("error = %v, want the cause of the context", err)
			}
			if s := <-rest; tt.verb == "wait" && s != "interrupted" {
				t.Errorf("output = %q, want that it was interrupted before the kill", s)
			}
		})
	}
}
