package testlib

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/internal/turn"
)

// turns is who has a turn in this process.
type turns struct {
	queue    *turn.Queue
	limited  bool                     // there are slots
	patience time.Duration            // of a subtest
	takes    map[string]time.Duration // by name of the test; what is not there is not known

	mu   sync.Mutex
	have map[string]turn.Want // by name of the test
}

// patience is how long a subtest waits for its names. Its group holds accounts meanwhile, and who has the
// names may be waiting for these.
const patience = 30 * time.Minute

// newTurns reads the variables that `tempest run` sets. Under plain go test there are no slots, and the
// locks are in a folder for the cloud.
func (s *session) newTurns() (*turns, error) {
	o := turn.Options{LockDir: os.Getenv(protocol.EnvLocks), Idle: idleFile(os.Getenv(protocol.EnvIdle))}
	if value := os.Getenv(protocol.EnvSlots); value != "" {
		count, dir, ok := strings.Cut(value, ":")
		n, err := strconv.Atoi(count)
		if !ok || err != nil || n < 1 {
			return nil, fmt.Errorf("reading $%s: %q is not of the form N:DIR", protocol.EnvSlots, value)
		}
		o.Slots, o.SlotDir = n, dir
	}
	switch {
	case s.Embedded != nil:
		o.LockDir = "" // the cloud is the process's own
	case o.LockDir == "":
		o.LockDir = lockFolder(s.Cloud.Auth.IdentityEndpoint)
	}
	takes, err := readTimes(os.Getenv(protocol.EnvTimes), programUnderTest())
	if err != nil {
		return nil, err
	}
	return &turns{
		queue: turn.New(o), limited: o.Slots > 0, patience: patience, takes: takes, have: map[string]turn.Want{},
	}, nil
}

// idleFile returns what keeps in a file how long all tests of this process wait. When the file cannot be written
// the time counts against the deadline, and nothing else is lost.
func idleFile(path string) func(idle bool) {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil
	}
	var before time.Duration
	var since time.Time
	return func(idle bool) {
		if now := time.Now(); idle {
			since = now
		} else {
			before += now.Sub(since)
			since = time.Time{}
		}
		_ = protocol.WriteIdle(file, before, since)
	}
}

// readTimes returns how long the tests of a package took before, by name.
func readTimes(file, pkg string) (map[string]time.Duration, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading how long tests take: %w", err)
	}
	var seconds map[string]float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return nil, fmt.Errorf("reading how long tests take: %s: %w", file, err)
	}
	takes := map[string]time.Duration{}
	for id, s := range seconds {
		if name, ok := strings.CutPrefix(id, pkg+"."); ok {
			takes[name] = time.Duration(s * float64(time.Second))
		}
	}
	return takes, nil
}

// lockFolder returns the folder for the locks of all tests of a cloud on this machine. It is
// made, and stays: whoever removed it would free what others hold. It is in the user's cache, or where that
// cannot be written or has no locks, as on some network file systems, among temporary files; and "", for locks
// within the process, where there is no such place either.
func lockFolder(authURL string) string {
	sum := sha256.Sum256([]byte(authURL))
	name := hex.EncodeToString(sum[:8])
	var places []string
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "tempest", "locks"))
	}
	places = append(places, filepath.Join(os.TempDir(), fmt.Sprintf("tempest-locks-%d", os.Getuid())))
	for _, place := range places {
		dir := filepath.Join(place, name)
		if os.MkdirAll(dir, 0o700) == nil && turn.CanLock(dir) {
			return dir
		}
	}
	return ""
}

// above returns what the groups of a test have together, and the nearest of them; a test that was started
// before is a group too. It returns "" when none has a turn.
func (t *turns) above(test string) (have turn.Want, group string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(test); i > 0; i = strings.LastIndexByte(test[:i], '/') {
		got, ok := t.have[test[:i]]
		if !ok {
			continue
		}
		if group == "" {
			group = test[:i]
		}
		have.Alone = have.Alone || got.Alone
		have.Names = append(have.Names, got.Names...)
	}
	return have, group
}

// inGroup reports whether a group of the test has a turn.
func (t *turns) inGroup(test string) bool {
	_, group := t.above(test)
	return group != ""
}

func (t *turns) note(test string, w turn.Want) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.have[test] = w
}

func (t *turns) forget(test string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.have, test)
}

// takeTurn waits until the test may run. Subtests run in the turn of their group.
func (e *Env) takeTurn(set settings) {
	e.Helper()
	t, name := e.session.turns, e.T.Name()
	want := turn.Want{Takes: t.takes[name], Alone: set.serial, Names: set.exclusive}
	ctx := e.ctx
	if have, group := t.above(name); group != "" {
		if want = e.wantInside(want, have, group); !want.Inside {
			return
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t.patience, fmt.Errorf(
			"waited %s for %s, which other tests have: say testlib.Exclusive in %s, so that it holds nothing meanwhile",
			t.patience, quoted(want.Names), group))
		defer cancel()
	}
	start := time.Now()
	got, err := t.queue.Take(ctx, want)
	waited := time.Since(start).Round(time.Millisecond)
	if err != nil {
		if cut(e.ctx) == nil {
			e.T.Fatal(err)
		}
		e.Logf("waited %s for a place among the tests of the run", waited)
		return // stopIfCut says why it ended
	}
	e.ctx = e.session.life.context(e.T) // its limits begin now
	t.note(name, want)
	e.T.Cleanup(func() { t.forget(name); got.Give() })
	if waited > 0 || t.limited {
		e.Attr(protocol.AttrWait, waited.String())
	}
}

// wantInside returns what a test wants beyond what its groups have, the nearest of which is named. When that is
// nothing, the result is not Inside.
func (e *Env) wantInside(want, have turn.Want, group string) turn.Want {
	e.Helper()
	has := func(name string) bool { return slices.Contains(have.Names, name) }
	want.Names = slices.DeleteFunc(slices.Clone(want.Names), has)
	switch {
	case have.Alone, !want.Alone && len(want.Names) == 0:
		return turn.Want{}
	case want.Alone:
		e.T.Fatalf("testlib.Serial: %s, to which the test belongs, runs beside others already: say it there", group)
	case len(have.Names) > 0:
		e.T.Fatalf("testlib.Exclusive(%s): say all names in %s, to which the test belongs: it has %s already",
			quoted(want.Names), group, quoted(have.Names))
	}
	want.Inside = true
	return want
}

// quoted returns words in quotes, separated by commas.
func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = strconv.Quote(w)
	}
	return strings.Join(list, ", ")
}
