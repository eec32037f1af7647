package supervise

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
)

// GuardProcess is tempest's side of a running guard. Safe for concurrent use.
type GuardProcess struct {
	folder string
	cmd    *exec.Cmd
	in     io.Closer
	stdout *os.File // read end of the command's output
	owner  *os.File // locked as long as this process lives
	gone   chan struct{}

	mu       sync.Mutex
	requests *json.Encoder
	started  bool
	pid      int       // of the command, once the guard has told it
	messages io.Writer // where the command's stderr goes; may be nil
	failed   []string  // what the guard could not do
	ended    *GoEnded
	hasEnded chan struct{}
}

// StartGuard starts the guard of folder, with self as the command line of
// tempest. The guard removes folder in the end, however this process ends.
func StartGuard(self []string, folder string) (*GuardProcess, error) {
	g, err := startGuard(self, folder)
	if err != nil {
		return nil, fmt.Errorf("starting the guard of the run: %w", err)
	}
	return g, nil
}

func startGuard(self []string, folder string) (*GuardProcess, error) {
	if len(self) == 0 {
		return nil, errors.New("the command line of tempest is not known")
	}
	owner, err := own(folder)
	if err != nil {
		return nil, err
	}
	stdout, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer closeLine(w)
	args := append(slices.Clone(self[1:]), "__guard", folder)
	cmd := exec.Command(self[0], args...) //nolint:noctx,gosec // it must outlive any context
	cmd.SysProcAttr = guardAttributes()
	cmd.Stdout = w
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	replies, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		closeLine(stdout)
		closeLine(owner)
		return nil, err
	}
	g := &GuardProcess{
		folder: folder, cmd: cmd, in: in, stdout: stdout, owner: owner, requests: json.NewEncoder(in),
		gone: make(chan struct{}), hasEnded: make(chan struct{}),
	}
	go g.read(replies)
	return g, nil
}

// read follows the guard until it is gone.
func (g *GuardProcess) read(replies io.Reader) {
	defer close(g.gone)
	lines := bufio.NewReader(replies)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			g.take(line)
		}
		if err != nil {
			break
		}
	}
	_ = g.cmd.Wait() // Close judges by what is left of the folder
}

// take handles one line of the guard.
func (g *GuardProcess) take(line string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var r reply
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		r = reply{Failed: strings.TrimSpace(line)} // a panic of the guard, say
	}
	if r.PID != 0 {
		g.pid = r.PID
	}
	if r.Failed != "" {
		g.failed = append(g.failed, r.Failed)
	}
	if r.Stderr != "" && g.messages != nil {
		_, _ = io.WriteString(g.messages, r.Stderr)
	}
	if r.Ended != nil && g.ended == nil {
		g.ended = r.Ended
		close(g.hasEnded)
	}
}

// Start makes the guard run c, once in its life. What c writes to its standard
// error goes to messages, one call of Write after the other. The output of c must
// be read to its end.
func (g *GuardProcess) Start(c Command, messages io.Writer) (*os.File, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.started {
		return nil, fmt.Errorf("starting %s: the guard has had its command", c.Args[0])
	}
	g.started, g.messages = true, messages
	if err := g.requests.Encode(request{Start: &c}); err != nil {
		return nil, fmt.Errorf("starting %s through the guard: %w", c.Args[0], err)
	}
	return g.stdout, nil
}

// Interrupt sends SIGINT to the command alone: a go command finishes what is
// running and starts nothing new.
func (g *GuardProcess) Interrupt() { g.request(request{Interrupt: true}) }

// Kill kills the command and everything below the guard.
func (g *GuardProcess) Kill() { g.request(request{Kill: true}) }

// request does nothing when the guard is gone.
func (g *GuardProcess) request(r request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.requests.Encode(r)
}

// Ended is closed when the command has ended, Gone when the guard has.
func (g *GuardProcess) Ended() <-chan struct{} { return g.hasEnded }

// Gone is closed when the guard has ended.
func (g *GuardProcess) Gone() <-chan struct{} { return g.gone }

// Result is how the command ended; false when the guard never said.
func (g *GuardProcess) Result() (GoEnded, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended == nil {
		return GoEnded{}, false
	}
	return *g.ended, true
}

// replace does what a guard would have done that was killed.
func (g *GuardProcess) replace() {
	killMarked(g.folder)
	if adopts {
		return // and the command was killed by the kernel
	}
	if g.pid > 1 && g.ended == nil {
		killGroup(g.pid)
	}
	killRecorded(g.folder)
}

// Close ends the guard, which kills what is left and removes the folder. It does
// so itself if the guard cannot. Everything that watches lines must have been
// told to end before.
func (g *GuardProcess) Close() error {
	_ = g.in.Close()
	<-g.gone
	closeLine(g.stdout)
	defer closeLine(g.owner)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.cmd.ProcessState.Success() { // it was killed, perhaps
		g.replace()
	}
	if err := RemoveAll(g.folder); err != nil {
		return fmt.Errorf("removing the run folder: %w", err)
	}
	if len(g.failed) > 0 {
		return fmt.Errorf("guard of the run: %s", strings.Join(g.failed, "; "))
	}
	return nil
}
