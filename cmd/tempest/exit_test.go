package main

import (
	"os"
	"syscall"
	"testing"
)

func TestInterruptsAreNamedAsEverywhere(t *testing.T) {
	for signal, want := range map[os.Signal]string{
		os.Interrupt: "interrupted by SIGINT", syscall.SIGTERM: "interrupted by SIGTERM",
	} {
		if got := (interruptedError{signal}).Error(); got != want {
			t.Errorf("interruptedError{%v} = %q, want %q", signal, got, want)
		}
	}
}
