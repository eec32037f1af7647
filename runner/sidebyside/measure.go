package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what a run of a tool cost.
type usage struct {
	Wall time.Duration
	// CPU is user and system time of the tool and of all processes below it, as
	// the system counts it.
	CPU time.Duration
	// Peak is the largest sum, in bytes, of the resident memory of the tool and
	// all processes below it, from samples.
	Peak int64
	// Kinds is CPU by kind of process, from samples: what a process did after
	// its last one is missing.
	Kinds map[string]time.Duration
}

const (
	sampleEvery = 100 * time.Millisecond
	tick        = 10 * time.Millisecond // of the processor times in /proc: USER_HZ is 100 on Linux
)

// measure runs a command, its output going to a file, and says what it cost.
// kind names the kind of a process by its command. When ctx ends, the command
// is interrupted, once: it then cleans up.
func measure(ctx context.Context, cmd *exec.Cmd, log string, kind func(string) string) (usage, error) {
	out, err := os.Create(log)
	if err != nil {
		return usage{}, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	s := sampler{kind: kind, cpu: map[int]spent{}}
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	done := ctx.Done()
	for {
		select {
		case err := <-ended:
			wall := time.Since(started)
			if ctx.Err() != nil {
				return usage{}, ctx.Err()
			}
			state := cmd.ProcessState
			return usage{wall, state.UserTime() + state.SystemTime(), s.peak, s.kinds()}, err
		case <-ticker.C:
			s.sample(cmd.Process.Pid)
		case <-done:
			cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
			done = nil
		}
	}
}

// sampler looks at the processes below one.
type sampler struct {
	kind func(string) string
	peak int64
	cpu  map[int]spent // by process ID
}

// spent is the processor time of a process when it was last seen.
type spent struct {
	kind string
	time time.Duration
}

func (s *sampler) kinds() map[string]time.Duration {
	sum := map[string]time.Duration{}
	for _, p := range s.cpu {
		sum[p.kind] += p.time
	}
	return sum
}

func (s *sampler) sample(root int) {
	var resident int64
	for pids := []int{root}; len(pids) > 0; {
		pid := pids[0]
		pids = append(pids[1:], children(pid)...)
		command, cpu, memory, err := process(pid)
		if err != nil {
			continue // it has ended
		}
		resident += memory
		s.cpu[pid] = spent{s.kind(command), cpu}
	}
	s.peak = max(s.peak, resident)
}

// children returns the processes that a process has started and not yet waited for.
func children(pid int) []int {
	tasks := fmt.Sprintf("/proc/%d/task", pid)
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return nil // it has ended
	}
	var pids []int
	for _, thread := range threads {
		text, err := os.ReadFile(tasks + "/" + thread.Name() + "/children")
		if err != nil {
			continue // a thread that has ended
		}
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// process returns the command of a process, its processor time without that of
// its children, and its resident memory in bytes.
func process(pid int) (string, time.Duration, int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, 0, err
	}
	cpu, pages, err := readStat(text)
	if err != nil {
		return "", 0, 0, err
	}
	// The command in stat has 15 characters at most.
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return "", 0, 0, err
	}
	first, _, _ := bytes.Cut(line, []byte{0})
	return filepath.Base(string(first)), cpu, pages * int64(os.Getpagesize()), nil
}

// readStat reads processor time and resident pages from /proc/PID/stat, whose
// second field is a name in parentheses that may contain anything.
func readStat(text []byte) (time.Duration, int64, error) {
	const user, system, resident = 11, 12, 21 // counted behind the name
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) <= resident {
		return 0, 0, fmt.Errorf("stat of a process: %d fields", len(fields))
	}
	var n [3]int64
	for i, at := range []int{user, system, resident} {
		var err error
		if n[i], err = strconv.ParseInt(string(fields[at]), 10, 64); err != nil {
			return 0, 0, fmt.Errorf("stat of a process: %w", err)
		}
	}
	return time.Duration(n[0]+n[1]) * tick, n[2], nil
}
