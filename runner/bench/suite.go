package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// suite is a call of go test for benchmarks, and what of their metrics is wanted.
type suite struct {
	folder, pattern, rounds string
	metrics                 []metric
}

// metric is a figure that a benchmark prints.
type metric struct {
	benchmark, unit string
	figure          figure // without its value
}

// suites are the benchmarks of the module that compare. Their comments say what they measure.
func suites() []suite {
	return []suite{
		{"./cmd/tempest", "AgainstGoTest", "3x", []metric{
			{"AgainstGoTest/warm/packages=1", "ratio", figure{what: "warm run of 1 package, beside go test", limit: 1}},
			{"AgainstGoTest/warm/packages=20", "ratio", figure{what: "warm run of 20 packages", limit: 0.15}},
			{"AgainstGoTest/warm/packages=60", "ratio", figure{what: "warm run of 60 packages", limit: 0.15}},
			{"AgainstGoTest/one/packages=20", "ratio", figure{what: "run of 20 packages, of which one has changed"}},
			{"AgainstGoTest/cold/packages=1", "ratio", figure{what: "cold run of 1 package"}},
			{"AgainstGoTest/cold/packages=20", "ratio", figure{what: "cold run of 20 packages", limit: 1.05}},
			{"AgainstGoTest/cold/packages=60", "ratio", figure{what: "cold run of 60 packages", limit: 1.05}},
		}},
		{"./cmd/tempest", "StartUp", "10x", []metric{
			{"StartUp", "extra-ms", figure{what: "start-up, beyond go test's", unit: "ms", limit: 500}},
		}},
		{"./cmd/tempest", "Makespan", "1x", []metric{
			{"Makespan/tests=200", "known-ratio", figure{what: "order of 200 tests, beside the bound", limit: 1.10}},
			{"Makespan/tests=200", "unknown-ratio", figure{what: "order of 200 tests whose times are not known"}},
			{"Makespan/tests=800", "known-ratio", figure{what: "order of 800 short tests, 30 ms"}},
			{"Makespan/tests=1600", "known-ratio", figure{what: "order of 1,600 tests", limit: 1.10}},
			{"Makespan/tests=1600", "unknown-ratio", figure{what: "order of 1,600 tests whose times are not known"}},
		}},
		{"./discover", "FindBesideGoList", "3x", []metric{
			{"FindBesideGoList/modules=50", "ratio", figure{what: "discovery among 50 modules, beside go list -m"}},
			{"FindBesideGoList/modules=500", "ratio", figure{what: "discovery among 500 modules"}},
			{"FindBesideGoList/modules=5000", "ratio", figure{what: "discovery among 5,000 modules"}},
			{"FindBesideGoList/modules=5000", "beyond-ms", figure{
				what: "discovery among 5,000 modules, beyond go list -m", unit: "ms", limit: 500,
			}},
		}},
	}
}

// benchmarks runs all suites and keeps their figures. A benchmark that does not say what it should is an error.
func (m *measurer) benchmarks(ctx context.Context) error {
	for _, s := range suites() {
		measured, err := m.bench(ctx, s)
		if err != nil {
			return err
		}
		for _, want := range s.metrics {
			value, ok := measured[want.benchmark+" "+want.unit]
			if !ok {
				return fmt.Errorf("benchmark %s of %s printed no %s", want.benchmark, s.folder, want.unit)
			}
			want.figure.value = value
			m.add(want.figure)
		}
	}
	return nil
}

// bench runs one suite, shows what it prints, and returns its metrics by the names of the benchmark and the unit.
func (m *measurer) bench(ctx context.Context, s suite) (map[string]float64, error) {
	args := []string{"test", "-run=^$", "-bench=" + s.pattern, "-benchtime=" + s.rounds, "-timeout=60m", s.folder}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	measured := parseBenchmarks(io.TeeReader(out, m.w))
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return measured, nil
}

// parseBenchmarks reads what go test -bench prints: for each benchmark its name, how often it ran, and pairs of a
// value and a unit.
func parseBenchmarks(r io.Reader) map[string]float64 {
	measured := make(map[string]float64)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(words[0], "Benchmark")
		if i := strings.LastIndex(name, "-"); i > 0 { // the number of processors
			name = name[:i]
		}
		for i := 2; i+1 < len(words); i += 2 {
			if v, err := strconv.ParseFloat(words[i], 64); err == nil {
				measured[name+" "+words[i+1]] = v
			}
		}
	}
	return measured
}
