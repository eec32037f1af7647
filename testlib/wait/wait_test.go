package wait_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib/wait"
)

// script is a Poll that sees one entry at each look, the last one for ever. An entry is a state, or an
// error.
func script(entries ...any) wait.Poll[string, string] {
	next := 0
	return wait.Poll[string, string]{
		What: "thing 1",
		Get: func(context.Context) (string, error) {
			entry := entries[min(next, len(entries)-1)]
			next++
			if err, ok := entry.(error); ok {
				return "", err
			}
			return entry.(string), nil
		},
		State: func(s string) string { return s },
		Want:  []string{"ACTIVE"},
		Bad:   []string{"ERROR"},
	}
}

// answer is the error for an HTTP status, with headers given in pairs.
func answer(status int, header ...string) error {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return gophercloud.ErrUnexpectedResponseCode{
		Actual: status, Expected: []int{http.StatusOK}, ResponseHeader: h, Method: "GET", URL: "http://cloud.test/1",
	}
}

// dropped is a connection that was reset, as net/http reports it.
func dropped() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func TestForEndsAtOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		poll   wait.Poll[string, string]
		want   string // last T
		cause  error
		faults int
	}{
		"in a wanted state":        {poll: script("ACTIVE"), want: "ACTIVE"},
		"in a bad state":           {poll: script("ERROR"), want: "ERROR", cause: wait.ErrBadState},
		"at an error of a request": {poll: script(answer(http.StatusForbidden)), cause: answer(http.StatusForbidden)},
		"at a 404 that is an error": {
			poll: script(answer(http.StatusNotFound)), cause: answer(http.StatusNotFound),
		},
		"at a server error that stays": {
			poll: script(answer(http.StatusInternalServerError)), cause: answer(http.StatusInternalServerError),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()

				got, err := wait.For(t.Context(), tt.poll, wait.Options{})

				if d := time.Since(start); d != 0 {
					t.Errorf("For took %s, want no pause", d)
				}
				if got != tt.want {
					t.Errorf("For returned %q, want %q", got, tt.want)
				}
				checkCause(t, err, tt.cause)
			})
		})
	}
}

// checkCause compares causes by their text, because answers cannot be compared.
func checkCause(t *testing.T, err, want error) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Fatalf("For: %v", err)
		}
		return
	}
	e, ok := errors.AsType[*wait.Error](err)
	if !ok {
		t.Fatalf("For error = %v, want a *wait.Error", err)
	}
	if e.Cause.Error() != want.Error() {
		t.Errorf("cause = %v, want %v", e.Cause, want)
	}
}

func TestBadStateThatIsWantedIsWanted(t *testing.T) {
	t.Parallel()
	p := script("ERROR")
	p.Want = []string{"ERROR"}
	if _, err := wait.For(t.Context(), p, wait.Options{}); err != nil {
		t.Errorf("For: %v", err)
	}
}

func TestNothingWantedFailsAtOnce(t *testing.T) {
	t.Parallel()
	p := script("ACTIVE")
	p.Want = nil
	_, err := wait.For(t.Context(), p, wait.Options{})
	e, ok := errors.AsType[*wait.Error](err)
	if !ok || e.Polls != 0 || !strings.Contains(err.Error(), "no state is wanted") {
		t.Errorf("For error = %v", err)
	}
}

func TestNotFoundIsAState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := script("DELETING", answer(http.StatusNotFound))
		gone.Want, gone.NotFound = []string{"gone"}, "gone"
		if _, err := wait.For(t.Context(), gone, wait.Options{}); err != nil {
			t.Errorf("waiting for a 404: %v", err)
		}
		late := script(answer(http.StatusNotFound), answer(http.StatusNotFound), "ACTIVE")
		late.NotFound = "absent"
		if _, err := wait.For(t.Context(), late, wait.Options{}); err != nil {
			t.Errorf("waiting for what is not there yet: %v", err)
		}
	})
}

func TestPausesGrowUpToTheInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := script("BUILD")
		var looks []time.Time
		get := p.Get
		p.Get = func(ctx context.Context) (string, error) {
			looks = append(looks, time.Now())
			return get(ctx)
		}

		_, err := wait.For(t.Context(), p, wait.Options{Timeout: time.Minute, Interval: 2 * time.Second})

		checkCause(t, err, wait.ErrTimeout)
		longest := 100 * time.Millisecond // a twentieth
		distinct := map[time.Duration]bool{}
		for i := 1; i < len(looks); i++ {
			pause := looks[i].Sub(looks[i-1])
			if pause > longest || pause < longest/2 {
				t.Errorf("pause %d is %s, want %s to %s", i, pause, longest/2, longest)
			}
			distinct[pause] = true
			longest = min(longest*3/2, 2*time.Second)
		}
		if len(looks) < 30 || len(looks) > 75 {
			t.Errorf("%d looks in a minute", len(looks))
		}
		if len(distinct) < len(looks)/2 {
			t.Errorf("%d different pauses in %d looks: no jitter", len(distinct), len(looks))
		}
	})
}

