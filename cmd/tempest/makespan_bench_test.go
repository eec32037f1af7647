package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkMakespan measures how near a parallel run comes to the best possible schedule, which takes as
// long as the longest test, or as all tests together divided by those in flight. The tests wait for as long as
// tests of a cloud take: a tenth of them ten times as long as the others. Repeat it with
//
//	go test -run='^$' -bench=Makespan -benchtime=1x ./cmd/tempest
//
// known-ratio is with the times of an earlier run, unknown-ratio without; both are of the whole run, with its start and
// its end. overhead-ms is how long the run takes when no test waits. Wanted of known-ratio: 1.10 or less.
// BenchmarkHandOver in internal/turn measures the hand-over of places alone.
func BenchmarkMakespan(b *testing.B) {
	tempest := filepath.Join(b.TempDir(), "tempest")
	command(b, ".", "go", "build", "-o", tempest, ".")
	b.Setenv("XDG_CACHE_HOME", b.TempDir())
	b.Setenv("GOCACHE", output(b, "go", "env", "GOCACHE"))
	for _, o := range []schedule{
		{tests: 200, packages: 20, mean: 400 * time.Millisecond},
		{tests: 800, packages: 20, mean: 30 * time.Millisecond},
		{tests: 1600, packages: 40, mean: 150 * time.Millisecond},
	} {
		b.Run(fmt.Sprintf("tests=%d", o.tests), func(b *testing.B) { o.measure(b, tempest) })
	}
}

// schedule is tests that wait.
type schedule struct {
	tests, packages int
	mean            time.Duration
}

const (
	inFlight = 8
	scale    = "BENCH_SCALE" // 0 lets no test wait
)

func (o schedule) measure(b *testing.B, tempest string) {
	b.Helper()
	dir := b.TempDir()
	times := o.times()
	bound := o.generate(b, dir, times)
	o.seed(b, filepath.Join(dir, "times.json"), times)
	run := func(factor, file string) time.Duration {
		b.Setenv(scale, factor)
		return command(b, dir, tempest, "run", "--no-color", "-w", fmt.Sprint(inFlight), "--timings", file, "./...")
	}
	run("0", "none.json") // builds
	var overhead, known, unknown time.Duration
	for b.Loop() {
		known += run("1", "times.json")
		if err := os.Remove(filepath.Join(dir, "none.json")); err != nil {
			b.Fatal(err)
		}
		unknown += run("1", "none.json")
		overhead += run("0", "none.json")
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(known.Seconds()/n/bound.Seconds(), "known-ratio")
	b.ReportMetric(unknown.Seconds()/n/bound.Seconds(), "unknown-ratio")
	b.ReportMetric(overhead.Seconds()*1000/n, "overhead-ms")
	b.ReportMetric(bound.Seconds()*1000, "bound-ms")
}

// times is how long each test waits, the same in each run.
func (o schedule) times() []time.Duration {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nobody must not guess it
	list := make([]time.Duration, o.tests)
	for i := range list {
		d := o.mean.Seconds() * math.Exp(random.NormFloat64()/2)
		if random.IntN(10) == 0 {
			d *= 10
		}
		list[i] = time.Duration(d * float64(time.Second))
	}
	return list
}

// generate writes the packages and returns how long a run of them takes at least.
func (o schedule) generate(b *testing.B, dir string, times []time.Duration) time.Duration {
	b.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		b.Fatal(err)
	}
	mainModule(b, dir)
	command(b, dir, "go", "mod", "edit", "-require", "github.com/gotempest/tempest@v0.0.0",
		"-replace", "github.com/gotempest/tempest="+root)
	var sum, longest time.Duration
	text := make([]strings.Builder, o.packages)
	for i, d := range times {
		sum, longest = sum+d, max(longest, d)
		fmt.Fprintf(&text[i%o.packages], "\nfunc TestT%d(t *testing.T) {\n\ttestlib.Start(t)\n"+
			"\tif os.Getenv(%q) != \"0\" {\n\t\t<-time.After(%d)\n\t}\n}\n", i, scale, d)
	}
	for p := range text {
		const head = "//go:build tempest\n\npackage p\n\nimport (\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n\n" +
			"\t\"github.com/gotempest/tempest/testlib\"\n)\n"
		write(b, filepath.Join(dir, fmt.Sprintf("p%d", p), "p_test.go"), head+text[p].String())
	}
	return max(longest, sum/inFlight)
}

// seed writes the file of timings that a run of the tests would leave.
func (o schedule) seed(b *testing.B, file string, times []time.Duration) {
	b.Helper()
	tests := map[string]any{}
	for i, d := range times {
		tests[fmt.Sprintf("bench/p%d.TestT%d", i%o.packages, i)] = map[string]any{"seconds": d.Seconds(), "seen": time.Now()}
	}
	data, err := json.Marshal(map[string]any{"version": 1, "tests": tests})
	if err != nil {
		b.Fatal(err)
	}
	write(b, file, string(data))
}
