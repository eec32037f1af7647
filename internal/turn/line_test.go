//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package turn

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// queue returns the queue of a process with one slot in a folder, which hardly ever looks without being told.
func queue(dir string) *Queue {
	q := New(Options{Slots: 1, SlotDir: dir, LockDir: dir})
	q.poll = time.Hour
	return q
}

// wait has a test wait in a line of so many with it. Whoever gets its turn says so on turns.
func wait(t *testing.T, q *Queue, want Want, line int, turns chan<- string, name string) {
	t.Helper()
	go func() {
		got, err := q.Take(t.Context(), want)
		if err != nil {
			t.Error(err)
			return
		}
		turns <- name
		got.Give()
	}()
	stands(t, q, line)
	q.mu.Lock() // when it has looked
	defer q.mu.Unlock()
}

// stands waits until so many processes stand in the line.
func stands(t *testing.T, q *Queue, n int) {
	t.Helper()
	for len(q.places()) != n {
		if t.Context().Err() != nil {
			t.Fatal("the line does not grow")
		}
		runtime.Gosched()
	}
}

// places are those in the line of q.
func (p *Queue) places() []string { return newLine(filepath.Dir(p.line.dir), nil).places() }

func take(t *testing.T, q *Queue, want Want) *Turn {
	t.Helper()
	got, err := q.Take(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Processes that wait are told, in the order in which they shall have their turn, and nothing of it stays.
func TestLine(t *testing.T) {
	t.Parallel()
	const busy = "a"
	for name, tt := range map[string]struct {
		wants []Want // in the order in which they ask
		order string // in which they have their turn, by index; "|" is when the busy name is given back
	}{
		"first come, first served":     {[]Want{{}, {}, {}, {}}, "0123|"},
		"the longest first":            {[]Want{{}, {Takes: 1}, {Takes: time.Minute}, {Takes: 1}}, "2130|"},
		"who is alone comes first":     {[]Want{{Takes: time.Hour}, {Alone: true}, {}, {Alone: true}}, "1302|"},
		"a busy name lets others pass": {[]Want{{Names: []string{busy}}, {}, {}}, "12|0"},
		"who waits has no name":        {[]Want{{Names: []string{busy, "b"}}, {Names: []string{"b"}}, {}}, "12|0"},
		"a subtest lets others pass":   {[]Want{{Inside: true, Names: []string{busy}}, {}}, "1|0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			here := queue(dir)
			holder, named := take(t, here, Want{}), take(t, here, Want{Inside: true, Names: []string{busy}})
			turns := make(chan string, len(tt.wants))
			for i, want := range tt.wants {
				wait(t, queue(dir), want, i+1, turns, string(rune('0'+i)))
			}

			holder.Give()
			for i, next := range tt.order {
				if next == '|' {
					named.Give()
				} else if got := <-turns; got != string(next) {
					t.Errorf("number %d is %s, want the order %s", i, got, tt.order)
				}
			}

			stands(t, here, 0)
		})
	}
}

// standsFirst has a process that never looks stand before all others in the line of q. It ends like one that is killed.
func standsFirst(t *testing.T, q *Queue) (kill func()) {
	t.Helper()
	l := newLine(filepath.Dir(q.line.dir), func() {})
	if _, err := l.stand(classTest, rank(Want{Takes: time.Hour}, time.Now())); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = l.bell.pipe.Close()
		_ = l.file.Close()
	}
	t.Cleanup(kill)
	return kill
}

// A process that was killed is passed over, and its bell removed.
func TestTheDeadDoNotWait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	here := queue(dir)
	holder := take(t, here, Want{})
	turns := make(chan string, 1)
	wait(t, queue(dir), Want{}, 1, turns, "")
	standsFirst(t, here)()

	holder.Give()

	<-turns
	stands(t, here, 0)
	for left := 2; left > 1; runtime.Gosched() { // the bells go last
		names, err := os.ReadDir(here.line.dir)
		if err != nil || t.Context().Err() != nil {
			t.Fatalf("left are %v, error %v; want the file of places alone", names, err)
		}
		left = len(names)
	}
}

// A process that is told and does nothing, because it was stopped, does not hold up the others for ever.
func TestTheStoppedArePassedOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	here, there := queue(dir), queue(dir)
	there.poll = time.Millisecond
	holder := take(t, here, Want{})
	turns := make(chan string, 1)
	wait(t, there, Want{}, 1, turns, "")
	standsFirst(t, here)

	holder.Give()

	<-turns
	stands(t, here, 1)
}

// Where there can be no bells, processes look for what is free.
func TestPolling(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "line"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	here, there := queue(dir), queue(dir)
	holder := take(t, here, Want{})
	got := make(chan *Turn)
	go func() {
		turn, err := there.Take(t.Context(), Want{})
		if err != nil {
			t.Error(err)
		}
		got <- turn
	}()

	holder.Give()

	(<-got).Give()
}

// What was told to somebody who gives up reaches the next.
func TestWhoLeavesTellsTheNext(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Want{"the line": {}, "the gate": {Alone: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 50 { // what is told may come before or after
				dir := t.TempDir()
				here, first := queue(dir), queue(dir)
				holder := take(t, here, Want{})
				ctx, cancel := context.WithCancel(t.Context())
				left := make(chan struct{})
				go func() {
					defer close(left)
					if got, err := first.Take(ctx, want); err == nil {
						got.Give()
					}
				}()
				stands(t, here, 1)
				turns := make(chan string, 1)
				wait(t, queue(dir), Want{}, 2, turns, "")

				go cancel()
				holder.Give()

				<-left
				<-turns
				stands(t, here, 0)
			}
		})
	}
}
