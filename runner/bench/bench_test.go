package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
