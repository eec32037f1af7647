package testlib

import (
	"fmt"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/gotempest/tempest/internal/protocol"
)

// callLog is what one test keeps of its calls: the lines in its log, and what is counted.
type callLog struct {
	session   *session
	test      string
	userAgent string
	retry     retryPolicy

	mu      sync.Mutex
	out     io.Writer                        // nil when the test has ended
	fail    func(format string, args ...any) // fails the test
	retries int                              // calls that were made again
	faults  []*orderedFault                  // for every client of the test
	orders  []*orderedFault                  // all that the test ordered
}

func newCallLog(out io.Writer, s *session, test string) *callLog {
	return &callLog{session: s, test: test, out: out, userAgent: userAgent(test), retry: newRetryPolicy(s.Core)}
}

// close ends the log: a goroutine that outlives its test must not write into it.
func (l *callLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out, l.fail = nil, nil
}

// printf writes one entry, without secrets.
func (l *callLog) printf(format string, args ...any) {
	text := l.session.Secrets.Text(fmt.Sprintf(format, args...))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out != nil {
		_, _ = io.WriteString(l.out, text+"\n") // a log that cannot be written cannot say so
	}
}

// errorf fails the test, unless it has ended.
func (l *callLog) errorf(format string, args ...any) {
	text := l.session.Secrets.Text(fmt.Sprintf(format, args...))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		l.fail("%s", text)
	}
}

// userAgent names tempest, the package under test and the test.
func userAgent(test string) string {
	version, program := "devel", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		program = strings.TrimSuffix(info.Path, ".test")
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == "github.com/gotempest/tempest" && m.Version != "" && m.Version != "(devel)" {
				version = m.Version
			}
		}
	}
	return fmt.Sprintf("tempest/%s (%s)", version, plainASCII(program+"."+test))
}

// plainASCII replaces what may not stand in a comment of a User-Agent.
func plainASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == '(' || r == ')' || r == '\\' {
			return '_'
		}
		return r
	}, s)
}

// openLog begins the log of the test. It ends after all else.
func (e *Env) openLog(set settings) {
	e.log = newCallLog(e.Output(), e.session, e.T.Name())
	e.log.fail = e.Errorf
	if set.noRetry || e.parent != nil && e.parent.log.retry.max == 0 {
		e.log.retry.max = 0
	}
	e.T.Cleanup(e.closeLog)
}

// closeLog ends the log, and says what is known only at the end.
func (e *Env) closeLog() {
	if n := e.log.retried(); n > 0 {
		e.Attr(protocol.AttrRetries, strconv.Itoa(n))
	}
	e.log.close()
}

// retried returns how many calls were made again.
func (l *callLog) retried() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.retries
}
