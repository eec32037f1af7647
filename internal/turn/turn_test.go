package turn

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// polling returns a queue that no other process tells when something is free. In a bubble of synctest nothing may
// wait for a pipe.
func polling(o Options) *Queue {
	p := New(o)
	p.line = nil
	return p
}

// asker is a test that asks for a place, in a goroutine of its own.
type asker struct {
	got    chan *Turn
	failed chan error
	cancel context.CancelFunc
}

func ask(t *testing.T, p *Queue, want Want) *asker {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	a := &asker{got: make(chan *Turn, 1), failed: make(chan error, 1), cancel: cancel}
	go func() {
		got, err := p.Take(ctx, want)
		if err != nil {
			a.failed <- err
			return
		}
		a.got <- got
	}()
	synctest.Wait()
	return a
}

// has returns the place of a, nil while it waits.
func (a *asker) has() *Turn {
	synctest.Wait()
	select {
	case p := <-a.got:
		return p
	default:
		return nil
	}
}

// must returns the place of a.
func (a *asker) must(t *testing.T) *Turn {
	t.Helper()
	p := a.has()
	if p == nil {
		t.Fatal("it waits, and should have a place")
	}
	return p
}

// waits checks that a has no place.
func (a *asker) waits(t *testing.T, why string) {
	t.Helper()
	if a.has() != nil {
		t.Fatalf("it has a place %s", why)
	}
}

func TestAloneExcludesAllOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{})
		first, second := ask(t, p, Want{}), ask(t, p, Want{Names: []string{"a"}})
		one, two := first.must(t), second.must(t)

		alone := ask(t, p, Want{Alone: true})
		alone.waits(t, "while two tests run")
		late := ask(t, p, Want{})
		late.waits(t, "before the one that waits to be alone: it would starve")
		one.Give()
		alone.waits(t, "while one test runs")
		two.Give()
		got := alone.must(t)
		late.waits(t, "beside the one that is alone")
		other := ask(t, p, Want{Alone: true})
		other.waits(t, "beside the one that is alone")
		got.Give()

		// Either of the two may be next; both get their turn.
		if h := late.has(); h != nil {
			h.Give()
			other.must(t).Give()
			return
		}
		other.must(t).Give()
		late.must(t).Give()
	})
}

func TestWhoGivesUpLetsOthersPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{})
		running := ask(t, p, Want{}).must(t)
		alone := ask(t, p, Want{Alone: true})
		late := ask(t, p, Want{})
		late.waits(t, "beside the gate that is closed")

		alone.cancel()
		if err := <-alone.failed; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want the cause of the context", err)
		}

		late.must(t).Give()
		running.Give()
		ask(t, p, Want{Alone: true}).must(t).Give()
	})
}

func TestNamesExcludeEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{})
		ab := ask(t, p, Want{Names: []string{"b", "a", "b"}}).must(t)
		ask(t, p, Want{Names: []string{"c"}}).must(t).Give()
		bc := ask(t, p, Want{Names: []string{"b", "c"}})
		bc.waits(t, "with a name that another has")
		c := ask(t, p, Want{Names: []string{"c"}}) // who waits holds nothing
		c.must(t).Give()
		inside := ask(t, p, Want{Names: []string{"a"}, Inside: true})
		inside.waits(t, "with a name that another has")

		ab.Give()

		bc.must(t).Give()
		inside.must(t).Give()
	})
}

// Not in parallel: a process that is being started beside it holds all locks for a moment.
//
//nolint:paralleltest // see above
func TestSlotsLimitTestsInFlight(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := polling(Options{Slots: 2, SlotDir: dir})
		one, two := ask(t, p, Want{}).must(t), ask(t, p, Want{}).must(t)
		third := ask(t, p, Want{Names: []string{"a"}})
		third.waits(t, "without a slot")
		inside := ask(t, p, Want{Inside: true, Names: []string{"a"}})
		inside.must(t).Give() // the third holds no name while it waits
		one.Give()
		third.must(t).Give()
		alone := ask(t, p, Want{Alone: true})
		alone.waits(t, "while a test runs")
		two.Give()
		got := alone.must(t)
		if held, err := files(dir).try("0", true); held == nil || err != nil {
			t.Errorf("who is alone has a slot: %v", err)
		} else {
			held.Close()
		}
		got.Give()
		got.Give() // once more does nothing
		ask(t, p, Want{}).must(t).Give()
	})
}

