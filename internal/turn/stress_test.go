//go:build unix

package turn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Variables that tell a process of the stress test where the locks are, and whether it may look for what is free
// without being told.
const (
	folderVariable = "TURN_STRESS"
	pollVariable   = "TURN_STRESS_POLL"
)

// Sizes of the stress test.
const (
	processes   = 4
	perProcess  = 60
	stressSlots = 3
)

// TestStressProcess is one process of [TestStress]: tests with random wants, each of which notes when it
// began and when it ended.
func TestStressProcess(t *testing.T) {
	dir := os.Getenv(folderVariable)
	if dir == "" {
		t.Skip("run by TestStress, in processes of its own")
	}
	p := New(Options{Slots: stressSlots, SlotDir: filepath.Join(dir, "slots"), LockDir: filepath.Join(dir, "locks")})
	if os.Getenv(pollVariable) == "no" {
		p.poll = time.Hour
	}
	journal, err := os.OpenFile(filepath.Join(dir, "journal"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	var all sync.WaitGroup
	for i := range perProcess {
		all.Go(func() { stressOne(t, p, journal, i) })
	}
	all.Wait()
}

func stressOne(t *testing.T, p *Queue, journal *os.File, i int) {
	t.Helper()
	want := randomWant()
	if rand.IntN(10) == 0 { // one that does not wait for long
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(20))*time.Millisecond)
		defer cancel()
		if h, err := p.Take(ctx, want); err == nil {
			h.Give()
		}
		return
	}
	h, err := p.Take(t.Context(), want)
	if err != nil {
		t.Error(err)
		return
	}
	names := strings.Join(want.Names, ",")
	fmt.Fprintf(journal, "begin %d.%d %v %s\n", os.Getpid(), i, want.Alone, names)
	if len(want.Names) == 0 && !want.Alone && rand.IntN(3) == 0 { // a group with a subtest
		inside, err := p.Take(t.Context(), Want{Inside: true, Names: randomNames()})
		if err != nil {
			t.Error(err)
		} else {
			inside.Give()
		}
	}
	for range rand.IntN(1000) { // some work
		_ = os.Getppid()
	}
	fmt.Fprintf(journal, "end %d.%d\n", os.Getpid(), i)
	h.Give()
}

func randomWant() Want {
	if rand.IntN(12) == 0 {
		return Want{Alone: true}
	}
	if rand.IntN(2) == 0 {
		return Want{}
	}
	return Want{Names: randomNames()}
}

// randomNames returns one to three of a few names.
func randomNames() []string {
	names := []string{"a", "b", "c", "d"}
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:1+rand.IntN(3)]
}

// TestStress runs many tests in several processes, some of which are killed. All the others must come
// to their end, and none may run beside one that excludes it.
func TestStress(t *testing.T) {
	t.Parallel()
	t.Run("some are killed", func(t *testing.T) {
		t.Parallel()
		stress(t, 2, "yes")
	})
	t.Run("what is free is always told", func(t *testing.T) {
		t.Parallel()
		stress(t, 0, "no")
	})
}

// stress runs processes, further ones that are killed while they hold places, and which poll or not.
func stress(t *testing.T, killed int, poll string) {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"slots", "locks"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	journal := filepath.Join(dir, "journal")
	if err := os.WriteFile(journal, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var victims []string
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range processes + killed {
		cmd := stressProcess(t, dir, poll)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if i < killed {
				killBusy(t, cmd, journal)
				mu.Lock()
				victims = append(victims, strconv.Itoa(cmd.Process.Pid))
				mu.Unlock()
			}
			if text, err := finish(cmd, out); err != nil && i >= killed {
				t.Errorf("process %d: %v\n%s", i, err, text)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	checkJournal(t, journal, victims)
	if left := newLine(filepath.Join(dir, "slots"), nil).places(); killed == 0 && len(left) > 0 {
		t.Errorf("left in the line: %v", left)
	}
}

// finish waits for the end of a process, and returns what it printed.
func finish(cmd *exec.Cmd, out io.Reader) (string, error) {
	text, err := io.ReadAll(out)
	return string(text), errors.Join(err, cmd.Wait())
}

func stressProcess(t *testing.T, dir, poll string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestStressProcess$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), folderVariable+"="+dir, pollVariable+"="+poll)
	return cmd
}

// killBusy kills a process as soon as one of its tests is seen to run.
func killBusy(t *testing.T, cmd *exec.Cmd, journal string) {
	t.Helper()
	for {
		data, err := os.ReadFile(journal)
		if err != nil {
			t.Error(err)
			return
		}
		if strings.Contains(string(data), fmt.Sprintf("begin %d.", cmd.Process.Pid)) {
			_ = cmd.Process.Kill()
			return
		}
	}
}

// entry is a test that runs, as the journal says.
type entry struct {
	alone bool
	names []string
}

func checkJournal(t *testing.T, path string, victims []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	running := map[string]entry{}
	begun, together := 0, 0
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "end":
			delete(running, words[1])
		case len(words) >= 3 && words[0] == "begin":
			e := entry{alone: words[2] == "true"}
			if len(words) == 4 {
				e.names = strings.Split(words[3], ",")
			}
			clash(t, running, words[1], e, victims)
			running[words[1]] = e
			begun++
			together = max(together, len(running))
		}
	}
	if begun < processes*perProcess*8/10 || together < 2 {
		t.Errorf("%d tests ran, at most %d of them at a time: that proves nothing", begun, together)
	}
	t.Logf("%d tests ran, at most %d at a time", begun, together)
}

// clash checks that a test may begin while others run. Those of a process that was killed do not count:
// they may have ended without a word.
func clash(t *testing.T, running map[string]entry, id string, e entry, victims []string) {
	t.Helper()
	slots := 0
	for other, o := range running {
		pid, _, _ := strings.Cut(other, ".")
		if slices.Contains(victims, pid) {
			continue
		}
		slots++
		if e.alone || o.alone ||
			slices.ContainsFunc(e.names, func(n string) bool { return slices.Contains(o.names, n) }) {
			t.Errorf("%s %+v began beside %s %+v", id, e, other, o)
		}
	}
	if !e.alone && slots >= stressSlots {
		t.Errorf("%s began while %d others ran", id, slots)
	}
}
