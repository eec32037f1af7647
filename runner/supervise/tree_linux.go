package supervise

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// adopts says that the children of this process are all there is below it, once
// their parents have ended.
const adopts = true

func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// adoptOrphans makes this process the parent of every process below it whose
// own parent ends.
func adoptOrphans() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("becoming a child subreaper: %w", err)
	}
	return nil
}

// killOnce kills every process that is below this one at the moment.
func (t *tree) killOnce() []Process {
	var killed []Process
	all := descendants(os.Getpid())
	own := syscall.Getpgrp()
	for _, p := range all {
		if p.group != own && p.group > 1 {
			killGroup(p.group)
		}
	}
	for _, p := range all {
		if p.kill() || p.group != own {
			killed = append(killed, Process{PID: p.pid, Name: p.name})
		}
	}
	return killed
}

// procEntry is what /proc says of a process.
type procEntry struct {
	pid, parent int
	group       int // process group
	name        string
	zombie      bool
	start       string // in clock ticks since boot: with pid, it names a process for good
}

// kill sends SIGKILL to the process, and to no other that has got its pid since.
func (p procEntry) kill() bool {
	h, err := os.FindProcess(p.pid) // holds a pidfd
	if err != nil {
		return false
	}
	defer func() { _ = h.Release() }()
	if now, ok := readProc(strconv.Itoa(p.pid)); !ok || now.start != p.start || now.zombie {
		return false
	}
	return h.Kill() == nil
}

// readProc returns false for a process that is gone.
func readProc(pid string) (procEntry, bool) {
	data, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return procEntry{}, false
	}
	// pid (name) state ppid …, and the name may hold spaces and parentheses.
	open, end := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if open < 0 || end < open {
		return procEntry{}, false
	}
	const state, parent, group, start = 0, 1, 2, 19 // fields behind the name
	rest := bytes.Fields(data[end+1:])
	if len(rest) <= start {
		return procEntry{}, false
	}
	p := procEntry{name: string(data[open+1 : end]), start: string(rest[start])}
	p.zombie = rest[state][0] == 'Z' || rest[state][0] == 'X'
	p.pid, _ = strconv.Atoi(pid)
	p.parent, _ = strconv.Atoi(string(rest[parent]))
	p.group, _ = strconv.Atoi(string(rest[group]))
	return p, true
}

// processes lists all that run.
func processes() []procEntry {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(-1) // what could be read is what can be done
	var all []procEntry
	for _, n := range names {
		if n[0] < '0' || n[0] > '9' {
			continue
		}
		if p, ok := readProc(n); ok {
			all = append(all, p)
		}
	}
	return all
}

// descendants lists the living processes below root, parents first.
func descendants(root int) []procEntry {
	children := make(map[int][]procEntry)
	for _, p := range processes() {
		children[p.parent] = append(children[p.parent], p)
	}
	var found []procEntry
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		for _, p := range children[queue[0]] {
			queue = append(queue, p.pid)
			if !p.zombie {
				found = append(found, p)
			}
		}
	}
	return found
}

// killMarked kills every process with a variable in its environment that points
// into folder. It is the last resort, for what a killed guard or supervisor was
// the only one to know. A process may start another one while it is looked for,
// so that one look is not enough.
func killMarked(folder string) {
	limit := time.Now().Add(killWait)
	for none := 0; none < 2 && time.Now().Before(limit); time.Sleep(killPause) {
		none++
		if killMarkedOnce(folder) > 0 {
			none = 0
		}
	}
}

// killMarkedOnce kills those that there are at the moment, and returns how many.
func killMarkedOnce(folder string) int {
	mark := []byte("=" + folder + string(filepath.Separator))
	n := 0
	for _, p := range processes() {
		env, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "environ"))
		if err != nil || p.pid == os.Getpid() || !bytes.Contains(env, mark) {
			continue
		}
		if p.kill() {
			n++
		}
	}
	return n
}