// Two queues on one folder are as two processes.
//
//nolint:paralleltest // as above
func TestGateHoldsOverProcesses(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		here, there := polling(Options{LockDir: dir}), polling(Options{LockDir: dir})
		running := ask(t, here, Want{}).must(t)
		alone := ask(t, here, Want{Alone: true})
		alone.waits(t, "while a test runs")

		late := ask(t, there, Want{})
		late.waits(t, "before the one that waits to be alone: it would starve")
		running.Give()
		alone.must(t).Give()
		time.Sleep(lastPoll) // nobody tells the other process
		late.must(t).Give()
		named := ask(t, here, Want{Names: []string{"a"}}).must(t)
		ask(t, there, Want{Names: []string{"b"}}).must(t).Give()
		ask(t, there, Want{Inside: true}).must(t).Give()
		inside := ask(t, there, Want{Inside: true, Names: []string{"a"}})
		inside.waits(t, "with a name that another has")
		named.Give()
		time.Sleep(lastPoll)
		inside.must(t).Give()
	})
}

func TestTakeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	for name, tt := range map[string]struct {
		options Options
		want    Want
	}{
		"slots":     {options: Options{Slots: 1, SlotDir: missing}},
		"locks":     {options: Options{LockDir: missing}},
		"alone":     {options: Options{LockDir: missing}, want: Want{Alone: true}},
		"of a name": {options: Options{LockDir: missing}, want: Want{Inside: true, Names: []string{"a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := New(tt.options).Take(t.Context(), tt.want)

			if !errors.Is(err, os.ErrNotExist) {
				t.Errorf("Take error = %v, want one about the folder", err)
			}
		})
	}
}

func TestTheLongestComeFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := New(Options{})
		names := []string{"a"}
		holder := ask(t, q, Want{Names: names}).must(t)
		unknown := ask(t, q, Want{Names: names})
		short := ask(t, q, Want{Names: names, Takes: time.Second})
		long := ask(t, q, Want{Names: names, Takes: time.Minute})
		another := ask(t, q, Want{Names: names, Takes: time.Minute})
		alone := ask(t, q, Want{Alone: true})
		alone.waits(t, "while a test runs")

		holder.Give()
		for i, next := range []*asker{alone, long, another, short, unknown} {
			got := next.has()
			if got == nil {
				t.Fatalf("number %d waits, and should be next", i)
			}
			got.Give()
		}
	})
}

// A process is idle while it has tests and all of them wait; a group whose subtest waits does nothing else.
func TestIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []bool
		p := New(Options{Idle: func(idle bool) { told = append(told, idle) }})
		expect := func(when string, want ...bool) {
			t.Helper()
			synctest.Wait()
			if !slices.Equal(told, want) {
				t.Errorf("%s: told %v, want %v", when, told, want)
			}
			told = nil
		}
		group := ask(t, p, Want{}).must(t)
		expect("a test that gets its place", true, false)
		alone := ask(t, p, Want{Alone: true})
		expect("a second one that waits for the first")
		group.Give()
		got := alone.must(t)
		expect("the place changes hands", true, false)
		waiting := ask(t, p, Want{Names: []string{"a"}})
		waiting.cancel()
		synctest.Wait()
		got.Give()
		got.Give()
		expect("nobody is left")

		holder := ask(t, p, Want{Names: []string{"a"}}).must(t)
		group = ask(t, p, Want{}).must(t)
		inside := ask(t, p, Want{Inside: true, Names: []string{"a"}})
		told = nil
		holder.Give()
		sub := inside.must(t)
		expect("the last test that ran ends while a subtest waits", true, false)
		sub.Give()
		group.Give()
		expect("nobody is left")
	})
}
