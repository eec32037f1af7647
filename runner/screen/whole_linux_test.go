package screen_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gotempest/tempest/runner/screen"
)

// terminal makes the standard output of the process a terminal while t runs,
// because that is where gotestsum's dots-v2 looks for its width.
func terminal(t *testing.T) {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { ptmx.Close() }) // only read
	n, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(ptmx.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 60}); err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	stdout := os.Stdout
	os.Stdout = tty
	t.Cleanup(func() {
		os.Stdout = stdout
		tty.Close() // nothing is written to it
	})
}

// On a terminal dots-v2 redraws a line for each package, and shows the totals.
func TestDotsOnATerminal(t *testing.T) {
	terminal(t)
	for _, name := range []string{"packages.txtar", "cover.txtar"} {
		stream := recorded(t, name)
		want := gotestsum(t, "dots-v2", stream)

		got := show(t, stream, screen.Options{Format: "dots-v2"})

		if !strings.Contains(got, "\x1b[") || last(got) != last(want) {
			t.Errorf("%s: the last picture is\n%s\nwant\n%s", name, last(got), last(want))
		}
	}
}

// last is what a stream of pictures shows in the end, without the time spent.
func last(s string) string {
	s = s[strings.LastIndex(s, "\x1b[")+1:]
	head, _, _ := strings.Cut(s, " in ")
	return head
}

// The writer failing must not leave Write waiting.
func TestDotsOnABrokenTerminal(t *testing.T) {
	terminal(t)
	s, err := screen.New(failing{}, screen.Options{Format: "dots-v2"})
	if err != nil {
		t.Fatal(err)
	}
	stream := recorded(t, "packages.txtar")
	for line := range bytes.Lines(stream) {
		if _, err = s.Write(line); err != nil {
			break
		}
	}
	if closeErr := s.Close(); err == nil && closeErr == nil {
		t.Error("neither Write nor Close returned an error")
	}
}
