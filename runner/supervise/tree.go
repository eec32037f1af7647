package supervise

import (
	"os"
	"time"
)

// killWait bounds how long killed processes may take to disappear. More means
// that the kernel keeps them, as on a dead network file system.
const killWait = 10 * time.Second

// killPause is the pause between two looks for processes to kill.
const killPause = 5 * time.Millisecond

// exitStatus is how a process ended.
type exitStatus struct {
	set    bool   // it has ended
	Code   int    // -1 when a signal ended it
	Signal string // as "SIGKILL"
	number int    // of the signal
}

// shell is the exit code with which a shell would pass it on.
func (e exitStatus) shell() int {
	if e.Signal != "" {
		return 128 + e.number
	}
	return e.Code
}

// interrupt asks the main process to stop.
func (t *tree) interrupt() { t.signal(os.Interrupt) }

// kill kills every process below this one and waits until they are gone. It
// returns those it killed, and false when some could not be killed in time.
func (t *tree) kill() (killed []Process, gone bool) {
	pause := time.NewTicker(killPause)
	defer pause.Stop()
	limit := time.NewTimer(killWait)
	defer limit.Stop()
	seen := make(map[Process]bool)
	for {
		select {
		case <-t.empty:
			if adopts {
				return killed, true
			}
		default:
		}
		for _, p := range t.killOnce() {
			if !seen[p] {
				seen[p] = true
				killed = append(killed, p)
			}
		}
		select {
		case <-t.empty:
			return killed, true
		case <-pause.C:
		case <-limit.C:
			return killed, false
		}
	}
}
