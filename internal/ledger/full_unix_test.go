//go:build linux || darwin

package ledger

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fullVariable holds the folder in which a subprocess writes until its files may grow no more.
const fullVariable = "TEMPEST_TEST_FULL"

// largest is how large the files of that process may be, in bytes.
const largest = 2000

func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDiskProcess$", "-test.v")
	cmd.Env = append(os.Environ(), fullVariable+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(string(out), "written: ")
	var written int
	if _, err := fmt.Sscan(rest, &written); err != nil || written == 0 {
		t.Fatalf("no word of what was written: %s", out)
	}

	f, err := ReadFile(onlyFile(t, dir))

	check(t, err)
	if len(f.Problems) > 0 || len(f.Entries) != written {
		t.Errorf("problems %v, %d entries, want %d", f.Problems, len(f.Entries), written)
	}
	if !strings.Contains(string(out), "noting POST http://127.0.0.1/servers in the ledger: write ") {
		t.Errorf("output %s", out)
	}
}

// TestFullDiskProcess writes until it may not. A refused intent leaves no trace, and the
// ledger goes on when there is room.
func TestFullDiskProcess(t *testing.T) {
	dir := os.Getenv(fullVariable)
	if dir == "" {
		t.Skip("run by TestFullDisk, in a process of its own")
	}
	limit := syscall.Rlimit{Cur: largest, Max: 1 << 30}
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	w := NewWriter(dir, someHead())
	written := 0
	for {
		_, err := w.Intent(server("a"))
		if err != nil {
			fmt.Println(err)
			if !errors.Is(err, syscall.EFBIG) {
				t.Fatalf("Intent error = %v, want EFBIG", err)
			}
			break
		}
		written++
	}
	limit.Cur = limit.Max
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	intend(t, w, "b")
	fmt.Println("written:", written+1)
}
