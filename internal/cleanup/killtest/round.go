//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	roundTime = 5 * time.Minute // for the tests of one round, or one cleanup
	poll      = 50 * time.Millisecond
)

// round runs the tests, kills, cleans up and compares.
func (t *test) round(ctx context.Context, n int) error {
	before, err := t.cloud.list(ctx)
	if err != nil {
		return err
	}
	cache := filepath.Join(t.work, "cache")
	t.mark = fmt.Sprintf("%s%d", t.prefix, n)
	modes := strings.Split(t.modes, ",")
	mode := modes[t.random.IntN(len(modes))]
	after := time.Duration(t.random.Int64N(int64(t.longest)))
	code, err := t.runTests(ctx, cache, mode, after)
	if err != nil {
		return err
	}
	left := t.left(ctx, cache)
	t.cloud.know(ctx, filepath.Join(cache, "tempest", "ledger"))
	if mode == "none" && (code != 0 || left != 0) {
		return fmt.Errorf("nothing was killed, and tempest ended with %d and left %d things", code, left)
	}
	start := time.Now()
	if err := t.cleanUp(ctx, cache, mode); err != nil {
		return fmt.Errorf("%s after %s: %w", mode, after.Round(time.Millisecond), err)
	}
	took := time.Since(start)
	if more, err := t.cloud.more(ctx, before); err != nil || len(more) > 0 {
		return errors.Join(err, fmt.Errorf("%s after %s: in the cloud, and not before:\n  %s",
			mode, after.Round(time.Millisecond), strings.Join(more, "\n  ")))
	}
	fmt.Printf("round %d: killed %s after %s; tempest ended with %d; %d things in ledgers; cleanup %s; nothing left\n",
		n, mode, after.Round(time.Millisecond), code, left, took.Round(time.Millisecond))
	return nil
}

// env is the environment of tempest: a cache of its own for ledgers, the build cache of everybody.
func (t *test) env(ctx context.Context, cache string) []string {
	goCache, _ := command(ctx, t.dir, nil, "go", "env", "GOCACHE") // empty: go finds one
	return append(os.Environ(), "XDG_CACHE_HOME="+cache, "GOCACHE="+strings.TrimSpace(string(goCache)),
		"KILLTEST_PREFIX="+t.prefix, "KILLTEST_MARK="+t.mark)
}

// runTests runs tempest and kills, in the way of mode, after some time. It returns when no process is left.
func (t *test) runTests(ctx context.Context, cache, mode string, after time.Duration) (int, error) {
	args := []string{"run", "-q", "-w", "12", "-o", "auth.credentials_domain=" + t.cloud.domainName}
	if t.suite == "heavy" {
		args = append(args, "-o", "compute.flavor=m1.nano", "-o", "compute.image=fake-1", ".")
	} else {
		args = append(args, strings.Fields(t.suite)...)
	}
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.tempest, args...)
	cmd.Dir, cmd.Env = t.dir, t.env(ctx, cache)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	timer := time.AfterFunc(after, func() { t.kill(mode, cmd.Process.Pid, t.mark) })
	err := cmd.Wait()
	if early := timer.Stop(); early && mode != "none" {
		fmt.Printf("tempest had ended before it was killed: %s\n", lastLine(out.String()))
	}
	if ctx.Err() != nil {
		return 0, fmt.Errorf("tempest did not end within %s: %s", roundTime, out.String())
	}
	for len(marked(t.mark)) > 0 { // the guard kills what a killed tempest leaves
		time.Sleep(poll)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if os.Getenv("KILLTEST_VERBOSE") != "" {
			fmt.Println(out.String())
		}
		return exit.ExitCode(), nil
	}
	return 0, err
}

// lastLine is the totals of a run.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// kill kills what mode says.
func (t *test) kill(mode string, tempest int, mark string) {
	switch mode {
	case "test":
		for _, p := range marked(mark) {
			if strings.HasSuffix(p.name, ".test") {
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
	case "none":
	case "tempest":
		_ = syscall.Kill(tempest, syscall.SIGKILL)
	default:
		for range 3 { // what was being started
			for _, p := range marked(mark) {
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
	}
}

type process struct {
	pid  int
	name string
}

// marked returns the processes whose environment has the mark.
func marked(mark string) []process {
	var found []process
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil || !slices.Contains(strings.Split(string(data), "\x00"), "KILLTEST_MARK="+mark) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err != nil || pid == os.Getpid() {
			continue
		}
		exe, _ := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "exe"))
		found = append(found, process{pid, filepath.Base(exe)})
	}
	return found
}

// left is how many things the ledgers hold.
func (t *test) left(ctx context.Context, cache string) int {
	out, err := command(ctx, t.dir, t.env(ctx, cache), t.tempest, "cleanup", "--list", "--json")
	var runs []struct{ Things int }
	if err != nil || json.Unmarshal(out, &runs) != nil {
		return -1
	}
	n := 0
	for _, r := range runs {
		n += r.Things
	}
	return n
}

// cleanUp runs tempest cleanup until it has ended by itself, and once more, to find nothing.
func (t *test) cleanUp(ctx context.Context, cache, mode string) error {
	if mode == "twice" { // the cleanup is killed too
		short, cancel := context.WithTimeout(ctx, time.Duration(t.random.Int64N(int64(4*time.Second))))
		defer cancel()
		_, _ = command(short, t.dir, t.env(ctx, cache), t.tempest, "cleanup") // killed by the end of short
	}
	long, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	out, err := command(long, t.dir, t.env(ctx, cache), t.tempest, "cleanup")
	if err != nil {
		return fmt.Errorf("cleanup: %w\n%s", err, out)
	}
	out, err = command(long, t.dir, t.env(ctx, cache), t.tempest, "cleanup")
	if err != nil || !strings.Contains(string(out), "nothing to remove") {
		return fmt.Errorf("a second cleanup: %w\n%s", err, out)
	}
	return nil
}

func command(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	return cmd.CombinedOutput()
}
