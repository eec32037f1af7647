package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// request is a line from tempest to the guard. The end of its input tells the
// guard that tempest is gone or has no further use for it.
type request struct {
	Start     *Command `json:",omitempty"` // at most once
	Interrupt bool     `json:",omitempty"` // the go command starts nothing new
	Kill      bool     `json:",omitempty"` // everything ends at once
}

// reply is a line from the guard to tempest.
type reply struct {
	PID    int      `json:",omitempty"` // of the command
	Stderr string   `json:",omitempty"` // what the go command wrote there
	Ended  *GoEnded `json:",omitempty"` // once for each Start
	Failed string   `json:",omitempty"` // what the guard could not do
}

// Command is a command for the guard to start.
type Command struct {
	Args []string // the first is looked up in PATH
	Env  []string
	Dir  string
}

// GoEnded is how the go command ended.
type GoEnded struct {
	ExitCode int    // -1 when a signal ended it
	Signal   string // as "SIGKILL"
	Message  string // why it could not be started; empty when it was
}

// Guard outlives tempest: the work of `tempest __guard FOLDER`, which
// [StartGuard] calls. It runs one command, and when its standard input ends it
// kills everything that is below it, removes FOLDER and returns the exit code.
// Its standard output is that of the command, its standard error carries replies.
func Guard(args []string) int {
	runtime.LockOSThread() // the go command is killed when this thread ends
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "tempest: __guard is called by tempest run: __guard FOLDER")
		return exitBroken
	}
	g := &guard{folder: args[0], replies: json.NewEncoder(os.Stderr)}
	if err := adoptOrphans(); err != nil {
		g.reply(reply{Failed: err.Error()})
	}
	if err := share(filepath.Join(g.folder, ownerFile)); err != nil {
		g.reply(reply{Failed: err.Error()})
	}
	return g.run()
}

type guard struct {
	folder  string
	tree    *tree
	copied  chan struct{} // closed when the command's stderr has been passed on
	mu      sync.Mutex
	replies *json.Encoder
}

// reply never fails: when tempest is gone, nobody needs it.
func (g *guard) reply(r reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.replies.Encode(r)
}

func (g *guard) run() int {
	signals := make(chan os.Signal, 4)
	// Caught rather than ignored, because children inherit what is ignored. The
	// guard acts on none: it is tempest that decides, and its end is seen.
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	requests := readRequests(os.Stdin)
	var ended <-chan struct{}
	for {
		select {
		case <-signals:
		case r, open := <-requests:
			if !open {
				return g.finish()
			}
			if e := g.handle(r); e != nil {
				ended = e
			}
		case <-ended:
			ended = nil
			g.end()
		}
	}
}

// readRequests closes the channel when the input ends.
func readRequests(in io.Reader) <-chan request {
	requests := make(chan request)
	go func() {
		defer close(requests)
		dec := json.NewDecoder(bufio.NewReader(in))
		for {
			var r request
			if dec.Decode(&r) != nil {
				return
			}
			requests <- r
		}
	}()
	return requests
}

// handle returns a channel that is closed when the command ends, if r started it.
func (g *guard) handle(r request) <-chan struct{} {
	switch {
	case r.Start != nil && g.tree == nil:
		if err := g.start(*r.Start); err != nil {
			g.reply(reply{Ended: &GoEnded{ExitCode: -1, Message: err.Error()}})
			closeLine(os.Stdout)
			return nil
		}
		g.reply(reply{PID: g.tree.cmd.Process.Pid})
		return g.tree.ended
	case g.tree == nil:
	case r.Interrupt:
		g.tree.interrupt()
	case r.Kill:
		g.killAll()
	}
	return nil
}

func (g *guard) start(c Command) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command(c.Args[0], c.Args[1:]...) //nolint:noctx,gosec // ended by finish
	cmd.Env, cmd.Dir = c.Env, c.Dir
	cmd.Stdout, cmd.Stderr = os.Stdout, w
	t, err := startTree(cmd)
	closeLine(w)
	// tempest reads until the end of the command's output: this must not be the
	// one that keeps it open.
	closeLine(os.Stdout)
	if err != nil {
		closeLine(r)
		return err
	}
	g.tree, g.copied = t, make(chan struct{})
	go func() {
		defer close(g.copied)
		defer closeLine(r)
		g.passOn(r)
	}()
	return nil
}

// passOn sends what the command writes to its standard error.
func (g *guard) passOn(r io.Reader) {
	b := make([]byte, 4096)
	for {
		n, err := r.Read(b)
		if n > 0 {
			g.reply(reply{Stderr: string(b[:n])})
		}
		if err != nil {
			return
		}
	}
}

// end follows the end of the command: nothing of it may stay.
func (g *guard) end() {
	if adopts {
		g.tree.kill()
	}
	select {
	case <-g.copied:
	case <-time.After(drainWait): // something that is left has the pipe
	}
	g.reply(reply{Ended: &GoEnded{ExitCode: g.tree.status.Code, Signal: g.tree.status.Signal}})
}

// finish follows the end of tempest.
func (g *guard) finish() int {
	if g.tree != nil {
		g.killAll()
	}
	if err := RemoveAll(g.folder); err != nil {
		g.reply(reply{Failed: err.Error()})
		return exitBroken
	}
	return 0
}

func (g *guard) killAll() {
	if !adopts {
		// The supervisors are in the process group of the go command and must
		// not be killed with it: they know the groups of their test binaries,
		// and the end of the lifeline makes them act.
		g.tree.signal(os.Kill)
		ctx, cancel := context.WithTimeout(context.Background(), killWait)
		defer cancel()
		_ = waitAlone(ctx, g.folder) // those that did not make it are killed now
		killRecorded(g.folder)
	}
	if _, gone := g.tree.kill(); !gone {
		g.reply(reply{Failed: "processes could not be killed within " + killWait.String()})
	}
}

// killRecorded kills the process groups of test binaries whose supervisors were
// killed: where no process adopts orphans, only the records know them.
func killRecorded(folder string) {
	ends, _ := ReadEnds(folder) // what can be read is what can be done
	for _, e := range ends {
		if e.State == Running && e.PID > 1 {
			killGroup(e.PID)
		}
	}
}
