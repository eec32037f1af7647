package runner_test

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// patience bounds every wait for something that must happen. A test that needs
// it all has failed.
const patience = 60 * time.Second

// markVar is in the environment of every process of a run under test.
const markVar = "RUNNER_TEST_MARK"

// watcher is a screen that tells when something was shown. Safe for concurrent use.
type watcher struct {
	mu    sync.Mutex
	all   bytes.Buffer
	waits map[string]chan string // text -> the line that has it
}

// Write implements [io.Writer].
func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.Write(b)
	for line := range strings.Lines(string(b)) {
		for text, c := range w.waits {
			if strings.Contains(line, text) {
				c <- line
				delete(w.waits, text)
			}
		}
	}
	return len(b), nil
}

// String is what was shown.
func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

// on returns a channel that gets the first line with text.
func (w *watcher) on(text string) <-chan string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan string, 1)
	if w.waits == nil {
		w.waits = make(map[string]chan string)
	}
	w.waits[text] = c
	return c
}

// started is a run in progress.
type started struct {
	tb       testing.TB
	folder   *runner.Folder
	options  runner.Options
	mark     string
	screen   *watcher
	warnings *watcher
	signals  chan os.Signal
	ready    <-chan string // the line in which a test says that it is there
	done     chan struct{}
	report   *result.Report
	err      error
}

// begin starts a run of p.
func begin(t *testing.T, p plan.Plan, change func(*runner.Options)) *started {
	t.Helper()
	folder, err := runner.NewFolder(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &started{
		tb: t, folder: folder, mark: markVar + "=" + folder.Dir(), done: make(chan struct{}),
		screen: &watcher{}, warnings: &watcher{}, signals: make(chan os.Signal, 2),
	}
	t.Cleanup(func() { killMarked(t, s.mark) })
	s.ready = s.screen.on(`"Output":"ready `)
	s.options = runner.Options{
		Dir: suiteDir(t), AddEnv: []string{s.mark, "GOWORK=off"}, Folder: folder, RunID: runner.NewRunID(time.Now()),
		Screen: s.screen, Warnings: s.warnings, Records: t.TempDir(), Signals: s.signals,
		GoTestArgs: []string{"-vet=off"},
	}
	if change != nil {
		change(&s.options)
	}
	go func() {
		defer close(s.done)
		s.report, s.err = runner.Run(t.Context(), p, s.options)
	}()
	return s
}

// waitReady returns the process IDs of a test binary and its supervisor, once a
// test has told them.
func (s *started) waitReady() (binary, supervisor int) {
	s.tb.Helper()
	select {
	case line := <-s.ready:
		return pids(s.tb, line)
	case <-s.done:
		s.tb.Fatalf("the run ended before a test was ready: %v, %+v\n%s\n%s", s.err, s.report, s.warnings, s.screen)
	case <-time.After(patience):
		s.tb.Fatalf("no test was ready within %v\n%s\n%s", patience, s.warnings, s.screen)
	}
	return 0, 0
}

// wait returns the report once the run has ended and its folder is closed.
// Nothing may be left of it.
func (s *started) wait() *result.Report {
	s.tb.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.tb.Fatalf("the run did not end within %v\n%s\n%s", patience, s.warnings, s.screen)
	}
	if s.err != nil {
		s.tb.Fatalf("Run: %v", s.err)
	}
	if err := s.folder.Close(); err != nil {
		s.tb.Errorf("closing the run folder: %v", err)
	}
	checkGone(s.tb, s.mark, s.folder.Dir())
	return s.report
}

// packageOf is the result of one package of the suite.
func packageOf(tb testing.TB, rep *result.Report, name string) *result.PackageResult {
	tb.Helper()
	for i := range rep.Packages {
		if rep.Packages[i].Path == "example.com/suite/"+name {
			return &rep.Packages[i]
		}
	}
	tb.Fatalf("no package %s in the report", name)
	return nil
}
