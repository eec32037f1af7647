package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/gotestsum/testjson"
)

// The streams are what gotestsum reads too: as many tests, all with a result.
func TestStreams(t *testing.T) {
	var passing, printing bytes.Buffer
	writePassing(&passing, 3, 100)
	writePrinting(&printing, 1<<20)

	for _, tt := range []struct {
		name            string
		stream          *bytes.Buffer
		passed, failed  int
		packages, bytes int
	}{
		{"passing", &passing, 100, 0, 3, 0},
		{"printing", &printing, 0, 1, 1, 1 << 20},
	} {
		x, err := testjson.ScanTestOutput(testjson.ScanConfig{Stdout: bytes.NewReader(tt.stream.Bytes())})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		passed := 0
		for _, p := range x.Packages() {
			passed += len(x.Package(p).Passed)
		}
		if passed != tt.passed || len(x.Failed()) != tt.failed || len(x.Packages()) != tt.packages {
			t.Errorf("%s: %d passed, %d failed, %d packages", tt.name, passed, len(x.Failed()), len(x.Packages()))
		}
		printed := 0
		for _, c := range x.Failed() {
			printed += len(strings.Join(x.OutputLines(c), ""))
		}
		if printed < tt.bytes {
			t.Errorf("%s: %d bytes printed, want %d", tt.name, printed, tt.bytes)
		}
	}
}

// What is measured does the work: every test is in both files.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stream.jsonl")
	var stream bytes.Buffer
	writePassing(&stream, 3, 100)
	if err := os.WriteFile(path, stream.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	if err := replay(&stream, []string{"none", dir, path}); err != nil {
		t.Fatal(err)
	}

	for file, mark := range map[string]string{"tempest.xml": "<testcase ", "tempest.jsonl": `"status":"passed"`} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), mark); n != 100 {
			t.Errorf("%s has %d tests, want 100", file, n)
		}
	}
}

func TestUnknownFlag(t *testing.T) {
	var b bytes.Buffer
	if got := run(t.Context(), &b, []string{"-tests", "many"}); got != 2 {
		t.Errorf("exit code = %d, want 2", got)
	}
}

func TestParseBenchmarks(t *testing.T) {
	got := parseBenchmarks(strings.NewReader(`goos: linux
BenchmarkAgainstGoTest/warm/packages=20-2  	  2	 -1842 extra-ms	  2302 gotest-ms	  0.1997 ratio
BenchmarkStartUp-16  10  -244.5 extra-ms
BenchmarkBroken-2
--- FAIL: BenchmarkBroken-2
PASS
`))
	want := map[string]float64{
		"AgainstGoTest/warm/packages=20 extra-ms":  -1842,
		"AgainstGoTest/warm/packages=20 gotest-ms": 2302,
		"AgainstGoTest/warm/packages=20 ratio":     0.1997,
		"StartUp extra-ms":                         -244.5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// A benchmark that was renamed would be missed only after a quarter of an hour.
func TestSuitesNameBenchmarksThatExist(t *testing.T) {
	for _, s := range suites() {
		files, err := filepath.Glob(filepath.Join("..", "..", s.folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool {
			text, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(text), "\nfunc Benchmark"+s.pattern+"(b *testing.B)")
		}) {
			t.Errorf("%s has no Benchmark%s", s.folder, s.pattern)
		}
		for _, m := range s.metrics {
			if name, _, _ := strings.Cut(m.benchmark, "/"); name != s.pattern {
				t.Errorf("%s is not among what -bench=%s runs", m.benchmark, s.pattern)
			}
		}
	}
}

func TestPage(t *testing.T) {
	var said bytes.Buffer
	m := &measurer{w: &said}
	m.add(figure{"held", 0.123, "", 0.15})
	m.add(figure{"free", 2.5, "", 0})
	if !m.good() || said.Len() > 0 {
		t.Errorf("limits hold: %v, %q; want so", m.good(), &said)
	}
	m.add(figure{"passed", 612.4, "ms", 500})
	if m.good() || !strings.Contains(said.String(), "over the limit of 500 ms: passed") {
		t.Errorf("limits hold: %v, %q; want that one does not", m.good(), &said)
	}
	page := m.markdown(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	for _, line := range []string{
		"| held | 0.12 | 0.15 or less |", "| free | 2.50 |  |", "| passed | 612 ms | 500 ms or less, **not reached** |",
		"Measured 2 January 2026, 03:04 UTC on ",
	} {
		if !strings.Contains(page, line) {
			t.Errorf("the page lacks %q:\n%s", line, page)
		}
	}
}
