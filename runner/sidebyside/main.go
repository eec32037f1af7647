// Command sidebyside runs the tests that tempest and Python Tempest both have
// on one cloud, and says what each tool found and what it cost:
//
//	.ci/realservices/with --package tempest --unchecked go run ./runner/sidebyside -write docs/comparison.md
//
// A test is the same when it has the same UUID. Each tool gets its own names of
// the same tests with --load-list, at each concurrency, in turn, as often as
// -repeat says. Printed is a page in Markdown: the verdicts, test by test where
// they differ; wall time, processor time and peak memory of the tool with all
// its processes; and the calls that each service answered.
//
// The services are those of .ci/realservices: their logs are what calls are
// counted in, the same way for both. Python Tempest is Debian's package. Linux
// only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	cloud       string // folder of the services
	python      string // the command of Python Tempest
	suites      []suite
	concurrency []int
	repeat      int
	write       string
	keep        string
}

// suite is a part of both inventories that is run by itself.
type suite struct {
	name   string // as printed
	python string // start of the names of Python Tempest's tests
}

func allSuites() []suite {
	return []suite{
		{"identity", "tempest.api.identity."},
		{"image", "tempest.api.image."},
		{"object store", "tempest.api.object_storage."},
		{"all three", "tempest.api."},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sidebyside:", err)
		os.Exit(1)
	}
}

// run is main without the process. The page goes to stdout, progress to stderr.
func run(ctx context.Context, stdout, stderr io.Writer, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "tempest-sidebyside-*"); err != nil {
			return fmt.Errorf("making a folder for the runs: %w", err)
		}
		defer os.RemoveAll(dir)
	}
	b, err := newBench(ctx, o, dir, stderr)
	if err != nil {
		return err
	}
	defer b.close()
	page, err := b.compare(ctx)
	if err != nil {
		return err
	}
	if o.write == "" {
		_, err = io.WriteString(stdout, page)
		return err
	}
	if err := os.WriteFile(o.write, []byte(page), 0o644); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// parse reads the flags.
func parse(args []string) (options, error) {
	var o options
	var suites, concurrency string
	flags := flag.NewFlagSet("sidebyside", flag.ContinueOnError)
	flags.StringVar(&o.cloud, "cloud", os.Getenv("REALSERVICES"), "`folder` of the services")
	flags.StringVar(&o.python, "python", "/usr/bin/tempest", "Python Tempest's `command`")
	flags.StringVar(&suites, "suites", "identity,image,object store,all three", "what to run")
	flags.StringVar(&concurrency, "concurrency", "1,2,4", "`numbers` of tests at once")
	flags.IntVar(&o.repeat, "repeat", 3, "`times` that all is run")
	flags.StringVar(&o.write, "write", "", "write the page to this `file`, not to standard output")
	flags.StringVar(&o.keep, "keep", "", "`folder` that keeps the output of each run (default: none is kept)")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if o.cloud == "" {
		return options{}, errors.New("no cloud: start me with .ci/realservices/with, or say -cloud FOLDER")
	}
	for name := range strings.SplitSeq(suites, ",") {
		found := false
		for _, s := range allSuites() {
			if s.name == name {
				o.suites = append(o.suites, s)
				found = true
			}
		}
		if !found {
			return options{}, fmt.Errorf("-suites: there is no %q", name)
		}
	}
	for text := range strings.SplitSeq(concurrency, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return options{}, fmt.Errorf("-concurrency: %q is no number of tests", text)
		}
		o.concurrency = append(o.concurrency, n)
	}
	if o.repeat < 1 {
		return options{}, errors.New("-repeat: once at least")
	}
	return o, nil
}

// tool is one of the two that are compared.
type tool interface {
	// list returns the name of each test that has a UUID, by UUID.
	list(ctx context.Context) (map[string][]string, error)
	// run runs the tests that the file names, one a line, n at once. The log
	// gets what the tool prints.
	run(ctx context.Context, loadList, log string, n int) (result, error)
}

// result is what one run of a tool gave.
type result struct {
	verdicts map[string]string // by name; pass, fail, skip or, where there is none, lost
	usage    usage
	calls    map[string]int // by service
}

// bench holds what the runs share.
type bench struct {
	options
	dir      string
	progress io.Writer
	counter  counter
	ours     *goTool
	theirs   *pythonTool
}

func newBench(ctx context.Context, o options, dir string, progress io.Writer) (*bench, error) {
	ports, err := readPorts(filepath.Join(o.cloud, "ports"))
	if err != nil {
		return nil, err
	}
	ours, err := newGoTool(ctx, dir)
	if err != nil {
		return nil, err
	}
	theirs, err := newPythonTool(ctx, o.python, filepath.Join(dir, "python"), ports)
	if err != nil {
		return nil, err
	}
	return &bench{
		options: o, dir: dir, progress: progress, ours: ours, theirs: theirs,
		counter: newCounter(filepath.Join(o.cloud, "log")),
	}, nil
}

func (b *bench) close() { b.theirs.close() }

// compare makes all runs and returns the page.
func (b *bench) compare(ctx context.Context) (string, error) {
	lists, err := b.inventory(ctx)
	if err != nil {
		return "", err
	}
	p := page{started: time.Now().UTC(), repeat: b.repeat, versions: b.versions(ctx)}
	for _, s := range b.suites {
		pairs := pair(lists.ours, lists.theirs, s.python)
		c := newComparison(s.name, pairs)
		if err := b.runSuite(ctx, &c, pairs); err != nil {
			return "", err
		}
		p.suites = append(p.suites, c)
	}
	return p.markdown(), nil
}

// runSuite runs one suite with both tools as often as asked for.
func (b *bench) runSuite(ctx context.Context, c *comparison, pairs pairing) error {
	if len(pairs.both) == 0 {
		return fmt.Errorf("%s: the tools have no test in common", c.name)
	}
	files, err := b.writeLists(c.name, pairs)
	if err != nil {
		return err
	}
	// Once without a measurement: what is built and linked for it is kept.
	warm, err := b.one(ctx, b.ours, c.name, files.ours, "warm", 4)
	if err != nil {
		return err
	}
	c.build = warm.usage.Kinds[kindBuild]
	for i := range b.repeat {
		for _, n := range b.concurrency {
			for _, t := range []struct {
				name string
				tool tool
				list string
			}{{toolOurs, b.ours, files.ours}, {toolTheirs, b.theirs, files.theirs}} {
				r, err := b.one(ctx, t.tool, c.name, t.list, fmt.Sprintf("%s-%d-%d", t.name, n, i+1), n)
				if err != nil {
					return err
				}
				c.add(t.name, n, r)
			}
		}
	}
	return nil
}

// one makes one run and says so.
func (b *bench) one(ctx context.Context, t tool, suite, list, label string, n int) (result, error) {
	log := filepath.Join(b.dir, strings.ReplaceAll(suite, " ", "-")+"-"+label+".log")
	before, err := b.counter.mark()
	if err != nil {
		return result{}, err
	}
	r, err := t.run(ctx, list, log, n)
	if err != nil {
		return result{}, err
	}
	if r.calls, err = b.counter.since(ctx, before); err != nil {
		return result{}, err
	}
	fmt.Fprintf(b.progress, "%s %s %s: %s, wall %.1f s, CPU %.1f s %v, %d MiB, calls %v\n",
		time.Now().UTC().Format(time.TimeOnly), suite, label, tally(r.verdicts), r.usage.Wall.Seconds(),
		r.usage.CPU.Seconds(), r.usage.Kinds, r.usage.Peak>>20, r.calls)
	return r, nil
}
