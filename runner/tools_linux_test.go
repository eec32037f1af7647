package runner

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// tools starts tools through the script of a run, with pipes to see and to end them.
type tools struct {
	dir    string
	shell  string
	script string
	seen   *bufio.Reader // the name of each tool that begins
	end    *os.File      // a line lets one end that has no arguments
}

func newTools(t *testing.T, o Options) *tools {
	t.Helper()
	p := &tools{dir: t.TempDir(), shell: shell, script: o.Folder.toolScript()}
	if err := writeToolScript(o); err != nil {
		t.Fatal(err)
	}
	seen, end := openPipe(t, filepath.Join(p.dir, "seen")), openPipe(t, filepath.Join(p.dir, "end"))
	p.seen, p.end = bufio.NewReader(seen), end
	const tool = "#!/bin/sh\ncd \"${0%/*}\"\necho \"${0##*/}\" 1<>seen\n[ -n \"$1\" ] || read -r line <end\nexit 3\n"
	for _, name := range []string{"compile", "vet"} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(tool), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	return p
}

func openPipe(t *testing.T, path string) *os.File {
	t.Helper()
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// start starts a tool as the go command does.
func (p *tools) start(t *testing.T, tool string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.shell, append([]string{p.script, filepath.Join(p.dir, tool)}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// begun waits for the next tool that begins.
func (p *tools) begun(t *testing.T) string {
	t.Helper()
	line, err := p.seen.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// endOne lets one of the tools end.
func (p *tools) endOne(t *testing.T) {
	t.Helper()
	if _, err := p.end.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
}

// options are those of a run with more workers than processors.
func options(t *testing.T) Options {
	t.Helper()
	folder, err := KeepFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Folder: folder, Self: []string{"/bin/false"}, LinkCache: t.TempDir(), Concurrency: runtime.GOMAXPROCS(0) + 1,
	}
}

func TestNoMoreCompilersThanProcessors(t *testing.T) {
	t.Parallel()
	o := options(t)
	n := o.builds()
	if n != runtime.GOMAXPROCS(0) {
		t.Fatalf("%d at the same time, want as many as there are processors", n)
	}
	builds, err := openBuilds(o.Folder.builds(), n)
	if err != nil {
		t.Fatal(err)
	}
	defer builds.Close()
	p := newTools(t, o)

	var compilers []*exec.Cmd
	for range 3 * n {
		compilers = append(compilers, p.start(t, "compile"))
	}
	for range n {
		p.begun(t)
	}
	if got := buffered(t, builds); got != 0 {
		t.Errorf("%d places are free while %d compilers work", got, n)
	}
	others := []*exec.Cmd{p.start(t, "vet", "-x"), p.start(t, "compile", "-V=full")} // what does not build need not wait
	for range others {
		p.begun(t)
	}
	for range len(compilers) - n {
		p.endOne(t)
		p.begun(t)
	}
	for range n {
		p.endOne(t)
	}
	for _, cmd := range append(compilers, others...) {
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("%v: %v, want the exit status of the tool, 3", cmd.Args, err)
		}
	}
	if got := buffered(t, builds); got != n {
		t.Errorf("%d places were given back, want %d", got, n)
	}
}

// buffered returns how many bytes are in a pipe.
func buffered(t *testing.T, pipe *os.File) int {
	t.Helper()
	n, err := unix.IoctlGetInt(int(pipe.Fd()), unix.TIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Nothing waits for a tempest that is gone, whatever sh is.
func TestCompilersDoNotOutwaitTempest(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sh", "ash", "bash", "dash", "ksh", "mksh"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skip(err)
			}
			endWithoutTempest(t, path)
		})
	}
}

func endWithoutTempest(t *testing.T, shell string) {
	t.Helper()
	o := options(t)
	builds, err := openBuilds(o.Folder.builds(), 1)
	if err != nil {
		t.Fatal(err)
	}
	p := newTools(t, o)
	p.shell = shell
	compilers := []*exec.Cmd{p.start(t, "compile"), p.start(t, "compile"), p.start(t, "compile")}
	p.begun(t)

	if err := builds.Close(); err != nil {
		t.Fatal(err)
	}

	p.begun(t)
	p.begun(t)
	for range compilers {
		p.endOne(t)
	}
	for _, cmd := range compilers {
		_ = cmd.Wait() // its exit status is 3
	}
}

// A dry run has no tempest, and nobody to give places.
func TestWithoutTempestCompilersRunAtOnce(t *testing.T) {
	t.Parallel()
	p := newTools(t, options(t))
	cmd := p.start(t, "compile")
	p.begun(t)
	p.endOne(t)
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("exit status %d, want that of the tool, 3", cmd.ProcessState.ExitCode())
	}
}

func TestFewPackagesInFlightNeedNoPlaces(t *testing.T) {
	t.Parallel()
	o := options(t)
	for _, change := range []func(*Options){
		func(o *Options) { o.Concurrency = runtime.GOMAXPROCS(0) },
		func(o *Options) { o.Serial = true },
		func(o *Options) { o.LinkCache = "" },
	} {
		o := o
		change(&o)
		if n := o.builds(); n != 0 {
			t.Errorf("%+v: %d places, want none", o, n)
		}
	}
}
