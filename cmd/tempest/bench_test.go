package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkAgainstGoTest measures what `tempest run` costs beyond plain
// `go test -json` on the same packages, in one run: cold, when every package
// has changed and must be compiled and linked, and warm, when none has. Repeat
// it with
//
//	go test -run='^$' -bench=AgainstGoTest -benchtime=5x ./cmd/tempest
//
// Wanted of cold: a ratio of 1.05 or less, or less than 150 ms more.
func BenchmarkAgainstGoTest(b *testing.B) {
	tempest := filepath.Join(b.TempDir(), "tempest")
	command(b, ".", "go", "build", "-o", tempest, ".")
	for _, packages := range []int{1, 20} {
		for _, mode := range []string{"cold", "warm"} {
			b.Run(fmt.Sprintf("%s/packages=%d", mode, packages), func(b *testing.B) {
				compare(b, tempest, packages, mode == "cold")
			})
		}
	}
}

// compare runs both by turns and reports the sums.
func compare(b *testing.B, tempest string, packages int, cold bool) {
	b.Helper()
	dir := b.TempDir()
	write(b, filepath.Join(dir, "go.mod"), "module bench\n\ngo 1.26\n")
	generate(b, dir, packages, 0)
	goTest := []string{"go", "test", "-json", "-count=1", "-tags=tempest", "./..."}
	command(b, dir, goTest...)
	var plain, ours time.Duration
	generation := 0
	for b.Loop() {
		for range 2 { // each first once, so that neither profits from the other
			generation++
			change := func() {
				if cold {
					generation++
					generate(b, dir, packages, generation)
				}
			}
			if generation%2 == 0 {
				change()
				plain += command(b, dir, goTest...)
				change()
				ours += command(b, dir, tempest, "run", "--no-color")
			} else {
				change()
				ours += command(b, dir, tempest, "run", "--no-color")
				change()
				plain += command(b, dir, goTest...)
			}
		}
	}
	runs := float64(2 * b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "ratio")
	b.ReportMetric((ours-plain).Seconds()*1000/runs, "extra-ms")
	b.ReportMetric(plain.Seconds()*1000/runs, "gotest-ms")
}

// generate writes packages of ten tests each, all different in each generation.
func generate(b *testing.B, dir string, packages, generation int) {
	b.Helper()
	for p := range packages {
		text := fmt.Sprintf("//go:build tempest\n\npackage p%d\n\nimport (\n\t\"net/http\"\n\t\"testing\"\n)\n\n"+
			"const generation = \"%d-%s-%d\"\n", p, generation, filepath.Base(dir), time.Now().UnixNano())
		for t := range 10 {
			text += fmt.Sprintf("\nfunc TestT%d(t *testing.T) { t.Log(generation, http.StatusText(200)) }\n", t)
		}
		write(b, filepath.Join(dir, fmt.Sprintf("p%d", p), "p_test.go"), text)
	}
}

// command runs a command to its success and returns how long it took.
func command(b *testing.B, dir string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		b.Fatalf("%v: %v\n%s", args, err, out)
	}
	return took
}

func write(b *testing.B, path, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		b.Fatal(err)
	}
}