func TestTimeoutNamesLastState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := wait.For(t.Context(), script("BUILD", dropped(), "SPAWNING"), wait.Options{Timeout: time.Minute})

		e, ok := errors.AsType[*wait.Error](err)
		if !ok || !errors.Is(err, wait.ErrTimeout) {
			t.Fatalf("For error = %v, want a *wait.Error for ErrTimeout", err)
		}
		if e.Last != "SPAWNING" || e.Elapsed != time.Minute || e.Faults != 1 || e.Want != "ACTIVE" || e.What != "thing 1" {
			t.Errorf("error = %+v", e)
		}
		want := fmt.Sprintf("waiting for thing 1 to be ACTIVE: SPAWNING after 1m0s and %d looks (1 of them failed): "+
			"the time is over", e.Polls)
		if err.Error() != want {
			t.Errorf("error = %q\nwant    %q", err, want)
		}
	})
}

func TestDefaultTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := wait.For(t.Context(), script("BUILD"), wait.Options{})
		checkCause(t, err, wait.ErrTimeout)
		if d := time.Since(start); d != wait.DefaultTimeout {
			t.Errorf("waited %s, want %s", d, wait.DefaultTimeout)
		}
	})
}

func TestTimeoutCutsALookThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := script("BUILD")
		p.Get = func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", fmt.Errorf("reading: %w", ctx.Err())
		}
		_, err := wait.For(t.Context(), p, wait.Options{Timeout: time.Second})
		checkCause(t, err, wait.ErrTimeout)
		if got := err.Error(); strings.Contains(got, "  ") || !strings.Contains(got, "ACTIVE: after 1s and 1 looks") {
			t.Errorf("error = %q", got)
		}
	})
}

func TestLookThatWasCutShortSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := script("BUILD")
		slow := func(last string) func(context.Context) (string, error) {
			looks := 0
			return func(ctx context.Context) (string, error) {
				if looks++; looks == 1 {
					return "BUILD", nil
				}
				<-ctx.Done()
				return last, nil
			}
		}
		p.Get = slow("UNREACHABLE")
		_, err := wait.For(t.Context(), p, wait.Options{Timeout: time.Minute})
		if e, ok := errors.AsType[*wait.Error](err); !ok || e.Last != "BUILD" || !errors.Is(err, wait.ErrTimeout) {
			t.Errorf("For error = %v, want BUILD as last state", err)
		}
		p.Get = slow("ACTIVE")
		if _, err := wait.For(t.Context(), p, wait.Options{Timeout: time.Minute}); err != nil {
			t.Errorf("a wanted state that was seen at the end: %v", err)
		}
		p.Get = slow("ERROR")
		if _, err := wait.For(t.Context(), p, wait.Options{Timeout: time.Minute}); !errors.Is(err, wait.ErrBadState) {
			t.Errorf("a bad state that was seen at the end: %v", err)
		}
	})
}

func TestCauseOfTheContextIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		interrupt := errors.New("the run was interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(interrupt) })

		_, err := wait.For(ctx, script("BUILD"), wait.Options{})

		if e, ok := errors.AsType[*wait.Error](err); !ok || !errors.Is(err, interrupt) || e.Elapsed != 10*time.Second {
			t.Errorf("For error = %v, want %v after 10s", err, interrupt)
		}
	})
}

func TestTransientErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		fits bool
	}{
		"reset":               {dropped(), true},
		"refused":             {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"cut off":             {fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), true},
		"closed":              {io.EOF, true},
		"timed out":           {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, true},
		"too many requests":   {answer(http.StatusTooManyRequests), true},
		"bad gateway":         {answer(http.StatusBadGateway), true},
		"service unavailable": {answer(http.StatusServiceUnavailable), true},
		"gateway timeout":     {answer(http.StatusGatewayTimeout), true},
		"unauthorised":        {answer(http.StatusUnauthorized), false},
		"unknown host":        {&net.DNSError{Err: "no such host", IsNotFound: true}, false},
		"not JSON":            {errors.New("invalid character '<'"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				five := []any{tt.err, tt.err, tt.err, tt.err, tt.err}
				_, err := wait.For(t.Context(), script(append(five, "ACTIVE")...), wait.Options{})
				if (err == nil) != tt.fits {
					t.Errorf("after five of them: %v", err)
				}
			})
		})
	}
}

