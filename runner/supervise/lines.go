package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Lines are the write ends of the named pipes that supervisors watch. As long as
// they are open, the run goes on; the kernel closes them if tempest dies. Safe
// for concurrent use.
type Lines struct {
	folder              string
	interrupt, lifeline *os.File
}

// Interrupt asks every test binary to stop, those too that are started later.
func (l *Lines) Interrupt() { closeLine(l.interrupt) }

// Kill makes every supervisor kill what is below it and end.
func (l *Lines) Kill() {
	closeLine(l.interrupt)
	closeLine(l.lifeline)
}

// closeLine closes f, which may be nil or closed already.
func closeLine(f *os.File) {
	if f != nil {
		_ = f.Close()
	}
}

// alonePause is the pause between two looks whether a supervisor lives.
const alonePause = 5 * time.Millisecond

// errNotAlone is why [Lines.Wait] gave up.
var errNotAlone = errors.New("a supervisor is still running")

// Wait returns once no supervisor of the run folder is alive, at the latest when
// ctx ends, which is an error.
func (l *Lines) Wait(ctx context.Context) error { return waitAlone(ctx, l.folder) }

func waitAlone(ctx context.Context, folder string) error {
	pause := time.NewTicker(alonePause)
	defer pause.Stop()
	for {
		alone, err := tryAlone(filepath.Join(folder, aliveFile))
		if alone || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errNotAlone, context.Cause(ctx))
		case <-pause.C:
		}
	}
}
