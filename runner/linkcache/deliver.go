package linkcache

import (
	"bytes"
	"os"
	"strings"
)

// Deliver makes a test binary of the go command what it shall be, before it is run: [Script] may have left a note in
// its place, of where it is. What was linked now is kept. The error says that the binary cannot be run.
func Deliver(binary string) error {
	made, err := noted(binary)
	if err != nil {
		return err
	}
	if made != "" {
		return os.Rename(made, binary)
	}
	keep(binary)
	return nil
}

// A note is noteMark and the path of the binary. The go command takes it for the binary that it asked for, and is
// quicker with it, because it reads it all to compute its build ID.
const (
	noteMark  = "tempest has linked this before: "
	noteLimit = 8 << 10 // bytes; no binary has so few, and no path so many
)

// noted reads the note in the place of a binary; "" says that it is none.
func noted(binary string) (string, error) {
	info, err := os.Stat(binary)
	if err != nil || info.Size() > noteLimit {
		return "", err
	}
	text, err := os.ReadFile(binary)
	if err != nil {
		return "", err
	}
	made, ok := strings.CutPrefix(string(text), noteMark)
	if !ok {
		return "", nil
	}
	return made, nil
}

// orderSuffix makes the name of the file that says how a binary was linked, beside it: each word is followed by a zero
// byte. They are the arguments of [Exec], and an empty one, by which it is complete.
const orderSuffix = ".linked"

// writeOrder makes that file for args. What cannot be written is not kept.
func writeOrder(binary string, args []string) {
	path := binary + orderSuffix
	if os.WriteFile(path, []byte(strings.Join(args, "\x00")+"\x00\x00"), 0o600) != nil {
		_ = os.Remove(path)
	}
}

// keep puts a binary into the cache, when there is word of how it was linked. One that cannot be kept is linked again
// the next time.
func keep(binary string) {
	order, err := os.ReadFile(binary + orderSuffix)
	if err != nil {
		return
	}
	_ = os.Remove(binary + orderSuffix)
	order, complete := bytes.CutSuffix(order, []byte("\x00\x00"))
	args := strings.Split(string(order), "\x00")
	if !complete || len(args) < 3 {
		return
	}
	l, ok := parseLink(args[2], args[3:])
	if !ok {
		return
	}
	if e, err := New(args[0]).put(l.action, l.key, binary); err == nil {
		e.note(args[1])
	}
}