func TestTransientErrorsAreBounded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults int
		looks  []any
		want   int // faults told by the error; 0 for success
	}{
		"six in a row": {looks: []any{"BUILD", dropped()}, want: 6},
		"a look between": {
			looks: []any{dropped(), dropped(), dropped(), "BUILD", dropped(), dropped(), dropped(), "ACTIVE"},
		},
		"as many as allowed":  {faults: 2, looks: []any{dropped(), dropped(), "ACTIVE"}},
		"more than allowed":   {faults: 2, looks: []any{dropped(), dropped(), dropped(), "ACTIVE"}, want: 3},
		"none is allowed":     {faults: -1, looks: []any{dropped(), "ACTIVE"}, want: 1},
		"none, and there are": {faults: -1, looks: []any{"BUILD", "ACTIVE"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := wait.For(t.Context(), script(tt.looks...), wait.Options{Faults: tt.faults})
				if tt.want == 0 {
					checkCause(t, err, nil)
					return
				}
				e, ok := errors.AsType[*wait.Error](err)
				if !ok || e.Faults != tt.want || !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("For error = %v, want %d faults and ECONNRESET", err, tt.want)
				}
			})
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value string
		want  time.Duration
	}{
		"seconds":  {"7", 7 * time.Second},
		"too long": {"86399", time.Minute},
		"a date":   {time.Date(2000, 1, 1, 0, 0, 30, 0, time.UTC).Format(http.TimeFormat), 30 * time.Second},
		"nonsense": {"soon", 0},
		"negative": {"-5", 0},
		"absent":   {"", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // begins at midnight of 2000-01-01, UTC
				start := time.Now()
				p := script(answer(http.StatusServiceUnavailable, "Retry-After", tt.value), "ACTIVE")
				_, err := wait.For(t.Context(), p, wait.Options{Interval: time.Second})
				checkCause(t, err, nil)
				most := max(tt.want, 50*time.Millisecond)
				if d := time.Since(start); d < tt.want || d > most {
					t.Errorf("looked again after %s, want %s to %s", d, tt.want, most)
				}
			})
		})
	}
}

func TestErrorTellsTheRequestAndTheReason(t *testing.T) {
	t.Parallel()
	p := script(answer(http.StatusForbidden, "X-Openstack-Request-Id", "req-1"))
	_, err := wait.For(t.Context(), p, wait.Options{})
	e, ok := errors.AsType[*wait.Error](err)
	if !ok || e.RequestID != "req-1" || !strings.HasSuffix(err.Error(), "[req-1]") {
		t.Errorf("For error = %v, want one with req-1", err)
	}

	p = script("ERROR")
	ctx, cancel := context.WithCancel(t.Context())
	p.Explain = func(ctx context.Context, last string) wait.Reason {
		cancel() // of the wait: the reason is still asked for
		if ctx.Err() != nil {
			t.Errorf("Explain got a context that is over: %v", ctx.Err())
		}
		return wait.Reason{Message: "no host for " + last, RequestID: "req-2"}
	}
	_, err = wait.For(ctx, p, wait.Options{})
	want := "waiting for thing 1 to be ACTIVE: ERROR after 0s and 1 looks: it does not get out of that state; " +
		"the service says: no host for ERROR [req-2]"
	if e, ok := errors.AsType[*wait.Error](err); !ok || e.RequestID != "req-2" || e.Reason.Message != "no host for ERROR" {
		t.Errorf("For error = %+v", err)
	}
	if got := err.Error(); !strings.HasPrefix(got, "waiting for thing 1") || withoutTime(got) != withoutTime(want) {
		t.Errorf("error = %q\nwant    %q", got, want)
	}
}

// withoutTime takes "after 3ms " out of a message.
func withoutTime(s string) string {
	before, rest, _ := strings.Cut(s, "after ")
	_, after, _ := strings.Cut(rest, " ")
	return before + after
}

func TestLogTellsChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var lines []string
		o := wait.Options{Log: func(f string, args ...any) { lines = append(lines, fmt.Sprintf(f, args...)) }}
		_, err := wait.For(t.Context(), script("BUILD", "BUILD", dropped(), "BUILD", "ACTIVE"), o)
		checkCause(t, err, nil)
		got := strings.Join(lines, "\n")
		if len(lines) != 3 || !strings.HasPrefix(lines[0], "thing 1: BUILD after 0s") ||
			!strings.Contains(lines[1], "connection reset") || !strings.HasPrefix(lines[2], "thing 1: ACTIVE after") {
			t.Errorf("log:\n%s", got)
		}
	})
}

func TestGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		err := wait.Gone(t.Context(), "thing 1", script("", "", answer(http.StatusNotFound)).Get, wait.Options{})
		if err != nil {
			t.Errorf("Gone: %v", err)
		}
		err = wait.Gone(t.Context(), "thing 1", script("").Get, wait.Options{Timeout: time.Second})
		if e, ok := errors.AsType[*wait.Error](err); !ok || e.Last != "there" || e.Want != "gone" {
			t.Errorf("Gone error = %v", err)
		}
	})
}
