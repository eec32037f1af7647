package main

import (
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A second signal kills the tests without their cleanups, so one that came in two ways must not count as two.
func TestCountSignals(t *testing.T) {
	type sent struct {
		after  time.Duration
		signal os.Signal
	}
	for name, c := range map[string]struct {
		sent []sent
		want []os.Signal
	}{
		"one":                       {[]sent{{0, syscall.SIGTERM}}, []os.Signal{syscall.SIGTERM}},
		"one that is passed on too": {[]sent{{0, syscall.SIGTERM}, {0, syscall.SIGTERM}}, []os.Signal{syscall.SIGTERM}},
		"a little later": {
			[]sent{{0, os.Interrupt}, {100 * time.Millisecond, os.Interrupt}}, []os.Signal{os.Interrupt},
		},
		"two": {
			[]sent{{0, os.Interrupt}, {200 * time.Millisecond, os.Interrupt}}, []os.Signal{os.Interrupt, os.Interrupt},
		},
		"two kinds": {[]sent{{0, os.Interrupt}, {0, syscall.SIGTERM}}, []os.Signal{os.Interrupt, syscall.SIGTERM}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := make(chan os.Signal)
				count := countSignals(in)
				for _, s := range c.sent {
					time.Sleep(s.after) // of the clock of the test
					in <- s.signal
				}
				synctest.Wait()

				count.stop()

				close(count.out)
				var got []os.Signal
				for s := range count.out {
					got = append(got, s)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("signals (-want +got):\n%s", diff)
				}
				if count.count() != len(c.want) {
					t.Errorf("counted %d, want %d", count.count(), len(c.want))
				}
			})
		})
	}
}
