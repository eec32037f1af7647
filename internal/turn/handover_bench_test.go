//go:build unix

package turn

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkHandOver measures how near tests of several processes, which do nothing but wait, come to the best possible
// schedule: as long as the longest, or as all of them together divided by those in flight. Repeat it with
//
//	go test -run='^$' -bench=HandOver -benchtime=1x ./internal/turn
//
// known-ratio is the time to that bound when the queue knows how long tests take, unknown-ratio when it does not.
// overtaken is how long a test of unknown-ratio waited at most behind those that came later, in tests of mean length:
// their number, divided by those in flight. cpu-µs is the processor time of a hand-over, with the start of the
// processes. Wanted of known-ratio: 1.10 or less.
func BenchmarkHandOver(b *testing.B) {
	for _, l := range []load{
		{tests: 800, packages: 20, mean: 30 * time.Millisecond},
		{tests: 200, packages: 20, mean: 200 * time.Millisecond},
		{tests: 1600, packages: 40, mean: 40 * time.Millisecond},
	} {
		b.Run(fmt.Sprintf("tests=%d/mean=%v", l.tests, l.mean), func(b *testing.B) {
			for b.Loop() {
				known, cpu, _ := l.run(b, "known")
				unknown, _, overtaken := l.run(b, "unknown")
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(known.Seconds()/l.bound().Seconds(), "known-ratio")
				b.ReportMetric(unknown.Seconds()/l.bound().Seconds(), "unknown-ratio")
				b.ReportMetric(float64(overtaken)/inFlight, "overtaken")
				b.ReportMetric(float64(cpu.Microseconds())/float64(l.tests), "cpu-µs")
			}
		})
	}
}

// load is tests of several packages, each with a process of its own.
type load struct {
	tests, packages int
	mean            time.Duration
}

const inFlight = 8

// times is how long each test takes, the same in each run: a tenth of them ten times as long as the others.
func (l load) times() []time.Duration {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nobody must not guess it
	list := make([]time.Duration, l.tests)
	sum := 0.0
	for i := range list {
		d := math.Exp(random.NormFloat64() / 2)
		if random.IntN(10) == 0 {
			d *= 10
		}
		list[i] = time.Duration(d * float64(time.Second))
		sum += d
	}
	for i := range list {
		list[i] = time.Duration(float64(list[i]) / sum * float64(l.tests) * l.mean.Seconds())
	}
	return list
}

func (l load) bound() time.Duration {
	var sum, longest time.Duration
	for _, d := range l.times() {
		sum, longest = sum+d, max(longest, d)
	}
	return max(longest, sum/inFlight)
}

// order is that of the packages: as tempest starts them, those first whose tests take longest together, if that is
// known.
func (l load) order(takes string) []int {
	sums, order := make([]time.Duration, l.packages), make([]int, l.packages)
	for i, d := range l.times() {
		sums[i%l.packages] += d
	}
	for i := range order {
		order[i] = i
	}
	if takes == "known" {
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(sums[b], sums[a]) })
	}
	return order
}

// run runs the packages, as many at a time as tests, like a run of tempest. It returns how long they took, from the
// first that asked to the last that ended, what they took of the processors, and how many overtook a test.
func (l load) run(b *testing.B, takes string) (wall, cpu time.Duration, overtaken int) {
	b.Helper()
	dir := b.TempDir()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var asked []times
	places := make(chan struct{}, inFlight)
	for _, i := range l.order(takes) {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			cmd := exec.CommandContext(b.Context(), self, "-test.run=^TestHandOverProcess$", "-test.v")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d %d %d",
				loadVariable, dir, takes, i, l.tests, l.packages, l.mean))
			out, err := cmd.Output()
			if err != nil {
				b.Errorf("process %d: %v\n%s", i, err, out)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			cpu += cmd.ProcessState.SystemTime() + cmd.ProcessState.UserTime()
			asked = append(asked, parseTimes(string(out))...)
		})
	}
	all.Wait()
	if len(asked) != l.tests {
		b.Fatalf("%d tests ran, want %d", len(asked), l.tests)
	}
	slices.SortFunc(asked, func(a, b times) int { return a.asked.Compare(b.asked) })
	first, last := asked[0].asked, asked[0].ended
	for _, t := range asked {
		last = maxTime(last, t.ended)
	}
	return last.Sub(first), cpu, mostOvertaken(asked, l.mean/3)
}

// times are those of one test.
type times struct{ asked, began, ended time.Time }

const timesFormat = "asked %d began %d ended %d\n"

func parseTimes(output string) []times {
	var list []times
	for line := range strings.Lines(output) {
		var asked, began, ended int64
		if n, _ := fmt.Sscanf(line, timesFormat, &asked, &began, &ended); n == 3 {
			list = append(list, times{time.Unix(0, asked), time.Unix(0, began), time.Unix(0, ended)})
		}
	}
	return list
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// mostOvertaken is how many of the tests, sorted by when they asked, began before one that had asked earlier, at most.
// Those that asked within a time have asked together.
func mostOvertaken(asked []times, together time.Duration) int {
	most := 0
	for i, t := range asked {
		n := 0
		for _, later := range asked[i+1:] {
			if later.began.Before(t.began) && later.asked.Sub(t.asked) > together {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// loadVariable tells a process of the benchmark what to do.
const loadVariable = "TURN_LOAD"

// TestHandOverProcess is one process of [BenchmarkHandOver].
func TestHandOverProcess(t *testing.T) {
	var l load
	var dir, takes string
	var index int
	spec := os.Getenv(loadVariable)
	if spec == "" {
		t.Skip("run by BenchmarkHandOver, in processes of its own")
	}
	if _, err := fmt.Sscan(spec, &dir, &takes, &index, &l.tests, &l.packages, (*int64)(&l.mean)); err != nil {
		t.Fatal(err)
	}
	q := New(Options{Slots: inFlight, SlotDir: dir, LockDir: dir})
	var all sync.WaitGroup
	var mu sync.Mutex
	for i, d := range l.times() {
		if i%l.packages != index {
			continue
		}
		want := Want{}
		if takes == "known" {
			want.Takes = d
		}
		all.Go(func() {
			asked := time.Now()
			h, err := q.Take(t.Context(), want)
			if err != nil {
				t.Error(err)
				return
			}
			began := time.Now()
			<-time.After(d)
			ended := time.Now()
			h.Give()
			mu.Lock()
			defer mu.Unlock()
			fmt.Printf(timesFormat, asked.UnixNano(), began.UnixNano(), ended.UnixNano())
		})
	}
	all.Wait()
}
