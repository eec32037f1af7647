//go:build tempest && unix

package waits

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

// ready tells the test of the runner which processes there are.
func ready() { fmt.Printf("ready %d %d\n", os.Getpid(), os.Getppid()) }

// TestWait waits to be interrupted, and then cleans up.
func TestWait(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	ready()
	<-signals
	fmt.Println("cleaned up")
	t.Error("interrupted")
}

// TestStubborn does not take notice of anything, and has a child that does not
// either, in a session of its own.
func TestStubborn(t *testing.T) {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP)
	cmd := exec.Command("sh", "-c", "while :; do sleep 600; done")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready()
	_ = cmd.Wait()
}

// TestHang can be asked for its stacks.
func TestHang(t *testing.T) {
	ready()
	hangsHere(make(chan struct{}))
}

func hangsHere(never chan struct{}) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1) // else it is a deadlock
	<-never
}

// TestMeet waits until nobody has the named pipe SUITE_MEET open for writing.
func TestMeet(t *testing.T) {
	f, err := os.Open(os.Getenv("SUITE_MEET"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ready()
	_, _ = f.Read(make([]byte, 1))
}

func TestZ(t *testing.T) {}
