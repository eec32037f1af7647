// Command bench measures what reading test events costs tempest, beside what it
// costs gotestsum, on the same streams, in the same run:
//
//	go run ./runner/bench
//
// It replays streams of `go test -json`: a hundred thousand and a million tests that
// pass, and one test that prints 500 MB and fails. Each is read by gotestsum v1.13.0, built
// from the module cache, with a JUnit file written; and by the collector, with
// the screen in the same format and JUnit and JSON files written, and all tests
// planned. Printed are peak memory (the resident set of the process, as the
// system counts it), processor time (user and system), and the ratio. The exit
// code is 1 when a limit is passed:
//
//   - a million passing tests: 450 MB, and 1.3 times gotestsum's processor time;
//   - one of a million tests: 1.3 times the processor time of one of a tenth as many;
//   - a failing test that prints 500 MB: 100 MB.
//
// Smaller streams are for trying things out: -tests 100000 -print 50.
//
// With -all it measures before that what the benchmarks of the module compare: a run with `go test`, cold and
// warm, the start-up, the order of tests with the best one, and discovery with `go list`; -write FILE makes a page of
// it all. That takes a quarter of an hour of a machine that does nothing else.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/gocmd"
)

const (
	megabyte = 1 << 20

	passingMemory = 450 * megabyte
	printMemory   = 100 * megabyte
	passingCPU    = 1.3 // of gotestsum's
	flatCPU       = 1.3 // of what one of a tenth as many tests costs
)

// options are the flags.
type options struct {
	tests, packages int
	print           int // MB
	format          string
	all             bool
	page            string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	exit := run(ctx, os.Stdout, os.Args[1:])
	stop()
	os.Exit(exit)
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, w io.Writer, args []string) int {
	if len(args) > 0 && args[0] == replayCommand {
		return code(replay(os.Stdin, args[1:]))
	}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.tests, "tests", 1_000_000, "passing tests")
	flags.IntVar(&o.packages, "packages", 100, "packages that the passing tests are in")
	flags.IntVar(&o.print, "print", 500, "`MB` that the failing test prints")
	flags.StringVar(&o.format, "format", "testname", "format of the screen")
	flags.BoolVar(&o.all, "all", false, "run the benchmarks of the module, too")
	flags.StringVar(&o.page, "write", "", "make the page `FILE`; implies -all")
	if flags.Parse(args) != nil {
		return 2
	}
	o.all = o.all || o.page != ""
	ok, err := measureAll(ctx, w, o)
	if err == nil && !ok {
		return 1
	}
	return code(err)
}

func code(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
	return 0
}

