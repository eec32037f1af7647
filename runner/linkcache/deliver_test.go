package linkcache

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// linked returns a binary, the cache that it shall be kept in, and the arguments of its link.
func linked(t *testing.T) (binary string, c Cache, args []string) {
	t.Helper()
	binary = sample(t)
	c = New(filepath.Join(t.TempDir(), "links"))
	id := "-buildid=" + anAction + "/B/C/" + anAction
	return binary, c, []string{c.dir, t.TempDir(), "/go/tool/link", "-o", binary, id, "W/p.a"}
}

func TestWhatWasLinkedIsKept(t *testing.T) {
	t.Parallel()
	binary, c, args := linked(t)
	writeOrder(binary, args)

	if err := Deliver(binary); err != nil {
		t.Fatal(err)
	}

	l, ok := parseLink(args[2], args[3:])
	if !ok {
		t.Fatal("it is no link")
	}
	e, err := c.find(anAction, l.key)
	if err != nil {
		t.Fatalf("it is not in the cache: %v", err)
	}
	if used, err := readEntries(filepath.Join(args[1], usedFile)); err != nil || len(used) != 1 || used[0] != e {
		t.Errorf("%v, %v were noted; want %v", used, err, e)
	}
	if files, err := os.ReadDir(filepath.Dir(binary)); err != nil || len(files) != 1 {
		t.Errorf("%d files are beside the binary, %v; want it alone", len(files), err)
	}
}

// The disk can be full in the middle of an order: a binary must not be kept under the key of another.
func TestAnOrderThatIsNotCompleteKeepsNothing(t *testing.T) {
	t.Parallel()
	binary, c, args := linked(t)
	writeOrder(binary, args)
	order, err := os.ReadFile(binary + orderSuffix)
	if err != nil {
		t.Fatal(err)
	}
	for n := range order {
		if err := os.WriteFile(binary+orderSuffix, order[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Deliver(binary); err != nil {
			t.Fatal(err)
		}
	}
	if u, err := c.Usage(); err != nil || u.Entries != 0 {
		t.Errorf("%d entries, %v; want none", u.Entries, err)
	}
}

func TestANoteIsReplacedByItsBinary(t *testing.T) {
	t.Parallel()
	made, binary := sample(t), filepath.Join(t.TempDir(), "p.test")
	if err := os.WriteFile(binary, []byte(noteMark+made), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := Deliver(binary); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(binary); err != nil || info.Size() != sampleSize {
		t.Errorf("%v, %v is there, want the binary", info, err)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("it is still where it was made")
	}
}

func TestABinaryThatCannotBeDeliveredIsAnError(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "p.test")
	if err := Deliver(binary); err == nil {
		t.Error("without a file: no error")
	}
	gone := filepath.Join(t.TempDir(), "gone")
	if err := os.WriteFile(binary, []byte(noteMark+gone), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Deliver(binary); err == nil || !strings.Contains(err.Error(), gone) {
		t.Errorf("error %v, want one that names %s", err, gone)
	}
}

// Whatever else a file is, it is run as it is.
func TestASmallBinaryIsLeftAlone(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "p.test")
	const text = "#!/bin/sh\n"
	if err := os.WriteFile(binary, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Deliver(binary); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(binary); err != nil || string(got) != text {
		t.Errorf("%q, %v is there now", got, err)
	}
}
