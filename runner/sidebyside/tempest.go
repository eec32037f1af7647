package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// goTool is tempest, built from this checkout.
type goTool struct {
	binary string
	dir    string // of what runs write
}

// newGoTool builds tempest.
func newGoTool(ctx context.Context, dir string) (*goTool, error) {
	t := &goTool{binary: filepath.Join(dir, "tempest"), dir: dir}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", t.binary, "./cmd/tempest").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("building tempest: %w\n%s", err, out)
	}
	return t, nil
}

func (t *goTool) list(ctx context.Context) (map[string][]string, error) {
	out, err := exec.CommandContext(ctx, t.binary, "list", "--json", "./tests/...").Output()
	if err != nil {
		return nil, fmt.Errorf("tempest list: %w", withStderr(err))
	}
	var tests []struct {
		ID, UUID string
	}
	if err := json.Unmarshal(out, &tests); err != nil {
		return nil, fmt.Errorf("tempest list: %w", err)
	}
	byUUID := map[string][]string{}
	for _, test := range tests {
		if test.UUID != "" {
			byUUID[test.UUID] = append(byUUID[test.UUID], test.ID)
		}
	}
	return byUUID, nil
}

func (t *goTool) run(ctx context.Context, loadList, log string, n int) (result, error) {
	results := strings.TrimSuffix(log, ".log") + ".jsonl"
	cmd := exec.CommandContext(context.WithoutCancel(ctx), t.binary, "run", "-q", "--load-list", loadList,
		"--concurrency", strconv.Itoa(n), "--json", results, "./tests/...")
	use, err := measure(ctx, cmd, log, ourKind)
	// 1 says that tests failed; whether all have a result is in the file.
	if err != nil && !exited(err, 1, 3) {
		return result{}, fmt.Errorf("tempest run (%s): %w", log, err)
	}
	f, err := os.Open(results)
	if err != nil {
		return result{}, fmt.Errorf("reading what tempest run found (%s): %w", log, err)
	}
	defer f.Close()
	verdicts, err := readResults(f)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", results, err)
	}
	return result{verdicts: verdicts, usage: use}, nil
}

// readResults reads the results file of tempest run.
func readResults(r io.Reader) (map[string]string, error) {
	verdicts := map[string]string{}
	decoder := json.NewDecoder(bufio.NewReader(r))
	for {
		var one struct {
			ID, Status string
			Extra      bool
		}
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return verdicts, nil
		} else if err != nil {
			return nil, err
		}
		if one.Extra {
			continue // a table's entry, below a test of the plan
		}
		switch one.Status {
		case "passed":
			verdicts[one.ID] = verdictPass
		case "skipped":
			verdicts[one.ID] = verdictSkip
		case "lost":
			verdicts[one.ID] = verdictLost
		default: // a leak is a failure too
			verdicts[one.ID] = verdictFail
		}
	}
}

// What tempest's processes are, for the processor time of each kind.
const (
	kindBuild = "build" // compiling and linking
	kindGo    = "go"    // the go command
	kindTests = "tests" // test binaries
	kindTool  = "tempest"
)

// ourKind says what a process of tempest run is, by its command.
func ourKind(command string) string {
	switch {
	case command == "go":
		return kindGo
	case strings.HasSuffix(command, ".test"):
		return kindTests
	case command == "compile", command == "link", command == "asm", command == "cgo", command == "vet":
		return kindBuild
	}
	return kindTool
}

// exited says whether err is that of a process with one of these exit codes.
func exited(err error, codes ...int) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	for _, c := range codes {
		if exit.ExitCode() == c {
			return true
		}
	}
	return false
}

// withStderr adds what a command has printed to its error.
func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return err
}