// measureAll prints a line for each measurement. It returns false when a limit
// was passed.
func measureAll(ctx context.Context, w io.Writer, o options) (bool, error) {
	dir, err := os.MkdirTemp("", "tempest-bench-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir) // temporary
	m := measurer{dir: dir, w: w, o: o}
	if o.all {
		if err := m.benchmarks(ctx); err != nil {
			return false, err
		}
	}
	if err := m.events(ctx); err != nil {
		return false, err
	}
	if o.page != "" {
		if err := os.WriteFile(o.page, []byte(m.markdown(time.Now())), 0o644); err != nil { //nolint:gosec // a document
			return false, err
		}
	}
	return m.good(), nil
}

// events measures what reading them costs.
func (m *measurer) events(ctx context.Context) error {
	var err error
	if m.gotestsum, err = buildGotestsum(ctx, m.dir); err != nil {
		return err
	}
	if m.self, err = os.Executable(); err != nil {
		return err
	}
	if err := m.passing(ctx); err != nil {
		return err
	}
	printing, err := m.stream("printing", func(w io.Writer) { writePrinting(w, m.o.print*megabyte) })
	if err != nil {
		return err
	}
	_, err = m.compare(ctx, fmt.Sprintf("one failing test, %d MB of output", m.o.print), printing, printMemory, 0)
	return err
}

// passing measures tests that pass, a tenth of them and then all, and what one of them costs.
func (m *measurer) passing(ctx context.Context) error {
	var each []time.Duration // processor time of one test
	for _, tests := range []int{m.o.tests / 10, m.o.tests} {
		stream, err := m.stream("passing", func(w io.Writer) { writePassing(w, m.o.packages, tests) })
		if err != nil {
			return err
		}
		ours, err := m.compare(ctx, fmt.Sprintf("%d passing tests", tests), stream, passingMemory, passingCPU)
		if err != nil {
			return err
		}
		each = append(each, ours.cpu/time.Duration(max(1, tests)))
	}
	growth := each[1].Seconds() / each[0].Seconds()
	fmt.Fprintf(m.w, "one test: %v of %d, %v of %d, ratio %.2f\n", each[0], m.o.tests/10, each[1], m.o.tests, growth)
	m.add(figure{
		fmt.Sprintf("processor time for each event, %d tests beside %d", m.o.tests, m.o.tests/10), growth, "", flatCPU,
	})
	return nil
}

// buildGotestsum builds gotestsum's command as its own module has it.
func buildGotestsum(ctx context.Context, dir string) (string, error) {
	const module = "gotest.tools/gotestsum"
	src, err := gocmd.Cmd{Args: []string{"list", "-m", "-f", "{{.Dir}}", module}}.Output(ctx)
	if err != nil {
		return "", err
	}
	exe := filepath.Join(dir, "gotestsum.exe") // the suffix does no harm elsewhere
	_, err = gocmd.Cmd{Args: []string{"build", "-o", exe, "."}, Dir: strings.TrimSpace(string(src))}.Output(ctx)
	return exe, err
}

type measurer struct {
	dir, self, gotestsum string
	w                    io.Writer
	o                    options
	figures              []figure
}

// stream writes a stream to a file.
func (m *measurer) stream(name string, write func(io.Writer)) (string, error) {
	path := filepath.Join(m.dir, name+".jsonl")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	b := bufio.NewWriterSize(f, megabyte)
	write(b)
	if err := b.Flush(); err != nil {
		return "", err
	}
	return path, f.Close()
}

// compare measures both on one stream, and returns what ours used. A limit of 0 is none.
func (m *measurer) compare(
	ctx context.Context, what, stream string, memory int64, cpu float64,
) (ours usage, err error) {
	fmt.Fprintf(m.w, "%s, format %s:\n", what, m.o.format)
	theirs, err := m.measure(ctx, "", m.gotestsum, "--format", m.o.format, "--no-color",
		"--junitfile", filepath.Join(m.dir, "gotestsum.xml"), "--raw-command", "--", "cat", stream)
	if err != nil {
		return usage{}, fmt.Errorf("gotestsum: %w", err)
	}
	m.print("gotestsum", theirs)
	ours, err = m.measure(ctx, stream, m.self, replayCommand, m.o.format, m.dir, stream)
	if err != nil {
		return usage{}, fmt.Errorf("tempest: %w", err)
	}
	m.print("tempest", ours)
	ratio := ours.cpu.Seconds() / theirs.cpu.Seconds()
	fmt.Fprintf(m.w, "  ratio      %7.2f of the memory   %7.2f of the time\n",
		float64(ours.memory)/float64(theirs.memory), ratio)
	m.add(figure{what + ": peak memory", float64(ours.memory) / megabyte, "MB", float64(memory / megabyte)})
	m.add(figure{what + ": processor time beside gotestsum's", ratio, "", cpu})
	return ours, nil
}

func (m *measurer) print(who string, u usage) {
	fmt.Fprintf(m.w, "  %-10s %7d MB peak          %7.2f s processor   %6.2f s\n",
		who, u.memory/megabyte, u.cpu.Seconds(), u.wall.Seconds())
}

// usage is what a process used.
type usage struct {
	memory    int64 // bytes
	cpu, wall time.Duration
}

// measure runs a command whose screen nobody looks at. Through stdin it is given
// the stream by another process, as `go test` would, if stdin is not empty.
func (m *measurer) measure(ctx context.Context, stdin, name string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "GOVERSION=go") // or gotestsum runs the go command
	cmd.Stderr = os.Stderr
	if stdin != "" {
		cat := exec.CommandContext(ctx, "cat", stdin)
		pipe, err := cat.StdoutPipe()
		if err != nil {
			return usage{}, err
		}
		cmd.Stdin = pipe.(*os.File)
		if err := cat.Start(); err != nil {
			return usage{}, err
		}
		defer cat.Wait() //nolint:errcheck // its reader says what went wrong
	}
	start := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(start)}
	if cmd.ProcessState == nil {
		return u, err
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.memory = peak(cmd.ProcessState)
	return u, err
}
